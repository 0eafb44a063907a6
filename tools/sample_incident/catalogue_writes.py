"""Ordinary API calls that change something or fail, and what services record for themselves."""

from __future__ import annotations

from tools.sample_incident.templates import Call, Many

_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"ReadInvoices","Effect":"Allow","Action":["s3:GetObject",'
    '"s3:ListBucket"],"Resource":["arn:aws:s3:::{bucket}","arn:aws:s3:::{bucket}/*"],"Condition":'
    '{"StringLike":{"s3:prefix":["invoices/*","café/*"]}}}]}'
)
_TASK_CONTAINER = {
    "name": "{service}",
    "image": "{account}.dkr.ecr.{region}.amazonaws.com/{service}:{hex12}",
    "cpu": 256,
    "memory": 1024,
    "essential": True,
    "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
    "environment": Many({"name": "SETTING_{number}", "value": "{word}"}, 4, 30),
    "secrets": Many({"name": "SECRET", "valueFrom": "arn:aws:ssm:{region}:{account}:parameter/{service}"}, 1, 4),
    "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/{service}"}},
}

_MANIFEST = (
    '{\n   "schemaVersion": 2,\n   "config": {\n      "size": {number},\n      "digest": "sha256:{hex64}"\n   }\n}'
)

DEPLOY = (
    Call("ecr:GetAuthorizationToken"),
    Call(
        "ecr:InitiateLayerUpload",
        False,
        {"repositoryName": "{service}"},
        {"uploadId": "{uuid}", "partSize": 10485760},
    ),
    Call(
        "ecr:PutImage",
        False,
        {
            "repositoryName": "{service}",
            "imageTag": "{hex12}",
            "imageManifest": _MANIFEST,
        },
        {"image": {"imageId": {"imageTag": "{hex12}"}, "repositoryName": "{service}"}},
    ),
    Call(
        "ecs:RegisterTaskDefinition",
        False,
        {
            "family": "{service}",
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": Many(_TASK_CONTAINER, 1, 3),
        },
        {"taskDefinition": {"family": "{service}", "revision": 118, "status": "ACTIVE"}},
    ),
    Call(
        "ecs:UpdateService",
        False,
        {"cluster": "prod-main", "service": "{service}", "forceNewDeployment": False},
        {"service": {"serviceName": "{service}", "status": "ACTIVE", "desiredCount": 4, "runningCount": 4}},
    ),
    Call("ecs:DescribeServices", True, {"cluster": "prod-main", "services": ["{service}"]}),
    Call(
        "cloudformation:CreateChangeSet",
        False,
        {
            "stackName": "{service}-prod",
            "changeSetName": "ci-{number}",
            "capabilities": ["CAPABILITY_NAMED_IAM"],
            "parameters": Many({"parameterKey": "P{number}", "parameterValue": "****"}, 2, 12),
        },
        {"id": "arn:aws:cloudformation:{region}:{account}:changeSet/ci/{uuid}"},
    ),
    Call(
        "cloudformation:DescribeChangeSet",
        True,
        {"changeSetName": "ci-{number}", "stackName": "{service}-prod"},
    ),
    Call(
        "lambda:UpdateFunctionCode20150331v2",
        False,
        {"functionName": "{function}", "publish": True, "dryRun": False, "s3Bucket": "{bucket}"},
        {
            "functionName": "{function}",
            "runtime": "python3.13",
            "codeSha256": "{hex43}=",
            "version": "{octet}",
        },
    ),
    Call(
        "iam:PassRole",
        True,
        {"roleName": "{role}"},
        error=(
            "AccessDenied",
            (
                "User: arn:aws:sts::{account}:assumed-role/deploy/ci is not authorized to perform: "
                "iam:PassRole on resource: arn:aws:iam::{account}:role/{role}"
            ),
        ),
    ),
    Call(
        "ssm:PutParameter",
        False,
        {"name": "/prod/{service}/release", "type": "String", "overwrite": True},
        {"version": 41, "tier": "Standard"},
    ),
    Call("logs:PutRetentionPolicy", False, {"logGroupName": "/ecs/{service}", "retentionInDays": 90}),
)
HUMAN_WRITES = (
    Call(
        "ec2:AuthorizeSecurityGroupIngress",
        False,
        {
            "groupId": "{group}",
            "ipPermissions": {
                "items": [
                    {
                        "ipProtocol": "tcp",
                        "fromPort": 443,
                        "toPort": 443,
                        "groups": {},
                        "ipRanges": {"items": Many({"cidrIp": "192.0.2.{octet}/32", "description": "{word}"}, 1, 6)},
                    }
                ]
            },
        },
        {"requestId": "{uuid}", "_return": True},
    ),
    Call(
        "ec2:StopInstances",
        False,
        {"instancesSet": {"items": [{"instanceId": "{instance}"}]}, "force": False},
        {
            "requestId": "{uuid}",
            "instancesSet": {
                "items": [
                    {
                        "instanceId": "{instance}",
                        "currentState": {"code": 64, "name": "stopping"},
                        "previousState": {"code": 16, "name": "running"},
                    }
                ]
            },
        },
    ),
    Call(
        "ec2:CreateTags",
        False,
        {
            "resourcesSet": {"items": [{"resourceId": "{instance}"}]},
            "tagSet": {"items": Many({"key": "note-{number}", "value": "{word}"}, 1, 10)},
        },
        {"requestId": "{uuid}", "_return": True},
    ),
    Call(
        "iam:CreatePolicyVersion",
        False,
        {
            "policyArn": "arn:aws:iam::{account}:policy/{role}-inline",
            "policyDocument": _POLICY,
            "setAsDefault": True,
        },
        {"policyVersion": {"versionId": "v4", "isDefaultVersion": True}},
    ),
    Call(
        "s3:PutBucketPolicy",
        False,
        {
            "bucketPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "AllowTLSOnly",
                        "Effect": "Deny",
                        "Principal": "*",
                        "Action": "s3:*",
                        "Resource": "arn:aws:s3:::{bucket}/*",
                        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                    }
                ],
            },
            "bucketName": "{bucket}",
            "policy": "",
        },
        None,
        [{"accountId": "{account}", "type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::{bucket}"}],
    ),
    Call("secretsmanager:GetSecretValue", True, {"secretId": "prod/{service}/db"}),
    Call(
        "secretsmanager:GetSecretValue",
        True,
        {"secretId": "prod/payroll"},
        error=(
            "AccessDeniedException",
            (
                "User is not authorized to perform: secretsmanager:GetSecretValue on resource: "
                "prod/payroll because no identity-based policy allows the action"
            ),
        ),
    ),
    Call(
        "ec2:TerminateInstances",
        False,
        {"instancesSet": {"items": [{"instanceId": "{instance}"}]}},
        error=(
            "Client.UnauthorizedOperation",
            ("You are not authorized to perform this operation. Encoded authorization failure message: {hex120}"),
        ),
    ),
    Call("sqs:PurgeQueue", False, {"queueUrl": "https://sqs.{region}.amazonaws.com/{account}/{function}-dlq"}),
    Call(
        "dynamodb:UpdateTable",
        False,
        {"tableName": "{table}", "billingMode": "PAY_PER_REQUEST"},
        {"tableDescription": {"tableName": "{table}", "tableStatus": "UPDATING", "itemCount": 18231}},
    ),
    Call(
        "sns:Publish",
        False,
        {"topicArn": "arn:aws:sns:{region}:{account}:alerts", "message": "HIDDEN"},
        {"messageId": "{uuid}"},
    ),
    Call(
        "support:CreateCase",
        False,
        {"subject": "question on {word}", "severityCode": "low"},
        {"caseId": "case-{account}-muen-2026-{hex8}"},
    ),
)
SANDBOX_CALLS = (
    Call(
        "ec2:RunInstances",
        False,
        {
            "instancesSet": {"items": [{"imageId": "{image}", "minCount": 1, "maxCount": 1}]},
            "instanceType": "t3.micro",
            "userData": "<sensitiveDataRemoved>",
            "subnetId": "{subnet}",
        },
        {
            "requestId": "{uuid}",
            "reservationId": "r-0{hex16}",
            "instancesSet": {
                "items": [
                    {
                        "instanceId": "{instance}",
                        "imageId": "{image}",
                        "instanceState": {"code": 0, "name": "pending"},
                        "privateDnsName": "ip-10-0-1-{octet}.{region}.compute.internal",
                        "keyName": "dev",
                        "networkInterfaceSet": {
                            "items": [{"networkInterfaceId": "{interface}", "subnetId": "{subnet}"}]
                        },
                    }
                ]
            },
        },
    ),
    Call(
        "ec2:RunInstances",
        False,
        {"instanceType": "p5.48xlarge", "minCount": 1, "maxCount": 1},
        error=(
            "Client.VcpuLimitExceeded",
            "You have requested more vCPU capacity than your current vCPU limit of 0.",
        ),
    ),
    Call(
        "s3:CreateBucket",
        False,
        {"bucketName": "sbx-{hex8}", "CreateBucketConfiguration": {"LocationConstraint": "{region}"}},
    ),
    Call(
        "s3:CreateBucket",
        False,
        {"bucketName": "test"},
        error=("BucketAlreadyExists", "The requested bucket name is not available."),
    ),
    Call(
        "lambda:CreateFunction20150331",
        False,
        {
            "functionName": "{function}",
            "runtime": "python3.13",
            "role": "arn:aws:iam::{account}:role/{role}",
            "handler": "index.handler",
            "code": {},
            "publish": False,
        },
        error=(
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
    ),
    Call("ec2:DeleteVolume", False, {"volumeId": "{volume}"}, {"requestId": "{uuid}", "_return": True}),
    Call(
        "ec2:DescribeInstances",
        True,
        {"instancesSet": {}, "filterSet": {}},
        error=("Client.RequestLimitExceeded", "Request limit exceeded."),
    ),
    Call(
        "dynamodb:CreateTable",
        False,
        {
            "tableName": "{table}",
            "attributeDefinitions": [{"attributeName": "pk", "attributeType": "S"}],
            "keySchema": [{"attributeName": "pk", "keyType": "HASH"}],
        },
        error=("ResourceInUseException", "Table already exists: {table}"),
    ),
)
