/*
title    = "Listed logs that are missing"
question = "Which logs do digest files list that the case does not contain?"
attack   = []
source   = "AWS CloudTrail User Guide, digest file structure and CloudTrail log file name format"
uses     = ["extraction_scopes"]
misses   = "Logs that no digest file lists, and listed files without CloudTrail's name of a log. Until verify is run, a renamed log counts as missing."
*/
-- A copy may have any location and may be inflated; verify recognizes renamed ones. A log that an engine read in place
-- is not in the case either (is_extracted), and whether it exists there is unknown. On a day for which a load brought
-- logs, this one is missing.
SELECT DISTINCT account_id, region, delivery_time, log_name, EXISTS (
        SELECT 1 FROM extraction_scopes AS s
        WHERE l.delivery_time >= s.since_time AND coalesce(l.delivery_time <= s.until_time + INTERVAL '1' HOUR, true)
            AND coalesce(list_contains(s.accounts, l.account_id), true) AND coalesce(list_contains(s.regions, l.region), true)
    ) AND (account_id, region, date_trunc('day', delivery_time)) NOT IN (
        SELECT (account_id, region, date_trunc('day', delivery_time)) FROM evidence
        WHERE delivery_time IS NOT NULL AND (regexp_matches(CAST(filters AS VARCHAR), '[\[,]\{\}[,\]]')
            OR NOT regexp_matches(CAST(filters AS VARCHAR), '"(extraction_id|left_out_of)"'))
    ) AS is_extracted
FROM listed_logs AS l
WHERE delivery_time IS NOT NULL
    AND log_name NOT IN (
        SELECT regexp_extract(uri, '(\d{12})_CloudTrail(?:-\w+)?_([a-z0-9-]+)_(\d{8}T\d{4}Z)_?\w{16}\.json') FROM evidence WHERE delivery_time IS NOT NULL
    )
    AND (NOT EXISTS (FROM integrity) OR uri IN (SELECT uri FROM integrity WHERE verdict = 'missing'))
