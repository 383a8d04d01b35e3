-- Runs commands in one step and gives a key a new value, if the key still holds what was read.
--
-- KEYS   1 the key (string)   2 layout (string), if the commands add to streams that it decides
-- ARGV   1 what it held, '' for nothing   2 what it is to hold   3 for how many seconds
--        4 the layout by which the streams were chosen, if there is a second key
--        then commands, each preceded by its length
-- Returns 1 if they were run, 0 if the key holds something else, 2 if the layout has changed
--
-- Invariant: of all who read the same value, only one runs its commands. The new value is written last, so that a
-- failing command has all of it tried again.
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then
  return 0
end
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[4] then
  return 2
end
local at = 3 + #KEYS
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
