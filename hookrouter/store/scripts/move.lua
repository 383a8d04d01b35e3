-- Moves entries of a stream to the ends of others, if the lease is still held.
--
-- KEYS   1 lease (string)   2 layout (string)   3 the stream they leave   4… the streams they go to
-- ARGV   1 the holder's token   2 the layout by which the streams were chosen   3 how many entries
--        then each with the number of its stream among the keys   then commands, each preceded by its length
-- Returns 1 if they were moved, 0 if the lease is another's or nobody's, 2 if the layout has changed
--
-- Invariant: an entry is in one stream, never in none or two, and stays behind those that it was behind. It keeps its
-- id, and with it the time since when it waits, unless its new stream has ever given a later id, to an entry from another
-- stream or to one that was deleted since: then it gets one behind the last id that the stream ever gave.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 2
end
local function following(stream)
  local told = redis.call('XINFO', 'STREAM', stream)
  for field = 1, #told, 2 do
    if told[field] == 'last-generated-id' then
      local at, number = string.match(told[field + 1], '^(%d+)-(%d+)$')
      return at .. '-' .. string.format('%.0f', number + 1)
    end
  end
  return '*'
end
local count = tonumber(ARGV[3])
local at = 4
local held = {}
if count > 0 then
  for _, entry in ipairs(redis.call('XRANGE', KEYS[3], ARGV[at], ARGV[at + 2 * count - 2])) do
    held[entry[1]] = entry[2]
  end
end
for _ = 1, count do
  local id, to = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  local found = held[id]
  if found then
    local added = redis.pcall('XADD', to, id, unpack(found))
    if type(added) == 'table' and added.err then
      redis.call('XADD', to, following(to), unpack(found))
    end
    redis.call('XDEL', KEYS[3], id)
  end
  at = at + 2
end
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return 1
