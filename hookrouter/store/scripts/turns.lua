-- Notes that a worker is alive and whether it seeks streams to serve; returns who serves which, and who else seeks.
--
-- KEYS   1 workers that share (sorted set)   2 those of them that seek (sorted set)   3… leases of streams (strings)
-- ARGV   1 the worker   2 '1' if it seeks, '0' if not   3 after how many ms of silence a worker is gone
--        4 for how many ms a worker that said so seeks
-- Returns how many workers are alive, the names of those that seek, and the token of each lease, '' if it is nobody's
--
-- Invariant: all are compared by Redis' clock, whatever their own clocks say.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
if ARGV[2] == '1' then
  redis.call('ZADD', KEYS[2], now, ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
else
  redis.call('ZREM', KEYS[2], ARGV[1])
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - ARGV[4])
local tokens = {}
for at = 3, #KEYS do
  tokens[at - 2] = redis.call('GET', KEYS[at]) or ''
end
return {redis.call('ZCARD', KEYS[1]), redis.call('ZRANGE', KEYS[2], 0, -1), tokens}
