"""Controls on the root user: each one checked for each account, with saved answers or live answers from AWS."""

from __future__ import annotations

import tomllib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module, resources
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import SourceError
from rootforensics.posture.calls import ORGANIZATION
from rootforensics.posture.folder import check_new, read_folder, write_answer, write_folder
from rootforensics.posture.judged import Judged
from rootforensics.posture.provenance import YOURS, Provenance
from rootforensics.posture.saved import Held, Reading, UnknownAnswerError, problem_of
from rootforensics.queries.result import Result, Tabular, result_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable

    from rootforensics.posture.judged import Answer
    from rootforensics.posture.saved import Network, Saved
    from rootforensics.queries.asking import Asks

SEVERITIES: Final = ("critical", "high", "medium", "low")
#: Why a control is unknown if all that is known is what is missing.
UNREAD: Final = "Not checked: answers from AWS are missing."
#: In the order in which they are counted and shown.
ANSWERS: Final = ("fail", "unknown", "warn", "info", "pass", "not_applicable")
_COLUMNS: Final = {
    **dict.fromkeys(("account_id", "id", "answer", "severity", "title", "why"), "VARCHAR"),
    "missing": "VARCHAR[]",
    "evidence": "VARCHAR[]",
    **dict.fromkeys(("security_hub", "cis", "config_rule", "remedy"), "VARCHAR"),
}


@dataclass(frozen=True, slots=True)
class Control:
    """A control, as in ``controls.toml``.

    Attributes:
        exposure: the risk while it fails; empty if the answer describes it better.
        needs: ``organization`` if it does not apply to an account outside an organization.
        cis: number by version of the CIS AWS Foundations Benchmark, as Security Hub maps it.
        calls: the calls that it reads.
        remedy: what to do; commands are printed and never run.
    """

    id: str
    title: str
    judge: str
    severity: str
    calls: tuple[str, ...]
    remedy: str
    sources: tuple[str, ...]
    exposure: str = ""
    needs: str = ""
    security_hub: str = ""
    cis: dict[str, str] = field(default_factory=dict)
    config_rule: str = ""

    @property
    def rank(self) -> tuple[int, str]:
        """Its position, the most severe first."""
        return SEVERITIES.index(self.severity), self.id

    @property
    def own_calls(self) -> list[str]:
        """Its calls, without the one that only checks for an organization."""
        return [call for call in self.calls if not (self.needs and call == ORGANIZATION)]

    def answer(self, reading: Reading) -> Judged:
        """Answer it for one account."""
        module, _, name = self.judge.partition(".")
        judge: Callable[[Reading], Judged] = getattr(import_module(f"rootforensics.posture.{module}"), name)
        try:
            if self.needs and reading.one(ORGANIZATION) is None:
                return Judged("not_applicable", "The account is in no organization.")
            judged = judge(reading)
        except UnknownAnswerError as error:
            return Judged("unknown", error.why or UNREAD, unread=not error.why or bool(reading.missing))
        is_good = judged.answer in ("pass", "info", "not_applicable")
        if is_good and reading.is_partial:
            return Judged("unknown", "Not all enabled Regions were read.", unread=True)
        return judged


@cache
def controls() -> dict[str, Control]:
    """All controls by id."""
    told = tomllib.loads((resources.files("rootforensics.posture") / "controls.toml").read_text(encoding="utf-8"))
    del told["dated"]
    return {
        name: Control(name, **{**row, "calls": tuple(row["calls"]), "sources": tuple(row["sources"])})
        for name, row in told.items()
    }


@dataclass(frozen=True, slots=True)
class ControlAnswer:
    """The result of a control for an account.

    Attributes:
        account_id: empty if no answer names the account.
        evidence: the answers from AWS that it is based on.
        missing: permissions, files and logs that were missing.
        unread: whether it is unknown because something was not read.
    """

    control: Control
    account_id: str
    answer: Answer
    why: str
    evidence: tuple[Saved, ...]
    missing: tuple[str, ...]
    unread: bool

    @property
    def remedy(self) -> str:
        """What to do; empty if the control does not apply, or the required setting exists."""
        is_there = self.answer == "not_applicable" or self.why.endswith(YOURS)
        return "" if is_there else self.control.remedy

    @property
    def exposure(self) -> str:
        """The risk; empty if the control does not fail."""
        return (self.control.exposure or self.why.removesuffix(".")) if self.answer == "fail" else ""

    def as_dict(self) -> dict[str, Any]:
        """The result as values for JSON."""
        one = self.control
        return {
            "id": one.id,
            "account_id": self.account_id,
            "answer": self.answer,
            "severity": one.severity,
            "title": one.title,
            "why": self.why,
            "evidence": [saved.evidence for saved in self.evidence],
            "missing": list(self.missing),
            "security_hub": one.security_hub,
            "cis": one.cis,
            "config_rule": one.config_rule,
            "remedy": self.remedy,
        }


@dataclass(frozen=True)
class Posture(Tabular):
    """All controls of all accounts.

    Attributes:
        answers: by account, then by answer and severity.
        problems: one line for each file that could not be read.
        saved: the answers from AWS that they are based on.
    """

    answers: tuple[ControlAnswer, ...]
    problems: tuple[str, ...] = ()
    saved: tuple[Saved, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether there are results, and none fails or is unknown."""
        return bool(self.answers) and not any(answer.answer in ("fail", "unknown") for answer in self.answers)

    @property
    def exposures(self) -> list[ControlAnswer]:
        """The failed controls, the most severe first."""
        return [answer for answer in self.answers if answer.exposure]

    @property
    def counts(self) -> dict[str, int]:
        """The number of controls with each answer."""
        counted = Counter(one.answer for one in self.answers)
        return {answer: counted[answer] for answer in ANSWERS if counted[answer]}

    def result(self) -> Result:
        """The answers as a table."""
        return result_of("posture", map(_row, self.answers), _COLUMNS, first=("id", "answer", "severity", "why"))


def _row(one: ControlAnswer) -> dict[str, Any]:
    cis = "; ".join(f"{version}: {number}" for version, number in one.control.cis.items())
    evidence = [" ".join(filter(None, (saved.call, saved.region, saved.time, saved.file))) for saved in one.evidence]
    return {**one.as_dict(), "cis": cis, "evidence": evidence}


def judge(
    saved: Iterable[Saved], case: Asks | None = None, problems: Iterable[str] = (), ours: tuple[Network, ...] = ()
) -> Posture:
    """Check all controls for each account with answers.

    Args:
        saved: answers from AWS.
        case: replays the deployed alarm, and shows who made a setting.
        problems: files that could not be read.
        ours: networks from which the owners sign in.
    """
    answers = list(saved)
    held, found = Held(answers), []
    provenance = Provenance(case) if case else None
    for account in sorted(held.accounts):
        for control in controls().values():
            reading = Reading(account, held, case, ours=ours)
            judged = control.answer(reading)
            judged = provenance.doubt(control.own_calls, reading, judged) if provenance else judged
            missing = tuple(reading.missing) if judged.answer == "unknown" else judged.missing
            told = judged.answer, judged.why, tuple(reading.evidence), missing, judged.unread
            found.append(ControlAnswer(control, account, *told))
    found.sort(key=lambda one: (one.account_id, ANSWERS.index(one.answer), SEVERITIES.index(one.control.severity)))
    return Posture(tuple(found), (*problems, *problem_of(answers)), tuple(answers))


def check_posture(
    case: Asks | None = None,
    *,
    from_folder: str | os.PathLike[str] | None = None,
    profile: str = "",
    role_arn: str = "",
    member_role: str = "",
    save: str | os.PathLike[str] | None = None,
    our_networks: Iterable[str] = (),
    assume_root_audit: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Posture:
    """Check the controls on the root user.

    Args:
        case: replays the deployed alarm; ``Case.posture`` also stores the results in it.
        from_folder: folder of saved answers; AWS is then not asked.
        profile: profile of the AWS configuration; empty for the default credentials.
        role_arn: a role to assume with those credentials.
        member_role: name of a role to assume in each account of the organization, which those credentials can list;
            empty for their own account only.
        save: a new folder for the answers from AWS.
        our_networks: networks from which you sign in, as CIDR; policies that limit sign-in are compared with them.
        assume_root_audit: with ``member_role``, read root's credentials in each other member in an ``AssumeRoot``
            session. This is a write: it creates root events in the member and triggers its alarm.
        progress: called with the number of finished accounts and their total.

    Raises:
        SourceError: the folder has no answers or mixes accounts, there are no credentials, the accounts of the
            organization cannot be listed, a network is not valid, or an audit has no organization.
        StorageError: the folder for the answers is not empty, or cannot be written.
    """
    ours = tuple(map(_network, our_networks))
    if assume_root_audit and not member_role:
        raise SourceError("an AssumeRoot audit needs an organization", hint="Also give member_role")
    if from_folder is not None:
        if profile or role_arn or member_role or save is not None:
            raise SourceError("AWS is not asked when a folder is read", where=str(from_folder))
        saved, problems = read_folder(Path(from_folder))
        return judge(saved, case, problems, ours)
    from rootforensics.posture.live import fetch

    fetching = partial(fetch, profile, role_arn, member_role, progress, assume_root_audit=assume_root_audit)
    if save is None:
        return judge(fetching(), case, ours=ours)
    folder = Path(save)
    check_new(folder)  # before AWS is asked
    saved = fetching(keep=partial(write_answer, folder))
    return judge(write_folder(folder, saved, begun=True), case, ours=ours)


def _network(named: str) -> Network:
    try:
        return ip_network(named.strip())
    except ValueError as error:
        meant = "192.0.2.0/24"
        with suppress(ValueError):
            meant = str(ip_network(named.strip(), strict=False))
        raise SourceError(f"{named!r} is not a network ({error})", hint=f"Write it as {meant}") from error
