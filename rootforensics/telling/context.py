"""Lines of what stands beside root's actions: where logs may be incomplete, what was approved, what was noted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from rootforensics.analysis.coverage.trail_gaps import no_end
from rootforensics.analysis.places import opener_of
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import plural, short_actor, some
from rootforensics.telling.lines import Line, cited, moment_or_span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.queries import rows as of


def record_lines(analysis: Analysis) -> Iterator[Line]:
    """Windows in which logs may be incomplete, logs that could not be read, and how far the logs reach."""
    severities = {place_of(row): row["severity"] for row in analysis.query("root_actions").rows}
    for row in analysis.query("logging_impairment").rows:
        window = row["result"] == "succeeded" and row["impairment"] != "changed"
        if window or not row["by_root"]:  # any other action of root's is a line of its own
            yield _impaired(row, window, severities.get(place_of(row)))
    yield from _unread(analysis)
    yield from _cover(analysis)


def _impaired(row: of.LoggingImpairment, window: bool, severity: str | None) -> Line:
    what = f"{row['control']} {row['entity'] or '(not named)'}"
    who = f"{row['eventName']} by {short_actor(row['actor'])}"
    if window:
        until = "" if row["until_time"] else f"; {no_end(row)}"
        text = f"{what} is off: {row['impairment']} ({who}){until}"
    else:
        text = f"{what}: {row['impairment']} ({who})"
        text += f", without success: {row['errorCode'] or 'no code'}" if row["result"] == "attempted" else ""
    return Line(
        row["from_time"],
        "coverage",
        "window" if window else row["impairment"] or "impairment",
        text,
        "logging-impairment",
        until_time=row["until_time"],
        account_id=row["account_id"],
        severity=severity or ("medium" if window else "low"),
        actor=row["actor"] and short_actor(row["actor"]),
        **cited((row["eventID"], place_text(row)), (row["restored_eventID"], row["restored_citation"])),
    )


def _unread(analysis: Analysis) -> Iterator[Line]:
    rows = analysis.query("unread_evidence").rows
    days: defaultdict[tuple[Any, ...], list[of.UnreadEvidence]] = defaultdict(list)
    for row in rows:
        days[row["account_id"], row["region"], row["delivery_time"] and row["delivery_time"].date()].append(row)
    for (account, region, _), same in days.items():
        objects = plural(len(same), "object")
        of = f" of {region}" if region else ""
        why = f": {same[0]['problem']}" if len(same) == 1 and same[0]["problem"] else ""
        numbers = some([str(row["evidence_id"]) for row in same], 8)
        first, last = same[0]["delivery_time"], same[-1]["delivery_time"]
        yield Line(
            first,
            "coverage",
            "gap",
            f"{objects} of evidence{of} could not be read whole (evidence_id {numbers}){why}",
            "evidence-problems",
            until_time=moment_or_span(first, last),
            account_id=account,
            severity="medium",
        )


def _cover(analysis: Analysis) -> Iterator[Line]:
    """From when to when there are logs of an account: before and after nothing can be known."""
    times: defaultdict[str | None, list[datetime]] = defaultdict(list)
    regions: defaultdict[str | None, set[str]] = defaultdict(set)
    for row in analysis.query("coverage").rows:
        times[row["account_id"]] += [one for one in (row["first_time"], row["last_time"]) if one]
        regions[row["account_id"]].add(row["awsRegion"] or "unknown")
    for account, moments in times.items():
        named = f"account {account}" if account else "no named account"
        for moment, word in ((min(moments, default=None), "begin"), (max(moments, default=None), "end")):
            if moment:
                text = f"The logs of {named} {word} (Regions {', '.join(sorted(regions[account]))})"
                yield Line(moment, "coverage", "cover", text, "coverage", account_id=account)


def approval_lines(found: Reconciliation) -> Iterator[Line]:
    """The windows of approvals, and what they say of each session."""
    for outcome in found.outcomes:
        one = outcome.approval
        yield Line(
            one.from_time,
            "approval",
            outcome.status,
            f"Approval {one.ticket} for {one.who}: {outcome.status.replace('_', ' ')}: {outcome.detail}",
            "approvals",
            until_time=one.until_time,
            account_id=one.account,
        )
    for judged in found.sessions:
        session, said = judged.session, ", ".join(judged.verdicts)
        approved = judged.verdicts == ("approved",)
        opener = opener_of(session)
        yield Line(
            session["first_time"],
            "approval",
            said,
            f"Session {session['session_id']}: {said.replace('_', ' ')}: {judged.detail}",
            "approvals",
            until_time=moment_or_span(session["first_time"], session["last_time"]),
            account_id=session["account_id"],
            severity="info" if approved else "high",
            session_id=session["session_id"],
            source_ips=tuple(session["source_ips"] or ()),
            **cited((opener["eventID"], opener["citation"])),
        )


def note_lines(analysis: Analysis) -> Iterator[Line]:
    """The investigator's notes, at the times that they are about."""
    for row in analysis.query("notes").rows:
        yield Line(
            row["noted_time"],
            "note",
            row["tag"] or "note",
            f"{row['author']}: {row['text']}",
            "notes",
            account_id=row["account_id"],
            severity=None,
            **cited((row["eventID"], _place_of_note(row))),
        )


def _place_of_note(row: of.Notes) -> str | None:
    """Where the record of the event lies that a note is about; None if it is about a time."""
    return None if row["evidence_id"] is None else f"{row['evidence_id']}:{row['record_index']}"
