"""AWS's documented table of CloudTrail, with a column for each field, out of which records are put together."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rootforensics as rf
from tests.extraction.logs import story
from tests.extraction.test_extract import extract
from tests.ingest.checks import rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extraction.conftest import Serve

#: Columns of AWS's documented table, by their fields.
COLUMNS = {
    name.lower(): name
    for name in (
        *("eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent"),
        *("errorCode", "errorMessage", "requestParameters", "responseElements", "eventID", "readOnly", "eventType"),
        *("recipientAccountId", "eventCategory"),
    )
}
WHO = {
    name.lower(): name for name in ("type", "principalId", "arn", "accountId", "invokedBy", "accessKeyId", "userName")
}


def _cell(value: Any) -> str | None:
    """A value as the table has it: JSON of what is no text."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


@pytest.mark.heavy
def test_a_table_as_aws_documents_it_gives_what_its_columns_tell(tmp_path: Path, serve: Serve) -> None:
    """Its records are put together; what it has no column for is named, and without what tells who acted it is refused."""
    texts = {name: pa.string() for name in COLUMNS}
    identity = pa.struct(
        [*((name, pa.string()) for name in WHO), ("sessioncontext", pa.struct([("ec2roledelivery", pa.string())]))]
    )
    events = [event for body in story().values() for event in json.loads(gzip.decompress(body))["Records"]]
    held = [
        {name: _cell(event.get(spelled)) for name, spelled in COLUMNS.items()}
        | {"useridentity": {name: event["userIdentity"].get(spelled) for name, spelled in WHO.items()}}
        | {"$path": "s3://logs/a.json.gz", "timestamp": "2026/08/05", "resources": [{"arn": "arn:aws:s3:::a"}]}
        for event in events
    ]
    kinds = {**texts, "useridentity": identity, "$path": pa.string(), "timestamp": pa.string()}
    kinds["resources"] = pa.list_(pa.struct([("arn", pa.string())]))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(held, pa.schema([*kinds.items()])), sink)
    api = serve({"logs-0": sink.getvalue().to_pybytes()})
    types = dict.fromkeys([*COLUMNS, "timestamp"], "varchar") | {
        "useridentity": f"row({', '.join(f'{name} varchar' for name in WHO)}, sessioncontext row(ec2roledelivery varchar))",
        "resources": "array(row(arn varchar))",
    }
    table = {"held": "logs-0", "types": json.dumps(types)}
    api.tables['"default"."cloudtrail_logs"'] = table
    case, result = extract(tmp_path, source="default.cloudtrail_logs", is_table=True, days_at_once=40, counts=False)
    assert result.record_count == 5
    kept = "eventID, eventName, readOnly, requestParameters, responseElements, userIdentity.arn AS arn"
    found = {row["eventID"]: row for row in rows(case, f"SELECT {kept} FROM events")}
    assert len(found) == result.record_count
    for event in events:
        if row := found.get(event["eventID"]):
            assert (row["eventName"], row["readOnly"]) == (event["eventName"], event["readOnly"])
            assert row["arn"] == event["userIdentity"].get("arn")
            for name in ("requestParameters", "responseElements"):
                assert json.loads(row[name] or "null") == event.get(name)
    assert rows(case, "SELECT DISTINCT resources[1].ARN AS arn FROM events") == [{"arn": "arn:aws:s3:::a"}]
    (row,) = rows(case, "SELECT DISTINCT lacking, problem FROM evidence WHERE event_count > 0")
    assert {"userIdentity.sessionContext.assumedRoot", "managementEvent"} <= {*row["lacking"]}
    assert "no column" in row["problem"]
    table["types"] = json.dumps({name: kind for name, kind in types.items() if name != "useridentity"})
    with pytest.raises(rf.SourceError, match=r"its columns do not tell userIdentity\.type, userIdentity\.arn"):
        extract(tmp_path / "less", source="default.cloudtrail_logs", is_table=True)
