-- Runs commands in one step, if the lease is still held, and lets the next delivery of each lane move up.
--
-- KEYS   1 lease (string)   2 layout (string)   3 what waits, by due time (sorted set)
--        4… lanes that a delivery leaves (lists)
-- ARGV   1 the holder's token   2 the layout by which streams were chosen   3… for each lane, the delivery that leaves
--        it   then commands, each preceded by its length
-- Returns 1 if they were run, 0 if the lease is another's or nobody's, 2 if the layout has changed
--
-- Invariant: whoever lost the lease writes nothing; the foremost of a lane comes due sooner or later. A failing command
-- stops those after it and undoes none before it, so what removes an entry must come last.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 2
end
local lanes = #KEYS - 3
local at = 3 + lanes
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
for lane = 1, lanes do
  local key, leaves = KEYS[3 + lane], ARGV[2 + lane]
  if redis.call('LINDEX', key, 0) == leaves then
    redis.call('LPOP', key)
    local foremost = redis.call('LINDEX', key, 0)
    if foremost then
      redis.call('ZADD', KEYS[3], 'XX', 0, foremost)
    end
  else
    redis.call('LREM', key, 1, leaves)
  end
end
return 1
