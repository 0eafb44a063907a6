"""Ordinary API calls of the data platform: Glue, Athena and the keys behind them."""

from __future__ import annotations

from tools.sample_incident.templates import Call, Many

_SQL = (
    "SELECT \"größe\", count(*)\nFROM curated.orders\nWHERE note LIKE '%\\\\%{word}%' AND dt > '2026-08-01'\nGROUP BY 1"
)

DATA_CALLS = (
    Call("glue:GetTable", True, {"databaseName": "curated", "name": "{table}"}),
    Call(
        "glue:GetPartitions",
        True,
        {
            "databaseName": "curated",
            "tableName": "{table}",
            "expression": "dt >= '2026-08-01' AND dt < '2026-08-08'",
        },
    ),
    Call(
        "glue:BatchCreatePartition",
        False,
        {
            "databaseName": "curated",
            "tableName": "{table}",
            "partitionInputList": Many(
                {
                    "values": ["2026-08-03", "{octet}"],
                    "storageDescriptor": {
                        "location": "s3://{bucket}/dt={number}/",
                        "compressed": True,
                        "serdeInfo": {"serializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde"},
                    },
                },
                3,
                16,
            ),
        },
        {"errors": []},
    ),
    Call(
        "athena:StartQueryExecution",
        False,
        {
            "queryString": _SQL,
            "queryExecutionContext": {"database": "curated"},
            "workGroup": "primary",
            "clientRequestToken": "{uuid}",
        },
        {"queryExecutionId": "{uuid}"},
    ),
    Call("athena:GetQueryExecution", True, {"queryExecutionId": "{uuid}"}),
    Call(
        "kms:Decrypt",
        True,
        {
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "encryptionContext": {"aws:s3:arn": "arn:aws:s3:::{bucket}"},
        },
        None,
        [{"accountId": "{account}", "type": "AWS::KMS::Key", "ARN": "{key}"}],
    ),
    Call("dynamodb:DescribeContinuousBackups", True, {"tableName": "{table}"}),
    Call(
        "lakeformation:GetDataAccess",
        True,
        {
            "tableArn": "arn:aws:glue:{region}:{account}:table/curated/{table}",
            "supportedPermissionTypes": ["COLUMN_PERMISSION"],
            "durationSeconds": 900,
        },
        None,
        None,
        {"requesterService": "ATHENA"},
    ),
    Call(
        "athena:GetQueryExecution",
        True,
        {"queryExecutionId": "{uuid}"},
        error=("ThrottlingException", "Rate exceeded"),
    ),
)
