"""The answers of the verdict in sentences: what is bad, the worst first, whether people used root, what is not known.

Of a few accounts each is told; of more, each answer is told once, with how many accounts it is the answer for.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.places import account_of, by_account
from rootforensics.analysis.verdict.attempts import use_of
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import ACCOUNTS_NAMED, accounts_text, at, plural, short, some_of, sortable, when
from rootforensics.telling.statement import Statement, cited, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of

    Held = tuple[AccountVerdict, Answer]

_BECAUSE_SHOWN: Final = 260
_RECOVERIES: Final = ("recovery_requested", "recovery_completed")


def tell_answers(analysis: Analysis) -> list[Statement]:
    """The verdict in sentences; what approvals say of it, a reconciliation tells."""
    activity = [row for row in analysis.query("root_timeline").rows if row["origin_group"] == "activity"]
    active = {account_of(row) for row in activity}
    told = analysis.verdicts
    opened = {account: rows for account, rows in sorted(analysis.opened.items()) if account not in active}
    unseen = [use for one in told if one.account_id not in active and (use := unseen_use(one))]
    statements = [*unseen, *(tell_use(activity, analysis) if activity or not (opened or unseen) else ())]
    if opened:
        text = f"The root user of {_named(list(opened))} was opened by AssumeRoot; no event of it is in the case."
        statements.append(said(text, "note", (row for rows in opened.values() for row in rows)))
    bad = _bad_by_account(analysis, told) if len(told) <= ACCOUNTS_NAMED else _bad_in_sum(told)
    return [*bad, *statements, *_rest([one for one in told if one.account_id in active], analysis)]


def tell_use(activity: list[of.RootTimeline], analysis: Analysis) -> Iterator[Statement]:
    """Whether people used root: a sentence for each account, or for all of which the same is said if they are many."""
    if not activity:
        yield no_use(analysis)
    accounts = by_account(activity)
    did: defaultdict[str, dict[str, Use]] = defaultdict(dict)
    for account, rows in accounts.items():
        use = use_of(rows)
        did[account if len(accounts) <= ACCOUNTS_NAMED else use.words][account] = use
    for held in did.values():
        uses = list(held.values())
        used = [row for use in uses for row in use.used]
        words = f"{uses[0].words}: {plural(len(used), 'event')} {when_and_whence(used)}"
        text = f"The root user of {_named(list(held))} {words}."
        yield said(text, "note", used)
        tried = {account: use.tried for account, use in held.items() if use.tried}
        rows = [row for own in tried.values() for row in own]
        if rows:
            names = some_of(row["eventName"] or "unknown" for row in rows)
            yield said(
                f"{plural(len(rows), 'further attempt')} to gain access to the root user of {_named(list(tried))} did "
                f"not succeed: {names}, {when_and_whence(rows)}.",
                "note",
                rows,
            )


def unseen_use(told: AccountVerdict) -> Statement | None:
    """What AWS recorded of a use of root of which the logs hold no event; None if it recorded none."""
    if told.use.answer != "yes" or told.use.event_ids:
        return None
    text = f"The root user of account {told.account_id} was used: {told.use.because}."
    return Statement(text, "bad", stands_in="posture")


def when_and_whence(rows: list[of.RootTimeline]) -> str:
    """From when to when, and from which addresses."""
    return f"{when(row['eventTime'] for row in rows)}, from {some_of(row['sourceIPAddress'] for row in rows)}"


def _named(accounts: list[str]) -> str:
    """Accounts in a sentence; where root was active in none, what is said is said of all."""
    if accounts == [""]:
        return "an account of the case"
    return f"account {accounts[0]}" if len(accounts) == 1 else accounts_text(accounts)


def no_use(analysis: Analysis) -> Statement:
    """That nobody used root, as far as the verdict has it; where logs are missing, that is no good news."""
    taken = analysis.scope
    missing = list(dict.fromkeys(text for told in analysis.verdicts for text in _missing(told)))
    if taken.is_whole and not missing:
        return Statement("These logs show no use of root by a person.", "good", stands_in="coverage")
    if taken.is_whole:
        return Statement(
            f"These logs show no use of root by a person, but there may have been some; missing: {'; '.join(missing)}.",
            stands_in="verdict",
        )
    why = "parts were left out" if taken.lost_something else "only a part was asked for"
    return Statement(f"What was taken into the case shows no use of root by a person; {why}.", stands_in="evidence")


def _missing(told: AccountVerdict) -> tuple[str, ...]:
    """What keeps the verdict from saying no; beside a no stands what would prove it."""
    return () if told.use.answer == "no" else told.use.missing


def because_of(analysis: Analysis, one: Answer) -> str:
    """What an answer stands on, in words; of how sessions began the sign-in, if the first of them has one."""
    row = _first_sign_in(analysis, one)
    if row is None:
        return one.because
    source = short(row["sourceIPAddress"] or "an unknown source")
    if analysis.novelty.new(account_of(row), [row["sourceIPAddress"]], row["eventTime"]):
        source += " (new address)"
    more = len(one.event_ids) - 1
    rest = f"; {plural(more, 'more session')} {one.asked.entry}" if more else ""
    return f"root signed in to the console {one.asked.entry} from {source}{went_before(row)}{rest}"


def proof_of(analysis: Analysis, one: Answer) -> dict[str, Any]:
    """The events that prove what ``because_of`` says, as a statement cites them."""
    row = _first_sign_in(analysis, one)
    before = preceding(row, analysis.query("root_signins").rows) if row else ()
    own = list(zip(one.event_ids, one.citations, strict=True))
    return cited(*own[:1], *((row["eventID"], place_text(row)) for row in before), *own[1:])


def _first_sign_in(analysis: Analysis, one: Answer) -> of.RootSignins | None:
    """The sign-in with which began what an answer on the begin of sessions tells of."""
    if not one.asked.entry or not one.event_ids:
        return None
    rows = analysis.query("root_signins").rows
    found = (row for row in rows if place_text(row) == one.citations[0] and row["signin_kind"] == "sign_in")
    return next(found, None)


def preceding(row: of.RootSignins, rows: list[of.RootSignins]) -> list[of.RootSignins]:
    """What ``went_before`` counts: failures from the same address since its last success, and recoveries.

    Args:
        row: of ``root_signins``, a sign-in.
        rows: all of ``root_signins``.
    """
    moment = row["eventTime"]
    if moment is None or not (row["failures_before"] or row["recoveries_before"]):
        return []
    own = [one for one in rows if one["account_id"] == row["account_id"]]
    near = [one for one in own if one["eventTime"] and moment - timedelta(hours=1) <= one["eventTime"] <= moment]
    places = [place_of(one) for one in near]
    place = places.index(place_of(row))
    found = {
        number for number, one in enumerate(near) if one["signin_kind"] in _RECOVERIES and one["outcome"] == "success"
    }
    for before in range(place - 1, -1, -1):
        one = near[before]
        if one["signin_kind"] == "sign_in" and one["sourceIPAddress"] == row["sourceIPAddress"]:
            if one["outcome"] == "success":
                break
            if one["outcome"] == "failure":
                found.add(before)
    return [near[one] for one in sorted(found)]


def went_before(row: of.RootSignins) -> str:
    """What went before a sign-in within the hour, as the end of a sentence.

    Args:
        row: of ``root_signins``.
    """
    parts = []
    if row["failures_before"]:
        parts.append(plural(row["failures_before"], "failure"))
    if row["recoveries_before"]:
        parts.append("a password recovery")
    return f", after {' and '.join(parts)} within the hour" if parts else ""


def _bad(told: Iterable[AccountVerdict]) -> Iterator[list[Held]]:
    """The accounts of which an answer is bad, with it, in order of time; the most severe answer first."""
    found: dict[str, list[Held]] = {}
    for one in told:
        for answer in one.answers:
            if answer.answer == "yes" and answer.asked.bad:
                found.setdefault(answer.name, []).append((one, answer))
    for held in sorted(found.values(), key=lambda held: held[0][1].asked.severity):
        yield sorted(held, key=lambda pair: (sortable(pair[1].first_time), pair[0].account_id))


def _bad_by_account(analysis: Analysis, told: list[AccountVerdict]) -> Iterator[Statement]:
    for one, answer in (pair for held in _bad(told) for pair in held):
        because = short(because_of(analysis, answer), _BECAUSE_SHOWN)
        text = f"{answer.asked.bad.format(_named([one.account_id]))}: {because}."
        yield Statement(_dated(text, answer), "bad", **proof_of(analysis, answer))


def _dated(text: str, answer: Answer) -> str:
    return f"{at(answer.first_time)}: {text}" if answer.first_time else text[0].upper() + text[1:]


def _bad_in_sum(told: list[AccountVerdict]) -> Iterator[Statement]:
    """Each failed check once; the proofs are those of the first account, then of the next."""
    for held in _bad(told):
        first, answer = held[0]
        text = answer.asked.bad.format(_named([one.account_id for one, _ in held]))
        text = text[0].upper() + text[1:]
        because = short(answer.because, _BECAUSE_SHOWN)
        if len(held) > 1:
            moment = f" at {at(answer.first_time)}" if answer.first_time else ""
            because = f"first{moment} in account {first.account_id}: {because}"
        proofs = cited(*(pair for _, one in held for pair in zip(one.event_ids, one.citations, strict=True)))
        yield Statement(f"{text}{'; ' if len(held) > 1 else ': '}{because}.", "bad", **proofs)


def _rest(told: list[AccountVerdict], analysis: Analysis) -> Iterator[Statement]:
    """What is not known, and where the answers hold nothing bad."""
    parts = {one.account_id: unknown_and_clear(one, analysis) for one in told}
    order = [one.asked.about for one in told[0].answers] if told else []
    unknown = {account: about for account, (about, _) in parts.items()}
    clear = {account: about for account, (_, about) in parts.items()}
    for account, names in _of_each(unknown, order):
        text = f"Not known of {account}: {names}. What is missing stands in the verdict."
        yield Statement(text, stands_in="verdict")
    for account, names in _of_each(clear, order):
        yield Statement(f"Nothing bad in the answers on {account}: {names}.", "good", stands_in="verdict")


def unknown_and_clear(told: AccountVerdict, analysis: Analysis) -> tuple[list[str], list[str]]:
    """What the questions are about that nobody can answer on an account, and those whose answers hold nothing bad.

    Args:
        told: the verdict on the account.
        analysis: of the case.

    Returns:
        both lists; an answer that sounds good beside a step of the procedure that was left out stands in neither.
    """
    undone = _undone(told.account_id, analysis)
    unknown = [one.asked.about for one in told.answers if one.answer == "unknown"]
    return unknown, [
        one.asked.about for one in told.answers if one.answer == "no" and undone.isdisjoint(one.asked.checks)
    ]


def _undone(account_id: str, analysis: Analysis) -> set[str]:
    """Steps of the procedure after an approved use that were left out."""
    if analysis.reconciliation is None:
        return set()
    return {
        step.name
        for outcome in analysis.reconciliation.outcomes
        if account_id in ("", outcome.approval.account)
        for step in outcome.steps
        if step.answer in ("no", "inactive")
    }


def _of_each(about: dict[str, list[str]], order: list[str]) -> Iterator[tuple[str, str]]:
    """For each account what its questions are about; of many accounts, each question with their number, in order."""
    held = {account: own for account, own in about.items() if own}
    if len(about) <= ACCOUNTS_NAMED:
        yield from ((f"account {account}", ", ".join(own)) for account, own in held.items())
    elif held:
        counts = {name: sum(name in own for own in held.values()) for name in order}
        yield _named(list(held)), ", ".join(f"{name} ({count:,})" for name, count in counts.items() if count)
