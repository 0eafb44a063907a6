"""Root activity and service activity, which add up to all root events, by origin, account and service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from rootforensics.reports.parts import Part
from rootforensics.telling.summary import ORIGINS

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import R, Row
    from rootforensics.reports.parts.material import Material

_MEANINGS: Final = {
    "root_credentials": "root’s password or key, from a network address",  # noqa: RUF001 - typography
    "console": "a person in the console, in the older format that names signin.amazonaws.com",
    "privileged_session": "a session opened with AssumeRoot",
    "federated_session": "a session that root opened with GetFederationToken",
    "service": "an AWS service, named in invokedBy",
    "service_event": "an event that an AWS service generated itself",
    "aws_internal": "no service named, but sent by AWS itself",
}
_COUNTS: Final = (
    "event_count", "cis_match_count", "cis_unknown_count", "write_count", "write_unknown_count", "error_count",
)  # fmt: skip


def build(material: Material) -> dict[str, Any]:
    """The tables, each with its sums."""
    summary = material.query("root_summary").rows
    noise = material.query("noise_by_service").rows
    groups = {
        group: {
            "origins": [
                {"origin": origin, "meaning": _MEANINGS[origin]}
                | _sums(_having(summary, origin_group=group, origin=origin))
                for origin in ORIGINS
                if _having(summary, origin_group=group, origin=origin)
            ],
            "sums": _sums(_having(summary, origin_group=group)),
        }
        for group in ("activity", "noise")
    }
    return {
        "root": material.summary["root"],
        "groups": groups,
        "sums": _sums(summary),
        "accounts": _accounts(summary),
        "services": _services(noise),
        "noise": noise,
        "unmarked": _having(noise, origin="aws_internal"),
    }


def _having(rows: list[R], **wanted: str) -> list[R]:
    return [row for row in rows if wanted.items() <= cast("Row", row).items()]


def _sums(rows: list[of.RootSummary]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in _COUNTS}


def _accounts(summary: list[of.RootSummary]) -> list[dict[str, Any]]:
    names = sorted({row["account_id"] for row in summary}, key=lambda name: (name is None, name or ""))
    accounts = []
    for name in names:
        rows = [row for row in summary if row["account_id"] == name]
        accounts.append(
            {
                "account_id": name or "not recorded",
                "activity": sum(row["event_count"] for row in rows if row["origin_group"] == "activity"),
                "noise": sum(row["event_count"] for row in rows if row["origin_group"] == "noise"),
                "total": sum(row["event_count"] for row in rows),
            }
        )
    return accounts


def _services(noise: list[of.NoiseByService]) -> list[dict[str, Any]]:
    """Service activity by service, with calls and accounts, most events first."""
    services: dict[tuple[str, str], dict[str, Any]] = {}
    for row in noise:
        key = (row["service"] or "not recorded", row["origin"])
        entry = services.setdefault(
            key, {"service": key[0], "origin": key[1], "event_count": 0, "actions": {}, "accounts": set()}
        )
        entry["event_count"] += row["event_count"]
        action = row["eventName"] or "no eventName"
        entry["actions"][action] = entry["actions"].get(action, 0) + row["event_count"]
        entry["accounts"].add(row["account_id"] or "not recorded")
    for entry in services.values():
        entry["actions"] = sorted(entry["actions"].items(), key=lambda item: (-item[1], item[0]))
        entry["accounts"] = sorted(entry["accounts"])
    return sorted(services.values(), key=lambda entry: (-entry["event_count"], entry["service"], entry["origin"]))


PART = Part("numbers", "Root activity and service activity", 20, build, in_annex=True)
