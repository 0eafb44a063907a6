"""Containment and recovery, in order, each step with the AWS CLI command filled in from the evidence.

The commands are printed and never run. ``rules/containment.toml`` has the steps and their order.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final, cast

from rootforensics.analysis.containment.action_steps import catalogued_steps
from rootforensics.analysis.containment.detective_controls import watching_again
from rootforensics.analysis.containment.entity_steps import ACCOUNT, EntitySteps, is_closed
from rootforensics.analysis.containment.step import NO_SIGN, Step, by_due, command_with, dated, root_commands, worded
from rootforensics.analysis.places import account_of, partition_of
from rootforensics.analysis.verdict.attempts import latest_scp_denials
from rootforensics.analysis.verdict.recorded import is_open, is_use, of_account
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import between, enumerated, plural_of, short_actor, some, when
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of

#: Calls after which an account may have another place in an organization.
_MOVING: Final = ("AcceptHandshake", "DeleteOrganization", "LeaveOrganization", "RemoveAccountFromOrganization")
_SHOWN: Final = 5
#: How the question ``rotate`` names what a record does not name.
_UNNAMED: Final = "not recorded"


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
    # What others changed in an account whose root was not used is a sign, too.
    has_sign = is_takeover or any(answer.is_failed and not answer.asked.is_weak for answer in answers)
    ask = "" if has_sign else NO_SIGN
    is_held = is_takeover and _used_credentials(evidence)
    own_devices = (row for row in evidence.own_devices if not is_closed(row, noted))
    devices = [row for row in own_devices if not approved.issuperset(row["citations"])]
    replaced: set[str] = set()
    steps: list[Step] = []
    for measure in measures("step"):
        own: Iterable[Step]
        if "question" in measure:
            own = [*_answer_steps(measure, answers, evidence, devices, is_held=is_held)]
            if "replaces" in measure and own:
                rows = devices if measure["replaces"] == "MFA device" else [row for row, _ in evidence.reached]
                same_kind = (row for row in rows if row["entity_kind"] == measure["replaces"])
                replaced.update(place for row in same_kind for place in row["citations"])
        elif "checked" in measure:
            own = _checked_steps(measure, evidence)
        elif "rotates" in measure:
            own = _rotation(measure, evidence, approved, noted)
        elif "deadline" in measure:
            due = (*(step for _, step in undoing), *watched)
            own = (step for step in by_due(due) if step.deadline == measure["deadline"])
        elif "categories" in measure:
            own = (
                step
                for category, step in undoing
                if category in measure["categories"] and not step.deadline and step.citation not in replaced
            )
        elif "kind" in measure:
            own = entities.steps(measure)
        else:
            own = (step for step in watched if not step.deadline)
        for step in own:
            identity = "root, after recovery" if step.identity == "root" and is_held else step.identity
            first = step.with_reason("" if "question" in measure else ask)
            steps.append(replace(first, group=step.group or measure["group"], identity=identity))
    groups = [row["name"] for row in measures("group")]
    return sorted(steps, key=lambda step: groups.index(step.group))


def _answer_steps(
    measure: of.Measure, answers: list[Answer], evidence: Evidence, devices: list[of.BlastRadius], *, is_held: bool
) -> Iterator[Step]:
    """The steps of a row ``question`` of ``containment.toml``; none for a use that is as approved."""
    by_name = {answer.name: answer for answer in answers}
    asked = by_name[measure["question"]]
    # A row with the names of calls stands on these calls, whatever else the answer depends on.
    if (asked.answer != "yes" and not measure.get("calls")) or any(
        answer.asked.by_approvals and answer.answer == "no" for answer in answers
    ):
        return
    role, region = _role(evidence), next((row["awsRegion"] for row in evidence.timeline if row["awsRegion"]), None)
    if "console" in measure and partition_of(region) == "aws-us-gov":
        return
    if measure.get("taken_over") not in (None, is_held) or role not in measure.get("roles", (role,)):
        return
    if "calls" in measure:
        yield from _for_each_account(measure, asked, evidence, is_held=is_held)
        return
    texts = cast("dict[str, str]", measure)
    denied = latest_scp_denials(evidence.activity)
    variants = [f"_of_{name}" for name in (*(("blocked",) if denied else ()), role)] + [""]
    what, why, check, command, group, identity = (
        next((texts[part + variant] for variant in variants if part + variant in texts), "")
        for part in ("what", "why", "check", "command", "group", "identity")
    )
    cited = by_name[measure.get("cites", measure["question"])]
    own = set(map(place_text, evidence.credentials)) if "cites" in measure else {*cited.citations}
    pairs = zip(cited.event_ids, cited.citations, strict=True)
    event_id, citation = next((pair for pair in pairs if pair[1] in own), (None, ""))
    if "what_of_blocked" in measure and denied:
        event_id, citation = denied[-1]["eventID"], place_text(denied[-1])
    if measure.get("replaces") == "MFA device" and devices:
        event_id, citation = devices[-1]["eventIDs"][-1], devices[-1]["citations"][-1]
        why = f"Registered in these logs: {some([row['entity_name'] for row in devices])}. {why}"
    yield Step(
        **worded(what, evidence.account_id, about=_sessions(evidence) or asked.because),
        why=why,
        command=_commands(check + command, evidence.account_id, evidence, devices),
        event_id=event_id,
        citation=citation,
        group=group,
        identity=identity,
    )


def _role(evidence: Evidence) -> str:
    """``member`` or ``management`` if the case shows it and the account neither joined nor left; else ``unknown``."""
    has_moved = any(row["eventName"] in _MOVING and account_of(row) == evidence.account_id for row in evidence.owned)
    return evidence.role if evidence.role in ("member", "management") and not has_moved else "unknown"


def _commands(template: str, account_id: str, evidence: Evidence, devices: Iterable[of.BlastRadius] = ()) -> str:
    """The commands of a row about root; none where they need an account that the record does not name."""
    if "MEMBER" in template and not ACCOUNT.fullmatch(account_id):
        return ""
    region = next((row["awsRegion"] for row in evidence.timeline if row["awsRegion"]), None)
    keys = [key for key, row in evidence.own_keys.items() if row["state"] != "removed"]
    serials = [row["entity_name"] for row in devices]
    return root_commands(template, account_id, partition_of(region), keys, serials)


def _checked_steps(measure: of.Measure, evidence: Evidence) -> Iterator[Step]:
    """What the last check of the account found open, each with the remedy of its control, cited by its answers."""
    for row in filter(is_open, evidence.checked):
        why = f"{measure['why']}: {row['exposure']}; {of_account(row, row['why'], evidence.account_id)}."
        yield Step(**worded(f"{measure['what']}: {row['remedy']}", row["account_id"]), why=why)


def _rotation(
    measure: of.Measure, evidence: Evidence, approved: frozenset[str], noted: frozenset[str]
) -> Iterator[Step]:
    """The step about the values of a kind that were read; none for reads that a note says were dealt with."""
    rows: dict[tuple[str, str | None], list[tuple[str, str]]] = {}
    actors: dict[str, None] = {}
    for row in evidence.rotate:
        name, kind, calls = row["name"] or "", row["kind"], (row["reason"] or "").split(", ")
        events = [*zip(row["eventIDs"], row["citations"], strict=True)]
        is_read = (kind, row["standing"]) == (measure["rotates"], "rotate") and {*calls} & {*measure["calls"]}
        if is_read and name != _UNNAMED and not all({*event} & {*noted} for event in events):
            rows[name, row["awsRegion"]] = events
            actors.update(dict.fromkeys(map(short_actor, row["actors"] or ())))
    if not rows:
        return
    names = list(dict.fromkeys(name for name, _ in rows))
    who = enumerated(list(actors) or [short_actor(None)])
    named = f"{plural_of(measure['rotates']) if len(names) > 1 else measure['rotates']} {some(names, _SHOWN)}"
    words = worded(measure["what"], evidence.account_id)
    (event_id, citation), *more = dict.fromkeys(event for events in rows.values() for event in events)
    commands = [
        command_with(measure["command"], {"NAME": (name,), "HERE": ("--region", region) if region else ()})
        for name, region in rows
    ]
    step = Step(
        what=words["what"].replace("NAMES", named),
        in_account=words["in_account"].replace("NAMES", named),
        account_id=words["account_id"],
        why=measure["why"].replace("ACTORS", f"{who[:1].upper()}{who[1:]}"),
        command="\n".join(filter(None, commands)),
        event_id=event_id,
        citation=citation,
        more=tuple(more),
    )
    yield step.approved() if approved.issuperset(step.proof[1]) else step


def _used_credentials(evidence: Evidence) -> bool:
    """Whether somebody used what root signs in with: sessions by ``AssumeRoot`` need none of it."""
    return any(row["origin"] != "privileged_session" for row in evidence.activity) or any(
        map(is_use, evidence.recorded)
    )


def _sessions(evidence: Evidence) -> str:
    """When root had sessions, from where, and who opened them for root; without sessions when it was used."""
    if not evidence.sessions:
        return when(row["eventTime"] for row in evidence.activity) if evidence.activity else ""
    return some(
        [
            f"the session {between(row['first_time'], row['last_time'])}, from "
            f"{some(row['source_ips'] or ['an unknown source'])}" + _opened_by(row)
            for row in evidence.sessions
        ],
        by="; ",
    )


def _opened_by(row: of.RootSessions) -> str:
    """Who opened a session with ``AssumeRoot``, as the end of a clause."""
    if row["opener"]:
        return f", opened by {short_actor(row['opener'])} (ask this person, too)"
    is_privileged = row["session_kind"] == "privileged_session"
    return ", opened with AssumeRoot in a call that these logs do not contain" if is_privileged else ""


def _for_each_account(measure: of.Measure, answer: Answer, evidence: Evidence, *, is_held: bool) -> Iterator[Step]:
    """A step for each account in which measure of the calls was made."""
    rows = (row for row in measures("step") if row.get("question") == measure["question"])
    named = {call for row in rows for call in row.get("calls", ())}
    what = measure.get("what_of_owner", measure["what"]) if not is_held else measure["what"]
    first: dict[str, of.Named] = {}
    for row in answer.asked.calls(evidence):
        if row["eventName"] in measure["calls"] or (not measure["calls"] and row["eventName"] not in named):
            first.setdefault(account_of(row), row)
    for account, row in sorted(first.items(), key=lambda pair: (pair[0] != evidence.account_id, pair[0])):
        time = cast("of.Tried", row)["eventTime"]
        deletion = time + timedelta(days=measure["days"]) if time and "days" in measure else None
        yield Step(
            **worded(dated(what, deletion, evidence.covered.end), account),
            why=measure["why"],
            command=_commands(measure.get("command", ""), account, evidence),
            event_id=row["eventID"],
            citation=place_text(row),
            identity=measure.get("identity", ""),
        )
