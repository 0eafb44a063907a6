"""Lines of what root did, each with its meaning, and of the findings that take several of them together."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rootforensics.evidence.cite import place_text
from rootforensics.phrases import some
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.answers import went_before
from rootforensics.telling.lines import Line, cited, moment_or_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of

_SEVERE = ("high", "critical")


def root_lines(analysis: Analysis) -> Iterator[Line]:
    """Root's events: each change, attempt and sign-in a line, page views folded."""
    actions = {place_text(row): row for row in analysis.query("root_actions").rows}
    sign_ins = {place_text(row): row for row in analysis.query("root_signins").rows}
    names = _entities(analysis)
    told: set[str] = set()
    for row in analysis.query("root_timeline_folded").rows:
        told.update(row["citations"])
        known = [actions[place] for place in row["citations"] if place in actions]
        sign_in = sign_ins.get(row["first_citation"]) if row["event_count"] == 1 else None
        yield Line(
            row["first_time"],
            "root",
            sign_in["signin_kind"] if sign_in else row["line_kind"],
            _text(row, known, sign_in, names),
            "root-timeline-folded",
            until_time=moment_or_span(row["first_time"], row["last_time"]),
            account_id=row["account_id"],
            severity=max((one["severity"] for one in known), key=SEVERITIES.index, default="info"),
            actor="root",
            session_id=row["session_id"],
            source_ips=tuple(row["source_ips"] or ()),
            **cited(*zip(row["eventIDs"], row["citations"], strict=True)),
        )
    yield from (_sign_in_alone(row) for place, row in sign_ins.items() if place not in told)


def _entities(analysis: Analysis) -> dict[str, list[str]]:
    """The entities that each event reached, by its place."""
    found: dict[str, list[str]] = {}
    for row in analysis.radius.rows:
        for place in row["citations"]:
            found.setdefault(place, []).append(f"{row['entity_kind']} {row['entity_name']}")
    return found


def _text(
    row: of.RootTimelineFolded, known: list[of.RootActions], sign_in: of.RootSignins | None, names: dict[str, list[str]]
) -> str:
    name = row["what"] or "no eventName"
    if row["event_count"] > 1:
        severe = Counter(one["means"].rstrip(".") for one in known if one["severity"] in _SEVERE)
        among = [f"{means} ({count:,})" if count > 1 else means for means, count in severe.most_common()]
        return f"{name}, among them: {some(among)}" if among else name
    if known:
        said = f"{known[0]['means'].rstrip('.')} ({name})"
    else:
        service = next(iter(row["services"] or ()), "an unknown service").removesuffix(".amazonaws.com")
        said = f"{name} at {service}" + (" failed" if row["outcome"] == "failure" else "")
    if row["errorCode"]:
        said += f": {row['errorCode']}"
    entities = [one for place in row["citations"] for one in names.get(place, ())]
    if entities:
        said += f": {some(entities)}"
    return said + (_before(sign_in) if sign_in else "")


def _before(sign_in: of.RootSignins) -> str:
    return went_before(sign_in) if sign_in["signin_kind"] == "sign_in" else ""


def _sign_in_alone(row: of.RootSignins) -> Line:
    """A sign-in event that stands in no line of root's timeline."""
    outcome = {"success": "succeeded", "failure": "failed"}.get(row["outcome"] or "", "(outcome not recorded)")
    return Line(
        row["eventTime"],
        "root",
        row["signin_kind"],
        f"{row['eventName']} {outcome}{_before(row)}",
        "root-signins",
        account_id=row["account_id"],
        actor="root",
        source_ips=(row["sourceIPAddress"],) if row["sourceIPAddress"] else (),
        **cited((row["eventID"], place_text(row))),
    )


def finding_lines(analysis: Analysis) -> Iterator[Line]:
    """Findings of sequences; what an action means by itself stands on root's own line."""
    for row in analysis.findings().rows:
        if row["finding"].startswith("action:"):
            continue
        sessions = row["session_ids"] or []
        yield Line(
            row["first_time"],
            "finding",
            row["finding"],
            row["title"] + (" (attempted)" if row["result"] == "attempted" else ""),
            "findings",
            until_time=moment_or_span(row["first_time"], row["last_time"]),
            account_id=row["account_id"],
            severity=row["severity"],
            session_id=sessions[0] if len(sessions) == 1 else None,
            **cited(*zip(row["eventIDs"], row["citations"], strict=True)),
        )
