-- Writes what comes of a clock, if the lease is still held and nobody wrote to the clock meanwhile.
--
-- KEYS   1 lease (string)   2 clock (hash)
-- ARGV   1 the holder's token   2 how many fields of the clock were read   then each with what it held ('' for nothing)
--        then commands, each preceded by its length
-- Returns 1 when they were run, 2 when the clock is another by now, 0 when the lease is another's or nobody's
--
-- Invariant: a reminder is written once, and none for a lead of whom a push told meanwhile that it is handled.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local fields = tonumber(ARGV[2])
for place = 1, fields do
  if (redis.call('HGET', KEYS[2], ARGV[1 + 2 * place]) or '') ~= ARGV[2 + 2 * place] then
    return 2
  end
end
local at = 3 + 2 * fields
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return 1
