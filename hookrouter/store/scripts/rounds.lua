-- Counts what was written to leads; the counts of a lead live for a time that starts with the first.
--
-- KEYS   the rounds of each lead that was written to (hash); one may come twice
-- ARGV   three for each key: 1 life of the counts, s   2 the name of what was written   3 the route's name
-- Returns nothing
--
-- Invariant: counting more does not make the counts live longer.
for number, key in ipairs(KEYS) do
  local at = 3 * (number - 1)
  redis.call('HINCRBY', key, ARGV[at + 2], 1)
  redis.call('HINCRBY', key, ARGV[at + 3], 1)
  if redis.call('TTL', key) < 0 then -- EXPIRE has no NX before Redis 7
    redis.call('EXPIRE', key, ARGV[at + 1])
  end
end
