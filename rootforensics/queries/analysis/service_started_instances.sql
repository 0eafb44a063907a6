/*
question = "Which EC2 instances did AWS services start, and for which Auto Scaling group?"
misses   = "Instances that the response does not name, as in records without responseElements."
columns  = "account_id awsRegion eventTime instance group_name"
[notes]
account_id = "VARCHAR; where it was recorded"
instance   = "VARCHAR; instance ID"
group_name = "VARCHAR; Auto Scaling group in the tag; NULL where there is none"
*/
SELECT
    r.account_id, r.awsRegion, r.eventTime,
    started.instance, nullif(regexp_extract(n.identity_name, '[^/]*$', 0), '') AS group_name
FROM api_calls AS r
LEFT JOIN provider_names AS n
    ON r.evidence_id = n.evidence_id AND r.record_index = n.record_index AND n.identity_kind = 'auto_scaling_group'
CROSS JOIN unnest(
    regexp_extract_all(CAST(r.responseElements AS VARCHAR), '"instanceId" *: *"(i-[0-9a-f]+)"', 1)
) AS started(instance)
WHERE
    r.eventSource = 'ec2.amazonaws.com' AND r.eventName = 'RunInstances'
    AND r.outcome IS DISTINCT FROM 'failure'
    AND r.invoker = 'service'
ORDER BY ALL
