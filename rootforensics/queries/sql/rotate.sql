/*
title    = "What to rotate"
question = "Which secrets, parameters, keys and passwords did root, or an identity that descends from it, read, create or set, so that they must be rotated?"
attack   = ["T1552", "T1555.006", "T1098.001"]
source   = "API models of botocore for calls and parameters; AWS Secrets Manager, Systems Manager, Lambda and EC2 user guides for what an answer holds"
misses   = "Secrets read outside the AWS API: on a machine, in a database, in an S3 object (data events) or in source code. Values in a list, a template or a log that are not named here. Temporary credentials (blast-radius and contained report sessions). Calls that are missing from the case, and reads if a trail records only writes."
uses     = ["root_activity", "descendant_acts", "descendant_events"]
first    = "standing kind name account_id reason action eventIDs"
columns  = """
account_id awsRegion kind name standing reason action event_count first_time last_time actors eventIDs citations"""
never_null = "standing event_count eventIDs citations"
[params]
account_id = { type = "VARCHAR", default = "", help = "only what root of this account (12 digits) or what descends from it did, and what was recorded there; empty for all" }
[notes]
account_id = "VARCHAR; account that recorded it; NULL if the record does not show it, and then it is listed for every account"
kind       = "VARCHAR; kind of the secret to rotate"
name       = "VARCHAR; name or ARN in the record; “all of the Region” for a call that returns all; “not recorded” if the record names none"
standing   = "VARCHAR; rotate, or perhaps: the record does not show whether the value was disclosed, the call has no outcome, or it only possibly descends from root"
reason     = "VARCHAR; what was done, as names of calls"
action     = "VARCHAR; what to do"
actors     = "VARCHAR[]; ARNs"
eventIDs   = "VARCHAR[]; in chronological order, cite these"
citations  = "VARCHAR[]; evidence_id:record_index of these"
*/
-- keys: fields of the request or response with the name. only_with: fields that the request must have for the value to
-- be disclosed; with or_perhaps it may be disclosed without them as well.
WITH listed (source, call, kind, keys, only_with, or_perhaps, action) AS (
    VALUES
    ('secretsmanager', 'GetSecretValue', 'secret', 'secretId', '', false, 'Rotate the secret, and update it where it is used'),
    ('secretsmanager', 'BatchGetSecretValue', 'secret', 'secretId|secretIdList', '', false, 'Rotate the secret, and update it where it is used'),
    ('secretsmanager', 'CreateSecret', 'secret', 'name', '', false, 'Rotate the secret: the person who created it knows it'),
    ('secretsmanager', 'PutSecretValue', 'secret', 'secretId', '', false, 'Rotate the secret: the person who set it knows it'),
    ('secretsmanager', 'UpdateSecret', 'secret', 'secretId', '', false, 'Rotate the secret: the person who set it knows it'),
    ('ssm', 'GetParameter', 'parameter', 'name', '"withDecryption" *: *true', true, 'Change the parameter if it contains a secret'),
    ('ssm', 'GetParameters', 'parameter', 'names', '"withDecryption" *: *true', true, 'Change the parameter if it contains a secret'),
    ('ssm', 'GetParametersByPath', 'parameters below a path', 'path', '"withDecryption" *: *true', true, 'Change each parameter below it that contains a secret'),
    ('ssm', 'GetParameterHistory', 'parameter', 'name', '"withDecryption" *: *true', true, 'Change the parameter if it contains a secret'),
    ('ssm', 'PutParameter', 'parameter', 'name', '', false, 'Change the parameter if it contains a secret: the person who set it knows it'),
    ('ssm', 'SendCommand', 'instance', 'instanceIds', '', false, 'Change the secrets that lie on the machine, and end the sessions of its role'),
    ('ssm', 'StartSession', 'instance', 'target', '', false, 'Change the secrets that lie on the machine, and end the sessions of its role'),
    ('ssm', 'ResumeSession', 'session on an instance', 'sessionId', '', false, 'Change the secrets that lie on the machine, and end the sessions of its role'),
    ('ssm', 'CreateActivation', 'activation of managed instances', 'activationId', '', false, 'Delete the activation, and deregister what was registered with it'),
    ('ecs', 'ExecuteCommand', 'container of a task', 'task', '', false, 'Change the secrets that the container holds, and end the sessions of its role'),
    ('kms', 'Decrypt', 'data under a KMS key', 'keyId|PARAMETER_ARN|SecretARN', '', true, 'Find out what was decrypted, and change the secrets in it'),
    ('ecr', 'GetAuthorizationToken', 'registry token', '', '', false, 'Look at what was pushed and pulled; the token ends by itself after twelve hours'),
    ('codeartifact', 'GetAuthorizationToken', 'registry token', 'domain', '', false, 'Look at what was published; the token ends by itself after twelve hours'),
    ('ec2', 'DescribeInstanceAttribute', 'user data of an instance', 'instanceId', '"attribute" *: *"userData"', false, 'Change the secrets in the start script'),
    ('ec2', 'GetPasswordData', 'password of a Windows instance', 'instanceId', '', false, 'Change the password of the administrator'),
    ('ec2', 'GetLaunchTemplateData', 'user data of an instance', 'instanceId', '', false, 'Change the secrets in the start script'),
    ('ec2', 'DescribeLaunchTemplateVersions', 'user data of a launch template', 'launchTemplateId|launchTemplateName', '', true, 'Change the secrets in the start script'),
    ('ec2', 'CreateKeyPair', 'EC2 key pair', 'keyName', '', false, 'Delete the key pair, and remove its public key from the machines'),
    ('ec2', 'ImportKeyPair', 'EC2 key pair', 'keyName', '', false, 'Delete the key pair, and remove its public key from the machines'),
    ('ec2-instance-connect', 'SendSSHPublicKey', 'instance', 'instanceId', '', false, 'Change the secrets that lie on the machine, and end the sessions of its role'),
    ('ec2-instance-connect', 'SendSerialConsoleSSHPublicKey', 'instance', 'instanceId', '', false, 'Change the secrets that lie on the machine, and end the sessions of its role'),
    ('ec2', 'CreateVpnConnection', 'shared key of a VPN', 'vpnConnectionId', '', false, 'Change the pre-shared keys of the VPN connection'),
    ('ec2', 'GetVpnConnectionDeviceSampleConfiguration', 'shared key of a VPN', 'vpnConnectionId', '', false, 'Change the pre-shared keys of the VPN connection'),
    ('autoscaling', 'DescribeLaunchConfigurations', 'user data of launch configurations', 'launchConfigurationNames', '', true, 'Change the secrets in the start script'),
    ('ec2', 'DescribeVpnConnections', 'shared key of a VPN', 'vpnConnectionId', '', false, 'Change the pre-shared keys of the VPN connections'),
    ('lambda', 'GetFunction', 'environment of a function', 'functionName', '', false, 'Change the secrets in its environment variables and its code'),
    ('lambda', 'GetFunctionConfiguration', 'environment of a function', 'functionName', '', false, 'Change the secrets in its environment variables'),
    ('lambda', 'ListFunctions', 'environment of functions', '', '', false, 'Change the secrets in the environment variables of all functions in the Region'),
    ('lambda', 'ListVersionsByFunction', 'environment of a function', 'functionName', '', false, 'Change the secrets in its environment variables'),
    ('lambda', 'UpdateFunctionConfiguration', 'environment of a function', 'functionName', '', false, 'Change the secrets in its environment variables'),
    ('elasticbeanstalk', 'DescribeConfigurationSettings', 'environment of an application', 'environmentName|applicationName', '', false, 'Change the secrets in its environment properties'),
    ('ecs', 'DescribeTaskDefinition', 'environment of a task', 'taskDefinition', '', true, 'Change the secrets that stand in it as plain variables'),
    ('codebuild', 'BatchGetProjects', 'environment of a build', 'names', '', true, 'Change the secrets that stand in it as plain variables'),
    ('codebuild', 'BatchGetBuilds', 'environment of a build', 'ids', '', true, 'Change the secrets that stand in it as plain variables'),
    ('codebuild', 'ImportSourceCredentials', 'token of a code host', 'serverType', '', false, 'Revoke the token at the code host: the person who set it knows it'),
    ('amplify', 'GetApp', 'environment of an application', 'appId', '', true, 'Change the secrets in its environment variables'),
    ('amplify', 'GetBranch', 'environment of an application', 'appId', '', true, 'Change the secrets in its environment variables'),
    ('amplify', 'ListApps', 'environment of applications', '', '', true, 'Change the secrets in their environment variables'),
    ('amplify', 'ListBranches', 'environment of an application', 'appId', '', true, 'Change the secrets in its environment variables'),
    ('apprunner', 'DescribeService', 'environment of a service', 'serviceArn', '', true, 'Change the secrets that stand in it as plain variables'),
    ('glue', 'GetConnection', 'password of a connection', 'name', '', true, 'Change the password, unless it was hidden'),
    ('glue', 'GetConnections', 'passwords of connections', '', '', true, 'Change the passwords, unless they were hidden'),
    ('apigateway', 'GetApiKey', 'API key', 'apiKey', '"includeValue" *: *true', false, 'Give out another API key'),
    ('apigateway', 'GetApiKeys', 'API keys', '', '"includeValues" *: *true', false, 'Give out other API keys'),
    ('apigateway', 'CreateApiKey', 'API key', 'id|name', '', false, 'Delete the API key'),
    ('appsync', 'CreateApiKey', 'API key', 'apiId', '', false, 'Delete the API key'),
    ('lightsail', 'DownloadDefaultKeyPair', 'Lightsail key pair', '', '', false, 'Replace the default key pair'),
    ('lightsail', 'CreateKeyPair', 'Lightsail key pair', 'keyPairName', '', false, 'Delete the key pair, and remove its public key from the machines'),
    ('lightsail', 'ImportKeyPair', 'Lightsail key pair', 'keyPairName', '', false, 'Delete the key pair, and remove its public key from the machines'),
    ('lightsail', 'CreateBucketAccessKey', 'access key of a bucket', 'bucketName', '', false, 'Delete the access keys of the bucket that nobody of yours made'),
    ('lightsail', 'CreateContainerServiceRegistryLogin', 'registry token', '', '', false, 'Look at what was pushed and pulled; the token ends by itself after twelve hours'),
    ('lightsail', 'CreateRelationalDatabase', 'database password', 'relationalDatabaseName', '', true, 'Change the password of the master user'),
    ('lightsail', 'UpdateRelationalDatabase', 'database password', 'relationalDatabaseName', '"masterUserPassword"', false, 'Change the password of the master user'),
    ('lightsail', 'GetInstanceAccessDetails', 'instance', 'instanceName', '', false, 'Change the secrets that lie on the machine'),
    ('lightsail', 'GetRelationalDatabaseMasterUserPassword', 'database password', 'relationalDatabaseName', '', false, 'Change the password of the master user'),
    ('rds', 'CreateDBInstance', 'database password', 'dBInstanceIdentifier', '"masterUserPassword"', false, 'Change the password of the master user'),
    ('rds', 'CreateDBCluster', 'database password', 'dBClusterIdentifier', '"masterUserPassword"', false, 'Change the password of the master user'),
    ('rds', 'ModifyDBInstance', 'database password', 'dBInstanceIdentifier', '"masterUserPassword"', false, 'Change the password of the master user'),
    ('rds', 'ModifyDBCluster', 'database password', 'dBClusterIdentifier', '"masterUserPassword"', false, 'Change the password of the master user'),
    ('redshift', 'ModifyCluster', 'database password', 'clusterIdentifier', '"masterUserPassword"', false, 'Change the password of the master user'),
    ('redshift', 'CreateCluster', 'database password', 'clusterIdentifier', '"masterUserPassword"', false, 'Change the password of the master user'),
    ('elasticache', 'CreateUser', 'database password', 'userId', '"passwords"', false, 'Change the passwords of the user'),
    ('elasticache', 'ModifyUser', 'database password', 'userId', '"passwords"', false, 'Change the passwords of the user'),
    ('memorydb', 'CreateUser', 'database password', 'userName', '', true, 'Change the passwords of the user'),
    ('memorydb', 'UpdateUser', 'database password', 'userName', '', true, 'Change the passwords of the user'),
    ('redshift-serverless', 'CreateNamespace', 'database password', 'namespaceName', '"adminUserPassword"', false, 'Change the password of the administrator'),
    ('redshift-serverless', 'UpdateNamespace', 'database password', 'namespaceName', '"adminUserPassword"', false, 'Change the password of the administrator'),
    ('mq', 'UpdateUser', 'broker password', 'username', '', true, 'Change the password of the user'),
    ('mq', 'CreateUser', 'broker password', 'username', '', false, 'Change the password of the user'),
    ('redshift', 'GetClusterCredentials', 'database session', 'clusterIdentifier', '', false, 'End the sessions of the database user; the password ends by itself after an hour at the most'),
    ('redshift', 'GetClusterCredentialsWithIAM', 'database session', 'clusterIdentifier', '', false, 'End the sessions of the database user; the password ends by itself after an hour at the most'),
    ('redshift-serverless', 'GetCredentials', 'database session', 'workgroupName', '', false, 'End the sessions of the database user; the password ends by itself after an hour at the most'),
    ('cognito-idp', 'AdminSetUserPassword', 'password of an application user', 'username', '', false, 'Reset the password'),
    ('cognito-idp', 'CreateUserPoolClient', 'secret of an application client', 'clientId|clientName', '"generateSecret" *: *true', false, 'Make another client, and change it where it is used'),
    ('cognito-idp', 'UpdateUserPoolClient', 'secret of an application client', 'clientId', '', true, 'Make another client, and change it where it is used'),
    ('cognito-idp', 'DescribeUserPoolClient', 'secret of an application client', 'clientId', '', false, 'Make another client, and change it where it is used'),
    ('workmail', 'ResetPassword', 'password of a mailbox', 'userId', '', false, 'Reset the password'),
    ('grafana', 'CreateWorkspaceApiKey', 'API key', 'keyName', '', false, 'Delete the API key'),
    ('grafana', 'CreateWorkspaceServiceAccountToken', 'API key', 'name', '', false, 'Delete the token'),
    ('ds', 'ResetUserPassword', 'directory password', 'userName', '', false, 'Reset the password'),
    ('acm', 'ExportCertificate', 'private key of a certificate', 'certificateArn', '', false, 'Request a new certificate with a new key, and revoke this one'),
    ('acm', 'ImportCertificate', 'private key of a certificate', 'certificateArn', '', false, 'Request a new certificate with a new key: the person who imported it knows the key'),
    ('kms', 'ImportKeyMaterial', 'material of a KMS key', 'keyId', '', false, 'Encrypt again under another key: the person who imported the material knows it'),
    ('iot', 'CreateKeysAndCertificate', 'certificate of a device', 'certificateId', '', false, 'Withdraw the certificate'),
    ('iot', 'CreateProvisioningClaim', 'certificate of a device', 'templateName', '', false, 'Look at what was provisioned with it; the claim ends by itself after five minutes'),
    ('route53domains', 'RetrieveDomainAuthCode', 'transfer code of a domain', 'domainName', '', false, 'Lock the domain against transfer, and have its code changed'),
    ('sso-directory', 'UpdatePassword', 'Identity Center password', 'userId', '', false, 'Reset the password'),
    ('sso-directory', 'CreateBearerToken', 'provisioning token', 'tenantId|identityStoreId|directoryId', '', false, 'Delete the token'),
    ('transfer', 'ImportSshPublicKey', 'SSH key', 'sshPublicKeyId|userName', '', false, 'Delete the key'),
    ('transfer', 'CreateUser', 'SSH key', 'userName', '"sshPublicKeyBody"', false, 'Delete the key'),
    ('iam', 'CreateAccessKey', 'access key', 'accessKeyId', '', false, 'Deactivate the access key, then delete it'),
    ('iam', 'UpdateAccessKey', 'access key', 'accessKeyId', '"status" *: *"Active"', false, 'Deactivate the access key, then delete it'),
    ('iam', 'CreateLoginProfile', 'console password', 'userName', '', false, 'Reset or delete the console password'),
    ('iam', 'UpdateLoginProfile', 'console password', 'userName', '', false, 'Reset or delete the console password'),
    ('iam', 'ChangePassword', 'console password', 'userName', '', false, 'Reset the password: the person who set it knows it'),
    ('iam', 'CreateVirtualMFADevice', 'MFA device', 'serialNumber', '', false, 'Deactivate the MFA device, then delete it'),
    ('iam', 'UploadServerCertificate', 'private key of a certificate', 'serverCertificateName', '', false, 'Request a new certificate with a new key: the person who uploaded it knows the key'),
    ('iam', 'CreateServiceSpecificCredential', 'service credential', 'serviceSpecificCredentialId', '', false, 'Delete the credential'),
    ('iam', 'ResetServiceSpecificCredential', 'service credential', 'serviceSpecificCredentialId', '', false, 'Reset the credential'),
    ('iam', 'UploadSSHPublicKey', 'SSH key', 'sSHPublicKeyId', '', false, 'Delete the key'),
    ('iam', 'UploadSigningCertificate', 'signing certificate', 'certificateId', '', false, 'Delete the certificate'),
    ('iam', 'EnableMFADevice', 'MFA device', 'serialNumber', '', false, 'Deactivate the MFA device, then delete it'),
    ('iam', 'UpdateServiceSpecificCredential', 'service credential', 'serviceSpecificCredentialId', '"status" *: *"Active"', false, 'Delete the credential'),
    ('iam', 'UpdateSSHPublicKey', 'SSH key', 'sSHPublicKeyId', '"status" *: *"Active"', false, 'Delete the key'),
    ('iam', 'UpdateSigningCertificate', 'signing certificate', 'certificateId', '"status" *: *"Active"', false, 'Delete the certificate'),
    ('iam', 'UploadCloudFrontPublicKey', 'CloudFront key', 'cloudFrontPublicKeyId', '', false, 'Delete the key'),
    ('iam', 'UpdateCloudFrontPublicKey', 'CloudFront key', 'cloudFrontPublicKeyId', '"status" *: *"Active"', false, 'Delete the key'),
    ('iam', 'SendDelegationToken', 'delegation', 'delegationRequestId', '', false, 'End the delegation'),
    ('cloudfront', 'CreatePublicKey', 'CloudFront key', 'id', '', false, 'Take the key out of its key groups and delete it')
),
done AS (
    SELECT
        account_id, awsRegion, eventTime, eventSource, eventName, outcome, 'certain' AS certainty, userIdentity.arn AS actor,
        requestParameters, responseElements, eventID, evidence_id, record_index
    FROM root_activity
    WHERE $account_id IN ('', account_id, recipientAccountId) OR account_id IS NULL
    UNION ALL
    SELECT
        account_id, awsRegion, eventTime, eventSource, eventName, outcome, certainty, userIdentity.arn, requestParameters,
        responseElements, eventID, evidence_id, record_index
    FROM descendant_events
    WHERE $account_id IN ('', account_id) OR account_id IS NULL OR (evidence_id, record_index) IN (
        SELECT (evidence_id, record_index) FROM descendant_acts WHERE root_account_id = $account_id
    )
),
of_list AS (
    SELECT
        d.*, l.kind, l.keys, l.action,
        CASE
            WHEN l.keys = '' THEN false
            WHEN l.only_with = '' THEN NOT l.or_perhaps
            WHEN d.requestParameters IS NULL THEN false
            ELSE regexp_matches(CAST(d.requestParameters AS VARCHAR), l.only_with)
        END AND d.outcome IS NOT NULL AND d.certainty = 'certain' AS is_sure,
        concat(coalesce(CAST(d.requestParameters AS VARCHAR), ''), ' ', coalesce(CAST(d.responseElements AS VARCHAR), '')) AS told
    FROM done AS d INNER JOIN listed AS l
        ON d.eventSource = concat(l.source, '.amazonaws.com')
        AND d.eventName = l.call
    WHERE coalesce(d.outcome <> 'failure', true)
        AND (l.only_with = '' OR l.or_perhaps OR d.requestParameters IS NULL
            OR regexp_matches(CAST(d.requestParameters AS VARCHAR), l.only_with))
),
-- For any call: the caller knows a password, a key or a token in the request. An ARN is only a name.
given AS (
    SELECT
        *, 'password, key or token that a call set' AS kind, '[a-z]*(?:name|id|identifier|arn)' AS keys,
        'Set a new one: the person who set it knows it' AS action, outcome IS NOT NULL AND certainty = 'certain' AS is_sure,
        CAST(requestParameters AS VARCHAR) AS told
    FROM done ANTI JOIN of_list USING (evidence_id, record_index)
    WHERE coalesce(outcome <> 'failure', true) AND len(list_filter(
        regexp_extract_all(CAST(requestParameters AS VARCHAR),
            '(?i)"[a-z]*(?:passwords?|passphrase|secret|secretstring|secretkey|privatekey|sharedkey|authtoken|accesstoken|bearertoken)" *: *\[? *"([^"]+)"', 1),
        lambda one: one NOT LIKE 'arn:%'
    )) > 0
),
read AS (
    SELECT * FROM of_list UNION ALL BY NAME SELECT * FROM given
),
named AS (
    SELECT *, unnest(CASE WHEN keys = '' THEN ['all of the Region'] WHEN len(names) > 0 THEN names
        ELSE [coalesce(requestParameters->>'$.targets', 'not recorded')] END) AS name
    FROM (
        SELECT *, list_distinct(list_concat(
            regexp_extract_all(told, concat('(?i)"(', keys, ')" *: *"([^"]+)"'), 2),
            regexp_extract_all(regexp_extract(told, concat('(?i)"(', keys, ')" *: *\[([^\]]*)\]'), 2), '"([^"]+)"', 1)
        )) AS names
        FROM read
    )
),
root_used AS (
    SELECT
        account_id, CAST(NULL AS VARCHAR) AS awsRegion, 'root user' AS kind, account_id AS name, false AS is_sure,
        'Change root''s password and MFA device, and delete its access keys' AS action,
        eventTime, eventName, userIdentity.arn AS actor, eventID, evidence_id, record_index
    FROM root_activity
    WHERE $account_id IN ('', account_id) AND origin <> 'privileged_session' AND outcome = 'success' AND eventName NOT LIKE 'PasswordRecovery%'
    QUALIFY row_number() OVER (PARTITION BY account_id ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index) = 1
),
every AS (
    SELECT account_id, awsRegion, kind, name, is_sure, action, eventTime, eventName, actor, eventID, evidence_id, record_index
    FROM named
    UNION ALL
    SELECT account_id, awsRegion, kind, name, is_sure, action, eventTime, eventName, actor, eventID, evidence_id, record_index
    FROM root_used
)
SELECT
    account_id, awsRegion, kind, name,
    CASE WHEN bool_or(is_sure) THEN 'rotate' ELSE 'perhaps' END AS standing,
    array_to_string(array_agg(DISTINCT eventName ORDER BY eventName), ', ') AS reason,
    min(action) AS action, count(*) AS event_count, min(eventTime) AS first_time, max(eventTime) AS last_time,
    array_agg(DISTINCT actor ORDER BY actor) FILTER (WHERE actor IS NOT NULL) AS actors,
    array_agg(eventID ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index) AS eventIDs,
    array_agg(concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index) AS citations
FROM every
GROUP BY account_id, awsRegion, kind, name
ORDER BY account_id, standing DESC, kind, name, awsRegion
