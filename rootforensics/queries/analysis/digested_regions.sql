/*
question = "Of which accounts and Regions does the case hold digest files that verify did not find wanting?"
misses   = "Digest files that were renamed: the ledger has the account and the Region of a digest file from its name alone."
columns  = "account_id region"
[notes]
region = "VARCHAR"
*/
SELECT DISTINCT
    regexp_extract(uri, '([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_', 1) AS account_id,
    regexp_extract(uri, '([0-9]{12})_CloudTrail-Digest_([a-z0-9-]+)_', 2) AS region
FROM evidence
ANTI JOIN (FROM integrity WHERE verdict <> 'verified') USING (evidence_id)
WHERE listed_logs IS NOT NULL AND regexp_matches(uri, '[0-9]{12}_CloudTrail-Digest_[a-z0-9-]+_')
