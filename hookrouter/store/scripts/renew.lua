-- Keeps a lease for another while, or takes it when it is nobody's.
--
-- KEYS   1 lease (string)
-- ARGV   1 the holder's token   2 life, ms
-- Returns 1 when it is held now, 0 when it is another's
--
-- Invariant: at most one holder.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
