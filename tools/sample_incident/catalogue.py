"""Ordinary API calls of people and programs, as templates (reads and small writes)."""

from __future__ import annotations

from tools.sample_incident.templates import Call, Many

_KMS_RESOURCE = [{"accountId": "{account}", "type": "AWS::KMS::Key", "ARN": "{key}"}]
_BUCKET_RESOURCE = [{"accountId": "{account}", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::{bucket}"}]
_S3_EXTRA = {
    "SignatureVersion": "SigV4",
    "CipherSuite": "TLS_AES_128_GCM_SHA256",
    "bytesTransferredIn": 0,
    "AuthenticationMethod": "AuthHeader",
    "x-amz-id-2": "{hex64}=",
    "bytesTransferredOut": 512,
}

EC2_READS = (
    Call(
        "ec2:DescribeInstances",
        request={"instancesSet": {"items": Many({"instanceId": "{instance}"}, 1, 10)}, "filterSet": {}},
    ),
    Call(
        "ec2:DescribeInstances",
        request={
            "maxResults": 1000,
            "instancesSet": {},
            "filterSet": {
                "items": [
                    {
                        "name": "instance-state-name",
                        "valueSet": {"items": [{"value": "running"}, {"value": "pending"}]},
                    }
                ]
            },
        },
    ),
    Call(
        "ec2:DescribeVolumes",
        request={"volumeSet": {"items": Many({"volumeId": "{volume}"}, 1, 20)}, "filterSet": {}},
    ),
    Call(
        "ec2:DescribeSecurityGroups",
        request={
            "securityGroupSet": {},
            "securityGroupIdSet": {"items": Many({"groupId": "{group}"}, 1, 5)},
            "filterSet": {},
        },
    ),
    Call("ec2:DescribeVpcs", request={"vpcSet": {}, "filterSet": {}}),
    Call(
        "ec2:DescribeSubnets",
        request={
            "subnetSet": {},
            "filterSet": {"items": [{"name": "vpc-id", "valueSet": {"items": [{"value": "{vpc2}"}]}}]},
        },
    ),
    Call("ec2:DescribeAddresses", request={"publicIpsSet": {}, "filterSet": {}, "allocationIdsSet": {}}),
    Call(
        "ec2:DescribeInstanceStatus",
        request={"instancesSet": {}, "filterSet": {}, "includeAllInstances": False},
    ),
    Call(
        "ec2:DescribeSnapshots",
        request={
            "maxResults": 500,
            "snapshotSet": {},
            "ownersSet": {"items": [{"owner": "self"}]},
            "sharedUsersSet": {},
            "filterSet": {},
        },
    ),
    Call("ec2:DescribeRegions", request={"regionSet": {}, "allRegions": True}),
    Call("ec2:GetEbsEncryptionByDefault", request={"GetEbsEncryptionByDefaultRequest": ""}),
)
IAM_READS = (
    Call("iam:ListUsers", request={"maxItems": 100}),
    Call("iam:ListRoles", request={"maxItems": 1000}),
    Call("iam:GetUser", request={"userName": "{user}"}),
    Call("iam:GetRole", request={"roleName": "{role}"}),
    Call("iam:ListAttachedRolePolicies", request={"roleName": "{role}"}),
    Call("iam:ListAccessKeys", request={"userName": "{user}"}),
    Call("iam:ListMFADevices", request={"userName": "{user}"}),
    Call("iam:GetAccountSummary"),
    Call(
        "iam:GetAccountPasswordPolicy",
        error=("NoSuchEntityException", "The Password Policy with domain name {account} cannot be found."),
    ),
    Call(
        "iam:GetPolicyVersion",
        request={"policyArn": "arn:aws:iam::{account}:policy/{role}-inline", "versionId": "v3"},
    ),
    Call(
        "iam:GenerateServiceLastAccessedDetails",
        request={"arn": "arn:aws:iam::{account}:role/{role}"},
        response={"jobId": "{uuid}"},
    ),
)
S3_READS = (
    Call("s3:ListBuckets", request={"Host": "s3.{region}.amazonaws.com"}, extra=_S3_EXTRA),
    Call(
        "s3:GetBucketAcl",
        request={"bucketName": "{bucket}", "Host": "s3.{region}.amazonaws.com", "acl": ""},
        extra=_S3_EXTRA,
        resources=_BUCKET_RESOURCE,
    ),
    Call(
        "s3:GetBucketPolicyStatus",
        request={"bucketName": "{bucket}", "policyStatus": ""},
        extra=_S3_EXTRA,
        resources=_BUCKET_RESOURCE,
        error=("NoSuchBucketPolicy", "The bucket policy does not exist"),
    ),
    Call(
        "s3:GetBucketEncryption",
        request={"bucketName": "{bucket}", "encryption": ""},
        extra=_S3_EXTRA,
        resources=_BUCKET_RESOURCE,
    ),
    Call(
        "s3:GetBucketVersioning",
        request={"bucketName": "{bucket}", "versioning": ""},
        extra=_S3_EXTRA,
        resources=_BUCKET_RESOURCE,
    ),
)
OPERATIONS_READS = (
    Call("ecs:DescribeServices", request={"cluster": "prod-main", "services": Many("{service}", 1, 8)}),
    Call("ecs:DescribeTaskDefinition", request={"taskDefinition": "{service}:{number}"}),
    Call("ecs:ListTasks", request={"cluster": "prod-main", "serviceName": "{service}"}),
    Call("eks:DescribeCluster", request={"name": "batch-eks"}),
    Call("eks:ListNodegroups", request={"name": "batch-eks", "maxResults": 100}),
    Call("logs:DescribeLogGroups", request={"logGroupNamePrefix": "/aws/lambda/{function}", "limit": 50}),
    Call(
        "logs:StartQuery",
        request={
            "logGroupNames": Many("/aws/lambda/{function}", 1, 4),
            "startTime": 1785715200,
            "endTime": 1785801600,
            "queryString": 'fields @timestamp, @message | filter @message like /ERROR "{word}"/',
        },
        response={"queryId": "{uuid}"},
    ),
    Call("lambda:ListFunctions20150331", request={"maxItems": 50}),
    Call("lambda:GetFunction20150331v2", request={"functionName": "{function}"}),
    Call(
        "lambda:GetPolicy20150331v2",
        request={"functionName": "{function}"},
        error=("ResourceNotFoundException", "The resource you requested does not exist."),
    ),
    Call("rds:DescribeDBInstances", request={"dBInstanceIdentifier": "orders-aurora-{octet}"}),
    Call("rds:DescribeDBSnapshots", request={"includeShared": False, "includePublic": False, "maxRecords": 100}),
    Call(
        "dynamodb:DescribeTable",
        request={"tableName": "{table}"},
        resources=[
            {
                "accountId": "{account}",
                "type": "AWS::DynamoDB::Table",
                "ARN": "arn:aws:dynamodb:{region}:{account}:table/{table}",
            }
        ],
    ),
    Call("dynamodb:ListTables", request={"limit": 100}),
    Call(
        "elasticloadbalancing:DescribeTargetHealth",
        request={"targetGroupArn": "arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{service}/{hex16}"},
    ),
    Call("elasticloadbalancing:DescribeLoadBalancers", request={"pageSize": 400}),
    Call("monitoring:DescribeAlarms", request={"maxRecords": 100, "alarmTypes": ["MetricAlarm"]}),
    Call(
        "sqs:GetQueueAttributes",
        request={
            "queueUrl": "https://sqs.{region}.amazonaws.com/{account}/{function}-dlq",
            "attributeNames": ["All"],
        },
    ),
    Call("sns:ListSubscriptionsByTopic", request={"topicArn": "arn:aws:sns:{region}:{account}:alerts"}),
    Call("ssm:DescribeInstanceInformation", request={"maxResults": 50}),
    Call("ssm:GetParameters", request={"withDecryption": True, "names": Many("/prod/{service}/{role}", 1, 10)}),
    Call("cloudformation:DescribeStackEvents", request={"stackName": "{service}-prod"}),
    Call(
        "ce:GetCostAndUsage",
        request={
            "TimePeriod": {"Start": "2026-07-01", "End": "2026-08-01"},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        },
    ),
    Call(
        "tagging:GetResources",
        request={"resourcesPerPage": 100, "tagFilters": [{"key": "owner", "values": ["team-größe"]}]},
    ),
)
SECURITY_READS = (
    Call("guardduty:ListDetectors", request={"maxResults": "50"}),
    Call("guardduty:GetFindings", request={"detectorId": "{hex32}", "findingIds": Many("{hex32}", 2, 15)}),
    Call(
        "securityhub:GetFindings",
        request={
            "Filters": {"SeverityLabel": [{"Value": "CRITICAL", "Comparison": "EQUALS"}]},
            "MaxResults": 100,
        },
    ),
    Call(
        "access-analyzer:ListFindingsV2",
        request={"analyzerArn": "arn:aws:access-analyzer:{region}:{account}:analyzer/org", "maxResults": 50},
    ),
    Call("cloudtrail:DescribeTrails", request={"trailNameList": [], "includeShadowTrails": True}),
    Call("cloudtrail:GetTrailStatus", request={"name": "prod-trail"}),
    Call(
        "cloudtrail:LookupEvents",
        request={
            "maxResults": 50,
            "lookupAttributes": [{"attributeKey": "EventName", "attributeValue": "ConsoleLogin"}],
        },
    ),
    Call(
        "health:DescribeEventAggregates",
        request={"filter": {"eventStatusCodes": ["open", "upcoming"]}, "aggregateField": "eventTypeCategory"},
    ),
    Call("support:DescribeTrustedAdvisorChecks", request={"language": "en"}),
    Call("organizations:DescribeOrganization"),
    Call("organizations:ListAccounts", request={"maxResults": 20}),
    Call("kms:ListKeys", request={"limit": 100}),
    Call("kms:DescribeKey", request={"keyId": "{key}"}, resources=_KMS_RESOURCE),
)
CONFIG_READS = (
    Call(
        "ec2:DescribeNetworkInterfaces",
        request={
            "networkInterfaceIdSet": {"items": Many({"networkInterfaceId": "{interface40}"}, 5, 60)},
            "filterSet": {},
        },
    ),
    Call("ec2:DescribeRouteTables", request={"routeTableIdSet": {}, "filterSet": {}}),
    Call(
        "ec2:DescribeInstances",
        request={"instancesSet": {"items": Many({"instanceId": "{instance30}"}, 5, 30)}, "filterSet": {}},
    ),
    Call(
        "ec2:DescribeVolumes",
        request={"volumeSet": {"items": Many({"volumeId": "{volume60}"}, 5, 60)}, "filterSet": {}},
    ),
    Call("iam:ListInstanceProfilesForRole", request={"roleName": "{role}"}),
    Call("iam:ListGroupsForUser", request={"userName": "{user}"}),
    Call(
        "s3:GetBucketPublicAccessBlock",
        request={"bucketName": "{bucket}", "publicAccessBlock": ""},
        extra=_S3_EXTRA,
        resources=_BUCKET_RESOURCE,
    ),
    Call("kms:GetKeyRotationStatus", request={"keyId": "{key}"}, resources=_KMS_RESOURCE),
    Call(
        "kms:ListResourceTags",
        request={"keyId": "{key}"},
        error=("AccessDenied", "User is not authorized to perform: kms:ListResourceTags on resource: {key}"),
        resources=_KMS_RESOURCE,
    ),
    Call("rds:DescribeDBClusters", request={"maxRecords": 100, "includeShared": False}),
    Call("lambda:ListVersionsByFunction20150331", request={"functionName": "{function}"}),
    Call("config:DescribeConfigurationRecorderStatus"),
)
