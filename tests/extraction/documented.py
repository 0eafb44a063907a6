"""AWS's documented table of CloudTrail as engines hold it, and what an extraction out of it must give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

import rootforensics as rf
from tests.conftest import SAMPLE_LOGS
from tests.extraction.conftest import SINCE
from tests.ingest.checks import rows

if TYPE_CHECKING:
    from pathlib import Path

_DAY: Final = SINCE.replace(day=5)
#: What is asked of the table, which holds the logs of one account in these Regions that were delivered in three days.
FILTERS: Final = rf.Filters(accounts=("111122223333",), since=_DAY, until=SINCE.replace(day=6))
REGIONS: Final = ("us-east-1", "us-west-2")
DELIVERED: Final = ("2026/08/05", "2026/08/07")

#: An object that lies there twice is counted twice by an engine; one that it cannot read is counted here.
HOURS: Final = """
SELECT account_id, region, hour_time, is_management, min(first_time) AS first_time, max(last_time) AS last_time,
    min(low_actor) AS low, max(high_actor) AS high, sum(unjudged_count) AS unjudged
FROM counted_hours GROUP BY ALL ORDER BY ALL
"""
CALLS: Final = """
SELECT account_id, event_source, event_category, event_type, event_name, min(first_time) AS first_time,
    max(last_time) AS last_time
FROM counted_calls GROUP BY ALL ORDER BY ALL
"""
_WHO: Final = ("type", "principalId", "arn", "accountId")
#: Columns that are no texts (Athena User Guide, create-cloudtrail-table): fields, a list of rows, or a map.
_STRUCTS: Final[dict[str, Any]] = {
    "userIdentity": {
        **dict.fromkeys((*_WHO, "invokedBy", "accessKeyId", "userName")),
        "onBehalfOf": dict.fromkeys(("userId", "identityStoreArn")),
        "sessionContext": {
            "attributes": dict.fromkeys(("mfaAuthenticated", "creationDate")),
            "sessionIssuer": dict.fromkeys((*_WHO, "userName")),
            "ec2RoleDelivery": None,
            "webIdFederationData": {"federatedProvider": None, "attributes": "map"},
        },
    },
    "resources": [dict.fromkeys(("ARN", "accountId", "type"))],
    "addendum": dict.fromkeys(("reason", "updatedFields", "originalRequestID", "originalEventID")),
    "tlsDetails": dict.fromkeys(("tlsVersion", "cipherSuite", "clientProvidedHostHeader")),
}
_JSON: Final = (
    *("requestParameters", "responseElements", "additionalEventData", "readOnly", "serviceEventDetails"),
    "edgeDeviceDetails",
)
_TEXTS: Final = (
    *("eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent"),
    *("errorCode", "errorMessage", "requestID", "eventID", "eventType", "apiVersion", "recipientAccountId"),
    *("sharedEventID", "vpcEndpointId", "vpcEndpointAccountId", "eventCategory", "sessionCredentialFromConsole"),
)
#: What these columns do not tell, or in another spelling.
_LOST: Final = "* EXCLUDE (otherFields, evidence_id, record_index, record_problem, managementEvent, tlsDetails, resources, userIdentity)"


def columns(engine: Literal["trino", "spark"]) -> str:
    """What is selected of a record ``r`` to make the columns."""
    is_trino = engine == "trino"
    parts = [f"{_struct(name, of, is_trino=is_trino)} AS {name.lower()}" for name, of in _STRUCTS.items()]
    value = "json_format(json_extract(r, '$.{}'))" if is_trino else "get_json_object(r, '$.{}')"
    parts += [f"{value.format(name)} AS {name.lower()}" for name in _JSON]
    text = "json_extract_scalar(r, '$.{}')" if is_trino else "get_json_object(r, '$.{}')"
    parts += [f"{text.format(name)} AS {name.lower()}" for name in _TEXTS]
    return ",\n".join(parts)


def _struct(name: str, of: Any, *, is_trino: bool) -> str:
    if is_trino:
        return f"CAST(json_extract(r, '$.{name}') AS {_trino(of)})"
    return f"CAST(from_json(get_json_object(r, '$.{name}'), '{_spark(of)}') AS {_spark(of).lower()})"


def _trino(of: Any) -> str:
    if isinstance(of, dict):
        return f"ROW({', '.join(f'{name.lower()} {_trino(one)}' for name, one in of.items())})"
    return f"ARRAY({_trino(of[0])})" if isinstance(of, list) else "MAP(VARCHAR, VARCHAR)" if of else "VARCHAR"


def _spark(of: Any) -> str:
    if isinstance(of, dict):
        return f"STRUCT<{', '.join(f'{name}: {_spark(one)}' for name, one in of.items())}>"
    return f"ARRAY<{_spark(of[0])}>" if isinstance(of, list) else "MAP<STRING, STRING>" if of else "STRING"


def check(case: rf.Case, folder: Path) -> None:
    """What was extracted out of such a table is what is loaded out of the logs behind it, but for what it lacks.

    Args:
        case: extracted with ``FILTERS``, a day at once.
        folder: an empty one.
    """
    local = rf.open_case(folder / "local.duckdb")
    places = [SAMPLE_LOGS / "AWSLogs" / "111122223333" / "CloudTrail" / region for region in REGIONS]
    local.load(*places, filters=replace(FILTERS, root_related=True))
    select = f"SELECT {_LOST}, userIdentity.type AS type, userIdentity.arn AS arn, userIdentity.accessKeyId AS key FROM events"
    assert rows(case, f"{select} ORDER BY ALL") == rows(local, f"{select} ORDER BY ALL")
    assert len(rows(case, select)) > 100
    for table in (HOURS, CALLS):
        assert rows(case, table) == [row for row in rows(local, table) if row.get("hour_time", _DAY).day == 5]
    (lacking,) = {tuple(row["lacking"]) for row in rows(case, "SELECT lacking FROM evidence WHERE event_count > 0")}
    assert {"managementEvent", "userIdentity.sessionContext.assumedRoot", "tlsDetails.keyExchange"} <= {*lacking}
