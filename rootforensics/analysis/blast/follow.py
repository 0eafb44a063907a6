"""Follow what root made and changed, then what that made and changed, until nothing new turns up."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.blast.deeds import Deeds
from rootforensics.analysis.blast.model import Actor, Deed, Key, Thing
from rootforensics.ingest.filters import FIRST_YEAR, LAST_YEAR
from rootforensics.rules.things import ThingRule, thing_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.blast.model import Certainty, Row
    from rootforensics.queries.result import Asks

#: Kinds of actors as the question ``identity_deeds`` names them, by kind of thing.
_ACTOR_KINDS: Final = {
    "access key": "access_key",
    "session": "access_key",
    "user": "user",
    "role": "role",
    "instance": "instance",
}
_PARAMETERS: Final = {"access_key": "access_keys", "user": "users", "role": "roles", "instance": "instances"}
#: Changes that open an existing identity to whoever made them.
_OPENINGS: Final = frozenset({"iam:UpdateAssumeRolePolicy", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"})
_EXPIRATION: Final = "%b %d, %Y, %I:%M:%S %p"
#: A chain of identities that is longer than this is told, not followed.
_MAX_ROUNDS: Final = 64


class Follower:
    """Collects the things that root reached.

    Attributes:
        deeds: the calls that act on things, by whoever it was.
        things: each thing, by its key.
        actors: those who act, by kind and name.
        opened: the thing by which an actor that existed before was opened, where it is another thing.
        cut_off: True if the chain was longer than is followed.
    """

    def __init__(self, case: Asks) -> None:
        self._case = case
        self._rules: defaultdict[tuple[str, str], list[ThingRule]] = defaultdict(list)
        for rule in thing_rules():
            self._rules[rule.event].append(rule)
        self._calls = " ".join(sorted(f"{source}:{name}" for source, name in self._rules))
        self.deeds = Deeds(case)
        self._seen: set[tuple[int, int]] = set()
        self.things: dict[Key, Thing] = {}
        self.actors: dict[tuple[str, str], Actor] = {}
        self.opened: dict[Key, Key] = {}
        self.cut_off = False

    def run(self, account_id: str = "") -> None:
        """Follow everything from root of one account, or of all."""
        rows = self._case.query("root_deeds", account_id=account_id, calls=self._calls).rows
        new = self._take((row, _root(row["account_id"])) for row in rows)
        for _ in range(_MAX_ROUNDS):
            if not new:
                return
            new = self._take(self._deeds_of(new))
        self.cut_off = bool(new)

    def _deeds_of(self, actors: list[Actor]) -> Iterator[tuple[Row, Actor]]:
        """The events of some actors, each with the one who did it."""
        named: defaultdict[str, list[str]] = defaultdict(list)
        for actor in actors:
            named[_PARAMETERS[actor.kind]].append(actor.name)
        for row in self.deeds.of(named):
            for kind, column in (
                ("access_key", "accessKeyId"),
                ("instance", "instance"),
                ("user", "user"),
                ("role", "role"),
            ):
                found = self.actors.get((kind, row[column] or ""))
                if found and _is_since(row["eventTime"], found.since):
                    yield row, found
                    break

    def _take(self, rows: Iterable[tuple[Row, Actor]]) -> list[Actor]:
        """Take in events; the actors that they brought to light."""
        new: list[Actor] = []
        for row, actor in rows:
            place = (row["evidence_id"], row["record_index"])
            if row["errorCode"] or place in self._seen:
                continue
            self._seen.add(place)
            for rule, deed in self.deeds_in(row, actor.key):
                known = self.things.get(deed.thing)
                if known is None:
                    known = self.things[deed.thing] = Thing(deed.thing, deed, actor.depth + 1, actor.certainty)
                known.deeds.append(deed)
                new.extend(self._awake(rule, deed, known, actor))
        return new

    def deeds_in(self, row: Row, actor: Key | None) -> Iterator[tuple[ThingRule, Deed]]:
        """The effects that an event has on things."""
        rules = self._rules.get((row["eventSource"], row["eventName"]), [])
        record = _record(row) if rules else {}
        for rule in rules:
            for name in rule.names_in(record):
                where = row["account_id"] or "unknown"
                name_there = f"{row['awsRegion']}/{name}" if rule.regional else name
                expires = _expiration(record, rule.expires) if rule.expires else None
                yield (
                    rule,
                    Deed(
                        Key(where, rule.kind, name_there),
                        rule.effect,
                        row,
                        actor,
                        rule.details_in(record),
                        rule.owner_in(record),
                        expires,
                    ),
                )

    def _awake(self, rule: ThingRule, deed: Deed, thing: Thing, actor: Actor) -> Iterator[Actor]:
        """Actors that a deed makes: what was created and can act; what was there and was opened, as possible."""
        certainty: Certainty = actor.certainty
        key = deed.thing
        kind = _ACTOR_KINDS.get(key.kind)
        if deed.effect == "creates" and kind:
            yield from self._add(kind, key, deed.time, thing.depth, certainty)
        elif rule.call in _OPENINGS:
            if key.kind == "console password":
                key, kind = Key(key.account_id, "user", deed.owner or key.name), "user"
                if key not in self.things:
                    self.opened.setdefault(key, deed.thing)
            if kind:
                yield from self._add(kind, key, deed.time, thing.depth, "possible")

    def _add(self, kind: str, key: Key, since: datetime | None, depth: int, certainty: Certainty) -> Iterator[Actor]:
        name = key.name if kind in ("access_key", "instance") else f"{key.account_id}/{key.name}"
        if " " in name or "|" in name or (kind, name) in self.actors:  # no name that AWS gives holds these
            return
        actor = Actor(kind, name, since, key, depth, certainty)
        self.actors[kind, name] = actor
        yield actor


def _root(account_id: str | None) -> Actor:
    account = account_id or "unknown"
    return Actor("root", account, None, Key(account, "root", "root"), 0)


def _is_since(moment: datetime | None, since: datetime | None) -> bool:
    return moment is None or since is None or moment >= since


def _record(row: Row) -> dict[str, Any]:
    """What names things in a record; odd content names nothing."""
    found: dict[str, Any] = {}
    for part in ("requestParameters", "responseElements"):
        try:
            found[part] = json.loads(row[part] or "null")
        except (ValueError, RecursionError):
            found[part] = None
    return found


def _expiration(record: dict[str, Any], path: str) -> datetime | None:
    """When a key ends, as STS writes it: ``Aug 5, 2026, 3:15:07 AM`` in UTC, or ISO 8601."""
    value: Any = record
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.strptime(value.replace("\u202f", " "), _EXPIRATION).replace(tzinfo=UTC)
    except ValueError:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if FIRST_YEAR <= moment.year < LAST_YEAR else None
