"""What limits the answers: what an alarm misses, service activity, filtered events, coverage, and the evidence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.coverage.scope import UNSURE, problem_counts, unread_by_account
from rootforensics.analysis.places import account_of
from rootforensics.evidence.cite import place_of
from rootforensics.phrases import at, between, clock, plural, short, short_actor, some, some_of, when
from rootforensics.telling.posture_now import tell_posture
from rootforensics.telling.statement import Statement, said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.coverage.scope import Scope
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: The most Regions that a sentence names. AWS has fewer, but a forged log can name any number.
REGIONS_NAMED: Final = 60
#: Words after the number of files with a result of validation, in the order of the sentence.
_RESULTS: Final = {
    "modified": "modified after delivery",
    "missing": "missing",
    "unlisted": "that no digest file lists",
    "chain_broken": "in a break of the digest chain",
    "unsigned": "without a signature to prove it",
    "key_unknown": "without the public key to prove it",
    "no_digest": "without a digest file",
    "not_checked": "not checked",
    "unknown": "with an unknown result",
    "verified": "verified",
}
#: One problem of the evidence of each kind, and several of them.
_PROBLEMS: Final = {
    "event_id_conflict": ("event with a non-unique eventID", "events with a non-unique eventID"),
    "inferred_source": ("file with events whose source was inferred", "files with events whose source was inferred"),
    "no_event_id": ("event without an eventID", "events without an eventID"),
    "no_event_source": ("file with events from an unknown service", "files with events from an unknown service"),
    "no_event_time": ("event without a time", "events without a time"),
    "object_archive": ("archive with a warning", "archives with a warning"),
    "object_damaged": ("damaged file", "damaged files"),
    "object_duplicate": ("duplicate file", "duplicate files"),
    "object_empty": ("empty file", "empty files"),
    "object_loaded": ("file loaded with a warning", "files loaded with a warning"),
    "object_unreadable": ("unreadable file", "unreadable files"),
    "object_unsupported": ("unsupported file", "unsupported files"),
    "other_spelling": ("file with unusual names of services or actions",
                       "files with unusual names of services or actions"),
    "record_problem": ("record converted to fit the columns", "records converted to fit the columns"),
    "unknown_identity": ("event that may or may not be root's", "events that may or may not be root's"),
}  # fmt: skip


def tell_limits(case: Asks, taken: Scope) -> list[Statement]:
    """Events that look like a service's and are a person's, coverage, evidence, validation, and open risks."""
    activity = [statement for statement in tell_activity(case) if statement.level == "bad"]
    return [
        *activity, *tell_coverage(case, taken), *_doubles(case), *tell_evidence(case), *_integrity(case),
        *tell_posture(case),
    ]  # fmt: skip


def tell_activity(case: Asks) -> Iterator[Statement]:
    """What a standard alarm misses, and what AWS services did as root."""
    timeline = case.query("root_timeline").rows
    activity = [row for row in timeline if row["origin_group"] == "activity"]
    places = set(map(place_of, timeline))
    like_people = [row for row in case.query("noise_like_people").rows if place_of(row) in places]
    yield from _unseen_by_the_alarm(case, activity)
    if like_people:
        events = plural(len(like_people), "event of root names", "events of root name")
        yield said(
            f"{events} an AWS service as the caller but came from a network address or with console credentials. "
            "Probably a person made them, and a standard CIS root alarm misses them.",
            "bad",
            like_people,
        )
    yield from _by_services(case)
    people = set(map(place_of, like_people))
    if noise := [row for row in timeline if row["origin_group"] == "noise" and place_of(row) not in people]:
        events = plural(len(noise), "more event" if activity else "event")
        yield said(f"AWS services made {events} as root; root-noise lists them.", "good", noise)


def _unseen_by_the_alarm(case: Asks, activity: list[of.RootTimeline]) -> Iterator[Statement]:
    """A record that lacks a column of the filter cannot show whether the alarm matched it; it counts separately."""
    others = {place_of(row): row["cis_match"] for row in case.query("cis_filter_misses").rows}
    unseen = [row for row in activity if others.get(place_of(row), True) is False]
    unknown = [row for row in activity if others.get(place_of(row), True) is None]
    if unseen:
        origins = some_of((row["origin"] or "").replace("_", " ") for row in unseen)
        yield said(
            f"A standard CIS root alarm misses {len(unseen):,} of {plural(len(activity), 'event')} of root activity "
            f"(origin: {origins}).",
            "note",
            unseen,
        )
    if unknown:
        yield said(
            f"For {len(unknown):,} of {plural(len(activity), 'event')} of root activity, the records lack fields that "
            "a standard CIS root alarm reads. The logs do not show whether it matches them.",
            "note",
            unknown,
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


def tell_coverage(case: Asks, taken: Scope) -> list[Statement]:
    """What filters excluded, and which times and Regions the logs are from."""
    covered = case.query("coverage").rows
    statements = []
    if not taken.is_whole:
        text = "The case contains only the events that a filter selected"
        if taken.lost_something:
            unreturned = " that the engine returned, and everything it did not return" if taken.is_extracted else ""
            text = f"The load filtered out {plural(taken.filtered_count, 'record')}{unreturned}"
        filters = " / ".join(taken.filters)
        statements.append(Statement(f"{text} (filter: {filters}).", "note", stands_in="evidence"))
    if covered:
        times = between(
            min((row["first_time"] for row in covered if row["first_time"]), default=None),
            max((row["last_time"] for row in covered if row["last_time"]), default=None),
        )
        named = some([*map(short, taken.regions)], REGIONS_NAMED)
        noun = "Region" if len(taken.regions) == 1 else "Regions"
        regions = f"for {noun} {named}" if taken.regions else "for Regions that are not recorded"
        text = f"The logs in this case are {times}, {regions}. They do not show other times or Regions."
        statements.append(Statement(text, "note", stands_in="coverage"))
    off = {(row["account_id"], row["awsRegion"], row["entity"]): row for row in _off(case)}.values()
    if off:
        names = [
            f"{row['entity'] or '(not named)'} of account {account_of(row)} "
            f"({'deleted' if row['impairment'] == 'removed' else 'stopped'} by "
            f"{short_actor(row['actor'])} {when([row['from_time']])})"
            for row in off
        ]
        text = f"{plural(len(off), 'trail')} still off that root did not stop: {some(names, by='; ')}."
        statements.append(said(text, "bad", list(off)))
    missing = unread_by_account(taken, ())
    if all(map(taken.knows_regions_of, taken.accounts or ("",))):
        for logs in missing:
            text = f"There are no {logs}, so root sign-ins there may be missing."
            statements.append(Statement(text, "bad", stands_in="coverage"))
    elif missing:
        text = f"It is not known whether there are {', '.join(missing)}: {UNSURE}."
        statements.append(Statement(text, "note", stands_in="coverage"))
    return statements


def _off(case: Asks) -> Iterator[of.LoggingImpairment]:
    """Calls by others than root and its follow-on activity that stopped or deleted a trail that is still off."""
    rows = [
        row
        for row in case.query("logging_impairment").rows
        if row["control"] == "trail" and row["impairment"] in ("stopped", "removed")
        and (row["result"], row["restored_citation"]) == ("succeeded", None)
    ]  # fmt: skip
    own = {
        (row["account_id"], row["awsRegion"], row["entity"]) for row in rows if row["by_root"] or row["by_descendant"]
    }
    return (row for row in rows if (row["account_id"], row["awsRegion"], row["entity"]) not in own)


def tell_evidence(case: Asks) -> list[Statement]:
    """Records of the case that are not calls, and problems of its evidence."""
    return [*_summed_up(case), *_corrected(case), *_problems(case)]


def _summed_up(case: Asks) -> Iterator[Statement]:
    """CloudTrail's own summaries are not calls, and no other sentence counts them."""
    counts = Counter({row["kind"]: row["count"] for row in case.query("summary_counts").rows})
    nouns = {"insight": "Insights event", "aggregated": "aggregated event"}
    if summaries := [plural(counts[kind], noun) for kind, noun in nouns.items() if counts[kind]]:
        yield Statement(
            f"The case also contains {' and '.join(summaries)} that CloudTrail itself wrote. They name no caller and "
            "are not counted here.",
            "note",
            stands_in="evidence",
        )


def _corrected(case: Asks) -> Iterator[Statement]:
    """No other sentence counts a record that AWS corrected; a correction of an unknown record counts."""
    rows = case.query("addenda").rows
    superseded, unmatched = ([row for row in rows if row["state"] == state] for state in ("superseded", "not_followed"))
    if superseded:
        corrections = "correction counts" if len(superseded) == 1 else "corrections count"
        yield said(
            f"AWS corrected {plural(len(superseded), 'event')} ({some_of(row['eventName'] for row in superseded)}). "
            f"The first record is kept and not counted; the {corrections}.",
            "note",
            superseded,
        )
    if unmatched:
        records = plural(len(unmatched), "record calls itself a correction", "records call themselves corrections")
        yield said(f"{records}, but no event matches that they could correct. All of them count.", "bad", unmatched)


def _problems(case: Asks) -> Iterator[Statement]:
    counts = sorted(problem_counts(case).items())
    if problems := ", ".join(plural(count, *_PROBLEMS.get(kind, (kind, kind))) for kind, (count, _) in counts):
        yield Statement(f"Problems in the evidence: {problems}.", "note", stands_in="evidence")


def _doubles(case: Asks) -> Iterator[Statement]:
    """Events of root whose eventID another record has, too."""
    shared = {row["eventID"] for row in case.query("shared_event_ids").rows}
    if rows := [row for row in case.query("root_timeline").rows if row["eventID"] in shared]:
        events = plural(len(rows), "event")
        names = some_of(row["eventName"] for row in rows)
        yield said(
            f"Records with different content have the eventIDs of {events} of root ({names}). Some may be forged."
            if len(rows) > 1
            else f"Records with different content have the eventID of root's {names}. One may be forged.",
            "bad",
            rows,
        )


def _integrity(case: Asks) -> Iterator[Statement]:
    """The result of validation with digest files: how many files have which result, then the severe findings.

    What a severe finding reports is not counted before it.
    """
    rows = case.query("log_integrity").rows
    if not rows:
        text = "The log files were not validated with digest files (rootforensics verify)."
        yield Statement(text, "note", stands_in="evidence")
        return
    severe = [row for row in case.query("integrity_findings").rows if row["severity"] in ("high", "critical")]
    reported = {row["finding"] for row in severe}
    counts: dict[str, list[str]] = {}
    for row in rows:
        verdict = row["verdict"] or "unknown"
        if f"{row['kind']}_{verdict}" not in reported:
            noun = "log file" if row["kind"] == "log" else "digest file"
            counts.setdefault(verdict, []).append(plural(row["object_count"], noun))
    if counts:
        results = (
            f"{' and '.join(counts[verdict])} {words}" for verdict, words in _RESULTS.items() if verdict in counts
        )
        is_bad = not counts.keys().isdisjoint(("modified", "missing", "unlisted", "chain_broken"))
        yield Statement(f"Log validation: {'; '.join(results)}.", "bad" if is_bad else "note", stands_in="evidence")
    for finding in severe:
        where = f"{finding['region']} of account {finding['account_id']}"
        begin, end = finding["from_time"], finding["until_time"]
        # The times of a log file are those of the digest that lists it: when it was delivered.
        is_log = finding["finding"].startswith("log_") and begin and end
        time = f"delivered between {at(begin)} and {clock(end, begin)}" if is_log else between(begin, end)
        text = f"{finding['title']}: {where}, {time}."
        yield Statement(text, "bad", stands_in="evidence")
