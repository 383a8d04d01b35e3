-- Copies another part of a stream, with some of its records changed; after the last part the copy replaces the stream.
--
-- KEYS   1 lease (string), or '' if none is needed   2 the stream   3 its copy (stream)
-- ARGV   1 the holder's token   2 life of the lease, ms   3 the last entry that was copied, '' at the beginning
--        4 how many entries at most   5 life of a copy that nobody goes on with, s   6 how many entries are changed
--        then each of those with its new record, then commands, each preceded by its length
-- Returns the last entry that was copied; '' if the copy has replaced the stream; nothing if the lease was lost, or the
--         copy is not the one that was begun
--
-- Invariant: every entry keeps its id and its place, so references to it stay valid. What is appended meanwhile is
-- copied as well, because the last part is copied in the step that replaces the stream; only the lease's holder removes
-- entries. A copy that somebody else deleted or began anew replaces nothing, or entries would be lost.
local token, last = ARGV[1], ARGV[3]
if KEYS[1] ~= '' then
  if redis.call('GET', KEYS[1]) ~= token then
    return false
  end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
if last == '' then
  redis.call('DEL', KEYS[3])
else
  local newest = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]
  if not newest or newest[1] ~= last then
    return false
  end
end
local changed = {}
local at = 7
for _ = 1, tonumber(ARGV[6]) do
  changed[ARGV[at]] = ARGV[at + 1]
  at = at + 2
end
local found = redis.call('XRANGE', KEYS[2], last == '' and '-' or '(' .. last, '+', 'COUNT', ARGV[4])
for _, entry in ipairs(found) do
  local id, fields = entry[1], entry[2]
  if changed[id] then
    fields = {'r', changed[id]}
  end
  redis.call('XADD', KEYS[3], id, unpack(fields))
  last = id
end
if #found == tonumber(ARGV[4]) then
  redis.call('EXPIRE', KEYS[3], ARGV[5])
  return last
end
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
if redis.call('EXISTS', KEYS[3]) == 1 then
  redis.call('RENAME', KEYS[3], KEYS[2])
  redis.call('PERSIST', KEYS[2])
end
return ''
