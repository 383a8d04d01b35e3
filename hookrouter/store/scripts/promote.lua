-- Makes entries of the deliveries that are due, or of all that wait.
--
-- KEYS   1 lease (string)   2 what waits, by due time (sorted set)   3 its records (hash)   4 entries again (stream)
--        5 entries that were let in (stream)
-- ARGV   1 the holder's token   2 how many at most   3 the due time from which on a delivery waits behind another
--        4 up to which due time; '' means now   5 how many at least, even if they are not due yet
-- Returns how many became entries; -1 if the lease is another's or nobody's
--
-- Invariant: a delivery is an entry or waits, never neither. If everything that waits is behind deliveries that are
-- nowhere, because their records could not be read, it is behind nothing and therefore due.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return -1
end
local time = redis.call('TIME')
local horizon = ARGV[4]
if horizon == '' then
  horizon = time[1] * 1000 + math.floor(time[2] / 1000)
end
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', horizon, 'LIMIT', 0, ARGV[2])
local early = tonumber(ARGV[5])
if #due < early then
  due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[3], 'LIMIT', 0, early)
end
local others = redis.call('XLEN', KEYS[4]) + redis.call('XLEN', KEYS[5])
if #due == 0 and others == 0 and redis.call('ZCOUNT', KEYS[2], '-inf', '(' .. ARGV[3]) == 0 then
  due = redis.call('ZRANGEBYSCORE', KEYS[2], ARGV[3], '+inf', 'LIMIT', 0, ARGV[2])
end
for _, id in ipairs(due) do
  local record = redis.call('HGET', KEYS[3], id)
  if record then
    redis.call('XADD', KEYS[4], '*', 'r', record)
  end
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
end
return #due
