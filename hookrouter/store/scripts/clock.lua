-- Writes what becomes of a clock, if the lease is still held and nobody has written to the clock since it was read.
--
-- KEYS   1 lease (string)   2 layout (string)   3 clock (hash)
-- ARGV   1 the holder's token   2 the layout by which streams were chosen   3 how many fields of the clock were read
--        then each with what it held ('' for nothing)   then commands, each preceded by its length
-- Returns 1 if they were run, 0 if the lease is another's or nobody's, 2 if the layout has changed, 3 if the clock has
--
-- Invariant: a reminder is written once, and not at all if a push has told since that the lead is being handled.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('GET', KEYS[2]) ~= ARGV[2] then
  return 2
end
local fields = tonumber(ARGV[3])
for place = 1, fields do
  if (redis.call('HGET', KEYS[3], ARGV[2 + 2 * place]) or '') ~= ARGV[3 + 2 * place] then
    return 3
  end
end
local at = 4 + 2 * fields
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
return 1
