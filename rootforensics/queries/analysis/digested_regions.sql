/*
question = "Of which accounts and Regions does the case hold digest files that verify did not find wanting?"
misses   = "Digest files that are not as CloudTrail writes them."
columns  = "account_id region"
[notes]
region = "VARCHAR"
*/
SELECT DISTINCT account_id, region
FROM digests ANTI JOIN (FROM integrity WHERE verdict <> 'verified') USING (evidence_id)
WHERE region IS NOT NULL
