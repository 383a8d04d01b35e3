-- Puts a layout in the place of another, and deletes the streams that it has no more.
--
-- KEYS   1 layout (string)   2 lease of who decides on it (string)   3… streams that go (stream), each with its lease
--        (string) behind it   then what else must not be there any more (sorted sets, sets)
-- ARGV   1 the layout as it was read   2 the new one   3 the token of who must still decide, '' where anybody may change it
--        4 how many streams go
-- Returns 1 when it was put there, 0 when there is another by now, or another decides, or a stream is not empty, or somebody
--         serves it, or something is there
--
-- Invariant: no stream goes that holds an entry. Whoever adds to a stream names the layout by which it was chosen, and
-- adds nothing when that is another by now; so what is empty here stays empty. What an earlier release adds all the same,
-- which knows no layouts, is found later.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[3] ~= '' and redis.call('GET', KEYS[2]) ~= ARGV[3] then
  return 0
end
local last = 2 + 2 * tonumber(ARGV[4])
for at = 3, last, 2 do
  if redis.call('XLEN', KEYS[at]) > 0 or redis.call('EXISTS', KEYS[at + 1]) == 1 then
    return 0
  end
end
for at = last + 1, #KEYS do
  if redis.call('EXISTS', KEYS[at]) == 1 then
    return 0
  end
end
for at = 3, last, 2 do
  redis.call('DEL', KEYS[at])
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
