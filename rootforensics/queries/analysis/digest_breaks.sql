/*
question = "At which times do the digest files of a trail prove nothing, and why?"
misses   = "Anything that was not verified."
columns  = "cause account_id region trail is_backfill from_time until_time reason has_stop"
[notes]
cause       = "VARCHAR; restarted, digest_missing, digest_unproven, newest_unsigned, link_mismatch, time_gap, ends_early or starts_late"
region      = "VARCHAR"
trail       = "VARCHAR; its name"
is_backfill = "BOOLEAN; of digests for late deliveries"
from_time   = "TIMESTAMP WITH TIME ZONE; UTC; the last proven end; NULL if nothing is proven before"
until_time  = "TIMESTAMP WITH TIME ZONE; UTC; the next proven start, or the time of the newest evidence"
reason      = "VARCHAR; the cause in words"
has_stop    = "BOOLEAN; the logs have a call that stopped or changed the trail at about that time"
*/
SELECT cause, account_id, region, trail, is_backfill, from_time, until_time, reason, has_stop
FROM chain_breaks
ORDER BY account_id, region, trail, until_time, from_time, cause
