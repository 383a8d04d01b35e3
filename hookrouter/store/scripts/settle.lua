-- Runs commands in one step, if the lease is still held, and lets the next of each lane move up.
--
-- KEYS   1 lease (string)   2 layout (string)   3 what waits, by due time (sorted set)   4… lanes (list) that something
--        leaves
-- ARGV   1 the holder's token   2 the layout by which streams were chosen   3… for each lane, the delivery that leaves it
--        then commands, each preceded by its length
-- Returns 1 when they were run, 0 when the lease is another's or nobody's, 2 when the layout is another by now
--
-- Invariant: who lost the lease writes nothing; the foremost of a lane is due sooner or later. A command that fails
-- stops those behind it and undoes none before it, so what removes an entry must stand last.
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
