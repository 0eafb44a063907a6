"""The actions of root, of what descends from it, and of others on the same entities."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from rootforensics.analysis.exposure.policies import denies_all
from rootforensics.analysis.lineage.entity import BELONGS, Action, Actor, Certainty, Key
from rootforensics.analysis.lineage.lifetimes import Lives, password_names
from rootforensics.evidence.cite import place_of
from rootforensics.queries.result import R, rows_of
from rootforensics.rules.entities import KINDS, EntityRule, entity_rules, values_at
from rootforensics.rules.undo import undo_paths
from rootforensics.schema import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result

    #: An event of root's, of what descends from it, or of anybody.
    Recorded = of.RootActivity | of.ServiceActivity | of.DescendantActions | of.IdentityActions

#: Descendants as ``root_descendants`` calls them, by kind of entity.
_KINDS: Final = {one.descendant: one.name for one in KINDS if one.descendant}
_NAMED_BY_ACCOUNT: Final = frozenset(kind.name for kind in KINDS if kind.named_by_account)
#: Stands before a name that is unique in a Region only, where the record does not tell which.
UNKNOWN_REGION: Final = "unknown"
#: How the console calls root where it names a user; no user can be called so, for the blanks in it.
ROOT_NAME: Final = "AWS ROOT USER"
#: Stands for the owner of a credential that is root's or a user's, where the record does not say.
UNKNOWN_OWNER: Final = "whose it is, the record does not say"
_LONG_TERM_KEY_CALLS: Final = ("CreateAccessKey", "UpdateAccessKey")
#: KMS writes 18:58:30 PM.
_EXPIRATIONS: Final = ("%b %d, %Y, %I:%M:%S %p", "%b %d, %Y %I:%M:%S %p", "%b %d, %Y %H:%M:%S %p")
#: What a console session in a role and a delegation begin with; they end after twelve hours at the latest.
_TWELVE_HOURS: Final = ("signin:SwitchRole", "iam:SendDelegationToken")
#: What is kept of an event.
_KEPT: Final = (
    "eventTime", "awsRegion", "eventSource", "eventName", "outcome", "actor", "eventID", "evidence_id", "record_index",
)  # fmt: skip
#: What names entities in a record; events that AWS's services made are not asked for where root acts.
_PARTS: Final = ("requestParameters", "responseElements", "serviceEventDetails")
_ROWS_A_STEP: Final = 5_000
#: Chains of makings are followed as far as this by ``root_descendants``.
_MOST_STEPS: Final = 64


class Follower:
    """Collects the entities that root reached.

    Attributes:
        lives: the entities.
        cut_off: True if the chain was longer than is followed.
    """

    def __init__(self, case: Asks) -> None:
        self._case = case
        self._rules: defaultdict[tuple[str, str], list[EntityRule]] = defaultdict(list)
        for rule in entity_rules():
            self._rules[rule.event].append(rule)
        self._without_request = {row["evidence_id"] for row in case.query("evidence_without_requests").rows}
        self.lives = Lives()
        self.cut_off = False

    def run(self, account_id: str = "") -> None:
        """Follow everything from root of one account, or of all."""
        reached = list(self._reached(account_id))
        self.cut_off = any(action.actor and action.actor.depth >= _MOST_STEPS for action in reached)
        named = {action.entity for action in reached if not action.all_among}
        self.lives.take(one for action in (*reached, *self._by_others(reached)) for one in _each(action, named))

    def _reached(self, account_id: str) -> Iterator[Action]:
        """Actions of root and of what descends from it; an act under root's own name is root's."""
        calls = _listed(entity_rules())
        seen: set[tuple[int, int]] = set()
        for row in rows_in_steps(self._case.query("root_activity", account_id=account_id, calls=calls)):
            seen.add(place_of(row))
            account = row["account_id"] or "unknown"
            yield from self._actions_in(row, Actor(Key(account, "root", "user"), roots=(account,)))
        for served in rows_in_steps(self._case.query("service_activity", account_id=account_id, calls=calls)):
            if served["hand"] != "unknown":
                seen.add(place_of(served))
                account = served["account_id"] or "unknown"
                root = Actor(Key(account, "root", "user"), certainty="possible", roots=(account,))
                yield from self._actions_in(served, root)
        for act in rows_in_steps(self._case.query("descendant_actions", account_id=account_id, calls=calls)):
            if place_of(act) not in seen:
                made = act["made_evidence_id"], act["made_record_index"]
                roots = tuple(one or "unknown" for one in act["root_account_ids"] or (None,))
                actor = Actor(descendant_key(act), act["generation"], cast("Certainty", act["certainty"]), made, roots)
                yield from self._actions_in(act, actor)

    def _by_others(self, reached: list[Action]) -> Iterator[Action]:
        """What others did to the same entities: began, ended, mended, switched on or off, or gave another name."""
        kinds = {action.entity.kind for action in reached}
        kinds |= {BELONGS[kind] for kind in kinds & BELONGS.keys()}
        telling = [rule for rule in entity_rules() if rule.kind in kinds and rule.tells_the_state]
        if not telling:
            return
        known = {action.place for action in reached}
        actions = [
            action
            for row in rows_in_steps(self._case.query("identity_actions", calls=_listed(telling)))
            if place_of(row) not in known
            for action in self._actions_in(row, None)
        ]
        wanted = _all_names(reached, actions)
        yield from (one for one in actions if one.all_among or wanted.intersection((one.entity, *one.also)))

    def _actions_in(self, row: Recorded, actor: Actor | None) -> Iterator[Action]:
        """The effects that an event has on entities; none if it failed."""
        rules = self._rules.get((row["eventSource"] or "", row["eventName"] or ""), [])
        if row["outcome"] == "failure" or not rules:
            return
        record = _record(row)
        for rule in rules:
            yield from _actions(rule, row, record, actor, asked=row["evidence_id"] not in self._without_request)


def _each(action: Action, named: Iterable[Key]) -> Iterator[Action]:
    """An action, or that on each of the entities, of some, that it is about."""
    if not action.all_among:
        yield action
        return
    about = action.entity
    region, slash, which = about.name.rpartition("/")
    for key in named:
        is_of_kind = (key.account_id, key.kind) == (about.account_id, about.kind)
        if is_of_kind and key.name.startswith(region + slash) and key.name.endswith(f", {which}"):
            yield replace(action, entity=key, all_among=False)


def _actions(
    rule: EntityRule, row: Recorded, record: dict[str, Any], actor: Actor | None, *, asked: bool
) -> Iterator[Action]:
    names, owner = _names_and_owner(rule, record, asked=asked, by_root=actor is not None and actor.key.kind == "root")
    if not names:
        return
    detail = UNKNOWN_OWNER if owner is None else rule.details_in(record)
    account = row["account_id"] or "unknown"
    region = f"{row['awsRegion'] or UNKNOWN_REGION}/" if rule.regional else ""
    new_name = rule.new_name_in(record)
    kept = cast("of.Kept", {name: value for name, value in row.items() if name in _KEPT})
    paths = undo_paths(row["eventSource"], row["eventName"]) if actor else ()
    given = {path: held for path in paths if (held := values_at(record, path))}
    for name in names:
        yield Action(
            Key(name if rule.kind in _NAMED_BY_ACCOUNT else account, rule.kind, region + name),
            rule.effect if actor else rule.by_others or rule.effect,
            kept,
            actor,
            detail=detail or (owner or "" if rule.kind == "access key" else ""),
            owner=owner or "",
            expires_time=_expiration(rule, row, record),
            also=tuple(Key(account, rule.kind, region + one) for one in rule.also_in(record)),
            new_name=region + new_name if new_name else "",
            named_by_aws=rule.named_by_aws,
            is_taken_over=actor is None and rule.by_others == "removes" != rule.effect,
            all_among=rule.all_among,
            denies_all=any(map(denies_all, values_at(record, "requestParameters.policyDocument"))),
            asked=given,
        )


def _names_and_owner(
    rule: EntityRule, record: dict[str, Any], *, asked: bool, by_root: bool
) -> tuple[list[str], str | None]:
    """What a call is about, and to whom it belongs: empty for root itself, None where the record does not say.

    A call of root's that names no user is about root's own credentials, whatever the answer calls it; not so where the
    record does not have the request, and the resources may name root itself.
    """
    names = rule.names_in(record)
    if not by_root:
        return names, rule.owner_in(record)
    owner = rule.owner_in(record | {"responseElements": None})
    is_known = asked or owner not in ("", "root") or not rule.owner
    if rule.kind == "console password" and not (is_known and owner):
        names = [ROOT_NAME] if is_known else []
    return names, owner if is_known else None


def rows_in_steps(result: Result[R]) -> Iterator[R]:
    """The rows of a result, some at a time: requests may be long."""
    table = result.arrow()
    for start in range(0, table.num_rows, _ROWS_A_STEP):
        yield from cast("list[R]", rows_of(table.slice(start, _ROWS_A_STEP)))


def descendant_key(row: of.DescendantActions | of.DescendantUse | of.FollowedIdentities | of.LaterUses) -> Key:
    """The entity that a descendant is."""
    kind, name, account = row["identity_kind"], row["identity_name"], row["made_account_id"] or "unknown"
    if kind == "access_key":
        return Key(account, "access key" if row["made_by"] in _LONG_TERM_KEY_CALLS else "session", name)
    if kind in (
        "user",
        "role",
        "service_credential",
        "trust_anchor",
        "roles_anywhere_profile",
        "auto_scaling_group",
        "delegation",
    ):
        name = name.partition("/")[2]  # of an ARN the ID is told, of a group its Region and name
    elif kind == "function":
        name = f"{row['made_region'] or UNKNOWN_REGION}/{name.partition('/')[2]}"
    return Key(account, _KINDS[kind], name)


def _listed(rules: Iterable[EntityRule]) -> str:
    return " ".join(sorted({":".join(rule.event) for rule in rules}))


def _all_names(reached: list[Action], others: list[Action]) -> set[Key]:
    """All names of the entities that were reached, and of the users to whom they belong."""
    wanted: set[Key] = set()
    for action in reached:
        wanted.update((action.entity, *action.also))
        if action.owner_key:
            wanted.add(action.owner_key)
    linked: defaultdict[Key, set[Key]] = defaultdict(set)
    for action in (*reached, *others):
        pairs = [(action.entity, other) for other in (*action.also, *filter(None, [action.new_key]))]
        for name, other in (*pairs, *password_names(action)):
            linked[name].add(other)
            linked[other].add(name)
    waiting = list(wanted)
    while waiting:
        more = linked[waiting.pop()] - wanted
        wanted |= more
        waiting += more
    return wanted


def _record(row: Recorded) -> dict[str, Any]:
    """What names entities in a record; odd content names nothing."""
    # Of the caller, only the session in a role is an entity that a call can make: by a switch of roles.
    session = row["actor"] if ":assumed-role/" in (row["actor"] or "") else None
    found: dict[str, Any] = {"userIdentity": {"arn": session}, "recipientAccountId": row["account_id"] or "unknown"}
    found |= {part: _json(cast("str | None", row.get(part))) for part in _PARTS}
    asked = found["requestParameters"]
    if isinstance(asked, dict) and asked.get("userName") == ROOT_NAME:
        found["requestParameters"] = {name: value for name, value in asked.items() if name != "userName"}
    return found


def _json(text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    if not text:
        return None
    with suppress(ValueError, RecursionError):
        return msgspec.json.decode(text)
    with suppress(ValueError, RecursionError):  # it takes half a surrogate pair and NaN, too
        return json.loads(text)
    return None


def _expiration(rule: EntityRule, row: Recorded, record: dict[str, Any]) -> datetime | None:
    """When a session ends."""
    if rule.call in _TWELVE_HOURS:
        return row["eventTime"] + timedelta(hours=12) if row["eventTime"] else None
    told = values_at(record, rule.expires) if rule.expires else []
    return moment_of(told[0]) if told else None


def moment_of(text: str) -> datetime | None:
    """A time as AWS writes it in answers: ISO 8601, or ``Aug 5, 2026, 3:15:07 AM`` with or without the second comma."""
    moment = next(filter(None, (_by_form(text, form) for form in _EXPIRATIONS)), None) or _by_iso(text)
    if moment is None or not FIRST_YEAR <= moment.year < LAST_YEAR:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _by_form(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text.replace("\u202f", " "), form).replace(tzinfo=UTC)
    except ValueError:
        return None


def _by_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
