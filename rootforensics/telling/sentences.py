"""What happened to root of one account, in five sentences at most, each with its events."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import opener_of
from rootforensics.analysis.verdict.attempts import not_failed
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import (
    SESSION_KINDS,
    at,
    clock,
    how_often,
    plural,
    short,
    short_actor,
    some,
    some_of,
    sortable,
    when,
)
from rootforensics.telling.answers import cited, preceding, went_before
from rootforensics.telling.finding_groups import grouped
from rootforensics.telling.standing import further_attempts
from rootforensics.telling.statement import Statement, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of
    from rootforensics.telling.standing import Standing
    from rootforensics.telling.statement import Level

#: A sentence is no longer than this before its citations.
_WIDTH: Final = 420
#: Of what followed, and of what each part of it stands on.
_WIDTH_DONE: Final = 900
_BECAUSE: Final = 130
#: Addresses that are named.
_SOURCES: Final = 8
#: How a sentence of the catalogue begins; names of calls are one word.
_SENTENCE: Final = re.compile(r"\A[A-Z][a-z]*(?= )")
_MFA: Final = {True: "with MFA", False: "without MFA", None: "(MFA not recorded)"}


def account_sentences(analysis: Analysis, told: AccountVerdict, held: Standing) -> Iterator[Statement]:
    """Who and when, how they got in, what they did, what they left, what is not known.

    Args:
        analysis: of the case.
        told: the verdict on the account.
        held: how the account stands.
    """
    yield _who(analysis, told.account_id, held)
    sessions = [row for row in analysis.query("root_sessions").rows if told.account_id in ("", row["account_id"])]
    if sessions:
        yield _got_in(analysis, sessions)
    if held.kind == "takeover":
        yield from _done(analysis, held.bad)
    else:
        yield from _changed(analysis, told.account_id)
        yield from _found(analysis, told.account_id)
    for left in told.answers:
        if left.answer == "yes" and left.asked.left:
            text = short(left.asked.left.format(left.because), _WIDTH)
            yield Statement(text, "bad", **cited(zip(left.event_ids, left.citations, strict=True)))
    if unknown := [*held.unknown, *_not_told(told, held)]:
        yield Statement(f"Not known: {', '.join(unknown)}.", "note", stands_in="verdict")


def _not_told(told: AccountVerdict, held: Standing) -> Iterator[str]:
    """What no answer on a takeover tells: whose right it was, and what came of what was opened."""
    if held.kind == "takeover" and told.approval.answer in ("unknown", "not asked"):
        yield "whether the use was approved"
    yield from (one.asked.beyond for one in held.bad if one.asked.beyond)


def _named(analysis: Analysis, places: Iterable[str], least: int = 1) -> str:
    """The entities that events reached, in brackets: each kind with its number, one alone with its name.

    Args:
        analysis: of the case.
        places: of the events.
        least: kinds of which there are fewer are left out.
    """
    wanted = {*places}
    found: dict[str, dict[str, str | None]] = {}
    for row in analysis.radius.rows:
        if wanted.intersection(row["citations"]):
            found.setdefault(row["entity_kind"], {})[row["entity_name"]] = row["awsRegion"]
    parts = []
    for kind, names in found.items():
        if len(names) >= least:
            regions = {*names.values()}
            where = f" in {regions.pop()}" if len(regions) == 1 else ""
            parts.append(f"{plural(len(names), kind)}{where}" if len(names) > 1 else f"{kind} {next(iter(names))}")
    return f" ({some(parts)})" if parts else ""


def _who(analysis: Analysis, account_id: str, held: Standing) -> Statement:
    """Who used root, when, until when not recorded as failed, and from which addresses."""
    use = analysis.use_by_people(account_id)
    if use is None or not use.gained_access:
        return held.use
    last = max((row["eventTime"] for row in not_failed(use) if row["eventTime"]), default=None)
    ended = ""
    if last and any(row["eventTime"] and row["eventTime"] > last for row in use.used):
        ended = f"; all after {at(last)} failed"
    sources = list(dict.fromkeys(short(row["sourceIPAddress"]) for row in use.used if row["sourceIPAddress"]))
    text = f"Root {use.words}: {plural(len(use.used), 'event')} {when(row['eventTime'] for row in use.used)}, "
    text += f"from {some(sources or ['an unknown source'], _SOURCES)}{ended}{further_attempts(use)}."
    return replace(held.use, text=short(text, _WIDTH))


def _got_in(analysis: Analysis, sessions: list[of.RootSessions]) -> Statement:
    """With which session root was first used, and which kinds of sessions followed."""
    first, *rest = sorted(sessions, key=lambda row: sortable(row["first_time"]))
    proofs = [opener_of(first)]
    before: list[of.RootSignins] = []
    source = some(first["source_ips"] or ["an unknown source"], 2)
    if first["session_kind"] == "console_sign_in":
        sign_ins = analysis.query("root_signins").rows
        row = next((row for row in sign_ins if place_text(row) == proofs[0]["citation"]), None)
        source = short(row["sourceIPAddress"] or source) if row else source
        text = f"The first session began with a console sign-in {_MFA[first['mfa_used']]} from {source}"
        if row:
            text += went_before(row)
            before = preceding(row, sign_ins)
    else:
        by = f" opened by {short_actor(first['opener'])}" if first["opener"] else ""
        kind = SESSION_KINDS.get(first["session_kind"], first["session_kind"])
        text = f"The first session is {kind}{by}, used from {source}"
    text = f"{text} ({at(first['first_time'])})"
    begun: dict[str, list[of.RootSessions]] = {}
    for one in rest:
        mfa = f" {_MFA[one['mfa_used']]}" if one["session_kind"] == "console_sign_in" else ""
        begun.setdefault(SESSION_KINDS.get(one["session_kind"], one["session_kind"]) + mfa, []).append(one)
    if begun:
        counted = {kind: f"{how_often(len(rows))}, " if len(rows) > 1 else "" for kind, rows in begun.items()}
        kinds = [
            f"{kind} ({counted[kind]}{clock(rows[0]['first_time'], first['first_time'])})"
            for kind, rows in begun.items()
        ]
        text += f". Further sessions: {', '.join(kinds)}"
        proofs += [opener_of(row) for row in rest]
    events = [*((one["eventID"], one["citation"]) for one in proofs[:1])]
    events += [(row["eventID"], place_text(row)) for row in before]
    events += [(one["eventID"], one["citation"]) for one in proofs[1:]]
    level: Level = "bad" if first["mfa_used"] is False else "note"
    return Statement(short(f"{text}.", _WIDTH), level, **cited(events))


def _found(analysis: Analysis, account_id: str) -> Iterator[Statement]:
    """The findings of high or critical severity, so that no account stands as clean that has some."""
    rows = [row for row in analysis.findings().rows if row["severity"] in ("high", "critical")]
    groups = grouped(row for row in rows if account_id in ("", row["account_id"]))
    if groups:
        firsts = [pair for one in groups for pair in zip(one.event_ids[:1], one.citations[:1], strict=True)]
        titles = some([one.first["title"].rstrip(".") for one in groups], 3)
        text = f"{plural(len(groups), 'finding')} of high or critical severity: {titles}."
        yield Statement(short(text, _WIDTH), "note", **cited(firsts))


def _done(analysis: Analysis, bad: tuple[Answer, ...]) -> Iterator[Statement]:
    """What the failed checks say, in order of time; how one got in and what was left have sentences of their own."""
    done = (one for one in bad if not (one.asked.entry or one.asked.left))
    told = sorted(done, key=lambda one: sortable(one.first_time))
    if told:
        days = [None, *(one.first_time for one in told)]
        parts = [_part(analysis, one, before) for one, before in zip(told, days, strict=False)]
        firsts = [next(zip(one.event_ids, one.citations, strict=True), (None, None)) for one in told]
        text = f"What followed, in order of time: {'; '.join(parts)}."
        yield Statement(short(text, _WIDTH_DONE), "bad", **cited(firsts))


def _part(analysis: Analysis, one: Answer, before: datetime | None) -> str:
    """A failed check as one of several: when, what it is about, and what it stands on."""
    told, *more = (_SENTENCE.sub(lambda word: word[0].lower(), part) for part in one.because.split("; "))
    for part in more:
        if len(told) + len(part) > _BECAUSE:
            told += ", …"
            break
        told += f", {part}"
    because = short(told, _BECAUSE)
    named = "" if one.asked.is_broad else _named(analysis, one.citations, 2)
    text = f"{one.asked.short}: {because}{named}"
    return f"{clock(one.first_time, before)} {text}" if one.first_time else text


def _changed(analysis: Analysis, account_id: str) -> Iterator[Statement]:
    """Which calls changed something; of what the records do not tell, nothing is said here."""
    use = analysis.use_by_people(account_id)
    done = [
        row
        for row in (use.used if use else ())
        if row["is_write"] is not False and row["eventName"] != "ConsoleLogin" and row["outcome"] == "success"
    ]
    if done:
        names = some_of(row["eventName"] for row in done)
        text = f"{plural(len(done), 'call')} changed something: {names}{_named(analysis, map(place_text, done))}."
        yield said(short(text, _WIDTH), "note", done)
