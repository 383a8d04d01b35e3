-- Returns which processes are alive, by Redis' clock.
--
-- KEYS   1 notes on those of an earlier release (hash)   2 all processes (sorted set)
--        3… those that know each later dialect (sorted sets)
-- ARGV   1 after how many seconds of silence a process is gone
-- Returns the `role:process` of all that are alive, then of those among them that know each later dialect
--
-- Invariant: it writes nothing. A process of an earlier release is alive while what it says changes; before anybody
-- took notes, there is only its own word for when it last did.
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local silent = now - ARGV[1]
local lives = {}
for at = 3, #KEYS do
  lives[at - 1] = redis.call('ZRANGEBYSCORE', KEYS[at], silent, '+inf')
end
lives[1] = redis.call('ZRANGEBYSCORE', KEYS[3], silent, '+inf')
local others = redis.call('ZDIFF', 2, KEYS[2], KEYS[3], 'WITHSCORES')
for at = 1, #others, 2 do
  local name, said = others[at], others[at + 1]
  local last, since = string.match(redis.call('HGET', KEYS[1], name) or '', '^(%S+) (%S+)$')
  if not last then
    since = said
  elseif last ~= said then
    since = now
  end
  if tonumber(since) >= silent then
    lives[1][#lives[1] + 1] = name
  end
end
return lives
