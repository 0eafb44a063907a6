"""Answers from AWS, fetched or saved, and how a control reads them: typed, with evidence and missing items."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.analysis.places import sign_in_regions
from rootforensics.posture.calls import AUDIT, CALLER, CALLS, MEMBERS, ORGANIZATION, slug

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import timedelta
    from ipaddress import IPv4Network, IPv6Network

    from rootforensics.queries.asking import Asks

    Network = IPv4Network | IPv6Network

#: What is missing if a role cannot be assumed.
SHUT: Final = "access to the account"
#: How a missing answer ends that was not requested or not saved.
NOT_SAVED: Final = " (not saved)"
#: Fields that say that there is more.
_GOES_ON: Final = ("NextToken", "nextToken", "NextPageToken", "Marker", "NextMarker")


@dataclass(frozen=True, slots=True)
class Saved:
    """One answer.

    Attributes:
        call: service and operation.
        account_id: whose it is; empty if that is not known.
        region: where it was asked; empty if that is not known.
        argument: what it was asked of, such as the ARN of a trail, or the part of a file's name that says so.
        time: when it was asked, in ISO 8601; empty if that is not known.
        file: from which it was read, or into which it was written; empty for none.
        body: as the AWS CLI prints it.
        code: of the error, if AWS refused; else empty.
        message: of the error, or what is wrong with the file.
    """

    call: str
    account_id: str = ""
    region: str = ""
    argument: str = ""
    time: str = ""
    file: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""

    def typed(self) -> Any:  # noqa: ANN401 - the shape of the call
        """The answer in its shape.

        Raises:
            msgspec.ValidationError: it has another, or could not be read.
        """
        call = CALLS[self.call]
        if self.message and not self.code:
            raise msgspec.ValidationError(self.message)
        if call.key and call.key not in self.body:
            raise msgspec.ValidationError(f"{call.key} is missing")
        return msgspec.convert(self.body[call.key] if call.key else self.body, call.shape)

    def told(self) -> Any:  # noqa: ANN401 - the shape of the call
        """The answer in its shape; None if AWS refused it, or it has another."""
        try:
            return None if self.code else self.typed()
        except msgspec.ValidationError:
            return None

    @property
    def evidence(self) -> dict[str, str]:
        """What was asked, where and when, and the file of the answer."""
        asked = {"call": self.call, "region": self.region, "argument": self.argument}
        return {**asked, "time": self.time, "file": self.file, "error": self.code}


class UnknownAnswerError(Exception):
    """A control cannot be answered.

    Args:
        why: what is unknown, as a sentence; empty if the missing items are enough.
    """

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__(why)


class Held:
    """All answers of a run.

    Args:
        saved: answers of all accounts. Listed members without an answer get a refusal.

    Attributes:
        accounts: of which there are answers, by account ID and call.
    """

    def __init__(self, saved: Iterable[Saved]) -> None:
        self.accounts: dict[str, dict[str, list[Saved]]] = {}
        for one in saved:
            self.accounts.setdefault(one.account_id, {}).setdefault(one.call, []).append(one)
        told = ((account, own[ORGANIZATION][0].told()) for account, own in self.accounts.items() if ORGANIZATION in own)
        self._masters = {account: one.MasterAccountId for account, one in told if one}
        for one in [one for own in self.accounts.values() for one in own.get(MEMBERS, ())]:
            for member in one.told() or ():
                unread = Saved(CALLER, member.Id, code="not saved")
                self.accounts.setdefault(member.Id, {CALLER: [unread]})
                self._masters.setdefault(member.Id, self.master(one.account_id))

    def of(self, account_id: str, call: str) -> list[Saved]:
        """The answers of an account to a call; those about its organization come from the account that can answer."""
        if not CALLS[call].is_above:
            return self.accounts[account_id].get(call, [])
        master = self.master(account_id)
        for account in (master, *self.accounts):
            found = self.accounts.get(account, {}).get(call, [])
            if master and self.master(account) == master and any(map(is_told, found)):
                return found
        return self.accounts[account_id].get(call, [])

    def master(self, account_id: str) -> str:
        """The management account of an account's organization; empty if that is not known."""
        is_above = account_id in self._masters.values()
        return account_id if is_above else self._masters.get(account_id, "")


@dataclass(slots=True)
class Reading:
    """What one control reads of the answers of one account.

    Attributes:
        account_id: the account.
        held: its answers, and those of all other accounts.
        case: answers SQL; None if there is no case.
        evidence: the answers that were read.
        missing: what could not be read: permissions, files.
        is_partial: whether a Region was not read that may differ from all others; then no control passes.
        ours: networks from which the owners sign in, as they say.
        dates: the settings behind the answer, in words, and when they were made according to AWS.
    """

    account_id: str
    held: Held
    case: Asks | None = None
    evidence: list[Saved] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    is_partial: bool = False
    ours: tuple[Network, ...] = ()
    dates: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sign_in_regions(self) -> tuple[str, ...]:
        """The Regions in which sign-ins of root are recorded, in the account's partition."""
        own = self.held.accounts[self.account_id].values()
        return sign_in_regions(min((one.region for told in own for one in told if one.region), default=""))

    def is_old(self, call: str, made: str, most: timedelta) -> bool:
        """Whether a result was older than this when AWS was asked; not if one of the times is not known."""
        age = self.age(call, made)
        return age is not None and age > most

    def age(self, call: str, made: str) -> timedelta | None:
        """How old a result was when AWS was asked for it; None if one of the times is not known."""
        times = [moment_of(one.time) for one in self.evidence if one.call == call]
        made_time = moment_of(made)
        return times[0] - made_time if times and times[0] and made_time else None

    def at(self, account_id: str) -> Reading:
        """The same of another account, if there are answers of it; else this."""
        return (
            replace(self, account_id=account_id)
            if self.held.accounts.get(account_id, {}).keys() - {CALLER, *AUDIT}
            else self
        )

    def let(self, call: str, argument: str) -> Reading:
        """The same of the account that may make a call, such as the one that owns what it is made of; else this."""
        for account in (self.account_id, *self.held.accounts):
            if any(_fits(one, argument) and is_told(one) for one in self.held.of(account, call)):
                return self.at(account)
        return self

    def one(self, call: str, argument: str = "", region: str = "") -> Any:  # noqa: ANN401 - the shape of the call
        """The one answer to a call, or None if AWS reported that the item does not exist.

        Args:
            call: service and operation.
            argument: what it was asked of.
            region: where it was asked; any if empty.

        Raises:
            UnknownAnswerError: it is missing, refused, incomplete or of another shape; ``missing`` states which.
        """
        found = [one for one in self._of(call, region) if _fits(one, argument)]
        if not found and self._is_only(call):  # a file that does not say of what it is can only be of this
            found = [one for one in self._of(call, region) if not one.argument]
        if not found:
            self._lack_all(call, argument)
        if any((one.body, one.code) != (found[0].body, found[0].code) for one in found):
            self._lack(f"{_of(call, argument)} (several answers, none of which names its argument)")
        return self._read(found[0], argument)

    def needed(self, call: str, argument: str = "") -> Any:  # noqa: ANN401 - the shape of the call
        """The one answer to a call.

        Raises:
            UnknownAnswerError: as ``one``, or AWS reported that the item does not exist.
        """
        told = self.one(call, argument)
        if told is None:
            raise UnknownAnswerError
        return told

    def maybe(self, call: str, argument: str = "", region: str = "") -> Any:  # noqa: ANN401 - the shape of the call
        """The one answer to a call; None if there is none, and ``missing`` says so."""
        try:
            return self.one(call, argument, region)
        except UnknownAnswerError:
            return None

    def each(self, call: str, region: str = "") -> list[tuple[str, Any]]:
        """The answers to a call from each Region that was asked, with the Region; None where there is no such thing.

        Raises:
            UnknownAnswerError: there is none, or one of them is refused, not whole or in another shape.
        """
        found = self._of(call, region)
        if not found:
            self._lack_all(call)
        return [(one.region, self._read(one)) for one in found]

    def everywhere(self, call: str) -> list[tuple[str, Any]]:
        """The same for answers that differ by Region: ``is_partial`` shows that an enabled Region is missing."""
        told = self.each(call)
        regions = self.maybe("account:ListRegions")
        enabled = {one.get("RegionName") for one in regions or () if one.get("RegionOptStatus") != "DISABLED"}
        lacking = sorted(map(str, enabled - {region for region, _ in told}))
        if lacking:
            self.missing.append(f"{CALLS[call].permission} in {', '.join(lacking)}{NOT_SAVED}")
        self.is_partial |= bool(lacking) or regions is None
        return told

    def some(self, call: str) -> list[tuple[str, Any]]:
        """The same of the Regions that answered, if any did."""
        told = []
        for one in self._of(call, ""):
            with suppress(UnknownAnswerError):
                told.append((one.region, self._read(one)))
        return told or self.each(call)

    def _is_only(self, call: str) -> bool:
        """Whether a call was asked of one item only."""
        saved = [one for parent in CALLS[call].parent for one in self.held.of(self.account_id, parent)]
        lists = [told for one in saved if (told := self._read(one))]
        return len({item[0] for told in lists for item in CALLS[call].items(told)}) == 1

    def _of(self, call: str, region: str) -> list[Saved]:
        found = self.held.of(self.account_id, call)
        return ([one for one in found if one.region == region] if region else []) or [
            one for one in found if not (region and one.region)
        ]

    def _read(self, saved: Saved, argument: str = "") -> Any:  # noqa: ANN401 - the shape of the call
        if not any(one is saved for one in self.evidence):
            self.evidence.append(saved)
        if saved.code in CALLS[saved.call].absent:
            return None
        if saved.code:
            is_above = CALLS[saved.call].is_above
            owner = self.held.master(self.account_id) if is_above else owner_of(argument or saved.argument)
            self._lack(_refused(saved, owner or saved.account_id))
        try:
            told = saved.typed()
        except msgspec.ValidationError as error:
            self._lack(f"{saved.file or saved.call}: {error}")
        if any(saved.body.get(name) for name in _GOES_ON):
            self._lack(f"{saved.file or saved.call}: the answer is incomplete (NextToken). Save all pages")
        return told

    def _lack_all(self, call: str, argument: str = "") -> None:
        """There is no answer: it was not requested, or the account could not be accessed."""
        shut = next((one for one in self.held.of(self.account_id, CALLER) if one.code), None)
        self._lack(f"{SHUT} ({shut.code})" if shut else f"{_of(call, argument)}{NOT_SAVED}")

    def _lack(self, what: str) -> None:
        if what not in self.missing:
            self.missing.append(what)
        raise UnknownAnswerError


def _of(call: str, argument: str) -> str:
    return f"{CALLS[call].permission}{f' for {argument}' if argument else ''}"


def is_told(saved: Saved) -> bool:
    """Whether AWS answered, if only that there is no such thing."""
    return not saved.code or saved.code in CALLS[saved.call].absent


def moment_of(time: str) -> datetime | None:
    """A time from AWS or from the list of a folder; None if it is not valid."""
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def owner_of(arn: str) -> str:
    """The account that an ARN names; empty for none."""
    return (arn.split(":") + [""] * 5)[4]


def _refused(saved: Saved, owner: str) -> str:
    call = CALLS[saved.call]
    if owner != saved.account_id:
        return f"{call.permission} in account {owner}, the only one that can answer"
    if "AccessDenied" in saved.code or saved.code in ("UnauthorizedOperation", "AuthorizationErrorException"):
        if "service control policy" in saved.message:
            return f"{call.permission}, which an SCP denies"
        return f"permission {call.permission}"
    return f"{call.permission}: AWS returned {saved.code}"


def _fits(saved: Saved, argument: str) -> bool:
    """Whether an answer is of an argument: by its whole, or by the last part of an ARN of the same account and Region.

    A refusal has no content that could belong to another argument.
    """
    told = saved.argument.lower()
    if told in (argument.lower(), slug(argument).lower()):
        return True
    region, account = [*argument.split(":"), *[""] * 5][3:5]
    pairs = (region, saved.region), (account, saved.account_id)
    is_near = all(pair == other or not (pair and other) for pair, other in pairs)
    last = slug(argument.rpartition("/")[2].rpartition(":")[2]).lower()
    return told == last and (is_near or not argument.startswith("arn:") or not is_told(saved))


def problem_of(saved: Iterable[Saved]) -> list[str]:
    """One line for each file that is not as it must be."""
    lines = []
    for one in saved:
        if not one.code:
            try:
                one.typed()
            except msgspec.ValidationError as error:
                lines.append(f"{one.file}: {error}")
    return lines
