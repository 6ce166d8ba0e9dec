"""What must happen at once, as Lua. `leader` holds the fencing token of the collector that was elected last: whatever
changes the store compares it first, so a leader that slept through its successor's election writes nothing.

All names begin with `{hud}`: an ACL of `~{hud}:*` and `&{hud}:*` is enough, and in a cluster they lie together.
"""

from __future__ import annotations

LEASE, LEADER, ELECTIONS = "{hud}:lease", "{hud}:leader", "{hud}:elections"
STATUS, NEWS, WISHES = "{hud}:status", "{hud}:news", "{hud}:wishes"
VALUE = "{hud}:v:"
"""Before the key of a stored value."""

_FENCE = """
local leader = redis.call('GET', KEYS[1])
if leader ~= ARGV[1] then return leader or '' end
"""
"""Who leads instead; '' when everything was removed."""

WRITE = f"""{_FENCE}
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[i]) end
return 1
"""
"""KEYS: leader, values. ARGV: token, what they hold."""

DELETE = f"""{_FENCE}
for i = 2, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
"""
"""KEYS: leader, values. ARGV: token."""

SAY = f"""{_FENCE}
redis.call('PUBLISH', ARGV[3], ARGV[2])
redis.pcall('SET', KEYS[2], ARGV[2])
return 1
"""
"""KEYS: leader, status. ARGV: token, status, channel. Also heard when there is no room to keep it."""

ELECT = """
local held = redis.call('GET', KEYS[1])
if held then return {0, held} end
local token = redis.call('INCR', KEYS[3]) .. ' ' .. ARGV[1]
redis.call('SET', KEYS[1], token, 'PX', ARGV[2])
redis.call('SET', KEYS[2], token)
return {1, token}
"""
"""KEYS: lease, leader, elections. ARGV: who asks, milliseconds. Gives 1 and the token, or 0 and who leads."""

RENEW = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('PEXPIRE', KEYS[1], ARGV[2])
else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
return 1
"""
"""KEYS: lease, leader. ARGV: token, milliseconds. 0 once another was elected."""

RESIGN = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
"""
"""KEYS: lease. ARGV: token."""
