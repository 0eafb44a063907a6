/*
question = "Which Regions can no account disable, and where are IAM calls and root sign-ins recorded?"
misses   = "Regions that an account can enable."
columns  = "partition prefix region records_iam records_sign_in"
never_null = "partition prefix region records_iam records_sign_in"
[notes]
partition       = "VARCHAR; as ARNs name it"
prefix          = "VARCHAR; with which its Regions begin; empty for the commercial partition"
region          = "VARCHAR"
records_iam     = "BOOLEAN; whether calls of IAM are recorded there"
records_sign_in = "BOOLEAN; whether sign-ins of root are"
*/
SELECT partition, prefix, region, records_iam, records_sign_in
FROM aws_regions
ORDER BY partition, region
