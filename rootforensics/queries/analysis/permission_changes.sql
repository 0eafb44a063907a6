/*
question = "Which calls changed the members of an IAM group, or the attachments of a customer managed policy or an instance profile?"
misses   = "Memberships and attachments from before the first log."
columns  = """
eventTime account_id eventName policy_effect policy_arn is_default group_name user_name role_name evidence_id
record_index"""
never_null = "eventName evidence_id record_index"
[notes]
account_id    = "VARCHAR; where it was recorded"
policy_effect = "VARCHAR; as in policy_changes"
policy_arn    = "VARCHAR; of the policy or permissions boundary"
is_default    = "BOOLEAN; whether the new version is the default"
group_name    = "VARCHAR"
user_name     = "VARCHAR"
role_name     = "VARCHAR"
*/
SELECT
    eventTime, account_id, eventName, policy_effect,
    coalesce(
        requestParameters->>'$.policyArn', requestParameters->>'$.permissionsBoundary',
        responseElements->>'$.policy.arn'
    ) AS policy_arn,
    (requestParameters->>'$.setAsDefault') = 'true' AS is_default,
    requestParameters->>'$.groupName' AS group_name, requestParameters->>'$.userName' AS user_name,
    requestParameters->>'$.roleName' AS role_name, evidence_id, record_index
FROM api_calls LEFT JOIN policy_changes USING (evidence_id, record_index)
WHERE
    eventSource = 'iam.amazonaws.com' AND eventName IN (
        'AddRoleToInstanceProfile', 'AddUserToGroup', 'AttachGroupPolicy', 'AttachRolePolicy', 'AttachUserPolicy',
        'CreatePolicy', 'CreatePolicyVersion', 'DetachGroupPolicy', 'DetachRolePolicy', 'DetachUserPolicy',
        'PutGroupPolicy', 'PutRolePermissionsBoundary', 'PutUserPermissionsBoundary', 'RemoveUserFromGroup',
        'SetDefaultPolicyVersion'
    )
    AND outcome IS DISTINCT FROM 'failure'
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
