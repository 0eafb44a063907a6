"""The incident timeline: what root did, what followed, what may be missing, in one order, a statement each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.coverage.trail_gaps import no_end
from rootforensics.analysis.lineage.blast_radius import lets_in
from rootforensics.analysis.places import opener_of
from rootforensics.analysis.verdict.ownership import changes_of_ownership
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import clock, plural, short_actor, some
from rootforensics.queries.result import Result, result_of
from rootforensics.rules.actions import SEVERITIES
from rootforensics.rules.entities import PERSISTENCE
from rootforensics.rules.wording import is_kind, kind_of_object, past
from rootforensics.telling.acts import (
    acts_of,
    all_acts,
    call_of,
    clauses_of,
    did_as,
    entity_named,
    objects_by_place,
    refused_as,
)
from rootforensics.telling.checks import exposing_service_actions, went_before
from rootforensics.telling.statement import LINE_COLUMNS, LINE_FIRST, Statement, cited

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.queries import rows as of
    from rootforensics.telling.acts import Act, Outcome
    from rootforensics.telling.statement import Level

#: What the incident timeline cannot see.
MISSES: Final = (
    "Events that are in no log of the case, and what these queries miss: root-timeline-folded, findings, blast-radius, "
    "logging-impairment. Service activity as root (root-noise), unless it exposes data after data was exposed. "
    "Within one second CloudTrail gives no order."
)
_SEVERE: Final = ("high", "critical")
#: What is said of an effect on an entity whose call the catalogue does not list.
_EFFECTS: Final = {
    "creates": "create", "changes": "change", "removes": "delete", "disables": "disable", "enables": "enable",
    "uses": "use",
}  # fmt: skip
#: Sign-in events of somebody who need not be signed in.
_OUTSIDE: Final = ("recovery_requested", "recovery_completed")
_EVIDENCE_NAMED: Final = 8


def incident_lines(analysis: Analysis, account_id: str = "") -> list[Statement]:
    """The statements, in order of time.

    Args:
        analysis: of the case.
        account_id: only those of this account, and what its root reached elsewhere; empty for all that the analysis
            covers. Notes about a time and logs that name no account belong to each.
    """
    if analysis.time:
        lines = incident_lines(analysis.all_time, account_id)
        return [line for line in lines if line.is_within(analysis.since, analysis.until)]
    account_id = account_id or analysis.account_id
    judged = analysis.reconciliation
    lines = [*root_statements(analysis, account_id), *(_approvals(judged) if judged else ()), *_notes(analysis)]
    around = lines_around(analysis, account_id)
    wanted = [*_of(lines, account_id), *(line for line in around if line.line_type != "follow-on")]
    active = {line.account_id for line in wanted if line.kind != "cover"} | {account_id}
    kept = [line for line in wanted if line.kind != "cover" or line.account_id in active]
    return sorted([*kept, *(line for line in around if line.line_type == "follow-on")], key=lambda line: line.order)


def lines_around(analysis: Analysis, account_id: str = "") -> list[Statement]:
    """The statements that are no event of root: findings, what may be missing, follow-on activity.

    Args:
        analysis: of the case.
        account_id: as for ``incident_lines``.
    """
    lines = [*_findings(analysis), *_impairments(analysis), *_unread(analysis), *_cover(analysis)]
    follow_on = (*_follow_on(analysis, account_id), *_service_actions(analysis, account_id))
    return [*_of(lines, account_id), *follow_on]


def incident_timeline(analysis: Analysis, account_id: str = "") -> Result[of.IncidentTimeline]:
    """The statements as a table, as a question would give it.

    Args:
        analysis: of the case, or of one period: its moments, windows that reach into it, and what has no time.
        account_id: as for ``incident_lines``.
    """
    wanted = incident_lines(analysis, account_id)
    is_one = len({line.account_id for line in wanted} - {None}) <= 1
    first = [name for name in LINE_FIRST if name != "account_id" or not is_one]
    rows = [line.as_line() for line in wanted]
    return result_of("incident_timeline", rows, LINE_COLUMNS, {"account_id": account_id}, first)


def _of(lines: list[Statement], account_id: str) -> list[Statement]:
    return [line for line in lines if not account_id or line.account_id in (account_id, None)]


def _level(severity: str | None) -> Level:
    return "bad" if severity in _SEVERE else "note"


def root_statements(analysis: Analysis, account_id: str = "") -> Iterator[Statement]:
    """Root's events: each change, attempt and sign-in a statement; reads of one session in a row are one.

    Args:
        analysis: of the case.
        account_id: if given, also calls that are told of another account and changed who owns this one.
    """
    acts, objects = acts_of(analysis), objects_by_place(analysis)
    sign_ins = {place_text(row): row for row in analysis.query("root_signins").rows}
    records = {place_text(row): row for row in analysis.query("root_timeline").rows}
    shown: set[str] = set()
    for row in analysis.query("root_timeline_folded").rows:
        shown.update(row["citations"])
        known = [acts[place] for place in row["citations"] if place in acts]
        severity = max((act.severity for act in known), key=SEVERITIES.index, default="info")
        sign_in = sign_ins.get(row["first_citation"]) if row["event_count"] == 1 else None
        record = records[row["first_citation"]]
        actor = short_actor(record["actor"]) if row["line_kind"] == "opening" else "root"
        # Until a sign-in succeeds, nobody acts as root.
        is_outside = sign_in and (sign_in["signin_kind"] in _OUTSIDE or sign_in["outcome"] != "success")
        touched = tuple(one for place in row["citations"] for one in objects.get(place, ()))
        if row["event_count"] > 1:
            did = _reads(row, known)
        elif known:
            did, touched = known[0].did, known[0].objects
        else:
            did = did_as(call_of(row["what"], next(iter(row["services"] or ()), "")), _outcome_of(row))
        # Of several reads, the severe ones are cited first.
        places = sorted(row["citations"], key=lambda place: place not in acts or acts[place].severity not in _SEVERE)
        ids = dict(zip(row["citations"], row["eventIDs"], strict=True))
        why = f" ({row['errorCode']})" if row["errorCode"] else ""
        federated = record["actor"] if record["origin"] == "federated_session" else None
        through = f" (federated session {federated.rpartition('/')[2]})" if federated else ""
        before = went_before(sign_in) if sign_in and sign_in["signin_kind"] == "sign_in" else ""
        yield Statement(
            f"{'Someone' if is_outside else _first_upper(actor)}{through} {did}{why}{before}",
            _level(severity),
            **cited(*((ids[place], place) for place in places)),
            from_time=row["first_time"],
            until_time=_end(row["first_time"], row["last_time"]),
            account_id=row["account_id"],
            line_type="root",
            kind=sign_in["signin_kind"] if sign_in else row["line_kind"],
            severity=severity,
            actor=actor,
            session_id=row["session_id"],
            source_ips=tuple(row["source_ips"] or ()),
            objects=touched,
            source="root-timeline-folded",
            phrase=known[0].phrase if row["event_count"] == 1 and known else "",
        )
    acts = all_acts(analysis)
    # The call by which another account changed who owns this one is in that account's log.
    calls: list[tuple[str | None, str, str, of.RootSignins | of.RootTimeline | of.OwnershipChanges]] = [
        (row["account_id"], "ownership", "high", row)
        for row in changes_of_ownership(analysis)
        if row["ordered_in"] not in (None, row["account_id"])
    ]
    calls += [(row["account_id"], row["signin_kind"], "info", row) for row in sign_ins.values()]
    # So is the call that opened a session of root.
    calls += [(account, "opening", "high", row) for account, rows in analysis.opened.items() for row in rows]
    for account, kind, severity, call in calls:
        act = acts[place_text(call)]
        if act.place not in shown or (kind == "ownership" and account == account_id):
            shown.add(act.place)
            caller = call["actor"] and short_actor(call["actor"])
            whose = f" of account {call.get('ordered_in')}" if kind == "ownership" else ""
            yield Statement(
                f"{_first_upper(caller or 'someone')}{whose} {act.did}",
                _level(severity),
                **cited((call["eventID"], act.place)),
                from_time=call["eventTime"],
                account_id=account,
                line_type="root",
                kind=kind,
                severity=severity,
                actor=caller,
                source_ips=(act.source_ip,) if act.source_ip else (),
                source={"opening": "root-timeline", "ownership": "verdict"}.get(kind, "root-signins"),
            )


def _outcome_of(row: of.RootTimelineFolded) -> Outcome:
    if row["outcome"] == "failure":
        return refused_as(row["errorCode"])
    return "succeeded" if row["outcome"] == "success" else "not recorded"


def _reads(row: of.RootTimelineFolded, known: list[Act]) -> str:
    """Reads of one session in a row, with those that are severe."""
    calls, services = plural(row["event_count"], "read call"), plural(len(row["services"] or ()), "service")
    did = f"tried {calls} to {services}; all failed" if row["line_kind"] == "attempt" else f"made {calls} to {services}"
    severe = [clause.did for clause in clauses_of(act for act in known if act.severity in _SEVERE)]
    count = sum(act.severity in _SEVERE for act in known)
    return f"{did}; {count:,} of these calls {some(severe)}" if severe else did


def _findings(analysis: Analysis) -> Iterator[Statement]:
    """Findings of sequences; root's own statement says what an action by itself means."""
    for row in analysis.findings().rows:
        if row["finding"].startswith("action:"):
            continue
        sessions = row["session_ids"] or []
        yield Statement(
            row["title"].rstrip("."),
            _level(row["severity"]),
            **cited(*zip(row["eventIDs"], row["citations"], strict=True)),
            from_time=row["first_time"],
            until_time=_end(row["first_time"], row["last_time"]),
            account_id=row["account_id"],
            line_type="finding",
            kind=row["finding"],
            severity=row["severity"],
            session_id=sessions[0] if len(sessions) == 1 else None,
            source="findings",
        )


def _follow_on(analysis: Analysis, account_id: str) -> Iterator[Statement]:
    """What identities that root created did, and who ended what; root's own acts are statements of their own."""
    pairs = analysis.radius.reached_by(account_id)
    rows = [row for row, _ in pairs]
    by_root = {place for row in analysis.query("root_timeline_folded").rows for place in row["citations"]}
    acts = all_acts(analysis)
    for same in _by((row for row in rows if row["depth"] > 1), lambda row: row["citation"]):
        first = same[0]
        is_severe = any(
            row["effect"] == "creates" and row["entity_kind"] in PERSISTENCE and lets_in(row) for row in same
        )
        act = acts.get(first["citation"])
        objects = act.objects if act else tuple(entity_named(row) for row in same if not row["current_name"])
        effect = f"{_EFFECTS[first['effect']]} {{{first['entity_kind']}}} ({first['eventName']})"
        severity = "high" if is_severe else "medium"
        yield Statement(
            f"{_first_upper(analysis.radius.actor_of(first))} {act.did if act else past(effect, objects)}"
            f"{_possibly(first)}",
            _level(severity),
            **cited((first["eventID"], first["citation"])),
            from_time=first["first_time"],
            account_id=first["account_id"],
            line_type="follow-on",
            kind=first["effect"],
            severity=severity,
            actor=first["actor"],
            objects=objects,
            source="blast-radius",
        )
    for row in analysis.radius.acting(account_id):
        counts = ((row["use_write_count"], "write"), (row["use_write_unknown_count"], "possible write"))
        writes = [plural(count, kind) for count, kind in counts if count]
        actor = f"{row['entity_kind']} {row['entity_name']}"
        calls = plural(row["use_count"] or 0, "call") + (f" ({', '.join(writes)})" if writes else "")
        yield Statement(
            f"{_first_upper(actor)} made {calls}{_possibly(row)}",
            "bad" if writes else "note",
            **cited((row["first_use_eventID"], row["first_use_citation"])),
            from_time=row["first_use_time"],
            until_time=_end(row["first_use_time"], row["last_use_time"]),
            account_id=row["account_id"],
            line_type="follow-on",
            kind="used",
            severity="high" if writes else "medium",
            actor=actor,
            source_ips=tuple(row["use_source_ips"] or ()),
            source="blast-radius",
        )
    denying = {place_text(entity.ended.row) for _, entity in pairs if entity.ended and entity.ended.denies_all}
    for same in _by(
        (row for row in rows if row["ended_citation"] not in (None, *by_root)),
        lambda row: row["ended_citation"],
    ):
        first = same[0]
        act = acts[first["ended_citation"] or ""]
        noun = kind_of_object(act.phrase)
        belongings = [
            " ".join(entity_named(row))
            for row in same
            if row["state"] != "undone" and not is_kind(noun, row["entity_kind"])
        ]
        denies = ", which denies everything" if act.place in denying else ""
        with_it = f", and with it {some(belongings)}" if belongings else ""
        # Putting a setting back may be routine work, so it is not called an end.
        is_undone = all(row["state"] == "undone" for row in same)
        undid = ", which undid a change by root or its follow-on activity" if is_undone else ""
        ender = first["ended_by"] and short_actor(first["ended_by"])
        yield Statement(
            f"{_first_upper(ender or 'an unknown identity')} {act.did}{denies}{with_it}{undid}",
            **cited((first["ended_eventID"], first["ended_citation"])),
            from_time=first["ended_time"],
            account_id=first["account_id"],
            line_type="follow-on",
            kind="undone" if is_undone else "ended",
            actor=ender,
            objects=act.objects,
            source="blast-radius",
        )


def _service_actions(analysis: Analysis, account_id: str) -> Iterator[Statement]:
    """What AWS did or recorded as root after data was exposed, if it exposes data, too."""
    for verdict in analysis.verdicts:
        rows, _ = exposing_service_actions(analysis, verdict)
        for row in rows if account_id in ("", verdict.account_id) else ():
            yield Statement(
                f"AWS {past(row['act'] or '')}; the record does not show who caused this",
                _level(row["severity"]),
                **cited((row["eventID"], place_text(row))),
                from_time=row["eventTime"],
                account_id=row["account_id"],
                line_type="follow-on",
                kind="service",
                severity=row["severity"],
                actor=row["service"],
                source="service-activity",
            )


def _possibly(row: of.BlastRadius) -> str:
    return " (possibly follow-on activity of root)" if row["certainty"] == "possible" else ""


def _by(rows: Iterable[of.BlastRadius], call: Callable[[of.BlastRadius], str | None]) -> Iterable[list[of.BlastRadius]]:
    """Rows of one call, such as the instances that it launched."""
    groups: defaultdict[str | None, list[of.BlastRadius]] = defaultdict(list)
    for row in rows:
        groups[call(row)].append(row)
    return groups.values()


def _impairments(analysis: Analysis) -> Iterator[Statement]:
    """Who stopped or changed a detective control, and until when the logs may be incomplete."""
    acts = all_acts(analysis)
    calls: defaultdict[str, list[of.LoggingImpairment]] = defaultdict(list)
    for row in analysis.query("logging_impairment").rows:
        calls[place_text(row)].append(row)
    for place, rows in calls.items():
        windows = [row for row in rows if row["result"] == "succeeded" and row["impairment"] != "changed"]
        if rows[0]["by_root"] and not windows:
            continue  # it is one of root's own statements
        act = acts[place]
        severity = act.severity if act.by_root else "medium" if windows else "low"
        why = f" ({rows[0]['errorCode']})" if rows[0]["errorCode"] and act.outcome != "succeeded" else ""
        # One call may impair several parts, which others restore at different times.
        for row in {row["until_time"]: row for row in windows or rows[:1]}.values():
            actor = short_actor(row["actor"])
            end = f"restored at {clock(row['until_time'], row['from_time'])}" if row["until_time"] else no_end(row)
            # The end of a window closes the sentence, so the address stands before it.
            source = f", from {act.source_ip}" if windows and act.source_ip else ""
            until = f"; {end}" if windows else ""
            yield Statement(
                f"{_first_upper(actor)} {act.did}{why}{source}{until}",
                _level(severity),
                **cited((row["eventID"], place), (row["restored_eventID"], row["restored_citation"])),
                from_time=row["from_time"],
                until_time=row["until_time"],
                account_id=row["account_id"],
                line_type="coverage",
                kind="window" if windows else row["impairment"] or "impairment",
                severity=severity,
                actor=row["actor"] and actor,
                source_ips=(act.source_ip,) if act.source_ip and not windows else (),
                objects=act.objects,
                source="logging-impairment",
            )


def _unread(analysis: Analysis) -> Iterator[Statement]:
    """Log files that could not be read, by account, Region and day."""
    days: defaultdict[tuple[Any, ...], list[of.UnreadEvidence]] = defaultdict(list)
    for row in analysis.query("unread_evidence").rows:
        days[row["account_id"], row["region"], row["delivery_time"] and row["delivery_time"].date()].append(row)
    for (account, region, _), same in days.items():
        where = f" of {region}" if region else ""
        why = f": {same[0]['problem']}" if len(same) == 1 and same[0]["problem"] else ""
        word, numbers = (
            "files" if same[1:] else "file",
            some([str(row["evidence_id"]) for row in same], _EVIDENCE_NAMED),
        )
        first, last = same[0]["delivery_time"], same[-1]["delivery_time"]
        yield Statement(
            f"{plural(len(same), 'log file')}{where} could not be read completely ({word} {numbers}){why}",
            from_time=first,
            until_time=_end(first, last),
            account_id=account,
            line_type="coverage",
            kind="gap",
            severity="medium",
            source="evidence-problems",
        )


def _cover(analysis: Analysis) -> Iterator[Statement]:
    """Between which times there are logs of each account: outside them nothing is known."""
    times: defaultdict[str | None, list[datetime]] = defaultdict(list)
    regions: defaultdict[str | None, set[str]] = defaultdict(set)
    for row in analysis.query("coverage").rows:
        times[row["account_id"]] += [moment for moment in (row["first_time"], row["last_time"]) if moment]
        regions[row["account_id"]].add(row["awsRegion"] or "unknown")
    for account, moments in times.items():
        whose = f"account {account}" if account else "no named account"
        for moment, word in ((min(moments, default=None), "begin"), (max(moments, default=None), "end")):
            if moment:
                yield Statement(
                    f"The logs of {whose} {word} (Regions {', '.join(sorted(regions[account]))})",
                    from_time=moment,
                    account_id=account,
                    line_type="coverage",
                    kind="cover",
                    source="coverage",
                )


def _approvals(judged: Reconciliation) -> Iterator[Statement]:
    """The windows of approvals, and the judgment of each session."""
    for outcome in judged.outcomes:
        approval = outcome.approval
        yield Statement(
            f"Approval {approval.ticket} for {approval.who}: {outcome.status.replace('_', ' ')}: {outcome.detail}",
            from_time=approval.from_time,
            until_time=approval.until_time,
            account_id=approval.account,
            line_type="approval",
            kind=outcome.status,
            source="approvals",
        )
    for judgment in judged.sessions:
        session, verdicts = judgment.session, ", ".join(judgment.verdicts)
        severity = "info" if judgment.verdicts == ("approved",) else "high"
        opener = opener_of(session)
        yield Statement(
            f"Session {session['session_id']}: {verdicts.replace('_', ' ')}: {judgment.detail}",
            _level(severity),
            **cited((opener["eventID"], opener["citation"])),
            from_time=session["first_time"],
            until_time=_end(session["first_time"], session["last_time"]),
            account_id=session["account_id"],
            line_type="approval",
            kind=verdicts,
            severity=severity,
            session_id=session["session_id"],
            source_ips=tuple(session["source_ips"] or ()),
            source="approvals",
        )


def _notes(analysis: Analysis) -> Iterator[Statement]:
    """The investigator's notes, at the times that they are about."""
    for row in analysis.query("notes").rows:
        place = None if row["evidence_id"] is None else f"{row['evidence_id']}:{row['record_index']}"
        yield Statement(
            f"{row['author']}: {row['text']}",
            **cited((row["eventID"], place)),
            from_time=row["noted_time"],
            account_id=row["account_id"],
            line_type="note",
            kind=row["tag"] or "note",
            severity=None,
            source="notes",
        )


def _end(first: datetime | None, last: datetime | None) -> datetime | None:
    """The end of a span; None for a moment."""
    return None if first == last else last


def _first_upper(text: str) -> str:
    """A text that begins a sentence; an ARN or a name of AWS's stays as it is."""
    head = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if head.isalpha() else text
