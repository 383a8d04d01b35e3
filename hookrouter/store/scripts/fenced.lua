-- Runs commands in one step, if the lease is still held.
--
-- KEYS   1 lease (string)   2 layout (string), if the commands add to streams that it decides
-- ARGV   1 the holder's token   2 the layout by which the streams were chosen, if there is a second key
--        then commands, each preceded by its length
-- Returns 1 if they were run, 0 if the lease is another's or nobody's, 2 if the layout has changed
--
-- Invariant: whoever lost the lease writes nothing. A failing command (a key of the wrong type) stops those after it
-- and undoes none before it, so what removes an entry must come last.
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
