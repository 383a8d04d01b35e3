-- Runs commands in one step, if a key, or a field of it, still holds what was read.
--
-- KEYS   1 the key (string, or hash)
-- ARGV   1 the field of a hash, '' for a string   2 what was read   3… commands, each preceded by its length
-- Returns 1 if they were run, 0 if the key holds something else by now, or nothing
--
-- Invariant: what somebody has written since is not undone, and what is gone does not come back.
local now
if ARGV[1] == '' then
  now = redis.call('GET', KEYS[1])
else
  now = redis.call('HGET', KEYS[1], ARGV[1])
end
if now ~= ARGV[2] then
  return 0
end
local at = 3
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return 1
