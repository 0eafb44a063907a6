"""Answers of AWS, fetched or saved, and what a control reads of them: typed, with evidence and what is missing."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.posture.calls import CALLER, CALLS, slug

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rootforensics.queries.asking import Asks

#: Refusals that say that something is not there, which is an answer.
_ABSENT: Final = frozenset(
    (
        *("NoSuchEntity", "NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration", "ResourceNotFoundException"),
        *("AWSOrganizationsNotInUseException", "ObjectLockConfigurationNotFoundError", "InvalidAccessException"),
        *("NoSuchLifecycleConfiguration", "NoSuchBucket", "NotFound", "ServiceAccessNotEnabledException"),
    )
)
#: What is missing where a role cannot be taken on.
SHUT: Final = "access to the account"
#: Fields that say that there is more.
_GOES_ON: Final = ("NextToken", "nextToken", "NextPageToken", "Marker")


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
        """What was asked, where, when, and where the answer lies."""
        asked = {"call": self.call, "region": self.region, "argument": self.argument}
        return {**asked, "time": self.time, "file": self.file, "error": self.code}


class UnknownAnswerError(Exception):
    """A control cannot be answered.

    Args:
        why: what cannot be known, a sentence; empty if what is missing says it all.
    """

    def __init__(self, why: str = "") -> None:
        self.why = why
        super().__init__(why)


@dataclass(slots=True)
class Reading:
    """What one control reads of the answers of one account.

    Attributes:
        account_id: the account.
        saved: all of its answers.
        case: answers SQL; None if there is no case.
        evidence: the answers that were read.
        missing: what could not be read: permissions, files.
        is_partial: whether a Region was left out that may hold what no other tells; then nothing good can be said.
    """

    account_id: str
    saved: Sequence[Saved]
    case: Asks | None = None
    evidence: list[Saved] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    is_partial: bool = False

    def one(self, call: str, argument: str = "", region: str = "") -> Any:  # noqa: ANN401 - the shape of the call
        """The one answer to a call, or None if AWS said that there is no such thing.

        Args:
            call: service and operation.
            argument: what it was asked of.
            region: where it was asked; any if empty.

        Raises:
            UnknownAnswerError: it is missing, refused, not whole or in another shape; ``missing`` says which.
        """
        found = [one for one in self._of(call, region) if _fits(one.argument, argument)]
        if not found and self._is_only(call):  # a file that does not say of what it is can only be of this
            found = [one for one in self._of(call, region) if not one.argument]
        if not found:
            self._lack_all(call, argument)
        if any((one.body, one.code) != (found[0].body, found[0].code) for one in found):
            self._lack(f"{_of(call, argument)} (several answers, and none says of what)")
        return self._read(found[0])

    def needed(self, call: str, argument: str = "") -> Any:  # noqa: ANN401 - the shape of the call
        """The one answer to a call.

        Raises:
            UnknownAnswerError: as ``one``, or AWS said that there is no such thing.
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
        """The same, for what each Region alone tells of itself: ``is_partial`` says that an enabled one is missing."""
        told = self.each(call)
        regions = self.maybe("account:ListRegions")
        enabled = {one.get("RegionName") for one in regions or () if one.get("RegionOptStatus") != "DISABLED"}
        lacking = sorted(map(str, enabled - {region for region, _ in told}))
        if lacking:
            self.missing.append(f"{CALLS[call].permission} in {', '.join(lacking)} (not saved)")
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
        if not (parent := CALLS[call].parent):
            return False
        lists = [self._read(one) or () for one in self.saved if one.call == parent]
        return len({item[0] for told in lists for item in CALLS[call].items(told)}) == 1

    def _of(self, call: str, region: str) -> list[Saved]:
        found = [one for one in self.saved if one.call == call]
        return ([one for one in found if one.region == region] if region else []) or [
            one for one in found if not (region and one.region)
        ]

    def _read(self, saved: Saved) -> Any:  # noqa: ANN401 - the shape of the call
        if saved not in self.evidence:
            self.evidence.append(saved)
        if saved.code in _ABSENT:
            return None
        if saved.code:
            self._lack(_refused(saved))
        try:
            told = saved.typed()
        except msgspec.ValidationError as error:
            self._lack(f"{saved.file or saved.call}: {error}")
        if any(saved.body.get(name) for name in _GOES_ON):
            self._lack(f"{saved.file or saved.call}: the answer goes on (NextToken); save all of it")
        return told

    def _lack_all(self, call: str, argument: str = "") -> None:
        """There is no answer: nobody asked, or the account could not be entered."""
        shut = next((one for one in self.saved if one.call == CALLER and one.code), None)
        self._lack(f"{SHUT} ({shut.code}: {shut.message})" if shut else f"{_of(call, argument)} (not saved)")

    def _lack(self, what: str) -> None:
        if what not in self.missing:
            self.missing.append(what)
        raise UnknownAnswerError


def _of(call: str, argument: str) -> str:
    return f"{CALLS[call].permission}{f' of {argument}' if argument else ''}"


def _refused(saved: Saved) -> str:
    call = CALLS[saved.call]
    if "AccessDenied" in saved.code or saved.code in ("UnauthorizedOperation", "AuthorizationErrorException"):
        if "service control policy" in saved.message:
            return f"{call.permission}, which a service control policy denies"
        return f"permission {call.permission}"
    return f"{call.permission}: AWS answered {saved.code}"


def _fits(told: str, argument: str) -> bool:
    last = argument.rpartition("/")[2].rpartition(":")[2]
    return told in (argument, slug(argument), slug(last))


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
