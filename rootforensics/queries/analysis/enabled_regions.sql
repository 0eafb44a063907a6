/*
question = "Which opt-in Regions were enabled, and in which account?"
misses   = "Regions that were enabled before the first log, or disabled again."
columns  = "account_id region"
[notes]
account_id = "VARCHAR; which the request names, else where it was recorded"
region     = "VARCHAR; as the request names it"
*/
SELECT DISTINCT
    coalesce(requestParameters->>'$.accountId', requestParameters->>'$.AccountId', account_id) AS account_id,
    coalesce(requestParameters->>'$.regionName', requestParameters->>'$.RegionName') AS region
FROM api_calls
WHERE eventSource = 'account.amazonaws.com' AND eventName = 'EnableRegion'
    AND outcome IS DISTINCT FROM 'failure'
