"""Indicators as a STIX 2.1 bundle, built and checked by the ``stix2`` library.

Source: OASIS, STIX Version 2.1: "Indicator", "Identity", and the objects ``ipv4-addr``, ``ipv6-addr``,
``network-traffic`` (extension ``http-request-ext``) and ``user-account`` of its patterns.
"""

from __future__ import annotations

import uuid
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.lineage.indicators import UNUSED
from rootforensics.errors import StorageError
from rootforensics.queries.formats import as_plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.queries import rows as of


#: The same indicator has the same ID in every bundle, whoever writes it.
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "https://github.com/rootforensics/rootforensics#indicator")
_PATTERNS: Final = {
    "ipv4": "[ipv4-addr:value = '{}']",
    "ipv6": "[ipv6-addr:value = '{}']",
    "user_agent": "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = '{}']",
    "access_key": "[user-account:credential = '{}']",
    "identity": "[user-account:account_login = '{}']",
    "account": "[user-account:user_id = '{}']",
}
_NAMES: Final = {
    "ipv4": "IPv4 address",
    "ipv6": "IPv6 address",
    "user_agent": "User agent",
    "access_key": "AWS access key ID",
    "identity": "AWS identity",
    "account": "AWS account",
}
#: Everyday use of root is among the rows: nothing is called malicious that a program cannot judge.
_TYPES: Final = ["unknown"]


def stix_bundle(rows: Iterable[of.Indicators], case_name: str, made: datetime) -> str:
    """A bundle of one indicator a row, and of who says so, as JSON.

    Args:
        rows: as ``analysis.lineage.indicators.indicators`` gives them.
        case_name: named as the origin of the indicators.
        made: when the bundle is written; also the time from which an indicator without a time holds.

    Raises:
        StorageError: the ``stix2`` library is not installed.
    """
    try:
        stix2 = import_module("stix2")
    except ImportError as error:
        raise StorageError(
            "STIX needs the stix2 library, which is not installed", hint="pip install 'rootforensics[stix]'"
        ) from error
    author = stix2.Identity(
        id=f"identity--{uuid.uuid5(_NAMESPACE, 'rootforensics')}",
        name="rootforensics",
        identity_class="system",
        created=made,
        modified=made,
    )
    indicators = [_indicator(stix2, row, case_name, made, author.id) for row in rows]
    text: str = stix2.Bundle(author, *indicators).serialize(pretty=True)
    return text + "\n"


def _indicator(stix2: Any, row: of.Indicators, case_name: str, made: datetime, author: str) -> Any:  # noqa: ANN401
    kind, value = row["kind"], row["value"]
    return stix2.Indicator(
        id=f"indicator--{uuid.uuid5(_NAMESPACE, f'{kind}:{value}')}",
        created_by_ref=author,
        created=made,
        modified=made,
        name=f"{_NAMES[kind]} {value}"[:250],
        description=f"{_told(row, case_name)}. The owner's own use cannot be told apart from unauthorized use.",
        indicator_types=_TYPES,
        pattern=_PATTERNS[kind].format(value.replace("\\", "\\\\").replace("'", "\\'")),
        pattern_type="stix",
        valid_from=row["first_time"] or made,
    )


def _told(row: of.Indicators, case_name: str) -> str:
    """Where it was seen, or that it was only made."""
    account = ", ".join(row["account_ids"]) or "unknown"
    first = f"{as_plain(row['first_time']) or 'unknown'}, eventID {row['first_eventID'] or 'none'}"
    if row["used_by"] == UNUSED:
        made = f"Made by root, or by what it made, and not seen used in the case {case_name}"
        return f"{made}, account {account}; made {first}"
    by = {
        "root": "root",
        "descendant": "what root made",
        "both": "root and what root made",
        "possible descendant": "what root only changed",
    }[row["used_by"]]
    last = f"{as_plain(row['last_time']) or 'unknown'}, eventID {row['last_eventID'] or 'none'}"
    seen = f"Seen behind {by} in {row['event_count']:,} CloudTrail events of the case {case_name}"
    return f"{seen}, account {account}; first {first}; last {last}"
