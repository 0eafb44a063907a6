"""How long it took: from the first suspicious event to what the usual alarm sees, and to containment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import account_of
from rootforensics.analysis.verdict.attempts import was_asked_for
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import at, some, sortable
from rootforensics.telling.acts import acts_of, all_acts
from rootforensics.telling.statement import Statement, cited

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime, timedelta

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.queries import rows as of

_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400


def lasting(span: timedelta) -> str:
    """A length of time in its two largest units."""
    seconds = int(span.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def times_of(analysis: Analysis, account_id: str, *, for_support: bool = False) -> Iterator[Statement]:
    """First use, first suspicious event, first event that a standard alarm matches, last use, containment by others.

    Args:
        analysis: of the case.
        account_id: whose root.
        for_support: leave out alarms, and who reversed an act.

    Returns:
        a label and a time each, with what was done first, and how long after it the others were.
    """
    use = analysis.use_by_people(account_id)
    if use is None or not use.gained_access:
        return
    # Sessions that others opened with AssumeRoot count only where nobody used root's own credentials.
    own = [row for row in use.used if place_of(row) not in analysis.openers] or use.used
    used = [row for row in own if row["eventTime"]]
    if not used:
        return
    act = _requested(use, _first_problem(analysis, account_id, used))
    acts = all_acts(analysis)
    started = act["eventTime"] if act else None

    def passed(label: str, moment: datetime | None, event_id: str | None, place: str, what: str = "") -> Statement:
        notes = [what] if what else []
        if moment and started and moment > started:
            notes.append(f"{lasting(moment - started)} later")
        text = f"{at(moment)} ({'; '.join(notes)})" if notes else at(moment)
        return Statement(f"{label}: {text}", "note", **cited((event_id, place)), from_time=moment)

    def of_row(label: str, row: of.RootTimeline | None, what: str = "") -> Statement:
        if row is None:
            return Statement(f"{label}: not in these logs", "note")
        return passed(label, row["eventTime"], row["eventID"], place_text(row), what)

    unseen = unseen_by_alarm(analysis)
    since = sortable(started or used[0]["eventTime"])
    after = sorted((row for row in (*used, *use.tried) if row["eventTime"] and _time(row) >= since), key=_time)
    alarmed = next((row for row in after if place_of(row) not in unseen), None)
    if act is None or _time(used[0]) < _time(act):
        yield of_row("First use of root in these logs", used[0])
    is_same = bool(act and alarmed and place_of(act) == place_of(alarmed))
    if act:
        did = acts[place_text(act)].did if place_text(act) in acts else ""
        source = f"from {act['sourceIPAddress']}" if act["sourceIPAddress"] else ""
        what = ", ".join(filter(None, (did, source)))
        alarm = "would have triggered a CIS root-usage alarm" if is_same and not for_support else ""
        yield of_row("First suspicious event that succeeded", act, "; ".join(filter(None, (what, alarm))))
    if not for_support:
        if not is_same:
            then = " from then on" if act else ""
            yield of_row(f"First event{then} that would have triggered a CIS root-usage alarm", alarmed)
        yield from _detection(analysis, account_id)
    last = next((row for row in reversed(used) if row["outcome"] != "failure"), None)
    yield of_row("Last successful root event", last)
    in_all = " in all logs" if analysis.time else ""
    if follower := last_follower(analysis, account_id):
        yield passed(
            f"Last successful call of follow-on activity{in_all}",
            follower["last_success_time"],
            follower["last_success_eventID"],
            follower["last_success_citation"] or "",
            f"{follower['entity_kind']} {follower['entity_name']}",
        )
    label = f"First reversal by another user{in_all}"
    own_acts = (one for one in acts_of(analysis).values() if account_id in ("", one.account_id))
    reversals = [(own_act.ended, own_act) for own_act in own_acts if own_act.ended]
    if reversals:
        end, reverted = min(reversals, key=lambda reversal: reversal[0].time)
        names = some([" ".join(named) for named in reverted.objects]) or reverted.did
        word = "changed" if end.word == "undone" else end.word
        by = "" if for_support else f" by {end.actor}"
        yield passed(label, end.time, end.event_id, end.place, f"{names} {word}{by}")
    else:
        yield Statement(f"{label}: not in these logs", "note")


def unseen_by_alarm(analysis: Analysis) -> set[tuple[int, int]]:
    """Places of the events of people that a CIS alarm does not match, or whose records lack a field of its filter."""
    missed = analysis.query("cis_filter_misses")
    return analysis.ran.part(("unseen", analysis.account_id), lambda: {place_of(row) for row in missed.rows})


def last_follower(analysis: Analysis, account_id: str) -> of.BlastRadius | None:
    """What root of an account made or changed and what made the last call that did not fail; None if nothing did."""
    called = (
        row for row in analysis.radius.acting(account_id) if row["certainty"] == "certain" and row["last_success_time"]
    )
    return max(called, key=lambda row: sortable(row["last_success_time"]), default=None)


def _requested(use: Use, act: of.RootTimeline | None) -> of.RootTimeline | None:
    """The request for the recovery that a first suspicious event completed within a day; else the act itself."""
    request = requested_recovery(use, [act] if act else ())
    return request or act


def requested_recovery(use: Use, rows: Iterable[of.RootTimeline]) -> of.RootTimeline | None:
    """The request of the recovery that the first of some events completed within a day; None if there is none."""
    first = next(iter(rows), None)
    if first is None or first["eventName"] != "PasswordRecoveryCompleted":
        return None
    requests = (row for row in use.tried if was_asked_for(row) and row["eventTime"] and first["eventTime"])
    return next((row for row in requests if 0 <= _time(first) - _time(row) <= _DAY), None)


def _first_problem(analysis: Analysis, account_id: str, rows: Iterable[of.RootTimeline]) -> of.RootTimeline | None:
    """The first unusual event of root's that a failed check cites, or the first at all; None if they cite none."""
    cited = {
        place for answer in analysis.verdict_of(account_id).answers if answer.is_failed for place in answer.citations
    }
    acts = sorted((row for row in rows if row["eventTime"] and place_text(row) in cited), key=_time)
    unusual = (
        row for row in acts if analysis.novelty.is_unusual(account_of(row), [row["sourceIPAddress"]], row["eventTime"])
    )
    return next(unusual, acts[0] if acts else None)


def _detection(analysis: Analysis, account_id: str) -> Iterator[Statement]:
    """What the alarm that is deployed would have told, if the last check found that it does not tell everything."""
    for row in analysis.query("posture").rows:
        is_own = row["control_id"] == "root-alarm" and account_id in ("", row["account_id"])
        if is_own and row["answer"] in ("fail", "warn"):
            known = "none known" if row["answer"] == "fail" else "in doubt"
            because = f"{known}: {row['why'].rstrip('.')} ({', '.join(row['answers'][:1])})"
            yield Statement(f"Detection by the alarm in place: {because}")


def _time(row: of.RootTimeline) -> float:
    return sortable(row["eventTime"])
