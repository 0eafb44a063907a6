/*
question = "Does the case have any event, or any with a Region or an account?"
misses   = "Events whose record names neither Region nor account."
columns  = "is_held"
never_null = "is_held"
[params]
region     = { type = "VARCHAR", default = "", help = "only this Region; empty for all" }
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
is_held = "BOOLEAN; true; no row if there is none"
*/
SELECT true AS is_held
FROM events
WHERE ($region = '' OR awsRegion = $region)
    AND ($account_id = '' OR account_id = $account_id)
LIMIT 1
