/*
title    = "GuardDuty, Access Analyzer and Security Hub findings"
question = "What did these services report about which account and resource, when was it first and last seen, and which answer of AWS contains it?"
attack   = []
source   = "API references: GetFindings of GuardDuty, GetFindings of Security Hub CSPM, ListFindings of IAM Access Analyzer"
misses   = "Anything that was not requested or saved: a live run asks GuardDuty for findings on root, Security Hub for its controls on root, and Access Analyzer for resources that are open to others. Earlier checks of an account: only the last one counts. Proof of a finding, which is the service's statement."
first    = "last_time service kind severity status account_id citation"
columns  = "first_time last_time service kind severity status account_id region title resource citation"
never_null = "service severity account_id region citation"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
first_time = "TIMESTAMP WITH TIME ZONE; UTC; when it was first seen or created; NULL if not stated"
last_time  = "TIMESTAMP WITH TIME ZONE; UTC; when it was last seen or updated; NULL if not stated"
service    = "VARCHAR; guardduty, securityhub or access-analyzer"
kind       = "VARCHAR; finding type (GuardDuty), control or type (Security Hub), resource type (Access Analyzer)"
severity   = "VARCHAR; as the service reports it: a number or a word; empty for none"
status     = "VARCHAR; as the service reports it, such as ACTIVE, ARCHIVED, PASSED or FAILED"
account_id = "VARCHAR; the account that it is about"
region     = "VARCHAR; Region of the request; empty if unknown"
title      = "VARCHAR"
resource   = "VARCHAR; the first resource that it names; NULL for none"
citation   = "VARCHAR; answer and its number in aws_answers, cite this"
*/
WITH told AS (
    SELECT a.call, a.account_id, a.region, concat('answer:', a.answer_id) AS citation,
        unnest(from_json(coalesce(a.body->'$.Findings', a.body->'$.findings', '[]'), '["JSON"]')) AS finding
    FROM aws_answers AS a
    JOIN (SELECT account_id, call, max(check_id) AS check_id FROM aws_answers WHERE NOT regexp_matches(code, '(?i)denied|unauthorized|authorizationerror|not saved') GROUP BY account_id, call) AS l
        ON a.account_id = l.account_id AND a.call = l.call AND a.check_id = l.check_id
    WHERE a.call IN ('guardduty:GetFindings', 'securityhub:GetFindings', 'accessanalyzer:ListFindings') AND a.code = ''
),
found AS (
    SELECT finding->>'$.Service.EventFirstSeen' AS first_seen, finding->>'$.Service.EventLastSeen' AS last_seen, 'guardduty' AS service,
        finding->>'$.Type' AS kind, finding->>'$.Severity' AS severity,
        CASE WHEN finding->>'$.Service.Archived' = 'true' THEN 'ARCHIVED' ELSE 'ACTIVE' END AS status,
        coalesce(finding->>'$.AccountId', account_id) AS account_id, region, finding->>'$.Title' AS title,
        finding->>'$.Resource.AccessKeyDetails.AccessKeyId' AS resource, citation
    FROM told WHERE call = 'guardduty:GetFindings'
    UNION ALL
    SELECT coalesce(finding->>'$.FirstObservedAt', finding->>'$.CreatedAt'), coalesce(finding->>'$.LastObservedAt', finding->>'$.UpdatedAt'), 'securityhub',
        coalesce(finding->>'$.Compliance.SecurityControlId', finding->>'$.Types[0]'), finding->>'$.Severity.Label',
        coalesce(finding->>'$.Compliance.Status', finding->>'$.RecordState'), coalesce(finding->>'$.AwsAccountId', account_id), region,
        finding->>'$.Title', finding->>'$.Resources[0].Id', citation
    FROM told WHERE call = 'securityhub:GetFindings'
    UNION ALL
    SELECT finding->>'$.createdAt', finding->>'$.updatedAt', 'access-analyzer', finding->>'$.resourceType', NULL, finding->>'$.status',
        coalesce(finding->>'$.resourceOwnerAccount', account_id), region, 'Open to others', finding->>'$.resource', citation
    FROM told WHERE call = 'accessanalyzer:ListFindings'
)
SELECT TRY_CAST(first_seen AS TIMESTAMPTZ) AS first_time, TRY_CAST(last_seen AS TIMESTAMPTZ) AS last_time, service, kind,
    coalesce(severity, '') AS severity, status, account_id, region, title, resource, citation
FROM found
WHERE $account_id = '' OR account_id = $account_id
ORDER BY last_time NULLS LAST, service, kind, account_id, resource, citation
