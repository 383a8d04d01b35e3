-- Notes that a process is alive; and of processes of an earlier release, which write their own time, when that changed.
--
-- KEYS   1 notes on those (hash)   2 all processes (sorted set)   3… those that know each later dialect (sorted sets)
-- ARGV   1 `role:process`   2 after how many seconds of silence a process is forgotten   3 life of all these keys, s
-- Returns nothing
--
-- Invariant: the times in 3 and later are by Redis' clock. Of a time that is only in 2, nothing is believed but that it
-- changes, because the clock that it was written by may be wrong by minutes.
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local forgotten = now - ARGV[2]
for at = 2, #KEYS do
  redis.call('ZADD', KEYS[at], now, ARGV[1])
end
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', forgotten)) do
  for at = 2, #KEYS do
    redis.call('ZREM', KEYS[at], gone)
  end
end
local others = redis.call('ZDIFF', 2, KEYS[2], KEYS[3], 'WITHSCORES')
local notes = {}
for at = 1, #others, 2 do
  local name, said = others[at], others[at + 1]
  local last, since = string.match(redis.call('HGET', KEYS[1], name) or '', '^(%S+) (%S+)$')
  if last ~= said then
    since = string.format('%.3f', now)
  end
  if tonumber(since) > forgotten then
    notes[#notes + 1] = {name, said .. ' ' .. since}
  else
    redis.call('ZREM', KEYS[2], name)
  end
end
redis.call('DEL', KEYS[1])
for _, note in ipairs(notes) do
  redis.call('HSET', KEYS[1], note[1], note[2])
end
for at = 1, #KEYS do
  redis.call('EXPIRE', KEYS[at], ARGV[3])
end
