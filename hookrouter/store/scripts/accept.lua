-- Takes a push in one step, or says that an equal one was taken before.
--
-- KEYS   1 receipt of an equal push (string)   2 this very push (hash)   3 layout (string)
--        4… wake flags of the stages with work (strings)
-- ARGV   1 this push's receipt   2 for how many ms an equal push is a duplicate, or 0   3 life of the wake flags, ms
--        4 the layout by which the commands' streams were chosen   5… commands, each preceded by its length
-- Returns {1, the first push's receipt} or {0, this receipt, for each stage 1 if it must be woken and 0 if not};
--         2 if the layout has changed, and nothing was written
--
-- A spooled push may be here already, if its first try was written and only the answer was lost.
--
-- Invariant: a receipt is never there without all the leads it speaks of.
local first = redis.call('GET', KEYS[1]) or redis.call('HGET', KEYS[2], 'receipt')
if first then
  return {1, first}
end
if redis.call('GET', KEYS[3]) ~= ARGV[4] then
  return 2
end
local at = 5
while ARGV[at] do
  local length = tonumber(ARGV[at])
  redis.call(unpack(ARGV, at + 1, at + length))
  at = at + length + 1
end
-- Last, since a failing command leaves what was written before it, and the sender's next try must not be a duplicate.
if tonumber(ARGV[2]) > 0 then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
local answer = {0, ARGV[1]}
for flag = 4, #KEYS do
  answer[flag - 1] = redis.call('SET', KEYS[flag], '1', 'NX', 'PX', ARGV[3]) and 1 or 0
end
return answer
