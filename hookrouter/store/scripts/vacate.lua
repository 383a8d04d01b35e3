-- Runs commands in one step, if the lease is still held, and then removes the routes for whose time nothing waits.
--
-- KEYS   1 lease (string)   2 routes for whose time deliveries wait (set)   3… for each route that may be removed, the
--        two streams of what waits for it
-- ARGV   1 the holder's token   2… the names of those routes   then commands, each preceded by its length
-- Returns how many of the routes stay; -1 if the lease is another's or nobody's
--
-- Invariant: no stream is removed that holds an entry, and no route while one of its streams does. A process that moves
-- deliveries from a former shard adds to both under that shard's lease, so what was read of them before says nothing.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return -1
end
local routes = (#KEYS - 2) / 2
local at = 2 + routes
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
local stay = 0
for route = 1, routes do
  local first, rest = KEYS[1 + 2 * route], KEYS[2 + 2 * route]
  if redis.call('XLEN', first) + redis.call('XLEN', rest) == 0 then
    redis.call('DEL', first, rest) -- an empty stream would stay for ever
    redis.call('SREM', KEYS[2], ARGV[1 + route])
  else
    stay = stay + 1
  end
end
return stay
