"""What limits the answers: what an alarm misses, service activity, filtered events, coverage, and the evidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.coverage.scope import UNSURE, problem_counts, unread_by_account
from rootforensics.evidence.cite import place_of
from rootforensics.phrases import between, plural, short, some, some_of
from rootforensics.telling.posture_now import tell_posture
from rootforensics.telling.statement import Statement, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.coverage.scope import Scope
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: So many Regions are named; AWS has fewer.
REGIONS_NAMED: Final = 60


def tell_limits(case: Asks, taken: Scope) -> list[Statement]:
    """What the usual alarm misses, what services did as root, what was left out, how far logs reach."""
    timeline = case.query("root_timeline").rows
    beside = _beside(case, timeline, _like_people_in(case, timeline))
    return [*beside, *tell_coverage(case, taken), *tell_evidence(case), *_integrity(case), *tell_posture(case)]


def _integrity(case: Asks) -> Iterator[Statement]:
    """What validation by digest files said of the logs."""
    counts: dict[str, list[str]] = {}
    for row in case.query("log_integrity").rows:
        noun = "log" if row["kind"] == "log" else "digest file"
        counts.setdefault(row["verdict"] or "unknown", []).append(plural(row["object_count"], noun))
    if not counts:
        text = "The log files were not validated with digest files (rootforensics verify)."
        yield Statement(text, "note", stands_in="evidence")
        return
    parts = (f"{verdict.replace('_', ' ')}: {' and '.join(said)}" for verdict, said in sorted(counts.items()))
    is_bad = not counts.keys().isdisjoint(("modified", "missing", "unlisted", "chain_broken"))
    text = f"Validation with digest files: {'; '.join(parts)} (rootforensics verify)."
    yield Statement(text, "bad" if is_bad else "note", stands_in="evidence")
    for found in case.query("integrity_findings").rows:
        if found["severity"] in ("high", "critical"):
            where = f"{found['region']} of account {found['account_id']}"
            when = between(found["from_time"], found["until_time"])
            text = f"{found['title']}: {where}, {when}."
            yield Statement(text, "bad", stands_in="evidence")


def tell_beside(case: Asks) -> list[Statement]:
    """What the usual alarm misses, what services did as root, and noise."""
    timeline = case.query("root_timeline").rows
    like = _like_people_in(case, timeline)
    return [*_beside(case, timeline, like), *_noise(like, timeline)]


def _like_people_in(case: Asks, timeline: list[of.RootTimeline]) -> list[of.NoiseLikePeople]:
    places = set(map(place_of, timeline))
    return [row for row in case.query("noise_like_people").rows if place_of(row) in places]


def _beside(case: Asks, timeline: list[of.RootTimeline], like: list[of.NoiseLikePeople]) -> Iterator[Statement]:
    yield from _unseen_by_the_alarm(case, [row for row in timeline if row["origin_group"] == "activity"])
    yield from _like_people(like)
    yield from _by_services(case)


def tell_coverage(case: Asks, taken: Scope) -> list[Statement]:
    """What was left out, and how far the logs reach: without it no answer is read rightly."""
    return [*_left_out(taken), *_limits(case.query("coverage").rows, taken)]


def tell_evidence(case: Asks) -> list[Statement]:
    """What the case holds beside calls, and what is wrong with its evidence."""
    return [*_summed_up(case), *_corrected(case), *_problems(case)]


def tell_scope(case: Asks, taken: Scope) -> list[Statement]:
    """What the case holds beside calls, and what it lacks."""
    return [*_left_out(taken), *tell_evidence(case)]


def _unseen_by_the_alarm(case: Asks, activity: list[of.RootTimeline]) -> Iterator[Statement]:
    """A record that lacks a column of the filter cannot say whether the alarm saw it; such are told apart."""
    others = {place_of(row): row["cis_match"] for row in case.query("cis_filter_misses").rows}
    unseen = [row for row in activity if others.get(place_of(row), True) is False]
    unknown = [row for row in activity if others.get(place_of(row), True) is None]
    if unseen:
        yield said(
            f"A standard CIS root alarm misses {len(unseen):,} of {plural(len(activity), 'event')} of root activity "
            f"({some_of(row['origin'] for row in unseen)}).",
            "note",
            unseen,
        )
    if unknown:
        yield said(
            f"The records of {len(unknown):,} of {plural(len(activity), 'event')} of root activity do not show whether "
            "a standard CIS root alarm matches them: they lack fields that it reads.",
            "note",
            unknown,
        )


def _like_people(rows: list[of.NoiseLikePeople]) -> Iterator[Statement]:
    if rows:
        which = plural(len(rows), "event of root names", "events of root name")
        yield said(
            f"{which} an AWS service as the caller but came from a network address or with console credentials. "
            "Probably a person made them, and a standard CIS root alarm misses them.",
            "bad",
            rows,
        )


def _by_services(case: Asks) -> Iterator[Statement]:
    for hand, words in (("ordered", "after root called them"), ("foreign", "although no service does this on its own")):
        if rows := [row for row in case.query("service_activity").rows if row["hand"] == hand]:
            yield said(
                f"AWS services made changes as root, {words}: {some_of(row['eventName'] for row in rows)} "
                f"(by {some_of(row['service'] for row in rows)}).",
                "bad" if hand == "foreign" else "note",
                rows,
            )


def _noise(like_people: list[of.NoiseLikePeople], timeline: list[of.RootTimeline]) -> Iterator[Statement]:
    people = set(map(place_of, like_people))
    noise = [row for row in timeline if row["origin_group"] == "noise" and place_of(row) not in people]
    more = "more " if any(row["origin_group"] == "activity" for row in timeline) else ""
    if noise:
        yield said(
            f"AWS services made {plural(len(noise), f'{more}event')} as root; root-noise lists them.",
            "good",
            noise,
        )


def _left_out(taken: Scope) -> Iterator[Statement]:
    if taken.is_whole:
        return
    if not taken.lost_something:
        filters = " / ".join(taken.filters)
        yield Statement(
            f"The case contains only the events that a filter selected (filter: {filters}).",
            "note",
            stands_in="evidence",
        )
        return
    records = plural(taken.filtered_count, "record")
    records += " that the engine returned, and everything it did not return" if taken.is_extracted else ""
    filters = " / ".join(taken.filters)
    yield Statement(
        f"The load filtered out {records} (filter: {filters}).",
        "note",
        stands_in="evidence",
    )


def _limits(covered: list[of.Coverage], taken: Scope) -> Iterator[Statement]:
    first = min((row["first_time"] for row in covered if row["first_time"]), default=None)
    last = max((row["last_time"] for row in covered if row["last_time"]), default=None)
    if covered:
        regions = f"Regions {_regions_told(taken.regions)}" if taken.regions else "Regions not recorded"
        yield Statement(
            f"The logs loaded are {between(first, last)}, {regions}. Nothing here is about other times or Regions.",
            "note",
            stands_in="coverage",
        )
    missing, is_known = unread_by_account(taken, ()), all(map(taken.knows_regions_of, taken.accounts or ("",)))
    if missing and not is_known:
        yield Statement(
            f"It is not known whether there are {', '.join(missing)}: {UNSURE}.", "note", stands_in="coverage"
        )
    for one in missing if is_known else ():
        text = f"There are no {one}. Root sign-ins recorded there are not in the case."
        yield Statement(text, "bad", stands_in="coverage")


def _regions_told(regions: tuple[str, ...]) -> str:
    """AWS has fewer Regions than are named here; whoever wrote a log could make up more, and longer ones."""
    return some([*map(short, regions)], REGIONS_NAMED)


def _summed_up(case: Asks) -> Iterator[Statement]:
    """What CloudTrail sums up by itself is no call, and counts in no other sentence."""
    counted = case.query("summary_counts").rows
    kinds = Counter({row["kind"]: row["count"] for row in counted})
    words = {"insight": ("Insights event", "Insights events"), "aggregated": ("aggregated event", "aggregated events")}
    told = [f"{kinds[kind]:,} {names[kinds[kind] > 1]}" for kind, names in words.items() if kinds[kind]]
    if told:
        yield Statement(
            f"The case also contains {' and '.join(told)} that CloudTrail itself wrote. They name no caller and "
            "are not counted here.",
            "note",
            stands_in="evidence",
        )


def _corrected(case: Asks) -> Iterator[Statement]:
    """What a correction of AWS's withdrew counts in no other sentence; what none could be told to withdraw, does."""
    rows = case.query("addenda").rows
    of_state = {state: [row for row in rows if row["state"] == state] for state in ("superseded", "not_followed")}
    if gone := of_state["superseded"]:
        many = len(gone) > 1
        events, counts = ("events", "corrections count") if many else ("event", "correction counts")
        yield said(
            f"AWS corrected {len(gone):,} {events} ({some_of(row['eventName'] for row in gone)}). The first record is "
            f"kept and not counted; the {counts}.",
            "note",
            gone,
        )
    if beside := of_state["not_followed"]:
        which = plural(len(beside), "record calls itself a correction", "records call themselves")
        yield said(
            f"{which}{' corrections' if len(beside) > 1 else ''}, but no event matches that they could correct. All of "
            "them count.",
            "bad",
            beside,
        )


_KINDS: Final = {
    "event_id_conflict": "events that share an eventID with another event",
    "inferred_source": "files with events whose source was inferred",
    "no_event_id": "events without an eventID",
    "no_event_source": "files with events whose source is unknown",
    "no_event_time": "events without a time",
    "object_damaged": "damaged files",
    "object_duplicate": "duplicate files",
    "object_empty": "empty files",
    "object_loaded": "files with a remark",
    "object_unreadable": "unreadable files",
    "object_unsupported": "unsupported files",
    "other_spelling": "files with unusual spellings of services or actions",
    "record_problem": "records with a field of an unexpected type",
    "unknown_identity": "events that may or may not be root's",
}


def _problems(case: Asks) -> Iterator[Statement]:
    kinds = {kind: count for kind, (count, _) in problem_counts(case).items()}
    if kinds:
        words = ", ".join(f"{_KINDS.get(kind, kind)} ({count:,})" for kind, count in sorted(kinds.items()))
        yield Statement(f"Problems in the evidence: {words}.", "note", stands_in="evidence")
