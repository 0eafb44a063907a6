/*
title    = "What identities that descend from root did"
question = "Which events are the doings of keys, users, roles, sessions or instances that root made, or that these made?"
attack   = ["T1078.004", "T1098"]
source   = "The descendants as root_descendants; AWS CloudTrail User Guide, userIdentity element"
misses   = "What root_descendants misses; what AWS services did in a descendant's name (invokedBy). Root's own sessions are no descendants: root_events holds them."
uses     = ["root_descendants"]
*/
WITH descendants AS (
    SELECT identity_kind, identity_name, since_time FROM root_descendants
),
acting AS (
    SELECT
        evidence_id, record_index, eventTime, userIdentity.accessKeyId AS access_key,
        CASE WHEN userIdentity.type = 'IAMUser' THEN concat(userIdentity.accountId, '/', userIdentity.userName) END AS user,
        CASE
            WHEN userIdentity.type = 'AssumedRole' THEN concat(
                userIdentity.sessionContext.sessionIssuer.accountId, '/', userIdentity.sessionContext.sessionIssuer.userName
            )
        END AS role,
        CASE
            WHEN userIdentity.type = 'AssumedRole' AND userIdentity.arn LIKE '%/i-%'
                THEN nullif(regexp_extract(userIdentity.arn, '/(i-[0-9a-f]+)$', 1), '')
        END AS instance
    FROM api_calls
    WHERE userIdentity.type IN ('IAMUser', 'AssumedRole', 'FederatedUser')
        AND lower(coalesce(userIdentity.sessionContext.sessionIssuer.type, '')) <> 'root'
        AND coalesce(userIdentity.invokedBy, '') = ''
),
hits AS (
    SELECT a.evidence_id, a.record_index, d.identity_kind, d.identity_name
    FROM acting AS a INNER JOIN descendants AS d ON d.identity_kind = 'access_key' AND a.access_key = d.identity_name
        AND coalesce(a.eventTime >= d.since_time, true)
    UNION ALL
    SELECT a.evidence_id, a.record_index, d.identity_kind, d.identity_name
    FROM acting AS a INNER JOIN descendants AS d ON d.identity_kind = 'instance' AND a.instance = d.identity_name
        AND coalesce(a.eventTime >= d.since_time, true)
    UNION ALL
    SELECT a.evidence_id, a.record_index, d.identity_kind, d.identity_name
    FROM acting AS a INNER JOIN descendants AS d ON d.identity_kind = 'user' AND a.user = d.identity_name
        AND coalesce(a.eventTime >= d.since_time, true)
    UNION ALL
    SELECT a.evidence_id, a.record_index, d.identity_kind, d.identity_name
    FROM acting AS a INNER JOIN descendants AS d ON d.identity_kind = 'role' AND a.role = d.identity_name
        AND coalesce(a.eventTime >= d.since_time, true)
),
-- A key says most exactly who acted.
chosen AS (
    SELECT *
    FROM hits
    QUALIFY row_number() OVER (
        PARTITION BY evidence_id, record_index
        ORDER BY strpos('access_key instance user role', identity_kind), identity_name
    ) = 1
)
SELECT
    e.*,
    coalesce(e.recipientAccountId, e.userIdentity.accountId) AS account_id,
    CASE WHEN e.errorCode <> '' OR lower(e.responseElements->>'$.ConsoleLogin') = 'failure' THEN 'failure' ELSE 'success' END
        AS outcome,
    concat(replace(c.identity_kind, '_', ' '), ' ', c.identity_name) AS descendant
FROM api_calls AS e INNER JOIN chosen AS c ON e.evidence_id = c.evidence_id AND e.record_index = c.record_index
