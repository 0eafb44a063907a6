"""The first sentences of the brief: who used root of an account, when, how, what they did, and what is still open."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.verdict.attempts import not_failed, was_asked_for
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import how_often, plural, short, some, sortable
from rootforensics.telling.acts import acts_of, clauses_of, entity_named
from rootforensics.telling.finding_groups import grouped
from rootforensics.telling.statement import Statement, cited, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.queries import rows as of
    from rootforensics.telling.acts import Act, Clause
    from rootforensics.telling.standing import Standing

    Rows = list[of.RootTimeline]

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
#: Seconds between two occasions, and between the first uses of two actors' addresses.
_PAUSE: Final = 86_400
#: Sentences on uses that are not the takeover.
_USES: Final = 4
#: Addresses, open items and findings that are named.
_ADDRESSES: Final = 5
_OPEN: Final = 4
_FINDINGS: Final = 3


def opening(analysis: Analysis, verdict: AccountVerdict, standing: Standing) -> Iterator[Statement]:
    """The sentences on one account; each cites the events that it names.

    Args:
        analysis: of the case.
        verdict: on the account.
        standing: how the account stands.
    """
    use = analysis.use_by_people(verdict.account_id)
    if use is None or not use.gained_access:
        yield standing.use
        return
    occasions = _occasions(analysis, verdict.account_id, use)
    if standing.kind == "takeover":
        main = max(occasions, key=partial(_weight, analysis, verdict))
        yield from _likely_takeover(analysis, main, verdict, use)
        occasions.remove(main)
    actors = _by_actor(occasions)
    for number, own in enumerate(actors[:_USES]):
        yield _uses(analysis, own, verdict, standing, use, is_first=number == 0 and standing.kind != "takeover")
    if more := [row for own in actors[_USES:] for occasion in own for row in occasion]:
        count = plural(sum(map(len, actors[_USES:])), "further occasion")
        yield said(f"Root was also used on {count} ({plural(len(more), 'event')}), {_from(more)}.", "note", more)
    failed = [row for row in use.tried if not was_asked_for(row)]
    requests = [row for row in use.tried if was_asked_for(row)]
    if failed:
        attempts = plural(len(failed), "further attempt")
        yield said(f"{_when(failed, use)}, {attempts} to use root failed, {_from(failed)}.", "note", failed)
    if requests:
        count = f" {how_often(len(requests))}" if len(requests) > 1 else ""
        text = f"{_when(requests, use)}, a recovery of root's password was requested{count}, {_from(requests)}."
        yield said(text, "note", requests)
    if standing.bad:
        firsts = [
            event for answer in standing.bad for event in zip(answer.event_ids[:1], answer.citations, strict=False)
        ]
        text = f"Failed checks: {'; '.join(answer.asked.short for answer in standing.bad)}."
        yield Statement(text, "bad", **cited(*firsts))
    if standing.unknown:
        yield Statement(f"Inconclusive checks: {', '.join(standing.unknown)}.", stands_in="verdict")
    if standing.kind != "takeover":
        yield from _findings(analysis, verdict.account_id)
    yield from _open(analysis, verdict)
    unknown = ["who used root", *(answer.asked.beyond for answer in standing.bad if answer.asked.beyond)]
    yield Statement(f"The logs do not show {', or '.join(unknown)}.", stands_in="verdict")


def _occasions(analysis: Analysis, account_id: str, use: Use) -> list[Rows]:
    """The uses of root from the addresses of each actor, split where a day lies between them.

    The logs do not show who used root: an actor is all addresses that the account knew, or new ones that it first knew
    within a day of each other.
    """
    rows = sorted(use.used, key=lambda row: sortable(row["eventTime"]))
    actors = _actors(analysis, account_id, rows)
    occasions: list[Rows] = []
    last: dict[int, Rows] = {}
    for row in rows:
        actor = actors[row["sourceIPAddress"]]
        occasion = last.get(actor)
        # What has no time is an occasion of its own.
        if occasion is None or sortable(row["eventTime"]) - sortable(occasion[-1]["eventTime"]) > _PAUSE:
            occasion = last[actor] = []
            occasions.append(occasion)
        occasion.append(row)
    return occasions


def _actors(analysis: Analysis, account_id: str, rows: Rows) -> dict[str | None, int]:
    """A number for the actor of each address: 0 where the account knew it before root was used from it."""
    first_uses: dict[str | None, float] = {
        row["sourceIPAddress"]: sortable(row["first_time"])
        for row in analysis.query("address_first_uses").rows
        if row["account_id"] == account_id
    }
    actors: dict[str | None, int] = {}
    new: dict[str | None, float] = {}
    begin = previous = None
    for row in rows:
        address, time = row["sourceIPAddress"], row["eventTime"]
        if previous is None or sortable(time) - sortable(previous) > _PAUSE:
            begin = time
        previous = time
        if address not in actors:
            actors[address] = 0
            if analysis.novelty.new(account_id, [address], begin):
                new[address] = first_uses.get(address, sortable(time))
    number, latest = 0, float("-inf")
    for address, first_time in sorted(new.items(), key=lambda item: item[1]):
        number += first_time - latest > _PAUSE
        actors[address], latest = number, first_time
    return actors


def _by_actor(occasions: list[Rows]) -> list[list[Rows]]:
    """Occasions, those that share an address together."""
    actors: list[tuple[set[str | None], list[Rows]]] = []
    for rows in occasions:
        addresses = {row["sourceIPAddress"] for row in rows}
        same = [actor for actor in actors if not addresses.isdisjoint(actor[0])]
        actors = [actor for actor in actors if actor not in same]
        actors.append((addresses.union(*(actor[0] for actor in same)), [*(one for a in same for one in a[1]), rows]))
    return [own for _, own in sorted(actors, key=lambda actor: sortable(actor[1][0][0]["eventTime"]))]


def _weight(analysis: Analysis, verdict: AccountVerdict, rows: Rows) -> tuple[bool, int, float]:
    """How much speaks for a takeover in some uses: a new address, failed checks that cite them; then the latest."""
    places = set(map(place_text, rows))
    checks = sum(not places.isdisjoint(answer.citations) for answer in verdict.answers if answer.is_failed)
    begin = rows[0]["eventTime"]
    is_new = bool(analysis.novelty.new(verdict.account_id, [row["sourceIPAddress"] for row in rows], begin))
    return is_new and bool(checks), checks, sortable(begin)


def _likely_takeover(analysis: Analysis, rows: Rows, verdict: AccountVerdict, use: Use) -> Iterator[Statement]:
    """Who took root over, from when to when and from where, and what was done then, the most severe first."""
    yield said(
        f"{_when(rows, use)}, someone likely took over the root user of {_account(verdict)} "
        f"({_counted(rows, use)}), {_from(rows)}.",
        "bad",
        rows,
    )
    severe = _severe_acts(analysis, rows)
    for categories, limit in _SENTENCES:
        shown, more = _most_severe(clauses_of(act for act in severe if act.category in categories), limit)
        for start in range(0, len(shown), _CLAUSES):
            part = shown[start : start + _CLAUSES]
            text = _joined(part, more if start + _CLAUSES >= len(shown) else 0)
            yield Statement(f"They {text}.", "bad", **cited(*(event for clause in part for event in clause.events)))


def _uses(
    analysis: Analysis, occasions: list[Rows], verdict: AccountVerdict, standing: Standing, use: Use, *, is_first: bool
) -> Statement:
    """Uses of root by one actor, next to a takeover or where there is none: when, from where and what was done."""
    rows = [row for occasion in occasions for row in occasion]
    subject = f"the root user of {_account(verdict)} was" if is_first else "it was also"
    count = f" on {plural(len(occasions), 'occasion')}" if len(occasions) > 1 else ""
    text = f"{_when(rows, use)}, {subject} used{count} ({_counted(rows, use)}), {_from(rows)}"
    shown, more = _most_severe(clauses_of(_severe_acts(analysis, rows)), _ALSO)
    if shown:
        text += f". Root {_joined(shown, more)}"
    return said(f"{text}.", "bad" if standing.is_bad and standing.kind != "takeover" else "note", rows)


def _account(verdict: AccountVerdict) -> str:
    return f"account {verdict.account_id or 'unknown'}"


def _severe_acts(analysis: Analysis, rows: Rows) -> list[Act]:
    places = set(map(place_text, rows))
    return [
        act
        for act in acts_of(analysis).values()
        if act.place in places and act.severity in _SEVERE and act.outcome == "succeeded"
    ]


def _from(rows: Rows) -> str:
    """The addresses, each with its events if there are several."""
    counts = Counter(short(row["sourceIPAddress"] or "an unknown address") for row in rows)
    named = [address if len(counts) == 1 else f"{address} ({count:,})" for address, count in counts.items()]
    return f"from {some(named, _ADDRESSES)}"


def _most_severe(clauses: Sequence[Clause], limit: int) -> tuple[list[Clause], int]:
    """The most severe clauses in order of time, and how many calls the others have.

    Of each category there is one at least, and what gave others access comes before the rest.
    """
    order = sorted(clauses, key=lambda clause: (not clause.acts[0].receiver, clause.acts[0].severity != "critical"))
    firsts = {clause.acts[0].category: clause for clause in reversed(order)}
    ranked = [*firsts.values(), *(clause for clause in order if clause not in firsts.values())]
    kept = ranked if len(ranked) <= limit + 1 else ranked[:limit]
    shown = [clause for clause in clauses if clause in kept]
    return shown, sum(len(clause.acts) for clause in clauses if clause not in shown)


def _joined(clauses: Sequence[Clause], more: int) -> str:
    """Clauses as one sentence without its subject, with the number of further calls."""
    did = [clause.did for clause in clauses]
    if more:
        did.append(f"made {plural(more, 'more severe call')}")
    *others, last = did
    return f"{'; '.join(others)}; and {last}" if others[1:] else " and ".join(did)


def _findings(analysis: Analysis, account_id: str) -> Iterator[Statement]:
    """The findings of high or critical severity, so that no account that has some reads as if it had none."""
    rows = [row for row in analysis.findings().rows if row["severity"] in _SEVERE]
    groups = grouped(row for row in rows if account_id in ("", row["account_id"]))
    if groups:
        titles = some([group.first["title"].rstrip(".") for group in groups], _FINDINGS, "; ")
        firsts = [event for group in groups for event in list(zip(group.event_ids, group.citations, strict=True))[:1]]
        text = f"{plural(len(groups), 'finding')} of high or critical severity: {titles}."
        yield Statement(text, **cited(*firsts))


def _open(analysis: Analysis, verdict: AccountVerdict) -> Iterator[Statement]:
    """What is still open of what root of the account created or changed."""
    rows = [
        row for row in analysis.radius.still_open if verdict.account_id in row["root_accounts"] and not row["accepted"]
    ]
    if rows:
        names = [" ".join(entity_named(row)) for row in rows]
        verb = "is" if len(rows) == 1 else "are"
        text = f"At the end of the logs, {some(names, _OPEN)} {verb} still open."
        yield Statement(text, "bad", **cited(*((row["eventID"], row["citation"]) for row in rows)))


def _times(rows: Rows, use: Use) -> list[datetime]:
    """The times of the uses that did not fail; of all, if all failed."""
    worked = set(map(place_text, not_failed(use)))
    own = [row for row in rows if place_text(row) in worked] or rows
    return sorted(row["eventTime"] for row in own if row["eventTime"])


def _counted(rows: Rows, use: Use) -> str:
    """The number of the events within ``_when``, and of those that were denied or failed at other times."""
    times = _times(rows, use)
    outside = sum(bool(row["eventTime"] and not times[0] <= row["eventTime"] <= times[-1]) for row in rows)
    more = f"; {outside:,} denied or failed at other times" if outside else ""
    return f"{plural(len(rows) - outside, 'event')}{more}"


def _when(rows: Rows, use: Use) -> str:
    """From the first to the last use that did not fail: ``On 5 August 2026, between 01:12 and 05:13 UTC``."""
    times = _times(rows, use)
    if not times:
        return "At an unknown time"
    first, last = times[0], times[-1]
    day = f"{first.day} {first:%B %Y}"
    if first == last:
        return f"On {day}, at {first:%H:%M} UTC"
    if first.date() == last.date():
        return f"On {day}, between {first:%H:%M} and {last:%H:%M} UTC"
    return f"Between {day}, {first:%H:%M} UTC, and {last.day} {last:%B %Y}, {last:%H:%M} UTC"
