"""Who answers for what a call left: which others undid it or wrote it anew, and whether it was written again since."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.grants import ACCESS_LISTS, LISTED, grantees
from rootforensics.analysis.exposure.policies import allowed_to, lowered, still_allows, unpacked
from rootforensics.analysis.lineage.entity import TRUSTING
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import sortable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

    Leaf = tuple[str, str]
    Parts = dict[str, set[Leaf]]

_VERB: Final = re.compile(r"^[A-Z][a-z]+")
#: Verbs that end what another verb of the same name begins: Delete what was Put, Revoke what was Authorized.
_ENDS: Final = re.compile(
    "(Cancel|De(activate|lete|register|tach)|Disa(ble|ssociate)|Re(ject|lease|move|set|voke)|Stop|Terminate|Uns|Unt)"
)
#: Verbs after which nothing is left of what the same call wrote before.
_REPLACES: Final = frozenset(("Modify", "Put", "Replace", "Set", "Update"))
_TURNS: Final = re.compile(r"([Aa]dd|[Rr]emove)(?![a-z])")
_TURNED: Final = {"add": "remove", "remove": "add", "Add": "Remove", "Remove": "Add"}
#: Calls whose records omit what the calls write, such as the address, the code or the password, and the keys that
#: remain then. An equal request may therefore write something else.
_NOT_RECORDED: Final = {
    "PutAlternateContact": frozenset(("accountId", "alternateContactType")),
    "PutSecretValue": frozenset(("clientRequestToken", "secretId", "versionStages")),
    "UpdateFunctionCode": frozenset(("dryRun", "functionName", "publish")),
    "UpdateLoginProfile": frozenset(("passwordResetRequired", "userName")),
}
#: Keys that say how a call is made, not what it leaves.
_HOW: Final = frozenset(("Host", "applyImmediately", "blockPublicPolicy", "bypassPolicyLockoutSafetyCheck"))
_BLOCK: Final = "PublicAccessBlock"
#: The settings of a public access block. The block that a call writes takes the place of all of them: a setting that
#: the call omits is off. Source: Amazon S3 API Reference, "PublicAccessBlockConfiguration".
_BLOCKS: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
_FLAGS: Final = ("true", "false", '"true"', '"false"')


class Answers:
    """Who answers for writes of root and of what descends from it.

    Args:
        case: to ask.
        writes: the writes to ask about.
        until: what was done from then on answers for nothing, UTC; None for the end of the logs.
    """

    def __init__(self, case: Asks, writes: Iterable[of.ReachedCalls], until: datetime | None = None) -> None:
        calls = tuple(sorted({f"{row['eventSource']}:{_noun(row['eventName'])}" for row in writes}))
        self._later: defaultdict[tuple[str, ...], list[of.LaterWrites]] = defaultdict(list)
        asked = {"until": until.isoformat()} if until else {}
        for row in case.query("later_writes", calls=calls, **asked).rows if calls else ():
            self._later[_of_kind(row)].append(row)

    def to_all(self, writes: Iterable[of.ReachedCalls | None]) -> list[of.LaterWrites]:
        """The calls that answer for all of some writes, the newest last; none if one of them has no answer.

        Args:
            writes: None for an event that is no such write.
        """
        answering = [self._answer(row) for row in writes]
        if None in answering:
            return []
        answers = {place_text(row): row for row in answering if row}
        return sorted(answers.values(), key=lambda row: sortable(row["eventTime"]))

    def _answer(self, row: of.ReachedCalls | None) -> of.LaterWrites | None:
        """The first answer after which nobody wrote the same again, as far as the order within a second is known."""
        if row is None or row["eventTime"] is None:
            return None
        answers, again = [], sortable(row["eventTime"])
        for later in self._later[_of_kind(row)]:
            if sortable(later["eventTime"]) > sortable(row["eventTime"]):
                told = answers_for(_called(row), _called(later), row["account_id"] or "")
                if told is False:
                    again = max(again, sortable(later["eventTime"]))
                elif told and later["can_answer"]:
                    answers.append(later)
        return next((later for later in answers if sortable(later["eventTime"]) > again), None)


def answers_for(done: tuple[str, Any], later: tuple[str, Any], own: str = "") -> bool | None:
    """Whether a call undoes another one or writes anew all that it wrote, as far as both requests tell.

    Args:
        done: eventName and request.
        later: likewise, of the same service.
        own: the account in which both were made; a policy that names it lets nobody in from elsewhere.

    Returns:
        False if it writes some of it again, or may do so; None if it is about something else.
    """
    (name, asked), (later_name, later_asked) = done, later
    old, new = _Request(name, asked, own), _Request(later_name, later_asked, own)
    verb, later_verb = (_VERB.match(one) for one in (name, later_name))
    if not (verb and later_verb and old.parts):
        return None
    ends, later_ends = (bool(_ENDS.match(one[0])) for one in (verb, later_verb))
    if not new.parts:  # whatever it wrote, its record does not show it
        return False if ends == later_ends else None
    if _noun(name).endswith(_BLOCK):
        return old.is_blocked_again_by(new)
    if ends != later_ends:  # what ends names it, what begins may tell more
        keys = old.parts if ends else new.parts
        return all(key in old.parts and key in new.parts and old.parts[key] <= new.parts[key] for key in keys) or None
    if name == later_name and (old.is_turned_by(new) or (verb[0] in _REPLACES and old.is_rewritten_by(new))):
        return True
    return False if old.is_repeated_by(new) else None


class _Request:
    """What a call asks for: what it is about and writes, and whom its policies allow something.

    Attributes:
        parts: what it says under each of its keys but for policies; each entry of a list is one.
        policies: by path, whom a policy or an access list allows something.
    """

    def __init__(self, name: str, asked: Any, own: str) -> None:  # noqa: ANN401 - any JSON value
        self.name, self.own = name, own
        self.policies: dict[str, set[str]] = {}
        kept = asked if isinstance(asked, dict) else {}
        if name in ACCESS_LISTS:
            self.policies["list"] = grantees(kept)
            kept = {key: kept[key] for key in LISTED if key in kept}
        self.parts: Parts = {
            key: set(self._leaves(key, value))
            for key, value in kept.items()
            if value not in (None, "") and key not in _HOW
        }

    @property
    def all(self) -> set[Leaf]:
        """All parts together."""
        return set().union(*self.parts.values())

    @property
    def flags(self) -> dict[str, str]:
        """Settings that are on or off, by path; a call that only tries writes nothing."""
        return {path: value.strip('"') for path, value in self.all if value in _FLAGS and path != "dryRun"}

    @property
    def blocks(self) -> set[str]:
        """The settings of a public access block that the call switches on; a call that deletes it has none."""
        return {path.rpartition(".")[2] for path, value in self.flags.items() if value == "true"}.intersection(_BLOCKS)

    def is_blocked_again_by(self, later: _Request) -> bool | None:
        """Whether a public access block is as closed as it can have been before, with nothing of what was opened."""
        is_same = all(self.parts.get(key) == later.parts.get(key) for key in ("accountId", "bucketName"))
        return set(_BLOCKS) - self.blocks <= later.blocks if is_same else None

    def is_turned_by(self, later: _Request) -> bool:
        """Whether a call removes all that this one adds, and adds all that it removes."""
        turned = {(_turn(path), _turn(text) if text in ('"add"', '"remove"') else text) for path, text in self.all}
        return turned != self.all and turned <= later.all

    def is_rewritten_by(self, later: _Request) -> bool:
        """Whether a call of the same name writes other flags and policies, and nothing of what these opened."""
        flags, others = self.flags, later.flags
        plain, other = ({leaf for leaf in one.all if leaf[0] not in one.flags} for one in (self, later))
        if self.parts.keys() != later.parts.keys() or plain != other:
            return False
        if self.parts.keys() <= _NOT_RECORDED.get(self.name, frozenset()):
            return True
        are_turned = flags.keys() == others.keys() and all(flags[path] != others[path] for path in flags)
        return bool(flags or self.policies) and are_turned and not any(map(self._keeps(later), self.policies))

    def is_repeated_by(self, later: _Request) -> bool:
        """Whether a call writes some of the same again under each key."""
        is_same = all(key in later.parts and (not part or part & later.parts[key]) for key, part in self.parts.items())
        return is_same and (not self.policies or any(map(self._keeps(later), self.policies)))

    def _keeps(self, later: _Request) -> Callable[[str], bool]:
        """Whether the policy at a path is left as open, or is not among what the later call writes."""
        return lambda path: (
            path not in later.policies
            or still_allows(self.policies[path], later.policies[path], self.own, is_trust=self.name in TRUSTING)
        )

    def _leaves(self, path: str, value: Any) -> Iterator[Leaf]:  # noqa: ANN401 - any JSON value
        policy = unpacked(value)
        if isinstance(policy, dict) and "statement" in lowered(policy):
            self.policies[path] = allowed_to(policy, self.own or None)
        elif value == "":  # a policy that is written empty is deleted
            self.policies[path] = set()
        elif isinstance(value, dict):
            for key, each in value.items():
                yield from self._leaves(f"{path}.{key}", each)
        elif isinstance(value, list):
            yield from ((path, json.dumps(each, sort_keys=True)) for each in value)
        elif value is not None:
            yield path, json.dumps(value)


def _turn(text: str) -> str:
    return _TURNS.sub(lambda match: _TURNED[match[0]], text)


def _noun(name: str | None) -> str:
    """The name of a call without its verb; what is added to something is removed from it. As in ``later_writes``."""
    return _VERB.sub("", name or "").replace("From", "To", 1)


def _of_kind(row: of.ReachedCalls | of.LaterWrites) -> tuple[str, ...]:
    return row["account_id"] or "", row["awsRegion"] or "", row["eventSource"] or "", _noun(row["eventName"])


def _called(row: of.ReachedCalls | of.LaterWrites) -> tuple[str, Any]:
    with suppress(ValueError, RecursionError):
        return row["eventName"] or "", json.loads(row["asked"] or "null")
    return row["eventName"] or "", None
