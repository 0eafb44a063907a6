"""The first sentences of the brief: who used root of an account, when, how, what they did, and what is still open."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from ipaddress import ip_address, ip_network
from itertools import chain
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import account_of
from rootforensics.analysis.verdict.attempts import not_failed, was_asked_for
from rootforensics.analysis.verdict.ownership import changes_of_ownership
from rootforensics.analysis.verdict.recorded import is_sure, told_of
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import (
    addresses,
    at,
    clock,
    enumerated,
    how_often,
    plural,
    short,
    short_actor,
    some,
    sortable,
    when,
)
from rootforensics.queries.within import rows_within
from rootforensics.rules.wording import past
from rootforensics.telling.acts import acts_of, all_acts, clauses_of, entity_named, in_turn
from rootforensics.telling.checks import served_since
from rootforensics.telling.finding_groups import grouped
from rootforensics.telling.hypotheses import device_before
from rootforensics.telling.statement import Statement, cited, said
from rootforensics.telling.times import last_follower, requested_recovery, unseen_by_alarm

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.queries import rows as of
    from rootforensics.telling.acts import Act, Clause
    from rootforensics.telling.standing import Standing
    from rootforensics.telling.statement import Level

    Rows = list[of.RootTimeline]

#: Networks whose addresses are not on the Internet: RFC 1918, RFC 6598, RFC 4193.
_INSIDE: Final = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
#: Categories of the catalogue for each sentence on what was done, and how many clauses it may have.
_SENTENCES: Final = (
    (("sign-ins", "recovery", "credentials"), 9),
    (("persistence", "privileges"), 6),
    (("data", "resources", "impact", "billing", "defense-evasion"), 9),
)
_SEVERE: Final = ("critical", "high")
#: Clauses on what was done in other uses, and in a sentence.
_ALSO: Final = 4
_CLAUSES: Final = 3
#: Seconds between two occasions.
_PAUSE: Final = 86_400
#: Sentences on uses that are not the takeover.
_USES: Final = 4
#: Addresses, open items, findings and further calls that are named.
_ADDRESSES: Final = 5
_OPEN: Final = 6
_FINDINGS: Final = 3
_NAMES: Final = 7


def opening(analysis: Analysis, verdict: AccountVerdict, standing: Standing) -> Iterator[Statement]:
    """The sentences on one account; each cites the events that it names.

    Args:
        analysis: of the case.
        verdict: on the account.
        standing: how the account stands.
    """
    use = analysis.use_by_people(verdict.account_id)
    is_used = use is not None and use.gained_access
    sentences = [
        *(_used(analysis, verdict, standing, use) if use and is_used else ()),
        *_followed(analysis, verdict),
        *_opened(analysis, verdict, use),
        *_ordered(analysis, verdict, standing),
        *_reached(analysis, verdict),
    ]
    yield from sentences
    if not is_used:
        yield standing.use
    if use and use.used and use.recorded:
        level: Level = "bad" if any(map(is_sure, use.recorded)) else "note"
        further = told_of(use.recorded, verdict.account_id)
        text = f"AWS recorded further use of root that is not in these logs: {further}."
        yield Statement(text, level, stands_in="posture")
    # Only a sentence that names an act shows the check that the act fails; one that counts events does not.
    shown = {place for sentence in sentences if sentence.kind == "acts" for place in sentence.citations}
    if others := [answer for answer in standing.bad if shown.isdisjoint(answer.citations[:1])]:
        firsts = [event for answer in others for event in zip(answer.event_ids[:1], answer.citations, strict=False)]
        label = "Failed checks" if len(others) == len(standing.bad) else "Other failed checks"
        text = f"{label}: {'; '.join(answer.asked.short for answer in others)}."
        yield Statement(text, "bad", **cited(*firsts))
    entries = [row for row in analysis.query("entries").rows if account_of(row) == verdict.account_id]
    for device in device_before(analysis, verdict.account_id, entries):
        text = f"{device.text}, after a use without MFA. The logs do not show why root got in without it."
        yield replace(device, text=text, level="bad")
    # Further accounts without a problem have only the number of these checks, in their heading.
    if standing.inconclusive and (standing.is_bad or verdict == analysis.verdicts[0]) and is_used:
        yield Statement(f"Inconclusive checks: {standing.inconclusive}.", stands_in="verdict")
    if standing.kind != "takeover" and is_used:
        yield from _findings(analysis, verdict.account_id)
    yield from _open(analysis, verdict)
    unknown = [answer.asked.beyond for answer in standing.bad if answer.asked.beyond]
    if served := served_since(analysis, verdict):
        yield from served
    elif unknown:
        yield Statement(f"The logs do not show {', or '.join(unknown)}.", stands_in="verdict")


def _used(analysis: Analysis, verdict: AccountVerdict, standing: Standing, use: Use) -> Iterator[Statement]:
    """The uses of root by linked addresses, the takeover first, then the failed attempts and the recovery requests."""
    own = [row for row in use.used if place_of(row) not in analysis.openers]
    groups = _linked_uses(analysis, verdict.account_id, own)
    if standing.kind == "takeover" and groups:
        every = [occasion for occasions in groups for occasion in occasions]
        main = max(every, key=partial(_weight, analysis, verdict))
        yield from _likely_takeover(analysis, main, verdict, use)
        groups = [[occasion for occasion in occasions if occasion is not main] for occasions in groups]
    groups = sorted(filter(None, groups), key=lambda occasions: sortable(occasions[0][0]["eventTime"]))
    level: Level = "bad" if standing.is_bad and standing.kind != "takeover" else "note"
    words = "it was also used" if standing.kind == "takeover" else f"the root user of {_account(verdict)} was used"
    for occasions in groups[:_USES]:
        count = f" on {plural(len(occasions), 'occasion')}" if len(occasions) > 1 else ""
        rows = [row for occasion in occasions for row in occasion]
        # Known addresses are never in one group with new ones.
        remark = analysis.novelty.remark(verdict.account_id, rows[0]["sourceIPAddress"], rows[0]["eventTime"])
        yield _uses(analysis, rows, use, f"{words}{count}", level, remark)
        words = "it was also used"
    if more := [row for occasions in groups[_USES:] for occasion in occasions for row in occasion]:
        count = plural(sum(map(len, groups[_USES:])), "further occasion")
        yield said(f"Root was also used on {count} ({plural(len(more), 'event')}), {_from(more)}.", "note", more)
    failed = [row for row in use.tried if not was_asked_for(row)]
    requests = [row for row in use.tried if was_asked_for(row)]
    if failed:
        attempts = plural(len(failed), "other attempt")
        unseen = unseen_by_alarm(analysis)
        alarmed = sum(place_of(row) not in unseen for row in failed)
        matched = ("It" if len(failed) == 1 else "Each") if alarmed == len(failed) else f"{alarmed:,} of these attempts"
        alarm = f" {matched} would have triggered a CIS root-usage alarm." if alarmed else ""
        text = f"{attempts} to use root failed, {_from(failed, has_times=True)}.{alarm}"
        yield said(text, "note", failed)
    if requests:
        count = f" {how_often(len(requests))}" if len(requests) > 1 else ""
        text = f"{_when(requests, use)}, a recovery of root's password was requested{count}, {_from(requests)}."
        yield replace(said(text, "note", requests), kind="request")


def _followed(analysis: Analysis, verdict: AccountVerdict) -> Iterator[Statement]:
    """Until when identities that root created or changed made calls, from where, and the most severe of them."""
    if last := last_follower(analysis, verdict.account_id):
        rows = [row for row in analysis.radius.acting(verdict.account_id) if row["certainty"] == "certain"]
        names = [
            f"{row['entity_kind']} {short(row['entity_name'])} ({plural(row['use_count'] or 0, 'call')})"
            for row in rows
        ]
        sources = addresses(source for row in rows for source in row["use_source_ips"] or ())
        text = (
            "Follow-on activity, by what root created or changed, lasted until "
            f"{at(last['last_success_time'])}: {some(names, _OPEN)}, from {sources}."
        )
        reached = (
            row
            for row in analysis.radius.rows
            if verdict.account_id in row["root_accounts"] and row["certainty"] == "certain"
        )
        acts = _severe_acts(analysis, set(chain.from_iterable(row["citations"] for row in reached)))
        shown, more = _most_severe(clauses_of(act for act in acts if not act.by_root), _ALSO)
        text += f" It {_enumerated(shown, more)}." if shown else ""
        firsts = [(row["first_use_eventID"], row["first_use_citation"] or "") for row in rows]
        events = [event for clause in shown for event in clause.events]
        lasted = (last["last_success_eventID"], last["last_success_citation"] or "")
        yield Statement(text, "bad", **cited(*firsts, *events, lasted), kind="followed")


def _opened(analysis: Analysis, verdict: AccountVerdict, use: Use | None) -> Iterator[Statement]:
    """Who opened root sessions in the account with ``AssumeRoot``, and what root did in those that others opened."""
    if rows := analysis.opened.get(verdict.account_id):
        count = "a root session" if len(rows) == 1 else plural(len(rows), "root session")
        actors = some(list(dict.fromkeys(f"{short_actor(row['actor'])} of account {account_of(row)}" for row in rows)))
        yield said(f"{_span(_known_times(rows))}, {actors} opened {count} (AssumeRoot), {_from(rows)}.", "note", rows)
    if use and (within := [row for row in use.used if place_of(row) in analysis.openers]):
        openers = enumerated(list(dict.fromkeys(analysis.openers[place_of(row)] for row in within)))
        yield _uses(analysis, within, use, f"root was used in sessions that {openers} opened")
    for row in analysis.query("root_sessions").rows:
        if (row["session_kind"], row["opener_citation"], account_of(row)) == ("assume_root", None, verdict.account_id):
            text = f"The logs do not show who opened the AssumeRoot session of {at(row['first_time'])}."
            yield Statement(text, "note", **cited((row["first_eventID"], row["first_citation"] or "")))


def _ordered(analysis: Analysis, verdict: AccountVerdict, standing: Standing) -> Iterator[Statement]:
    """What another account changed: the e-mail address, the contacts or the organization of this one."""
    acts = all_acts(analysis)
    groups: dict[str, list[of.OwnershipChanges]] = {}
    for row in rows_within(changes_of_ownership(analysis), analysis.since, analysis.until):
        if account_of(row) == verdict.account_id != row["ordered_in"]:
            actor = f"{short_actor(row['actor'])} of account {row['ordered_in'] or 'unknown'}"
            groups.setdefault(actor, []).append(row)
    failed = {place for answer in standing.bad for place in answer.citations}
    for actor, rows in groups.items():
        did = enumerated([*in_turn(clauses_of(acts[place_text(row)] for row in rows))])
        level: Level = "note" if failed.isdisjoint(map(place_text, rows)) else "bad"
        yield replace(said(f"{_span(_known_times(rows))}, {actor} {did}.", level, rows), kind="acts")


def _reached(analysis: Analysis, verdict: AccountVerdict) -> Iterator[Statement]:
    """What root of other accounts, or what descends from it, created or changed in this one, and nobody undid."""
    rows = [
        row
        for row in analysis.radius.still_open
        if row["account_id"] == verdict.account_id and verdict.account_id not in row["root_accounts"]
    ]
    if rows and verdict.account_id:
        others = enumerated(sorted({account for row in rows for account in row["root_accounts"]}))
        names = some([" ".join(entity_named(row)) for row in rows], _OPEN)
        text = (
            f"The root user of account {others}, or its follow-on activity, reached this account: {names} (still open)."
        )
        yield Statement(text, "bad", **cited(*((row["eventID"], row["citation"]) for row in rows)))


def _linked_uses(analysis: Analysis, account_id: str, used: Rows) -> list[list[Rows]]:
    """The uses of root by groups of linked addresses, each group split into occasions with a day between them.

    The logs do not show who used root. Addresses belong together if a session, an access key or a network links them.
    Addresses that the account knew are never grouped with new ones.
    """
    rows = sorted(used, key=lambda row: sortable(row["eventTime"]))
    is_new: dict[str | None, bool] = {}
    begin = previous = None
    for row in rows:
        address, time = row["sourceIPAddress"], row["eventTime"]
        if previous is None or sortable(time) - sortable(previous) > _PAUSE:
            begin = time
        previous = time
        if address not in is_new:
            is_new[address] = bool(analysis.novelty.new(account_id, [address], begin))
    parents: dict[object, object] = {}

    def group_of(node: object) -> object:
        while (parent := parents.setdefault(node, node)) != node:
            parents[node], node = parents.get(parent, parent), parent
        return node

    for link in analysis.query("address_links").rows:
        address = link["sourceIPAddress"]
        if account_of(link) == account_id and address in is_new:
            parents[group_of((address,))] = group_of((is_new[address], link["link"]))
    groups: dict[object, list[Rows]] = {}
    for row in rows:
        occasions = groups.setdefault(group_of((row["sourceIPAddress"],)), [])
        # What has no time is an occasion of its own.
        if not occasions or sortable(row["eventTime"]) - sortable(occasions[-1][-1]["eventTime"]) > _PAUSE:
            occasions.append([])
        occasions[-1].append(row)
    return list(groups.values())


def _is_inside(source: str) -> bool:
    try:
        address = ip_address(source)
    except ValueError:  # a service's name
        return False
    return any(address in network for network in _INSIDE)


def _weight(analysis: Analysis, verdict: AccountVerdict, rows: Rows) -> tuple[bool, int, float]:
    """How much speaks for a takeover in some uses: a new address, failed checks that cite them; then the latest."""
    places = set(map(place_text, rows))
    checks = sum(not places.isdisjoint(answer.citations) for answer in verdict.answers if answer.is_failed)
    begin = rows[0]["eventTime"]
    is_new = bool(analysis.novelty.new(verdict.account_id, [row["sourceIPAddress"] for row in rows], begin))
    return is_new and bool(checks), checks, sortable(begin)


def _likely_takeover(analysis: Analysis, rows: Rows, verdict: AccountVerdict, use: Use) -> Iterator[Statement]:
    """Who took root over, from when to when and from where, and what was done then, the most severe first."""
    request = requested_recovery(use, rows)
    requests = [request] if request else []
    text = (
        f"{_span(_known_times(requests) + _times(rows, use))}, someone likely took over and used the root user of "
        f"{_account(verdict)}: {_counted(rows, use)}, {_from(rows)}."
    )
    yield said(text, "bad", [*requests, *rows])
    severe, times = _severe_acts(analysis, set(map(place_text, rows))), _times(rows, use)
    day = times[0] if times and times[0].date() == times[-1].date() else None
    for categories, limit in _SENTENCES:
        shown, more = _most_severe(clauses_of((act for act in severe if act.category in categories), day), limit)
        for start in range(0, len(shown), _CLAUSES):
            part = shown[start : start + _CLAUSES]
            events = [event for clause in part for event in clause.events]
            yield Statement(f"They {enumerated([*in_turn(part)])}.", "bad", **cited(*events), kind="acts")
        if more:
            counted = [(act.event_id, act.place) for clause in more for act in clause.acts]
            # Each kind of call once: who ended it, and what it touched, is in the timeline.
            kinds = [*dict.fromkeys(past(clause.acts[0].phrase) for clause in more)]
            named = [*kinds[:_NAMES], *([f"{len(kinds) - _NAMES:,} more"] if len(kinds) > _NAMES else [])]
            text = f"They also {enumerated(named)} ({plural(len(counted), 'call')})."
            yield Statement(text, "bad", **cited(*counted))


def _uses(analysis: Analysis, rows: Rows, use: Use, words: str, level: Level = "note", remark: str = "") -> Statement:
    """Uses of root: when, from where, and what was done. It also cites what ended the acts that it names."""
    text = f"{_when(rows, use)}, {words} ({_counted(rows, use)}), {_from(rows, remark)}"
    shown, more = _most_severe(clauses_of(_severe_acts(analysis, set(map(place_text, rows)))), _ALSO)
    sources = {row["sourceIPAddress"] for row in rows}
    if shown:
        did = _enumerated(shown, more)
        text += f". Root {did.replace(f', from {sources.pop()}', '') if len(sources) == 1 else did}"
    events = [(row["eventID"], place_text(row)) for row in rows]
    ended = [event for clause in shown for event in clause.events]
    return Statement(f"{text}.", level, **cited(*events, *ended))


def _account(verdict: AccountVerdict) -> str:
    return f"account {verdict.account_id or 'unknown'}"


def _severe_acts(analysis: Analysis, places: set[str]) -> list[Act]:
    return [
        act
        for act in acts_of(analysis).values()
        if act.place in places and act.severity in _SEVERE and act.outcome == "succeeded"
    ]


def _enumerated(shown: list[Clause], more: list[Clause]) -> str:
    """The clauses that are shown, and the calls of the others."""
    return enumerated([*in_turn(shown), *([_more_calls(more)] if more else [])])


def _more_calls(clauses: list[Clause]) -> str:
    """How many calls some clauses are, and their names."""
    acts = [act for clause in clauses for act in clause.acts]
    names = [*dict.fromkeys(act.event_name for act in acts)]
    return f"made {plural(len(acts), 'more call')} of high or critical severity ({some(names, _NAMES)})"


def _from(rows: Rows, remark: str = "", *, has_times: bool = False) -> str:
    """The addresses, each with the number of its events if there are several, their times, and a remark.

    An address that is not public tells nothing about the place of a caller.
    """
    by_address: dict[str, Rows] = {}
    for row in rows:
        by_address.setdefault(row["sourceIPAddress"] or "an unknown address", []).append(row)
    names = []
    for address, own in by_address.items():
        notes = [f"{len(own):,}"] * (len(by_address) > 1)
        notes += [when(row["eventTime"] for row in own)] * has_times
        aside = f" ({' '.join(notes)})" if notes else ""
        names.append(f"{'non-public address ' * _is_inside(address)}{short(address)}{aside}{remark}")
    return f"from {some(names, _ADDRESSES) if len(names) > _ADDRESSES else enumerated(names)}"


def _most_severe(clauses: Sequence[Clause], limit: int) -> tuple[list[Clause], list[Clause]]:
    """The most severe clauses in order of time, and the others.

    Of each category there is one at least, and what gave others access comes before the rest.
    """
    order = sorted(clauses, key=lambda clause: (not clause.acts[0].receiver, clause.acts[0].severity != "critical"))
    firsts = {clause.acts[0].category: clause for clause in reversed(order)}
    ranked = [*firsts.values(), *(clause for clause in order if clause not in firsts.values())]
    kept = ranked if len(ranked) <= limit + 1 else ranked[:limit]
    shown = [clause for clause in clauses if clause in kept]
    return shown, [clause for clause in clauses if clause not in shown]


def _findings(analysis: Analysis, account_id: str) -> Iterator[Statement]:
    """The findings of high or critical severity, so that no account that has some reads as if it had none."""
    rows = [row for row in analysis.findings().rows if row["severity"] in _SEVERE]
    groups = grouped(row for row in rows if account_id in ("", row["account_id"]))
    if groups:
        titles = []
        for group in groups:
            actors = group.first["actors"] or []
            by_others = bool(actors) and not any(arn.endswith(":root") for arn in actors)
            who = f" (by {some([*map(short_actor, actors)], 1)})" if by_others else ""
            titles.append(group.first["title"].rstrip(".") + who)
        firsts = [event for group in groups for event in list(zip(group.event_ids, group.citations, strict=True))[:1]]
        text = f"{plural(len(groups), 'severe finding')}: {some(titles, _FINDINGS, '; ')}."
        yield Statement(text, **cited(*firsts))


def _open(analysis: Analysis, verdict: AccountVerdict) -> Iterator[Statement]:
    """What root of the account created or changed, and nobody undid."""
    rows = [
        row for row in analysis.radius.still_open if verdict.account_id in row["root_accounts"] and not row["accepted"]
    ]
    if rows:
        # What root changed was there before: the call says what is to be restored. Of root itself, the kind says it.
        is_clear = (row["effect"] == "creates" or row["entity_kind"].startswith("root ") for row in rows)
        own = f" of {_account(verdict)}"
        names = [
            " ".join(entity_named(row)).removesuffix(own) + ("" if clear else f" ({row['eventName']})")
            for row, clear in zip(rows, is_clear, strict=True)
        ]
        logs = "all logs" if analysis.time else "the logs"
        text = f"Still open at the end of {logs}: {some(names, _OPEN)}."
        yield Statement(text, "bad", **cited(*((row["eventID"], row["citation"]) for row in rows)))


def _known_times(rows: Iterable[of.RootTimeline | of.OwnershipChanges]) -> list[datetime]:
    return sorted(row["eventTime"] for row in rows if row["eventTime"])


def _times(rows: Rows, use: Use) -> list[datetime]:
    """The times of the uses that did not fail; of all, if all failed."""
    worked = set(map(place_text, not_failed(use)))
    return _known_times([row for row in rows if place_text(row) in worked] or rows)


def _counted(rows: Rows, use: Use) -> str:
    """How many events there are, and how many were denied or failed, with their time if it lies outside the others'."""
    worked = set(map(place_text, not_failed(use)))
    failed = [row for row in rows if place_text(row) not in worked]
    if not failed:
        return plural(len(rows), "event")
    times, failures = _times(rows, use), _known_times(failed)
    earlier = [time for time in failures if times and time < times[0]]
    later = [time for time in failures if times and time > times[-1]]
    moments = [f"{len(earlier):,} before that, from {at(earlier[0])}"] if earlier else []
    moments += [f"{len(later):,} after that, until {clock(later[-1], times[-1])}"] if later else []
    number = "all" if len(failed) == len(rows) else f"{len(failed):,}"
    outside = f" ({', '.join(moments)})" if moments else ""
    return f"{plural(len(rows), 'event')}, {number} denied or failed{outside}"


def _when(rows: Rows, use: Use) -> str:
    """From the first to the last use that did not fail."""
    return _span(_times(rows, use))


def _span(times: Sequence[datetime]) -> str:
    """From the first to the last of some times: ``On 5 August 2026, between 01:12 and 05:13 UTC``."""
    if not times:
        return "At an unknown time"
    first, last = times[0], times[-1]
    day = f"{first.day} {first:%B %Y}"
    if first == last:
        return f"On {day}, at {first:%H:%M} UTC"
    if first.date() == last.date():
        return f"On {day}, between {first:%H:%M} and {last:%H:%M} UTC"
    return f"Between {day}, {first:%H:%M} UTC, and {last.day} {last:%B %Y}, {last:%H:%M} UTC"
