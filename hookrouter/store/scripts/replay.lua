-- Puts a dead letter back into its outbox.
--
-- KEYS   1 dead letter (string)   2 dead letters by time (sorted set)   3 outbox (stream)   4 names of outboxes (set)
--        5 layout (string)
-- ARGV   1 the letter as it was read   2 the delivery's id   3 the delivery as it is to be tried again   4 its sink
--        5 the layout by which the outbox was chosen
-- Returns 1 if it was put back, 0 if the letter is gone or has changed, 2 if the layout has changed
--
-- Invariant: a delivery is a dead letter or in the outbox, never both; two replays at once deliver once.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('GET', KEYS[5]) ~= ARGV[5] then
  return 2
end
redis.call('SADD', KEYS[4], ARGV[4])
redis.call('XADD', KEYS[3], '*', 'r', ARGV[3])
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[2])
return 1
