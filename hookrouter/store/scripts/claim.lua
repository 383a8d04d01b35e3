-- Keeps a click and, in the same step, its claim on the lead if that is nobody's yet.
--
-- KEYS   1 claim on the lead (string)   2 this very click (string)   3 clicks that wait (stream)
-- ARGV   1 the claim's record, or '' for somebody who may not claim   2 life of the claim, s   3 life of the click's mark, s
--        4 how many clicks may wait   5 the click's record   6 the field of a stream's entry
-- Returns kept, seen (the same request came before) or full (too many wait, and nothing is written)
--
-- Invariant: of all who claim a lead exactly one is first, and that one has an entry in the stream.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 'seen'
end
if redis.call('XLEN', KEYS[3]) >= tonumber(ARGV[4]) then
  return 'full'
end
redis.call('XADD', KEYS[3], '*', ARGV[6], ARGV[5])
if ARGV[1] ~= '' then
  redis.call('SET', KEYS[1], ARGV[1], 'NX', 'EX', ARGV[2])
end
redis.call('SET', KEYS[2], '', 'EX', ARGV[3])
return 'kept'
