/*
title    = "Changes of root's own credentials"
question = "When was root's password changed, an MFA device registered or removed, or a root access key created, deactivated or deleted?"
attack   = ["T1098.001", "T1556.006"]
source   = "AWS CloudTrail User Guide, console sign-in events (root's MFA, user name AWS ROOT USER); AWS IAM API Reference, CreateAccessKey, UpdateAccessKey, DeactivateMFADevice, DeleteLoginProfile"
misses   = "Credentials from before the first log, and their state after the last. Which of name, address and password SetAccountPreferences changed. Owners of credentials, if a table has neither the request nor a resource that names a user. Who requested what an AWS service did as root (service-activity). Changes that root made to IAM users, which are not root's own."
first    = "eventTime credential_kind change outcome sourceIPAddress eventID account_id"
columns  = """
eventTime account_id credential_kind change credential outcome eventName origin sourceIPAddress eventID evidence_id
record_index"""
never_null = "credential_kind change evidence_id record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
credential_kind = "VARCHAR; password, mfa_device, access_key"
change          = "VARCHAR; added, removed, changed, activated, deactivated; perhaps_added, perhaps_removed, perhaps_changed: the record does not show whether it is root's or a user's, or whether it changed"
credential      = "VARCHAR; serial number of the device or ID of the key; NULL if the record does not name it"
origin          = "VARCHAR; who acted; service and aws_internal: an AWS service as root"
*/
WITH calls AS (
    SELECT
        eventTime, account_id, eventName, origin, outcome, sourceIPAddress, eventID, evidence_id, record_index,
        userIdentity.accessKeyId AS used_key,
        eventSource = 'iam.amazonaws.com' AND coalesce(requestParameters->>'$.userName', '') IN ('', 'AWS ROOT USER') AS names_nobody,
        eventSource,
        -- In older records the name of root is "root" or the account's alias, and users may have the same name.
        eventSource = 'iam.amazonaws.com' AND (requestParameters->>'$.userName') <> 'AWS ROOT USER'
            AND coalesce((requestParameters->>'$.userName') IN ('root', userIdentity.userName), false) AS names_a_namesake,
        nullif(requestParameters->>'$.serialNumber', '') AS serial,
        coalesce(nullif(requestParameters->>'$.accessKeyId', ''), nullif(responseElements->>'$.accessKey.accessKeyId', '')) AS access_key,
        lower(requestParameters->>'$.status') AS status,
        -- A table without requests names a user only in the resources, if at all; root's own name may be a user's
        -- there.
        eventSource <> 'iam.amazonaws.com' OR eventName = 'ChangePassword' OR coalesce(requestParameters->>'$.userName', 'root') <> 'root'
            OR evidence_id NOT IN (SELECT evidence_id FROM evidence WHERE list_contains(lacking, 'requestParameters') OR container LIKE '%event history CSV%') AS says_whose,
        -- A service's change as root affects root's credentials as well. Sign-ins are only those of people.
        origin_group = 'noise' AND outcome = 'success' AS by_service
    FROM root_events
    WHERE origin_group = 'activity' OR outcome = 'success'
),
devices AS (
    SELECT account_id, serial FROM calls
    WHERE names_nobody AND says_whose AND eventName IN ('EnableMFADevice', 'DeactivateMFADevice') AND serial IS NOT NULL
    UNION
    SELECT account_id, mfa_identifier FROM root_signins WHERE mfa_identifier <> ''
),
keys AS (
    SELECT account_id, used_key AS access_key FROM calls WHERE used_key LIKE 'AKIA%'
    UNION
    SELECT account_id, access_key FROM calls WHERE names_nobody AND says_whose AND eventName = 'CreateAccessKey' AND access_key IS NOT NULL
),
told AS (
    SELECT
        c.*,
        coalesce(d.serial IS NOT NULL OR k.access_key IS NOT NULL OR c.serial LIKE '%:mfa/root-account-mfa-device', false) AS known_as_roots,
        CASE
            WHEN c.by_service AND c.eventSource = 'billingconsole.amazonaws.com' AND c.eventName = 'SetAccountPreferences' THEN 'password'
            WHEN c.eventSource <> 'iam.amazonaws.com' THEN NULL
            WHEN c.by_service AND c.eventName = 'ChangePassword' THEN 'password'
            WHEN c.by_service AND c.eventName = 'CreateLoginProfile' AND c.names_nobody THEN 'password'
            WHEN c.eventName IN ('EnableMFADevice', 'DeactivateMFADevice') AND (c.names_nobody OR NOT c.says_whose) THEN 'mfa_device'
            -- The name of a device does not show its owner, because the person who registers it chooses the name.
            WHEN c.eventName = 'DeactivateMFADevice' AND c.names_a_namesake THEN 'mfa_device'
            WHEN c.eventName IN ('EnableMFADevice', 'DeactivateMFADevice', 'DeleteVirtualMFADevice') AND (d.serial IS NOT NULL OR c.serial LIKE '%:mfa/root-account-mfa-device')
                THEN 'mfa_device'
            -- A call that names no device may have deleted root's.
            WHEN c.eventName = 'DeleteVirtualMFADevice' AND c.serial IS NULL THEN 'mfa_device'
            WHEN c.eventName IN ('CreateAccessKey', 'UpdateAccessKey', 'DeleteAccessKey') AND (c.names_nobody OR NOT c.says_whose OR k.access_key IS NOT NULL)
                THEN 'access_key'
            WHEN c.eventName = 'DeleteLoginProfile' AND c.names_nobody THEN 'password'
            WHEN c.eventName IN ('CreateLoginProfile', 'DeleteLoginProfile') AND NOT c.says_whose THEN 'password'
        END AS credential_kind
    FROM calls AS c
    LEFT JOIN devices AS d ON c.account_id = d.account_id AND c.serial = d.serial
    LEFT JOIN keys AS k ON c.account_id = k.account_id AND c.access_key = k.access_key
),
changes AS (
    SELECT
        eventTime, account_id, credential_kind,
        CASE
            WHEN NOT says_whose AND NOT known_as_roots THEN CASE
                WHEN eventName IN ('EnableMFADevice', 'CreateAccessKey') THEN 'perhaps_added'
                WHEN eventName IN ('CreateLoginProfile', 'UpdateAccessKey') THEN 'perhaps_changed'
                ELSE 'perhaps_removed'
            END
            WHEN eventName IN ('EnableMFADevice', 'CreateAccessKey') THEN 'added'
            WHEN eventName = 'DeleteVirtualMFADevice' AND serial IS NULL THEN 'perhaps_removed'
            WHEN credential_kind = 'mfa_device' AND names_a_namesake AND NOT known_as_roots THEN 'perhaps_removed'
            WHEN eventName = 'SetAccountPreferences' THEN 'perhaps_changed'
            WHEN eventName IN ('ChangePassword', 'CreateLoginProfile') THEN 'changed'
            WHEN eventName <> 'UpdateAccessKey' THEN 'removed'
            WHEN status = 'active' THEN 'activated'
            WHEN status = 'inactive' THEN 'deactivated'
            ELSE 'perhaps_changed'
        END AS change,
        CASE credential_kind WHEN 'mfa_device' THEN serial WHEN 'access_key' THEN access_key END AS credential,
        outcome, eventName, origin, sourceIPAddress, eventID, evidence_id, record_index
    FROM told
    WHERE credential_kind IS NOT NULL
    UNION ALL
    SELECT
        eventTime, account_id, 'password',
        CASE signin_kind WHEN 'name_email_or_password_changed' THEN 'perhaps_changed' ELSE 'changed' END,
        CAST(NULL AS VARCHAR), outcome, eventName, origin, sourceIPAddress, eventID, evidence_id, record_index
    FROM root_signins
    WHERE signin_kind IN ('password_changed', 'recovery_completed', 'name_email_or_password_changed')
)
SELECT
    eventTime, account_id, credential_kind, change, credential, outcome, eventName, origin, sourceIPAddress,
    eventID, evidence_id, record_index
FROM changes
WHERE $account_id = '' OR account_id = $account_id
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
