-- Puts a layout in the place of another, and deletes the streams that it has no more.
--
-- KEYS   1 layout (string)   2… streams that go (stream), each with its lease (string) behind it
-- ARGV   1 the layout as it was read   2 the new one
-- Returns 1 when it was put there, 0 when there is another by now, or a stream is not empty, or somebody serves it
--
-- Invariant: no stream goes that holds an entry. Whoever adds to a stream names the layout by which it was chosen, and
-- adds nothing when that is another by now; so what is empty here stays empty.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for at = 2, #KEYS, 2 do
  if redis.call('XLEN', KEYS[at]) > 0 or redis.call('EXISTS', KEYS[at + 1]) == 1 then
    return 0
  end
end
for at = 2, #KEYS, 2 do
  redis.call('DEL', KEYS[at])
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
