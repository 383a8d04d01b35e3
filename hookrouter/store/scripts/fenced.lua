-- Runs commands in one step, if the lease is still held.
--
-- KEYS   1 lease (string)
-- ARGV   1 the holder's token   2… commands, each preceded by its length
-- Returns 1 when they were run, 0 when the lease is another's or nobody's
--
-- Invariant: who lost the lease writes nothing.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local at = 2
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return 1
