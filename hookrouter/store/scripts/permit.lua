-- Takes a permit from a token bucket that all processes share.
--
-- KEYS   1 bucket (hash: tokens, at)
-- ARGV   1 permits a second   2 how many it holds when full
-- Returns 0 when one was taken, else how many ms until there will be one
--
-- Invariant: over any time, no more permits than its rate gives, plus one bucketful.
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1] or size)
local elapsed = math.max(0, now - tonumber(bucket[2] or now))
tokens = math.min(size, tokens + elapsed * rate / 1000)
local wait = 0
if tokens >= 1 then
  tokens = tokens - 1
else
  wait = math.ceil((1 - tokens) * 1000 / rate)
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(size * 1000 / rate) + 1000)
return wait
