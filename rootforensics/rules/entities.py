"""What calls make, change and remove, and where their records name it.

``entities.toml`` says it, call by call; here it is read, and found in records.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any, Final, Literal, get_args

from rootforensics.errors import RuleError
from rootforensics.queries.secrets import REMOVED

Effect = Literal["creates", "changes", "removes", "disables", "enables", "voids"]

#: Effects after which an entity is no longer of use to anybody.
ENDINGS: Final[tuple[Effect, ...]] = ("removes", "disables")
_CALL: Final = re.compile(r"[a-z0-9-]+:[A-Za-z0-9]+")
_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]")
_PATH: Final = re.compile(
    r"(requestParameters|responseElements|serviceEventDetails)(\.[A-Za-z0-9]+(\[\*\])?)+|userIdentity\.arn"
    "|recipientAccountId"
)
#: The bus and the group that are meant where a call names none: named or not, it is the same.
_USUAL: Final = "default"
#: Stands between the paths of a name of two parts.
_AND: Final = " + "
#: Entities that records name by ARN or by name, whatever the caller used: what both have in common.
_NAME_IN_ARN: Final = {
    "trail": re.compile(r"arn:[^:]*:cloudtrail:[^:]*:[^:]*:trail/(.+)"),
    "stack": re.compile(r"arn:[^:]*:cloudformation:[^:]*:[^:]*:stack/([^/]+)(?:/.*)?"),
    "KMS key": re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/(.+)"),
    "Lambda function": re.compile(r"(?:arn:[^:]*:lambda:[^:]*:[^:]*|[0-9]{12}):function:([^:]+)"),
    "ECS cluster": re.compile(r"arn:[^:]*:ecs:[^:]*:[^:]*:cluster/(.+)"),
    "secret": re.compile(r"arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)-[A-Za-z0-9]{6}"),
    "ECS task": re.compile(r"arn:[^:]*:ecs:[^:]*:[^:]*:task/(?:.*/)?([^/]+)"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity; the attributes are told at the top of ``kinds.toml``."""

    name: str
    persistence: bool = False
    leads: bool = False
    opens_if_changed: bool = False
    acts: bool = False
    acts_as_owner: bool = False
    belongs_to_user: bool = False
    ends_if_made: bool = False
    named_by_account: bool = False
    requested: bool = False
    descendant: str = ""


_TOLD: Final = tomllib.loads(files(__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))
#: Every kind of which more is known than its name, in the order of the file.
KINDS: Final = tuple(Kind(**row) for row in _TOLD["kind"])
_QUOTAS: Final[dict[str, str]] = _TOLD["quotas"]
#: Kinds of entities of which no two have the same name, in whatever Regions.
EVERYWHERE: Final = frozenset(_TOLD["everywhere"])
#: Kinds of entities by which nobody acts, comes in or takes anything out.
IDLE: Final = frozenset(_TOLD["idle"])
#: Kinds of entities by which somebody comes back.
PERSISTENCE: Final = tuple(one.name for one in KINDS if one.persistence)
#: Kinds that a call only asks for.
REQUESTED: Final = frozenset(kind.name for kind in KINDS if kind.requested)
#: Kinds that lead lists of what is open.
LEADING: Final = frozenset(one.name for one in KINDS if one.persistence or one.leads)


@dataclass(frozen=True, slots=True)
class EntityRule:
    """One effect of one call.

    Attributes:
        call: ``service:eventName``.
        effect: what it does to the entity.
        kind: of entity.
        name: paths of the entity's name; the first that is there counts.
        owner: paths of the identity that a credential belongs to.
        detail: paths of what is worth showing.
        also: paths of other names by which records call the entity; one of two parts has ``+`` between their paths.
        among: paths of what tells it from others of its name; their values are part of what it is called.
        renames: path of the name that the entity has from then on.
        only: the path and the value that a record must have.
        unless: the path and the value that a record must not have.
        present: a path that a record must have.
        absent: paths of which a record must have none.
        all_among: True if ``name`` is what tells entities from others of their name, and all of these are meant.
        expires: path of the time at which it ends by itself.
        by_others: what it does to what root reached if others call it; empty where that is of no account.
    """

    call: str
    effect: Effect
    kind: str
    name: tuple[str, ...]
    owner: tuple[str, ...] = ()
    detail: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    renames: str = ""
    only: tuple[str, str] | None = None
    unless: tuple[str, str] | None = None
    present: str = ""
    absent: tuple[str, ...] = ()
    all_among: bool = False
    expires: str = ""
    by_others: Effect | Literal[""] = ""

    @property
    def event(self) -> tuple[str, str]:
        """``eventSource`` and ``eventName``."""
        service, name = self.call.split(":")
        return f"{service}.amazonaws.com", name

    @property
    def named_by_aws(self) -> bool:
        """True if it makes an entity whose name AWS chose: no other entity ever had it."""
        return self.effect == "creates" and all(path.startswith("responseElements.") for path in self.name)

    @property
    def regional(self) -> bool:
        """True if its name is unique in a Region only."""
        return self.kind not in EVERYWHERE

    @property
    def tells_the_state(self) -> bool:
        """Whether others may begin, end or mend an entity by it; nobody else makes one that AWS named for root."""
        begins = self.effect == "enables" or (self.effect == "creates" and not self.named_by_aws)
        return begins or self.effect in (*ENDINGS, "voids") or bool(self.renames or self.by_others)

    @property
    def paths(self) -> list[str]:
        """Every path in it."""
        only = [pair[0] for pair in (self.only, self.unless) if pair]
        single = filter(None, (self.renames, self.present, self.expires))
        also = (path for paths in self.also for path in paths.split(_AND))
        return [*self.name, *self.owner, *self.detail, *also, *self.among, *self.absent, *only, *single]

    def names_in(self, record: dict[str, Any]) -> list[str]:
        """The names of the entities in a record; empty if it names or shows none or is not of the kind that is meant.

        Args:
            record: ``requestParameters``, ``responseElements`` and ``serviceEventDetails``, decoded,
                ``recipientAccountId``, and ``userIdentity`` with its ``arn``.
        """
        if self.only and values_at(record, self.only[0]) != [self.only[1]]:
            return []
        if self.unless and values_at(record, self.unless[0]) == [self.unless[1]]:
            return []
        if self.present and not values_at(record, self.present):
            return []
        if any(values_at(record, path) for path in self.absent):
            return []
        which = [value for path in self.among for value in values_at(record, path) if value != _USUAL]
        shown = (name for name in _first(record, self.name) if not REMOVED.fullmatch(name))
        by = " of account " if self.kind == "contact" else ", "
        return [by.join((shorten(self.kind, name), *which)) for name in shown]

    def details_in(self, record: dict[str, Any]) -> str:
        """What is worth showing of a record, in one line."""
        values = (value for path in self.detail for value in values_at(record, path))
        return ", ".join(value for value in values if not REMOVED.fullmatch(value))

    def also_in(self, record: dict[str, Any]) -> list[str]:
        """Other names of the entity in a record."""
        parts = ([values_at(record, path) for path in paths.split(_AND)] for paths in self.also)
        return [", ".join((shorten(self.kind, name), *which)) for part in parts for name, *which in product(*part)]

    def new_name_in(self, record: dict[str, Any]) -> str:
        """The name that the entity has from then on; empty if it keeps its own."""
        return next(iter(values_at(record, self.renames)), "") if self.renames else ""

    def owner_in(self, record: dict[str, Any]) -> str:
        """The identity that a credential belongs to; empty for root itself, and where a record names several."""
        found = _first(record, self.owner)
        return found[0] if len(found) == 1 else ""


def _first(record: dict[str, Any], paths: tuple[str, ...]) -> list[str]:
    for path in paths:
        if found := values_at(record, f"{path.removesuffix('[*]')}[*]"):
            return found
    return []


def values_at(record: dict[str, Any], path: str) -> list[str]:
    """The values at a path of a record as text, without those that are null or empty; ``[*]`` takes each of a list."""
    found: list[Any] = [record]
    for key, each_of_list in _steps(path):
        found = [one[key] for one in found if isinstance(one, dict) and key in one]
        if each_of_list:
            found = [each for one in found for each in (one if isinstance(one, list) else [one])]
    return [_text(one) for one in found if one not in (None, "", [], {})]


@cache
def _steps(path: str) -> tuple[tuple[str, bool], ...]:
    return tuple((step.removesuffix("[*]"), step.endswith("[*]")) for step in path.split("."))


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def shorten(kind: str, name: str) -> str:
    """An entity's name, however the caller named it."""
    pattern = _NAME_IN_ARN.get(kind)
    match = pattern.fullmatch(name) if pattern else None
    return match[1] if match else name


@cache
def entity_rules() -> tuple[EntityRule, ...]:
    """Every rule, in the order of the file.

    Raises:
        RuleError: the file is wrong.
    """
    return parse_entities(files(__package__).joinpath("entities.toml").read_text(encoding="utf-8"), "entities.toml")


def parse_entities(text: str, where: str) -> tuple[EntityRule, ...]:
    """Read rules.

    Args:
        text: TOML with tables named ``entity``.
        where: the file's name, for errors.

    Raises:
        RuleError: the text is no TOML, or a row has an unknown key or a value that is not allowed.
    """
    try:
        rows = tomllib.loads(text).get("entity", [])
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"this is no TOML: {error}", where=where) from error
    return tuple(_rule(row, f"{where}, {row.get('call', 'a row without call')}") for row in rows)


def _rule(row: dict[str, Any], place: str) -> EntityRule:
    known = {field.name for field in fields(EntityRule)}
    if unknown := sorted(row.keys() - known):
        raise RuleError(f"unknown key {unknown[0]!r}", where=place, hint=f"Known: {', '.join(sorted(known))}")
    if missing := [key for key in ("call", "effect", "kind", "name") if not row.get(key)]:
        raise RuleError(f"{missing[0]} is missing", where=place)
    rule = EntityRule(
        **row
        | {key: tuple(row.get(key, ())) for key in ("name", "owner", "detail", "also", "among", "absent")}
        | {key: (row[key]["path"], row[key]["value"]) for key in ("only", "unless") if key in row}
    )
    if not _CALL.fullmatch(rule.call):
        raise RuleError("call is not service:eventName", where=place)
    if unknown := [one for one in (rule.effect, rule.by_others or rule.effect) if one not in get_args(Effect)]:
        raise RuleError(f"unknown effect {unknown[0]!r}", where=place, hint=f"Known: {', '.join(get_args(Effect))}")
    if wrong := [path for path in rule.paths if not _PATH.fullmatch(path)]:
        raise RuleError(f"{wrong[0]!r} is no path in a record", where=place)
    return rule


def entity_in_words(kind: str, name: str, account_id: str) -> tuple[str, str]:
    """The kind and name of an entity for a sentence: a contact by its type, a quota with what it limits, in a Region.

    Args:
        kind: of the entity.
        name: as records have it, with or without its Region.
        account_id: where it is.
    """
    if kind == "contact":
        contact, _, member = name.partition(" of account ")
        return f"{contact.lower()} contact", f"of account {member or account_id}"
    region, slash, own_name = name.partition("/")
    name, where = (own_name, f" in {region}") if slash and _REGION.fullmatch(region) else (name, "")
    limited = next((code for code in _QUOTAS if kind == "service quota" and code in name), "")
    return kind, (name.replace(limited, f"{limited} ({_QUOTAS[limited]})") if limited else name) + where
