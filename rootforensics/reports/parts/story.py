"""Root's story: was it used, by whom, from where, with MFA, each sentence with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.phrases import short
from rootforensics.analysis.places import UNKNOWN, by_account
from rootforensics.analysis.verdict.attempts import use_of, was_asked_for
from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import CITED_IN_SIGHT
from rootforensics.reports.parts.shapes import when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.statement import Statement
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Row
    from rootforensics.reports.parts.material import Material, Place

#: Citations folded behind those in sight; the rest are counted.
_FOLDED: Final = 200
#: What the headline says before and behind the accounts.
_HEADLINES: Final = {
    "used": ("Root was used by people", ""),
    "unknown": ("Root was tried by people", "; no record says whether a sign-in succeeded"),
    "tried": ("Root was tried by people", "; no sign-in is seen to have succeeded"),
    "asked": ("A recovery of root’s password was asked for", "; no sign-in is seen to have succeeded"),  # noqa: RUF001
}
_LEVELS: Final = {"bad": "Serious", "note": "Note", "good": "Clear"}


@dataclass(frozen=True, slots=True)
class Citation:
    """One piece of evidence for a sentence: its place, and what stands there."""

    place: str
    anchor: str
    title: str


def build(material: Material) -> dict[str, Any]:
    """The answer in brief, then the statements."""
    summary = material.summary["root"]
    sign_ins = [row for row in material.query("root_signins").rows if row["signin_kind"] == "sign_in"]
    succeeded = [row for row in sign_ins if row["outcome"] == "success"]
    activity = [row for row in material.query("root_timeline").rows if row["origin_group"] == "activity"]
    return {
        **_headline(activity),
        "left_out": bool(material.summary["events"]["filtered"]),
        "filters": material.summary["filters"],
        "any_events": bool(material.summary["events"]["calls"]),
        "activity_count": summary["activity"],
        "sign_ins": {
            "success": len(succeeded),
            "failure": sum(row["outcome"] == "failure" for row in sign_ins),
            "with_mfa": sum(row["mfa_used"] is True for row in succeeded),
            "without_mfa": sum(row["mfa_used"] is False for row in succeeded),
            "mfa_unsaid": sum(row["mfa_used"] is None for row in succeeded),
        },
        "addresses": _totals(material.query("root_by_ip").rows, "sourceIPAddress"),
        "agents": _totals(material.query("root_by_user_agent").rows, "userAgent"),
        "keys": _totals(material.query("root_api_calls").rows, "key_kind"),
        "coverage": material.query("coverage").rows,
        "answers": [_cited(statement, material) for statement in material.story if not statement.detail],
        "details": [_cited(statement, material) for statement in material.story if statement.detail],
    }


def _headline(activity: list[of.RootTimeline]) -> dict[str, Any]:
    """Whether root was used, as the answers have it: where, how often and when; else what was tried."""
    uses = {account: use_of(rows) for account, rows in by_account(activity).items()}
    most_severe = next(
        (kind for kind in (True, None, False) if kind in {use.gained_access for use in uses.values()}), False
    )
    held = {account: use for account, use in uses.items() if use.gained_access is most_severe}
    rows = [row for use in held.values() for row in use.used]
    times = [row["eventTime"] for row in rows if row["eventTime"]]
    state = {True: "used", None: "unknown", False: "tried"}[most_severe]
    if state == "tried" and all(map(was_asked_for, rows)):
        state = "asked"
    return {
        "state": state if activity else "",
        "headline": _HEADLINES[state],
        "accounts": [account for account in held if account != UNKNOWN],
        "used_count": len(rows),
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
    }


def _totals(rows: Iterable[Row], key: str) -> list[tuple[str, int]]:
    """Events for each value of a column, most first."""
    totals: dict[str, int] = {}
    for row in rows:
        name = row[key] or "not recorded"
        totals[name] = totals.get(name, 0) + row["event_count"]
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def _cited(statement: Statement, material: Material) -> dict[str, Any]:
    """A sentence with its citations, those with a line on the page first."""
    proofs = sorted(material.proofs(statement), key=lambda place: place not in material.lines)
    names = dict(zip(material.proofs(statement), statement.event_ids, strict=True))
    count = len(proofs)
    # One more in sight takes no more room than the word that would fold it.
    in_sight = CITED_IN_SIGHT if count > CITED_IN_SIGHT + 1 else count
    most = in_sight + _FOLDED
    citations = [_placed(place, names[place], material) for place in proofs[:most]]
    return {
        "text": statement.text,
        "level": statement.level,
        "level_word": _LEVELS[statement.level],
        "count": count,
        "stands_in": statement.stands_in,
        "in_sight": citations[:in_sight],
        "folded": citations[in_sight:],
        "uncited_count": count - len(citations),
    }


def _placed(place: Place, event_id: str, material: Material) -> Citation:
    """A link to the line of the event."""
    text = f"{place[0]}:{place[1]}"
    line = material.lines.get(place)
    if line is None:
        title = f"record {place[1]} of evidence {place[0]}, eventID {short(event_id)}"
        return Citation(text, material.citations.to_place(place), title)
    title = f"{when(line['eventTime'])} {line['eventName'] or 'no eventName'}, eventID {line['eventID'] or 'none'}"
    return Citation(text, material.citations.to_place(place), title)


PART = Part("story", "Root’s story", 10, build)  # noqa: RUF001 - typography
