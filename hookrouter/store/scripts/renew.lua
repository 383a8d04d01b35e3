-- Keeps a lease for another while, or takes it when it is nobody's.
--
-- KEYS   1 lease (string)   2 who took it last (string)
-- ARGV   1 the holder's token   2 life, ms   3 '' to take it, '1' to keep it: then one that ran out unseen is taken back
--        4 how long is remembered who took it, ms
-- Returns 1 when it is held now, 0 when it is another's
--
-- Invariant: at most one holder; and who keeps it knows all that was done under it, for nobody else had it meanwhile. What
-- a drain that was cut off has in hand may have been delivered by another, that gave the lease back since.
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
