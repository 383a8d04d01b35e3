-- Keeps a lease for another while, or takes it if it is nobody's.
--
-- KEYS   1 lease (string)   2 who took it last (string)
-- ARGV   1 the holder's token   2 its life, ms   3 '' to take it, '1' to keep it, or to take it back if it ran out
--        unnoticed   4 for how many ms it is remembered who took it
-- Returns 1 if it is held now, 0 if it is another's
--
-- Invariant: there is at most one holder, and whoever keeps the lease knows all that was done under it, as nobody else
-- had it meanwhile. Otherwise what a drain that was cut off has in hand might have been delivered by another one, which
-- has given the lease back since.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
if not holder and ARGV[3] == '1' and redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
if ARGV[3] == '' then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])
end
return 1
