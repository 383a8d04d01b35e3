-- Runs commands in one step, if the lease is still held.
--
-- KEYS   1 lease (string)   2 layout (string), where the commands add to streams that it tells
-- ARGV   1 the holder's token   2 the layout by which those were chosen, if there is a second key
--        then commands, each preceded by its length
-- Returns 1 when they were run, 0 when the lease is another's or nobody's, 2 when the layout is another by now
--
-- Invariant: who lost the lease writes nothing. A command that fails (a key of a wrong type) stops those behind
-- it and undoes none before it, so what removes an entry must stand last.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 2
end
local at = 1 + #KEYS
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return 1
