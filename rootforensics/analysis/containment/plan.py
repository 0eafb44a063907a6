"""Containment and recovery, in order, each step with the AWS CLI command filled in from the evidence.

The commands are printed and never run. What comes first keeps whoever used root out; what comes last stops the bill.
Which steps there are, and their order, ``rules/containment.toml`` says.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from rootforensics.analysis.containment.action_steps import catalogued_steps
from rootforensics.analysis.containment.detective_controls import watching_again
from rootforensics.analysis.containment.entity_steps import ACCOUNT, EntitySteps
from rootforensics.analysis.containment.step import NO_SIGN, Step, by_due, dated, root_commands
from rootforensics.analysis.places import account_of, partition_of
from rootforensics.analysis.verdict.recorded import is_open, is_use, of_account
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import between, short_actor, some, when
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of


def containment(
    answers: list[Answer],
    evidence: Evidence,
    approved: frozenset[str],
    noted: frozenset[str],
    *,
    is_takeover: bool,
) -> list[Step]:
    """What to do, in order.

    Args:
        answers: the verdict.
        evidence: what it stands on.
        approved: the places of events that were done as approved: what they did is asked for first.
        noted: events whose effect a note says was dealt with, by place or eventID: it needs no step.
        is_takeover: whether an unauthorized party probably used root; else its owner is asked first.
    """
    watching = [step.unless_approved(approved) for step in watching_again(evidence)]
    unanswered = {step.citation for step in watching if not step.command}
    undoing = catalogued_steps(evidence, unanswered, approved, noted)
    undone = {step.citation for _, step in undoing}
    entities = EntitySteps(evidence, approved, noted, undone, {step.citation for _, step in undoing if step.command})
    watched = [step for step in watching if step.command or step.citation not in undone]
    ask = "" if is_takeover else NO_SIGN
    is_held = is_takeover and _used_credentials(evidence)
    steps: list[Step] = []
    for one in measures("step"):
        if "question" in one:
            steps += (step.told("") for step in _answer_steps(one, answers, evidence, is_held=is_held))
        elif "checked" in one:
            steps += (step.told(ask) for step in _checked_steps(one, evidence))
        elif "deadline" in one:
            due = (*(step for _, step in undoing), *watched)
            steps += (step.told(ask) for step in by_due(due) if step.deadline == one["deadline"])
        elif "categories" in one:
            own = (step for category, step in undoing if category in one["categories"])
            steps += (step.told(ask) for step in own if not step.deadline)
        elif "kind" in one:
            steps += (step.told(ask) for step in entities.steps(one))
        else:
            steps += (step.told(ask) for step in watched if not step.deadline)
    return steps


def _answer_steps(one: of.Measure, answers: list[Answer], evidence: Evidence, *, is_held: bool) -> Iterator[Step]:
    """The steps of a row ``question`` of ``containment.toml``; none for a use that is as approved."""
    by_name = {answer.name: answer for answer in answers}
    asked = by_name[one["question"]]
    # A row with the names of calls stands on these calls, whatever else the answer depends on.
    if (asked.answer != "yes" and not one.get("calls")) or any(
        answer.asked.by_approvals and answer.answer == "no" for answer in answers
    ):
        return
    if one.get("taken_over") not in (None, is_held):
        return
    if "calls" in one:
        yield from _for_each_account(one, asked, evidence)
        return
    cited = by_name[one.get("cites", one["question"])]
    own = set(map(place_text, evidence.credentials)) if "cites" in one else {*cited.citations}
    pairs = zip(cited.event_ids, cited.citations, strict=True)
    used = some([*map(_session, evidence.sessions)], by="; ") or (
        when(row["eventTime"] for row in evidence.activity) if evidence.activity else asked.because
    )
    what = one["what"].replace("SESSIONS", used)
    command = _commands(one, evidence.account_id, evidence)
    yield Step(
        what, one["why"], command, evidence.account_id, *next((pair for pair in pairs if pair[1] in own), (None, ""))
    )


def _commands(one: of.Measure, account_id: str, evidence: Evidence) -> str:
    """The commands of a row about root; none where they need an account that the record does not name."""
    if "MEMBER" in one.get("command", "") and not ACCOUNT.fullmatch(account_id):
        return ""
    region = next((row["awsRegion"] for row in evidence.timeline if row["awsRegion"]), None)
    keys = [key for key, row in evidence.own_keys.items() if row["state"] != "removed"]
    return root_commands(one, account_id, partition_of(region), keys)


def _checked_steps(one: of.Measure, evidence: Evidence) -> Iterator[Step]:
    """What the last check of the account found open, each with the remedy of its control, cited by its answers."""
    for row in filter(is_open, evidence.checked):
        why = f"{one['why']}: {row['exposure']}; {of_account(row, row['why'], evidence.account_id)}."
        yield Step(f"{one['what']}: {row['remedy']}", why, "", row["account_id"])


def _used_credentials(evidence: Evidence) -> bool:
    """Whether somebody used what root signs in with: sessions by ``AssumeRoot`` need none of it."""
    return any(row["origin"] != "privileged_session" for row in evidence.activity) or any(
        map(is_use, evidence.recorded)
    )


def _session(row: of.RootSessions) -> str:
    """When root had a session, from where, and who opened it for root."""
    by = f", opened by {short_actor(row['opener'])}" if row["opener"] else ""
    source = some(row["source_ips"] or ["an unknown source"])
    return f"{between(row['first_time'], row['last_time'])} from {source}{by}"


def _for_each_account(one: of.Measure, answer: Answer, evidence: Evidence) -> Iterator[Step]:
    """A step for each account in which one of the calls was made."""
    rows = (row for row in measures("step") if row.get("question") == one["question"])
    named = {call for row in rows for call in row.get("calls", ())}
    first: dict[str, of.Named] = {}
    for row in answer.asked.calls(evidence):
        if row["eventName"] in one["calls"] or (not one["calls"] and row["eventName"] not in named):
            first.setdefault(account_of(row), row)
    for account, row in sorted(first.items(), key=lambda pair: (pair[0] != evidence.account_id, pair[0])):
        where = f" (account {account})" if account != evidence.account_id else ""
        command = _commands(one, account, evidence)
        time = cast("of.Tried", row)["eventTime"]
        deletion = time + timedelta(days=one["days"]) if time and "days" in one else None
        what = dated(one["what"], deletion, evidence.covered.end)
        yield Step(f"{what}{where}", one["why"], command, account, row["eventID"], place_text(row))
