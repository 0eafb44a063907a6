"""The first sentences of the brief: who used root of an account, when, how, what they did, and what is still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.verdict.attempts import not_failed
from rootforensics.phrases import plural, some
from rootforensics.telling.acts import acts_of, clauses_of, object_named
from rootforensics.telling.finding_groups import grouped
from rootforensics.telling.statement import Statement, cited, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.telling.acts import Clause
    from rootforensics.telling.standing import Standing
    from rootforensics.telling.statement import Level

#: Categories of the catalogue for each sentence on what was done, and how many clauses it may have.
_SENTENCES: Final = (
    (("sign-ins", "recovery", "credentials"), 6),
    (("persistence", "privileges"), 4),
    (("data", "resources", "impact", "billing", "defense-evasion"), 6),
)
_SEVERE: Final = ("critical", "high")
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
    yield _use(use, verdict, standing)
    acts = [
        act
        for act in acts_of(analysis).values()
        if act.account_id == verdict.account_id and act.severity in _SEVERE and act.outcome == "succeeded"
    ]
    for categories, limit in _SENTENCES:
        clauses = clauses_of(act for act in acts if act.category in categories and act.by_root)
        if clauses:
            yield _sentence(clauses, limit, "bad" if standing.is_bad else "note")
    if standing.bad:
        firsts = [
            event for answer in standing.bad for event in zip(answer.event_ids[:1], answer.citations, strict=False)
        ]
        text = f"Failed checks: {', '.join(answer.asked.short for answer in standing.bad)}."
        yield Statement(text, "bad", **cited(*firsts))
    if standing.unknown:
        yield Statement(f"Inconclusive checks: {', '.join(standing.unknown)}.", stands_in="verdict")
    if standing.kind != "takeover":
        yield from _findings(analysis, verdict.account_id)
    yield from _open(analysis, verdict)
    unknown = ["who used root", *(answer.asked.beyond for answer in standing.bad if answer.asked.beyond)]
    yield Statement(f"The logs do not show {', or '.join(unknown)}.", stands_in="verdict")


def _use(use: Use, verdict: AccountVerdict, standing: Standing) -> Statement:
    """Who used root, from when to when, and from which addresses."""
    rows = not_failed(use) or use.used
    times = sorted(row["eventTime"] for row in rows if row["eventTime"])
    when = spoken(times[0], times[-1]) if times else "At an unknown time"
    addresses = list(dict.fromkeys(row["sourceIPAddress"] or "an unknown address" for row in use.used))
    verb = "likely took over" if standing.kind == "takeover" else "used"
    tried = f"; {plural(len(use.tried), 'further attempt')} failed" if use.tried else ""
    text = (
        f"{when}, someone {verb} the root user of account {verdict.account_id or 'unknown'} "
        f"({plural(len(use.used), 'event')}), from {some(addresses, _ADDRESSES)}{tried}."
    )
    return said(text, "bad" if standing.is_bad else "note", use.used)


def _sentence(clauses: Sequence[Clause], limit: int, level: Level) -> Statement:
    """What they did: the most severe clauses, of each category one at least, in order of time."""
    order = sorted(clauses, key=lambda clause: clause.acts[0].severity != "critical")
    firsts = {clause.acts[0].category: clause for clause in reversed(order)}
    ranked = [*firsts.values(), *(clause for clause in order if clause not in firsts.values())]
    kept = ranked if len(ranked) <= limit + 1 else ranked[:limit]
    shown = [clause for clause in clauses if clause in kept]
    did = [clause.did for clause in shown]
    if more := sum(len(clause.acts) for clause in clauses if clause not in shown):
        did.append(f"made {plural(more, 'more severe call')}")
    text = f"They {'; '.join(did[:-1])}; and {did[-1]}." if len(did) > 1 else f"They {did[0]}."
    return Statement(text, level, **cited(*(event for clause in shown for event in clause.events)))


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
        names = [" ".join(object_named(row)) for row in rows]
        verb = "is" if len(rows) == 1 else "are"
        text = f"At the end of the logs, {some(names, _OPEN)} {verb} still open."
        yield Statement(text, "bad", **cited(*((row["eventID"], row["citation"]) for row in rows)))


def spoken(first: datetime, last: datetime) -> str:
    """A span as a sentence begins with it: ``On 5 August 2026, between 01:12 and 05:13 UTC``."""
    day = f"{first.day} {first:%B %Y}"
    if first == last:
        return f"On {day}, at {first:%H:%M} UTC"
    if first.date() == last.date():
        return f"On {day}, between {first:%H:%M} and {last:%H:%M} UTC"
    return f"Between {day}, {first:%H:%M} UTC, and {last.day} {last:%B %Y}, {last:%H:%M} UTC"
