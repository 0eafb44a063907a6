"""The least that a caller of Athena needs for an extraction, or for questions put there.

Source: Service Authorization Reference, "Amazon Athena", "AWS Glue" and "Amazon S3".
"""

from __future__ import annotations

from typing import Any

from rootforensics.sources.s3.address import parse_address


def policy(source: str, output: str, database: str, workgroup: str) -> dict[str, Any]:
    """A policy of IAM; the account and the Region of Glue and Athena are wildcards.

    Args:
        source: ``s3://bucket/prefix/`` of the trail; empty if a table is used that is there.
        output: where Athena writes.
        database: of the Glue catalog.
        workgroup: of Athena; ``primary`` if empty.
    """
    statements: list[dict[str, Any]] = [
        {
            "Sid": "Query",
            "Effect": "Allow",
            "Action": [
                *("athena:GetQueryExecution", "athena:GetQueryResults", "athena:StartQueryExecution"),
                "athena:StopQueryExecution",
            ],
            "Resource": f"arn:aws:athena:*:*:workgroup/{workgroup or 'primary'}",
        },
        {
            "Sid": "Table",
            "Effect": "Allow",
            "Action": ["glue:GetDatabase", "glue:GetPartitions", "glue:GetTable"]
            # The columns of a table that is there are told by information_schema.
            + (["glue:CreateTable", "glue:DeleteTable"] if source else ["glue:GetDatabases", "glue:GetTables"]),
            "Resource": [
                "arn:aws:glue:*:*:catalog",
                f"arn:aws:glue:*:*:database/{database}",
                f"arn:aws:glue:*:*:table/{database}/{'rootforensics_*' if source else '*'}",
            ],
        },
        *(_reading(source) if source else []),
    ]
    address = parse_address(output)
    prefix = f"{address.key.rstrip('/')}/" if address.key else ""
    bucket = f"arn:aws:s3:::{address.bucket}"
    statements += [
        {
            "Sid": "ResultsBucket",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": bucket,
        },
        {
            "Sid": "Results",
            "Effect": "Allow",
            "Action": [
                *("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"),
                *("s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
            ],
            "Resource": f"{bucket}/{prefix}rootforensics-*",
        },
    ]  # fmt: skip
    return {"Version": "2012-10-17", "Statement": statements}


def _reading(source: str) -> list[dict[str, Any]]:
    address = parse_address(source)
    bucket = f"arn:aws:s3:::{address.bucket}"
    return [
        {
            "Sid": "LogsBucket",
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
            "Resource": bucket,
        },
        {"Sid": "Logs", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"{bucket}/{address.key}*"},
    ]
