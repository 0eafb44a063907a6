/*
title    = "Logs that are listed and not there"
question = "Which logs do digest files list that the case does not hold?"
attack   = []
source   = "AWS CloudTrail User Guide, digest file structure and CloudTrail log file name format"
misses   = "Logs that no digest lists, and what digests list without CloudTrail's name of a log. Hashes and signatures are not checked here: that a log is missing its name alone shows."
*/
-- A copy may lie anywhere, and be inflated.
WITH held AS (
    SELECT DISTINCT regexp_extract(uri, '(\d{12})_CloudTrail(?:-\w+)?_([a-z0-9-]+)_(\d{8}T\d{4}Z)_?\w{16}\.json', 0) AS log_name
    FROM evidence
    WHERE delivery_time IS NOT NULL
),
named AS (
    SELECT DISTINCT regexp_extract(file_name, '(\d{12})_CloudTrail(?:-\w+)?_([a-z0-9-]+)_(\d{8}T\d{4}Z)_?\w{16}\.json', ['account_id', 'region', 'delivery']) AS parts,
        regexp_extract(file_name, '(\d{12})_CloudTrail(?:-\w+)?_([a-z0-9-]+)_(\d{8}T\d{4}Z)_?\w{16}\.json', 0) AS log_name
    FROM (SELECT unnest(listed_logs) AS file_name FROM evidence)
)
SELECT n.parts.account_id AS account_id, n.parts.region AS region,
    timezone('UTC', try_strptime(n.parts.delivery, '%Y%m%dT%H%MZ')) AS delivery_time
FROM named AS n
WHERE n.log_name <> '' AND try_strptime(n.parts.delivery, '%Y%m%dT%H%MZ') < (SELECT max(loaded_time) + INTERVAL '1' YEAR FROM evidence)
    AND n.log_name NOT IN (SELECT log_name FROM held)
