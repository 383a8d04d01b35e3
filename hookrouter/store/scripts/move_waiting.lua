-- Moves deliveries that wait for their next attempt to the sorted sets of other shards, if the lease is still held.
--
-- KEYS   1 lease (string)   2 layout (string)   3 where they wait, by due time (sorted set)
--        4… where they go (sorted sets)
-- ARGV   1 the holder's token   2 the layout by which these were chosen   3 how many deliveries
--        then each with the number of its sorted set among the keys   then commands, each preceded by its length
-- Returns 1 if they were moved, 0 if the lease is another's or nobody's, 2 if the layout has changed
--
-- Invariant: a delivery waits in one place, with the due time it has now, as somebody who wants all tried at once may
-- have brought that forward since it was read. One that no longer waits does not come back.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 2
end
local at = 4
for _ = 1, tonumber(ARGV[3]) do
  local id, to = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  local due = redis.call('ZSCORE', KEYS[3], id)
  if due then
    redis.call('ZADD', to, due, id)
    redis.call('ZREM', KEYS[3], id)
  end
  at = at + 2
end
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return 1
