-- Makes entries of the deliveries whose time has come, or of all that wait.
--
-- KEYS   1 lease (string)   2 what waits, by due time (sorted set)   3 its records (hash)   4 entries again (stream)
--        5 entries that were let in (stream)
-- ARGV   1 the holder's token   2 how many at most   3 from this due time on, what waits behind another delivery
--        4 until which due time; '' means now   5 how many at least, be they before their time
-- Returns how many became entries; -1 when the lease is another's or nobody's
--
-- Invariant: a delivery is either an entry or waits, never neither. When all that waits is behind others that are
-- nowhere (their records could not be read), it is behind nothing, and its time has come.
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
