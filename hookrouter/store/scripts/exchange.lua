-- Runs commands in one step, if a key still holds what was read of it; then it holds something new.
--
-- KEYS   1 the key (string)   2 layout (string), where the commands add to streams that it tells
-- ARGV   1 what it held, '' for nothing   2 what it is to hold   3 for how many seconds
--        4 the layout by which those were chosen, if there is a second key   then commands, each preceded by its length
-- Returns 1 when they were run, 0 when the key holds something else, 2 when the layout is another by now
--
-- Invariant: of those who read the same, one runs its commands. What the key holds is written last, so that a
-- command that fails has it tried again.
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
