-- Lays down the snapshots of a baseline, each only where there still is what was found before.
--
-- KEYS   1… snapshots (strings)
-- ARGV   1 their life, s   2… for each, what was found there, '' for nothing, and what is to be there
-- Returns for each 1 if it was laid down, 0 if another is there by now
--
-- Invariant: what a push laid down after the baseline looked is never overwritten.
local laid = {}
for place, key in ipairs(KEYS) do
  if (redis.call('GET', key) or '') == ARGV[2 * place] then
    redis.call('SET', key, ARGV[2 * place + 1], 'EX', ARGV[1])
    laid[place] = 1
  else
    laid[place] = 0
  end
end
return laid
