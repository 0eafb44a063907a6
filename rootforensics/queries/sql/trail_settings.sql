/*
title    = "Settings of trails"
question = "What do the logs show about each trail's settings: bucket, Regions, key, log group, digest files?"
attack   = ["T1562.008"]
source   = "AWS CloudTrail API Reference, CreateTrail, UpdateTrail, GetTrail and DescribeTrails"
misses   = "Trails that nothing in these logs describes. Settings that CloudTrail omits from the responses of most reads. Event selectors and tags. Unchanged settings in an UpdateTrail request: only its response has all of them."
uses     = ["trail_records"]
first    = "eventTime trail eventName s3BucketName eventID isMultiRegionTrail account_id"
columns  = """
eventTime account_id home trail s3BucketName s3KeyPrefix snsTopicName cloudWatchLogsLogGroupArn cloudWatchLogsRoleArn
kmsKeyId isMultiRegionTrail includeGlobalServiceEvents isOrganizationTrail enableLogFileValidation eventName eventID
evidence_id record_index"""
never_null = "trail eventName evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only trails of this account (12 digits); empty for all" }
[notes]
eventTime                  = "TIMESTAMP WITH TIME ZONE; UTC; when the settings took effect or were read"
account_id                 = "VARCHAR; the trail's account: for an organization trail, the management account or delegated administrator"
home                       = "VARCHAR; its home Region"
trail                      = "VARCHAR; its name"
s3BucketName               = "VARCHAR; NULL here and below: not recorded"
s3KeyPrefix                = "VARCHAR"
snsTopicName               = "VARCHAR"
cloudWatchLogsLogGroupArn  = "VARCHAR"
cloudWatchLogsRoleArn      = "VARCHAR"
kmsKeyId                   = "VARCHAR"
isMultiRegionTrail         = "BOOLEAN"
includeGlobalServiceEvents = "BOOLEAN"
isOrganizationTrail        = "BOOLEAN"
enableLogFileValidation    = "BOOLEAN; digest files"
*/
SELECT
    eventTime, account_id, home, trail, s3BucketName, s3KeyPrefix, snsTopicName, cloudWatchLogsLogGroupArn, cloudWatchLogsRoleArn,
    kmsKeyId, isMultiRegionTrail, includeGlobalServiceEvents, isOrganizationTrail, enableLogFileValidation, eventName, eventID, evidence_id, record_index
FROM trail_records
WHERE eventName <> 'DeleteTrail' AND ($account_id = '' OR account_id = $account_id)
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index, account_id, home, trail
