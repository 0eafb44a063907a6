/*
title    = "Names of identities that descend from root"
question = "With which names do identities, keys and sessions that descend from root act, and since when?"
attack   = []
source   = "The view root_descendants; what requests and answers name"
misses   = "Names that no event of the case shows. Accounts and paths: the names have none."
uses     = ["root_descendants"]
*/
SELECT regexp_extract(name, '[^/]+$') AS name, min(since_time) AS since, bool_or(since_time IS NULL) AS is_undated
FROM (
    SELECT d.since_time, unnest([
        d.identity_name, e.requestParameters->>'$.userName', e.responseElements->>'$.accessKey.userName',
        CASE WHEN d.identity_kind = 'delegation' THEN 'invokedByDelegate' END, e.responseElements->>'$.assumedRoleUser.arn', e.responseElements->>'$.credentialSet[0].assumedRoleUser.arn'
    ]) AS name
    FROM root_descendants AS d INNER JOIN events AS e USING (evidence_id, record_index)
)
WHERE name <> '' GROUP BY ALL
