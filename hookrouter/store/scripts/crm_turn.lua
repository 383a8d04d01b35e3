-- Gives a turn at the CRM, which all processes share: at most so many a second and a day, urgent ones first.
--
-- KEYS   1 the account's calls (hash: tokens, at, day, used, limit, spent, slow, ask, wanted:RANK)
-- ARGV   1 calls a second   2 the operator's limit a day   3 the share of it that this purpose sees
--        4 the purpose's rank, 0 is the most urgent   5 the day's calls by the CRM's own count, or ''
--        6 its limit a day, or ''   7 for how many ms nobody is to call, as it said that the day's calls are spent, or ''
--        8 for how many ms nobody is to call, as it said that too many came in a second, or ''
-- Returns how many ms to wait before asking again; 0 is a turn
--
-- Invariant: turns are at least 1/rate apart, and none is given once the day's share is used up. But if the CRM tells
-- its count, one urgent turn an hour is: nobody knows when the CRM's day ends, and only an answer shows that it has.
local LONGEST_WAIT, HOUR, DAY = 30000, 3600000, 86400000
local ANOTHER_DAY = 100 -- calls that the CRM's count may lag behind ours before it must have begun a new day
local rate, share, rank = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local day = math.floor(now / DAY)
local found = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'day', 'used', 'limit', 'spent', 'wanted:0', 'wanted:1', 'ask', 'slow')
local used = tonumber(found[3]) == day and tonumber(found[4]) or 0
local limit = tonumber(ARGV[6]) or tonumber(found[5])
local heard = tonumber(ARGV[5])
if heard and (heard > used or heard + ANOTHER_DAY < used) then used = heard end
local spent = tonumber(found[6] or 0)
if ARGV[7] ~= '' then spent = math.max(spent, now + tonumber(ARGV[7])) end
local slow = tonumber(found[10] or 0)
if ARGV[8] ~= '' then slow = math.max(slow, now + tonumber(ARGV[8])) end
local tokens = math.min(1, tonumber(found[1] or 1) + math.max(0, now - tonumber(found[2] or now)) * rate / 1000)

local is_used_up = used >= math.min(tonumber(ARGV[2]), limit or math.huge) * share
if rank == 0 and not is_used_up then
  redis.call('HDEL', KEYS[1], 'ask')
elseif rank == 0 and limit then
  local ask = tonumber(found[9] or 0)
  is_used_up = ask == 0 or ask > now
  if not (is_used_up and ask > 0) then redis.call('HSET', KEYS[1], 'ask', now + HOUR) end
end

local wait = 0
if is_used_up then
  wait = (day + 1) * DAY - now
elseif math.max(spent, slow) > now then
  wait = math.max(spent, slow) - now
elseif tokens < 1 then
  wait = math.ceil((1 - tokens) * 1000 / rate)
  redis.call('HSET', KEYS[1], 'wanted:' .. rank, now + wait + 1000)
else
  for urgent = 0, rank - 1 do
    if tonumber(found[7 + urgent] or 0) > now then wait = math.ceil(1000 / rate) end
  end
  if wait == 0 then
    tokens, used = tokens - 1, used + 1
    redis.call('HDEL', KEYS[1], 'wanted:' .. rank)
  end
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now, 'day', day, 'used', used, 'spent', spent, 'slow', slow)
if limit then redis.call('HSET', KEYS[1], 'limit', limit) end
redis.call('PEXPIRE', KEYS[1], 2 * DAY)
return math.min(LONGEST_WAIT, wait)
