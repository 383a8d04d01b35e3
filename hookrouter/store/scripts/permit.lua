-- Takes permits from a token bucket that all processes share.
--
-- KEYS   1 bucket (hash: tokens, at)
-- ARGV   1 permits a second   2 how many it holds when full   3 how many are wanted
-- Returns {how many were taken, how many ms until there will be one if none was}
--
-- Invariant: over any time, no more permits than its rate gives, plus one bucketful.
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1] or size)
local elapsed = math.max(0, now - tonumber(bucket[2] or now))
tokens = math.min(size, tokens + elapsed * rate / 1000)
local taken = math.min(tonumber(ARGV[3]), math.floor(tokens))
local wait = 0
if taken > 0 then
  tokens = tokens - taken
else
  wait = math.ceil((1 - tokens) * 1000 / rate)
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(size * 1000 / rate) + 1000)
return {taken, wait}
