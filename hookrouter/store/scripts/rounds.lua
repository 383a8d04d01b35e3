-- Counts what was written to leads, each for a time from its first count on.
--
-- KEYS   the rounds of each lead that was written to (hash); one may come twice
-- ARGV   three for each key: 1 seconds that the counts live   2 the name of what was written   3 the route's name
-- Returns nothing
--
-- Invariant: a count never lives longer than its time, however often more is counted.
for number, key in ipairs(KEYS) do
  local at = 3 * (number - 1)
  redis.call('HINCRBY', key, ARGV[at + 2], 1)
  redis.call('HINCRBY', key, ARGV[at + 3], 1)
  if redis.call('TTL', key) < 0 then -- EXPIRE has no NX before Redis 7
    redis.call('EXPIRE', key, ARGV[at + 1])
  end
end
