/*
title    = "What root changed, and whether the task needed root"
question = "Which writes did a person make or try with root, and does AWS list each as a task that requires root?"
attack   = ["T1078.004", "T1098"]
source   = "AWS IAM User Guide, tasks that require root user credentials, and privileged tasks; the catalogue of actions, each row with its own sources"
misses   = "The reason for using root: an unauthorized party can also do a task that requires it. Whether a bucket or queue was locked, or an administrator locked out: the mark is then root_or_identity. Events marked as reads, such as CreateOAuth2Token of aws login. Roles of accounts in their organization, if neither the case nor the parameter states them."
uses     = ["root_actions", "root_events"]
first    = "eventTime mark eventName result task eventID account_id"
columns  = """
eventTime account_id account_role session_id session_kind opener task_policy mark task means other_way result severity
eventSource eventName awsRegion errorCode action_id source eventID evidence_id record_index"""
never_null = "mark result evidence_id record_index"
[params]
account_id         = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
management_account = { type = "VARCHAR", default = "", help = "the organization's management account, if you know it; empty: as far as the logs show it" }
mark               = { type = "VARCHAR", default = "", help = "only this mark; empty for all" }
[notes]
account_id   = "VARCHAR; the account whose root user it is"
account_role = "VARCHAR; management, member, organization (belongs to one, role unknown), contradictory, not management (a different one was given); NULL if unknown"
session_id   = "VARCHAR; of root_sessions; NULL for none"
opener       = "VARCHAR; ARN of the session's opener, if another call opened it"
mark         = "VARCHAR; root_only, root_or_identity (AWS lists the task as root's in a situation that the record does not show), identity (an IAM identity could have done it), sign_in (a step of signing in, not a task), unknown"
task         = "VARCHAR; which task of AWS's list of those that require root; NULL if none of them"
means        = "VARCHAR; what was done or attempted, in words; NULL if the catalogue does not describe the call"
other_way    = "VARCHAR; how the management account does the same to a member, without the member's root password"
result         = "VARCHAR; succeeded, attempted, or unknown if a sign-in event does not state it"
severity     = "VARCHAR; from the catalogue; NULL if it does not describe the call"
action_id    = "VARCHAR; row of the catalogue; NULL for none"
source       = "VARCHAR; addresses of the sources, separated by spaces"
*/
WITH writes AS (
    SELECT eventTime, account_id, eventSource, eventName, awsRegion, outcome, errorCode, eventID, evidence_id, record_index
    FROM root_activity
    WHERE is_write IS DISTINCT FROM false AND ($account_id = '' OR account_id = $account_id)
),
known AS (
    SELECT
        k.evidence_id, k.record_index, k.action_id, k.means, k.severity, k.root_task, k.needs_root, a.sources
    FROM root_actions AS k INNER JOIN actions AS a ON k.action_id = a.action_id
    WHERE k.origin_group = 'activity'
),
roles AS (
    SELECT account_id, account_role FROM organization_accounts
),
told AS (
    SELECT
        w.*, k.action_id, k.means, k.severity, k.root_task, k.sources,
        CASE
            WHEN $management_account <> '' AND w.account_id = $management_account THEN 'management'
            WHEN $management_account <> '' THEN coalesce(
                CASE WHEN r.account_role IN ('member', 'organization') THEN 'member' END, 'not management'
            )
            ELSE r.account_role
        END AS account_role,
        CASE
            WHEN w.eventSource = 'signin.amazonaws.com' AND w.eventName IN (
                'ConsoleLogin', 'CheckMfa', 'CreateOAuth2Token', 'AuthorizeOAuth2Access', 'ExchangeOAuth2Token',
                'GetSigninToken'
            ) THEN 'sign_in'
            WHEN k.needs_root = 'yes' THEN 'root_only'
            WHEN k.needs_root = 'no' AND k.root_task IS NOT NULL THEN 'root_or_identity'
            WHEN k.needs_root = 'no' THEN 'identity'
            ELSE 'unknown'
        END AS mark
    FROM writes AS w
    LEFT JOIN known AS k ON w.evidence_id = k.evidence_id AND w.record_index = k.record_index
    LEFT JOIN roles AS r ON w.account_id = r.account_id
)
SELECT
    t.eventTime, t.account_id, t.account_role, e.session_id, e.session_kind, s.opener, s.task_policy, t.mark,
    t.root_task AS task, t.means,
    CASE
        WHEN t.account_role IS DISTINCT FROM 'member' OR e.session_kind = 'assume_root' THEN NULL
        WHEN t.action_id IN (
            'iam-delete-access-key-for-root', 'iam-deactivate-mfa-device-for-root', 'iam-delete-login-profile-for-root',
            'iam-delete-signing-certificate'
        ) THEN 'AssumeRoot with IAMDeleteRootUserCredentials'
        WHEN t.action_id = 'iam-create-login-profile-for-root' THEN 'AssumeRoot with IAMCreateRootUserPassword'
        WHEN t.action_id IN ('s3-put-bucket-policy', 's3-delete-bucket-policy') THEN 'AssumeRoot with S3UnlockBucketPolicy'
        WHEN t.action_id = 'sqs-set-queue-attributes-policy' THEN 'AssumeRoot with SQSUnlockQueuePolicy'
        WHEN t.action_id IN ('signin-email-updated', 'iam-update-account-email-address')
            THEN 'StartPrimaryEmailUpdate and AcceptPrimaryEmailUpdate'
        WHEN t.action_id IN ('account-close-account', 'billingconsole-close-account') THEN 'CloseAccount of Organizations'
    END AS other_way,
    CASE t.outcome WHEN 'success' THEN 'succeeded' WHEN 'failure' THEN 'attempted' ELSE 'unknown' END AS result,
    t.severity, t.eventSource, t.eventName, t.awsRegion, t.errorCode, t.action_id, t.sources AS source, t.eventID,
    t.evidence_id, t.record_index
FROM told AS t
INNER JOIN root_session_events AS e ON t.evidence_id = e.evidence_id AND t.record_index = e.record_index
LEFT JOIN root_sessions AS s ON e.session_id = s.session_id
WHERE $mark = '' OR t.mark = $mark
ORDER BY t.eventTime NULLS LAST, t.eventID, t.evidence_id, t.record_index
