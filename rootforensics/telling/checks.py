"""The checks of a verdict in words: what was done, by the acts that an answer cites."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.lineage.service_activity import exposing_actions, exposing_sentence
from rootforensics.analysis.places import account_of
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import dated, enumerated, plural, sentences, short, sortable
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.acts import all_acts, clauses_of, in_turn
from rootforensics.telling.statement import Statement, cited, said

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of
    from rootforensics.telling.acts import Act

#: Clauses of a check that are shown, and its longest text.
_CLAUSES: Final = 4
_WIDTH: Final = 320
_RECOVERIES: Final = ("recovery_requested", "recovery_completed")


def worded(analysis: Analysis, verdict: AccountVerdict) -> AccountVerdict:
    """The verdict on an account; its failed checks name the acts with their objects."""
    answers = (
        replace(answer, because=_reason(analysis, answer)) if answer.is_failed else answer for answer in verdict.answers
    )
    return replace(verdict, answers=tuple(answers))


def failed_checks(
    analysis: Analysis,
    failed: Iterable[Answer],
    where: str = "",
    *,
    dates_once: bool = False,
    for_support: bool = False,
) -> list[Statement]:
    """The failed checks of an account, in order of time, each with its time and what it is about.

    A check of what is there at the end of the logs has no time.

    Args:
        analysis: of the case.
        failed: answers of the verdict on the account.
        where: the account, as ``in account 111122223333``; empty if it is clear.
        dates_once: give a date only where it differs from that of the check before.
        for_support: name neither the check nor the users who reversed an act.
    """
    checks, before = [], None
    for answer in sorted(failed, key=lambda answer: sortable(answer.first_time)):
        about = f"{answer.asked.short[:1].upper()}{answer.asked.short[1:]}{f' {where}' if where else ''}"
        reason = short(_reason(analysis, answer, for_support=for_support), _WIDTH)
        text = sentences(*([reason] if for_support else [f"{about}: {reason}"]), *answer.remarks)
        if not answer.asked.is_state:
            text = dated(answer.first_time, text, before if dates_once else None)
            before = answer.first_time
        checks.append(
            Statement(
                text,
                "bad",
                **_proof(analysis, answer),
                from_time=answer.first_time,
                kind=answer.name,
            )
        )
    return checks


def exposing_service_actions(
    analysis: Analysis, verdict: AccountVerdict
) -> tuple[list[of.ServiceActions], list[of.ServiceActions]]:
    """What AWS did or recorded as root of an account after data was exposed, and the same before."""
    since = next((answer.first_time for answer in verdict.failed if answer.asked.beyond), None)
    return exposing_actions(analysis, verdict.account_id, since)


def served_since(analysis: Analysis, verdict: AccountVerdict) -> list[Statement]:
    """A sentence on what AWS did or recorded as root after data of an account was exposed; if nothing, none."""
    later, earlier = exposing_service_actions(analysis, verdict)
    text = f"{exposing_sentence(later, earlier, 'data was exposed')}."
    return [said(text, "bad", [*later, *earlier])] if later else []


def _reason(analysis: Analysis, answer: Answer, *, for_support: bool = False) -> str:
    """The sign-in that a failed check begins with, or the most severe of the acts that it cites.

    The acts are in order of time.

    If one of the cited events is no act that succeeded, the verdict's own words.
    """
    if row := _first_sign_in(analysis, answer):
        source = short(row["sourceIPAddress"] or "an unknown address")
        source += analysis.novelty.remark(account_of(row), row["sourceIPAddress"], row["eventTime"])
        count = len(answer.event_ids) - 1
        more = f"; {plural(count, 'more use')} of root {answer.asked.entry}" if count else ""
        did = "root signed in" if row["outcome"] == "success" else "someone tried to sign in"
        unknown = "" if row["outcome"] == "success" else "; the outcome is not recorded"
        return f"{did} to the console {answer.asked.entry}, from {source}{went_before(row)}{unknown}{more}"
    every = [all_acts(analysis).get(place) for place in answer.citations]
    known = [act for act in every if act and act.outcome == "succeeded"]
    if _is_summary(answer) or not known or len(known) < len(every):
        return answer.because
    if for_support:
        known = [replace(act, ended=act.ended and act.ended._replace(actor="another user")) for act in known]
    by_place = dict(zip(answer.citations, answer.by_whom, strict=False))
    groups: dict[str, list[Act]] = {}
    for act in known:
        groups.setdefault(by_place.get(act.place, ""), []).append(act)
    clauses = [(clause, by_whom) for by_whom, acts in groups.items() for clause in clauses_of(acts, answer.first_time)]
    clauses.sort(key=lambda pair: known.index(pair[0].acts[0]))
    severe = sorted(clauses, key=lambda pair: -SEVERITIES.index(pair[0].acts[0].severity))[:_CLAUSES]
    kept = [pair for pair in clauses if pair in severe]
    # Words such as "of account 111122223333" add nothing to an act that names the account.
    shown = [
        did if by_whom.startswith(" of ") and by_whom[-12:] in clause.did else f"{did}{by_whom}"
        for (clause, by_whom), did in zip(kept, in_turn(clause for clause, _ in kept), strict=True)
    ]
    count = sum(len(clause.acts) for clause, by_whom in clauses if (clause, by_whom) not in severe)
    return enumerated([*shown, f"made {plural(count, 'more such call')}"] if count else shown)


def _proof(analysis: Analysis, answer: Answer) -> dict[str, Any]:
    """The events that prove a failed check, as a statement cites them."""
    row = _first_sign_in(analysis, answer)
    before = preceding(row, analysis.all_time.query("root_signins").rows) if row else ()
    own = list(zip(answer.event_ids, answer.citations, strict=True))
    acts = [] if _is_summary(answer) else [all_acts(analysis).get(place) for place in answer.citations]
    ends = [(act.ended.event_id, act.ended.place) for act in acts if act and act.ended]
    return cited(*own[:1], *((row["eventID"], place_text(row)) for row in before), *own[1:], *ends)


def _is_summary(answer: Answer) -> bool:
    """Whether its reason is told in the verdict's words, not by its acts."""
    asked = answer.asked
    return bool(asked.is_broad or asked.entry or asked.is_state or asked.by_approvals)


def _first_sign_in(analysis: Analysis, answer: Answer) -> of.RootSignins | None:
    """The sign-in that an answer on how sessions began cites first; None if it cites none first."""
    if not answer.asked.entry or not answer.event_ids:
        return None
    sign_ins = (row for row in analysis.all_time.query("root_signins").rows if row["signin_kind"] == "sign_in")
    return next((row for row in sign_ins if place_text(row) == answer.citations[0]), None)


def preceding(row: of.RootSignins, rows: list[of.RootSignins]) -> list[of.RootSignins]:
    """What ``went_before`` counts: failures from the same address since its last success, recoveries, requests.

    Args:
        row: of ``root_signins``, a sign-in.
        rows: all of ``root_signins``.
    """
    moment = row["eventTime"]
    if moment is None:
        return []
    within = [
        other
        for other in rows
        if other["account_id"] == row["account_id"]
        and other["eventTime"]
        and moment - timedelta(hours=1) <= other["eventTime"] <= moment
    ]
    counted = {
        number
        for number, other in enumerate(within)
        if other["signin_kind"] in _RECOVERIES and other["outcome"] == "success"
    }
    for number in range([place_of(other) for other in within].index(place_of(row)) - 1, -1, -1):
        other = within[number]
        if other["signin_kind"] == "sign_in" and other["sourceIPAddress"] == row["sourceIPAddress"]:
            if other["outcome"] == "success":
                break
            if other["outcome"] == "failure":
                counted.add(number)
    return [within[number] for number in sorted(counted)]


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
    elif row["recovery_requests_before"]:
        parts.append("a recovery request")
    return f", after {' and '.join(parts)} within the hour" if parts else ""
