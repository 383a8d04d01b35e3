-- Puts the retries that are due back into their outbox.
--
-- KEYS   1 lease (string)   2 retries by due time (sorted set)   3 their records (hash)   4 outbox (stream)
-- ARGV   1 the holder's token   2 how many at most
-- Returns how many were put back; -1 when the lease is another's or nobody's
--
-- Invariant: a delivery is either in the outbox or among the retries, never in neither.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return -1
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[2])
for _, id in ipairs(due) do
  local record = redis.call('HGET', KEYS[3], id)
  if record then
    redis.call('XADD', KEYS[4], '*', 'r', record)
  end
  redis.call('ZREM', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
end
return #due
