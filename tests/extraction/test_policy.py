"""The least policy holds what an extraction calls, and no more rights than these services have actions."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import botocore.session

import rootforensics as rf
from rootforensics.extraction.policy import policy
from tests.extraction.conftest import ATHENA, NOW, SINCE
from tests.extraction.logs import story

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from tests.extraction.conftest import Serve


def test_what_an_extraction_and_sql_call_at_athena_is_allowed_and_nothing_else(
    tmp_path: Path, serve: Serve, without_case: dict[str, Any]
) -> None:
    api = serve(story())
    case = rf.open_case(tmp_path / "case.duckdb")
    case.extract("s3://logs/AWSLogs/", ATHENA, rf.Filters(since=SINCE), now=NOW, **without_case)
    rf.OnEngine("s3://logs/AWSLogs/", ATHENA, rf.Filters(since=SINCE), now=NOW).sql("SELECT 1 AS one FROM records")
    told = policy("s3://logs/AWSLogs/", "s3://logs/results/", "default", "")
    allowed = {one for statement in told["Statement"] for one in statement["Action"] if one.startswith("athena:")}
    assert allowed == {f"athena:{one}" for one in (*api.operations, "StopQueryExecution")}


def test_every_action_is_one_that_the_service_has() -> None:
    known = botocore.session.get_session()
    told = json.loads(json.dumps(policy("s3://logs/a/", "s3://results/x", "security", "forensics")))
    #: Actions of S3 that are called otherwise than the operations that need them.
    of_s3 = {"ListBucket", "ListBucketMultipartUploads", "ListMultipartUploadParts"}
    actions = [
        one
        for statement in told["Statement"]
        for one in [statement["Action"]]
        for one in ([one] if isinstance(one, str) else one)
    ]
    for action in actions:
        service, name = action.split(":")
        assert name in {*known.get_service_model(service).operation_names, *of_s3}, action
    resources = json.dumps([statement["Resource"] for statement in told["Statement"]])
    assert '"*"' not in resources
    writes = [one for one in told["Statement"] if "s3:DeleteObject" in one["Action"]]
    assert [write["Resource"] for write in writes] == ["arn:aws:s3:::results/x/rootforensics-*"]


def test_a_table_that_is_there_needs_no_right_to_make_one() -> None:
    told = json.dumps(policy("", "s3://results/x/", "security", ""))
    assert not any(fnmatchcase(told, f"*{one}*") for one in ("glue:CreateTable", "glue:DeleteTable", "LogsBucket"))
