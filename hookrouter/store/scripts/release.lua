-- Gives a lease back.
--
-- KEYS   1 lease (string)   2 the stream it is for   3 who took it last (string)
-- ARGV   1 the holder's token
-- Returns how many entries the stream holds after it was given back
--
-- Invariant: nobody gives back what is another's; and what was given back is kept by nobody: a renewal on another
-- connection may come later than this, as after Redis stood still, and would have the stream served by no one.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
if redis.call('GET', KEYS[3]) == ARGV[1] then
  redis.call('DEL', KEYS[3])
end
return redis.call('XLEN', KEYS[2])
