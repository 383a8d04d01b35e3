-- Replaces a layout by another one, and deletes the streams that are not in it any more.
--
-- KEYS   1 layout (string)   2 lease of whoever decides on it (string)   3… streams to delete, each followed by its
--        lease (string)   then what else must not exist any more (sorted sets, sets)
-- ARGV   1 the layout as it was read   2 the new one   3 the token that the lease must still have, '' if anybody may
--        change the layout   4 how many streams to delete
-- Returns 1 if it was replaced; 0 if the layout or the lease is another by now, a stream is not empty, somebody serves
--         it, or something exists that must not
--
-- Invariant: no stream is deleted that holds an entry. Whoever adds to a stream names the layout by which it was
-- chosen, and adds nothing if that has changed, so what is empty here stays empty. What an earlier release, which knows
-- no layouts, adds all the same is found later.
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
