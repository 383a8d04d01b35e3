-- Gives a lease back.
--
-- KEYS   1 lease (string)   2 the stream it is for
-- ARGV   1 the holder's token
-- Returns how many entries the stream holds after it was given back
--
-- Invariant: nobody gives back what is another's.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return redis.call('XLEN', KEYS[2])
