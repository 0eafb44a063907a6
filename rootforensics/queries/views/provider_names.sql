/*
title    = "Identity providers under whose names sessions were opened"
question = "By which identity provider was each session opened that needs no key of AWS?"
attack   = ["T1078.004"]
source   = "AWS IAM User Guide, logging IAM and AWS STS calls with CloudTrail (AssumeRoleWithSAML, AssumeRoleWithWebIdentity)"
misses   = "What the identity provider was asked, and by whom: its own logs tell."
uses     = ["api_calls"]
*/
-- A part of acting_names, apart from it because it has to open what was asked and answered.
SELECT
    evidence_id, record_index, eventTime, eventSource, eventName, userIdentity.type AS identity_type,
    userIdentity.invokedBy AS invoked_by, 'identity_provider' AS identity_kind,
    coalesce(
        requestParameters->>'$.principalArn', responseElements->>'$.provider', userIdentity.identityProvider
    ) AS identity_name,
    CAST(NULL AS VARCHAR) AS mark
FROM api_calls
WHERE eventSource = 'sts.amazonaws.com' AND concat(eventName, '') IN ('AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity')
