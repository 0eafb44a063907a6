"""Controls on the policies of an organization that are attached to an account, or to a level above it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootforensics.analysis.exposure.conditions import any_of, listed
from rootforensics.phrases import plural, some
from rootforensics.posture.calls import MEMBERS
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import UnknownAnswerError
from rootforensics.posture.statements import TASKS, statements_with

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.exposure.conditions import Known
    from rootforensics.posture import shapes as of
    from rootforensics.posture.saved import Reading
    from rootforensics.posture.statements import PolicyStatement


@dataclass(frozen=True, slots=True)
class Attached:
    """A policy of an organization.

    Attributes:
        targets: accounts, units and roots to which it is attached; None if they could not be read.
        binds: whether it applies to the account; None if that is unknown.
    """

    name: str
    content: str
    targets: frozenset[str] | None
    binds: bool | None


def policies(reading: Reading, kind: str = "") -> Iterator[Attached]:
    """The policies of a kind; those of the management account's own list bind where they are attached at all.

    Args:
        reading: of an account.
        kind: as ``organizations:ListPolicies`` was asked; service control policies if empty.

    Raises:
        UnknownAnswerError: they could not be read.
    """
    path = set(_path(reading))
    for one in reading.needed("organizations:ListPolicies", kind):
        policy = str(one.get("Id"))
        told = reading.needed("organizations:DescribePolicy", policy)
        targets = reading.maybe("organizations:ListTargetsForPolicy", policy)
        at = frozenset(str(target.get("TargetId")) for target in targets or ())
        is_sure = targets is not None and (not at or bool(path) or is_management(reading))
        is_above = any(target.startswith("r-") for target in at) or (is_management(reading) and bool(at))
        binds = True if is_above or at & {*path, reading.account_id} else False if is_sure else None
        yield Attached(str(told.PolicySummary.get("Name")), told.Content, at if targets is not None else None, binds)


def _path(reading: Reading) -> list[str]:
    """The root and the units above an account, and the account; empty if they are not known."""
    found = member(reading)
    return [part for path in (found.Paths if found else ()) for part in path.split("/") if part and part[:2] != "o-"]


@dataclass(frozen=True, slots=True)
class Level:
    """What the policies at an account, a unit or a root allow; they deny everything else.

    Attributes:
        target: its ID.
        binds: whether the account is in it; None if that is unknown.
        allowing: statements that allow something.
    """

    target: str
    binds: bool | None
    allowing: tuple[PolicyStatement, ...]

    def allows(self, reading: Reading, action: str = "", *, assumed: bool = False) -> Known:
        """Whether root may do something there, all things if no action is named."""
        told = [one for one in self.allowing if (one.names(action) if action else one.is_of_all)]
        return any_of(_applies(reading, one, assumed=assumed) for one in told)

    def allows_nothing(self, reading: Reading) -> bool:
        """Whether root may surely do nothing there."""
        return any_of(_applies(reading, one) for one in self.allowing) is False


def _levels(reading: Reading, attached: Iterable[Attached]) -> list[Level]:
    """Where a policy is attached, that may bind the account; in the management account, wherever it is.

    Raises:
        UnknownAnswerError: where one of them is attached could not be read.
    """
    told, path = list(attached), {*_path(reading), reading.account_id}
    if None in [one.targets for one in told]:  # any of these may allow actions, or limit them
        raise UnknownAnswerError
    by_target: dict[str, list[PolicyStatement]] = {}
    for one in told:
        allowing = list(statements_with("Allow", one.name, one.content, binds=one.binds))
        for target in one.targets or ():
            by_target.setdefault(target, []).extend(allowing)
    found = []
    for target, statements in by_target.items():
        is_in = target in path or target.startswith("r-") or is_management(reading)
        binds = True if is_in else False if len(path) > 1 or not target.startswith("ou-") else None
        if binds is not False and target != reading.held.master(reading.account_id):
            found.append(Level(target, binds, tuple(statements)))
    return found


def recovery_from_above(reading: Reading) -> Judged:
    """SCPs that block root still allow AssumeRoot sessions."""
    attached = list(policies(reading))
    denying = [denial for denial in _denials(attached) if denial.binds is not False and denial.tasks]
    told = [(one, _applies(reading, one, assumed=True)) for one in denying]
    locking = [one for one, how in told if how]
    if sure := [one for one in locking if one.binds or is_management(reading)]:
        tasks = some(list(dict.fromkeys(task for one in sure for task in one.tasks)), 3)
        return Judged(
            "fail",
            f"{', '.join(sorted({one.policy for one in sure}))} denies root {tasks}, also in AssumeRoot sessions. "
            "Where it is attached, the management account cannot do this for root either.",
        )
    levels = _levels(reading, attached)
    shut = [(level, task) for level in levels for task in TASKS if level.allows(reading, task, assumed=True) is False]
    if closed := [(one, task) for one, task in shut if one.binds]:
        tasks, at = some(list(dict.fromkeys(task for _, task in closed)), 3), {one.target for one, _ in closed}
        return Judged(
            "fail",
            f"No policy at {some(sorted(at))} allows root {tasks}, not even in AssumeRoot sessions.",
        )
    if locking or shut:
        which = locking[0].policy if locking else f"the set of policies at {shut[0][0].target}"
        raise UnknownAnswerError(f"Whether {which} applies is unknown. It also blocks AssumeRoot sessions.")
    if limited := [one for one, how in told if how is None]:
        return Judged("warn", f"{_limits(limited)}. Some AssumeRoot sessions may be blocked.")
    if None in {one.allows(reading, task, assumed=True) for one in levels for task in TASKS}:
        return Judged("warn", "A policy allows the tasks of AssumeRoot only under conditions, so it may block them.")
    sparing = {one.policy for one in denying if _applies(reading, one) is not False}
    if not sparing:
        return Judged("not_applicable", "No SCP here denies root the tasks of AssumeRoot.")
    return Judged("pass", f"{plural(len(sparing), 'SCP')} for root, with AssumeRoot still allowed.")


def root_denied(reading: Reading) -> Judged:
    """An SCP blocks the root user of the account."""
    if is_management(reading):
        return Judged("not_applicable", "No SCP applies to the management account or its root user.")
    attached = list(policies(reading))
    denying = [(denial, _applies(reading, denial)) for denial in _denials(attached) if denial.binds is not False]
    told = [(one, how) for one, how in denying if how is not False]
    whole = [(one, how) for one, how in told if one.is_of_all]
    if bound := [one.policy for one, how in whole if how and one.binds]:
        return Judged("pass", f"{', '.join(bound)} denies the root user every action that an SCP can deny.")
    levels = _levels(reading, attached)
    if closed := [level.target for level in levels if level.binds and level.allows_nothing(reading)]:
        return Judged("pass", f"No policy at {some(closed)} allows root any action, so all are denied.")
    if lost := [one.policy for one, _ in whole if one.binds is None]:
        raise UnknownAnswerError(f"Whether {lost[0]} applies to the account is unknown.")
    parts = [f"{one.policy} denies root everything except {some(one.spares, 5)}" for one, _ in told if one.spares]
    parts += [
        f"policies at {one.target} allow root only {some(_allowed(one), 5)}"
        for one in levels
        if one.binds and not one.allows(reading)
    ]
    if limited := [one for one, _ in whole]:
        parts.append(_limits(limited))
    if parts:
        return Judged("warn", f"{'; '.join(parts)}. Root is only partly blocked.")
    return Judged("warn", "No SCP that denies root all actions applies to the account.")


def _allowed(level: Level) -> list[str]:
    """The actions that statements name."""
    told = [one.statement for one in level.allowing]
    return [
        *(action for one in told for action in listed(one.get("action"))),
        *(f"everything except {some(spared)}" for one in told if (spared := listed(one.get("notaction")))),
    ]


def _denials(attached: Iterable[Attached]) -> Iterator[PolicyStatement]:
    for one in attached:
        yield from statements_with("Deny", one.name, one.content, binds=one.binds)


def _applies(reading: Reading, one: PolicyStatement, *, assumed: bool = False) -> Known:
    """Whether a statement applies; in the management account, to the root user of any member."""
    return one.applies(reading.account_id, of_any=is_management(reading), assumed=assumed)


def _limits(denials: Iterable[PolicyStatement]) -> str:
    """What the denials depend on."""
    return "; ".join(sorted({f"{denial.policy} depends on {', '.join(denial.limits)}" for denial in denials}))


def is_management(reading: Reading) -> bool:
    """Whether the account manages its organization."""
    return reading.held.master(reading.account_id) == reading.account_id


def member(reading: Reading) -> of.Member | None:
    """How the organization lists the account."""
    listed_there = reading.maybe(MEMBERS) if reading.held.of(reading.account_id, MEMBERS) else ()
    return next((one for one in listed_there or () if one.Id == reading.account_id), None)
