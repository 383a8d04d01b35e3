-- Gives a lease back.
--
-- KEYS   1 lease (string)   2 the stream it is for   3 who took it last (string)
-- ARGV   1 the holder's token
-- Returns how many entries the stream still holds
--
-- Invariant: nobody gives back what is another's, and nobody can renew what was given back. A renewal on another
-- connection may arrive after this, as when Redis stood still, and would leave the stream to nobody for a while.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
if redis.call('GET', KEYS[3]) == ARGV[1] then
  redis.call('DEL', KEYS[3])
end
return redis.call('XLEN', KEYS[2])
