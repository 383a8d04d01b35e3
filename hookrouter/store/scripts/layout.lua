-- Returns the layout; if there is none, because Redis is new or was emptied, the first one is laid down.
--
-- KEYS   1 layout (string)   2… streams that were filled before there were layouts (streams)
-- ARGV   1 the first layout   2 the same if any of those streams holds entries
-- Returns the layout
--
-- Invariant: all who ask get the same one.
local found = redis.call('GET', KEYS[1])
if found then
  return found
end
local first = ARGV[1]
for number = 2, #KEYS do
  if redis.call('XLEN', KEYS[number]) > 0 then
    first = ARGV[2]
    break
  end
end
redis.call('SET', KEYS[1], first)
return first
