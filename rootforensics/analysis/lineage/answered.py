"""Who answers for what a call left: which others undid it or wrote it again, as far as the logs show."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import lowered, statements_of, unpacked
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import sortable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

    Leaf = tuple[str, str]

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
#: What may be otherwise if a call is made again, but for names: a policy.
_POLICY: Final = re.compile(r"(polic|acl|accesscontrol|document)(?!.*(name|arn|id)$)", re.IGNORECASE)
#: Whom a policy or an access list may let in, in a text without blanks and backslashes: accounts, and anybody.
_LET_IN: Final = re.compile(
    r'(?<![0-9])[0-9]{12}(?![0-9])|"(?:Principal|AWS)":(?:\[[^]]*)?"\*"|"NotPrincipal"|(?:All|Authenticated)Users|"(?:public|authenticated)-read',
    re.IGNORECASE,
)
#: The host is the endpoint that the caller chose.
_OF_NO_ACCOUNT: Final = frozenset(("Host",))


class Answers:
    """Who answers for writes of root and of what descends from it.

    Args:
        case: to ask.
        writes: the writes to ask about.
        until: what was done from then on answers for nothing, UTC; None for the end of the logs.
    """

    def __init__(self, case: Asks, writes: Iterable[of.ReachedCalls], until: datetime | None = None) -> None:
        calls = tuple(sorted({f"{row['eventSource']}:{_rest(row)}" for row in writes}))
        self._later: defaultdict[tuple[str, ...], list[of.LaterWrites]] = defaultdict(list)
        asked = {"until": until.isoformat()} if until else {}
        for row in case.query("later_writes", calls=calls, **asked).rows if calls else ():
            self._later[_of_kind(row)].append(row)

    def to_all(self, writes: Iterable[of.ReachedCalls | None]) -> list[of.LaterWrites]:
        """The calls that answer for all of some writes, the newest last; none if one of them has no answer.

        Args:
            writes: None for an event that is no such write.
        """
        found = [self._answer(row) for row in writes]
        if None in found:
            return []
        answers = {place_text(row): row for row in found if row}
        return sorted(answers.values(), key=lambda row: sortable(row["eventTime"]))

    def _answer(self, row: of.ReachedCalls | None) -> of.LaterWrites | None:
        if row is None or row["eventTime"] is None:
            return None
        later = (one for one in self._later[_of_kind(row)] if sortable(one["eventTime"]) > sortable(row["eventTime"]))
        return next((one for one in later if answers_for(_called(row), _called(one), row["account_id"] or "")), None)


def answers_for(done: tuple[str, Any], later: tuple[str, Any], own: str = "") -> bool:
    """Whether a call undoes another one or writes anew all that it wrote, as far as both requests tell.

    Args:
        done: eventName and request.
        later: likewise, of the same service.
        own: the account in which both were made; a policy that names it lets nobody in from elsewhere.
    """
    (name, asked), (later_name, later_asked) = done, later
    old, new = _parts(asked), _parts(later_asked)
    verb, later_verb = (_VERB.match(one) for one in (name, later_name))
    if not (verb and later_verb and old and new):
        return False
    ends, later_ends = (bool(_ENDS.match(one[0])) for one in (verb, later_verb))
    if ends != later_ends:  # what ends names it, what begins may tell more
        return all(key in old and key in new and old[key] <= new[key] for key in (old if ends else new))
    if name != later_name:
        return False
    turned = _turned(_all(old))
    if turned != _all(old):
        return turned <= _all(new)
    if verb[0] not in _REPLACES or old.keys() != new.keys():
        return False
    if old == new:  # An equal request writes the same again, unless its record omits what it writes.
        return old.keys() <= _NOT_RECORDED.get(name, frozenset())
    return _is_rewritten(_all(old), _all(new), own)


def _is_rewritten(old: set[Leaf], new: set[Leaf], own: str) -> bool:
    """Whether all but flags and policies is the same, and these are other ones that let in nobody again."""
    free = {leaf for leaf in old | new if leaf[1] in ("true", "false") or _POLICY.search(leaf[0])}
    return old - free == new - free and not _meet(_let_in(free & old) - {own}, _let_in(free & new) - {own})


def _parts(asked: Any) -> dict[str, set[Leaf]]:  # noqa: ANN401 - any JSON value
    """What a request says under each of its keys; each entry of a list is one."""
    if not isinstance(asked, dict):
        return {}
    told = {key: value for key, value in asked.items() if value not in (None, "") and key not in _OF_NO_ACCOUNT}
    return {key: set(_leaves(key, value)) for key, value in told.items()}


def _leaves(path: str, value: Any) -> Iterator[Leaf]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(f"{path}.{key}", each)
    elif isinstance(value, list):
        yield from ((path, json.dumps(each, sort_keys=True)) for each in value)
    elif value not in (None, ""):
        yield path, json.dumps(value)


def _all(parts: dict[str, set[Leaf]]) -> set[Leaf]:
    return set().union(*parts.values())


def _meet(old: set[str], new: set[str]) -> bool:
    """Whether somebody of the first is let in by the second again: who lets anybody in lets in each."""
    return not old.isdisjoint(new) or any(old and new and not one.isdigit() for one in old | new)


def _let_in(leaves: set[Leaf]) -> set[str]:
    """The accounts that policies name, and anybody; what denies lets nobody in.

    A policy of an identity names nobody: that two of them allow something is enough, as no rule compares rights.
    """
    allowed = [one for _, value in leaves for one in _allowing(json.loads(value))]
    found = {name for one in allowed for name in _LET_IN.findall(re.sub(r"[\\\s]", "", json.dumps(one)))}
    gives_rights = any("effect" in one and "principal" not in one for one in allowed if isinstance(one, dict))
    return found | ({"rights"} if gives_rights else set())


def _allowing(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    """The statements of a policy but for those that deny; what is no policy as it is."""
    policy = unpacked(value)
    told = statements_of(policy) or [lowered(policy) if isinstance(policy, dict) else value]
    return [one for one in told if not (isinstance(one, dict) and str(one.get("effect")).lower() == "deny")]


def _turned(leaves: set[Leaf]) -> set[Leaf]:
    """The same with what is added taken away, and what is taken away added."""
    return {(_turn(path), _turn(value) if value in ('"add"', '"remove"') else value) for path, value in leaves}


def _turn(text: str) -> str:
    return _TURNS.sub(lambda found: _TURNED[found[0]], text)


def _rest(row: of.ReachedCalls | of.LaterWrites) -> str:
    """The name without its verb; what is added to something is removed from it. ``later_writes`` has the same."""
    return _VERB.sub("", row["eventName"] or "").replace("From", "To", 1)


def _of_kind(row: of.ReachedCalls | of.LaterWrites) -> tuple[str, ...]:
    return row["account_id"] or "", row["awsRegion"] or "", row["eventSource"] or "", _rest(row)


def _called(row: of.ReachedCalls | of.LaterWrites) -> tuple[str, Any]:
    with suppress(ValueError, RecursionError):
        return row["eventName"] or "", json.loads(row["asked"] or "null")
    return row["eventName"] or "", None
