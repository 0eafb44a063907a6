/*
title    = "Regions enabled in every account"
question = "Which Regions can no account disable, and in which of them are IAM calls and root sign-ins recorded?"
attack   = []
source   = "AWS Account Management User Guide, Regions; AWS Sign-In User Guide, Regions of sign-in events; AWS documentation of the partitions"
misses   = "Regions that an account can enable, and Regions that AWS has opened since. For partitions other than aws, aws-cn, aws-us-gov and aws-eusc the Region of sign-ins is unknown."
uses     = []
*/
-- Names of Regions in other partitions begin with the prefix; the commercial partition has none.
SELECT partition, prefix, region, records_iam, records_sign_in
FROM (
    VALUES
    ('aws', '', 'us-east-1', true, true),
    ('aws', '', 'us-east-2', false, true),
    ('aws', '', 'us-west-2', false, true),
    ('aws', '', 'ap-northeast-1', false, false),
    ('aws', '', 'ap-northeast-2', false, false),
    ('aws', '', 'ap-northeast-3', false, false),
    ('aws', '', 'ap-south-1', false, false),
    ('aws', '', 'ap-southeast-1', false, false),
    ('aws', '', 'ap-southeast-2', false, false),
    ('aws', '', 'ca-central-1', false, false),
    ('aws', '', 'eu-central-1', false, false),
    ('aws', '', 'eu-north-1', false, false),
    ('aws', '', 'eu-west-1', false, false),
    ('aws', '', 'eu-west-2', false, false),
    ('aws', '', 'eu-west-3', false, false),
    ('aws', '', 'sa-east-1', false, false),
    ('aws', '', 'us-west-1', false, false),
    ('aws-cn', 'cn-', 'cn-north-1', true, true),
    ('aws-cn', 'cn-', 'cn-northwest-1', false, false),
    ('aws-us-gov', 'us-gov-', 'us-gov-west-1', true, true),
    ('aws-us-gov', 'us-gov-', 'us-gov-east-1', false, false),
    ('aws-eusc', 'eusc-', 'eusc-de-east-1', true, true),
    ('aws-iso', 'us-iso-', 'us-iso-east-1', false, false),
    ('aws-iso', 'us-iso-', 'us-iso-west-1', false, false),
    ('aws-iso-b', 'us-isob-', 'us-isob-east-1', false, false),
    ('aws-iso-b', 'us-isob-', 'us-isob-west-1', false, false),
    ('aws-iso-e', 'eu-isoe-', 'eu-isoe-west-1', false, false),
    ('aws-iso-f', 'us-isof-', 'us-isof-east-1', false, false),
    ('aws-iso-f', 'us-isof-', 'us-isof-south-1', false, false)
) AS every_one (partition, prefix, region, records_iam, records_sign_in)
