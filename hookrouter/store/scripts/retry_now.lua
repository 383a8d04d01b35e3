-- Makes what waits for its next attempt due now, and ends the wait of a circuit, if that is still as it was read.
--
-- KEYS   1 circuit (string)   2 what waits, by due time (sorted set)   3… the entries of the outbox (streams)
-- ARGV   1 the circuit as it was read, '' for none   2 the new one, '' to leave it   3 for how many seconds
--        4 the due time from which on a delivery waits behind another   5 how many at most
-- Returns how many became due, and how many entries there are besides; false if the circuit has changed
--
-- Invariant: each stays before those that were due after it. What waits behind another delivery goes on waiting.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return false
end
if ARGV[2] ~= '' then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local waiting = redis.call('ZRANGEBYSCORE', KEYS[2], '(' .. now, '(' .. ARGV[4], 'LIMIT', 0, ARGV[5])
for place, id in ipairs(waiting) do
  redis.call('ZADD', KEYS[2], 'XX', now - #waiting + place, id)
end
local entries = 0
for at = 3, #KEYS do
  entries = entries + redis.call('XLEN', KEYS[at])
end
return {#waiting, entries}
