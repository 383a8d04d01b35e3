-- Keeps a refused push, and forgets the oldest ones if there are too many or they are too large.
--
-- KEYS   1 names of the refused pushes, newest first (list)
-- ARGV   1 its name   2 life of the list, s   3 how the key of a push begins   4 how many are kept at most
--        5 how many bytes their bodies may have together   6… commands that keep it, each preceded by its length
-- Returns how many were forgotten
--
-- Invariant: the newest one is kept whatever its size, and none is forgotten that a replay has had taken since.
local at = 6
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
redis.call('LPUSH', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
local bytes, forgotten = 0, 0
for place, name in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local push = ARGV[3] .. name
  if redis.call('HEXISTS', push, 'refused') == 0 then
    redis.call('LREM', KEYS[1], 1, name)
  else
    bytes = bytes + redis.call('HSTRLEN', push, 'body')
    if place > 1 and (place > tonumber(ARGV[4]) or bytes > tonumber(ARGV[5])) then
      redis.call('LREM', KEYS[1], 1, name)
      redis.call('DEL', push)
      forgotten = forgotten + 1
    end
  end
end
return forgotten
