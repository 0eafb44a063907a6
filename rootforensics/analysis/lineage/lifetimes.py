"""Tell one entity from the next of the same name, and what became of it: there at the end of the logs, or gone."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.entity import Entity, Key
from rootforensics.rules.entities import ENDINGS, KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.analysis.lineage.entity import Action, State
    from rootforensics.queries.asking import Asks


#: Where an entity goes, what belongs to it goes too.
BELONGS: Final = dict.fromkeys((one.name for one in KINDS if one.belongs_to_user), "user")


class Lives:
    """The lives of entities, from actions.

    Attributes:
        all: each life of each entity that was reached.
    """

    def __init__(self) -> None:
        self.all: list[Entity] = []
        self._now: dict[Key, Entity] = {}
        self._at: dict[tuple[tuple[int, int], Key], Entity] = {}

    def take(self, actions: Iterable[Action]) -> None:
        """Take in every action that there is."""
        found: dict[int, Entity] = {}
        for _, together in groupby(sorted(actions, key=_turn), key=lambda action: action.moment):
            for action in self._in_turn(list(together)):
                entity = self._put(action)
                found[id(entity)] = entity
        self.all = [
            entity
            for entity in found.values()
            if entity.reached and not any(action.effect == "voids" for action in entity.actions)
        ]

    def at(self, place: tuple[int, int], key: Key) -> Entity | None:
        """The entity that bore a name when a record was made that speaks of it."""
        return self._at.get((place, key))

    def _in_turn(self, actions: list[Action]) -> list[Action]:
        """Actions of one second: what is there can be removed, then made anew; what is not must be made first."""
        made = {action.entity for action in actions if action.effect == "creates"}

        def rank(action: Action) -> int:
            if action.effect == "removes":
                entity = self._now.get(action.entity)
                return 0 if action.entity in made and entity is not None and entity.there else 4
            return 1 if action.effect == "creates" else 3 if action.new_name else 2

        return sorted(actions, key=rank)

    def _put(self, action: Action) -> Entity:
        entity = self._now.get(action.entity)
        if entity is None or (action.effect == "creates" and not entity.there):
            entity = self._now[action.entity] = Entity()
        entity.actions.append(action)
        entity.there = action.effect != "removes"
        for other in action.also:
            self._now[other] = entity
        self._at[action.place, action.entity] = entity
        if action.owner and action.entity.kind in BELONGS:
            owner = Key(action.entity.account_id, BELONGS[action.entity.kind], action.owner)
            entity.parent = self._at[action.place, owner] = self._now.setdefault(owner, Entity())
        if action.new_name:
            self._rename(entity, action)
        return entity

    def _rename(self, entity: Entity, action: Action) -> None:
        new = Key(action.entity.account_id, action.entity.kind, action.new_name)
        self._now.pop(action.entity, None)
        self._now[new] = self._at[action.place, new] = entity
        entity.new_name = action.new_name


def _turn(action: Action) -> tuple[float, int, tuple[float, str, int, int]]:
    """In order of time; in one second, what made somebody comes before what that one did."""
    return action.moment, action.actor.depth if action.actor else 0, action.order


def judge_ends(case: Asks, lives: Lives) -> None:
    """Set ``state`` and ``ended`` of every entity that was reached."""
    end = max((row["last_time"] for row in case.query("coverage").rows if row["last_time"]), default=None)
    for entity in lives.all:
        _judge(entity, end)
    for entity in lives.all:
        gone = _removal(entity.parent)
        if entity.state in ("active", "changed") and gone is not None:
            entity.state, entity.ended = "removed", gone
        if entity.state == "active" and (denied := _denied(entity)):
            entity.state, entity.ended = "disabled", denied
        if entity.state == "active" and entity.first.effect in ENDINGS:  # as it was before: nothing that is left of it
            entity.state = "back on"


def _judge(entity: Entity, end: datetime | None) -> None:
    """The last word on an entity counts; an entity that was only changed is still there, as far as the logs tell."""
    state: State | None = None
    actions = entity.actions[next(place for place, action in enumerate(entity.actions) if action.actor) :]
    for action in actions:
        if action.effect in ENDINGS:
            state, entity.ended = "removed" if action.effect == "removes" else "disabled", action
        elif action.effect == "changes":
            if state in (None, "removed") and (state is None or action.actor):
                state, entity.ended = "changed", None
        else:
            state, entity.ended = "active", None
    expires = max((action.expires_time for action in actions if action.expires_time), default=None)
    if _order_is_unknown([action for action in entity.actions if action.moment >= entity.first.moment]):
        state = "unknown"
    elif state == "active" and expires is not None and end is not None and expires <= end:
        state = "expired"
    entity.state = state or "unknown"


def _order_is_unknown(actions: list[Action]) -> bool:
    """Whether an entity's last end and the last time that it was made or switched on may have come the other way round.

    Records have whole seconds. An entity whose name AWS chose is made before it is removed.
    """
    ended = next((action for action in reversed(actions) if action.effect in ENDINGS), None)
    if ended is None:
        return False
    against = ["creates"] if ended.effect == "removes" else ["enables"]
    if ended.row["eventName"] == "UpdateLoginProfile":  # by others: root's own was a change
        against.append("changes")
    begun = next((action for action in reversed(actions) if action.effect in against), None)
    if begun is None or begun.named_by_aws:
        return False
    return ended.time == begun.time or (ended.time is None) or (begun.time is None and begun.effect != "creates")


def _denied(entity: Entity) -> Action | None:
    """The action by which a user or role was denied everything, if nothing took that away in its second or later."""
    written = [
        action for action in entity.actions if (action.row["eventName"] or "").endswith(("UserPolicy", "RolePolicy"))
    ]
    attached = [action for action in written if action.row["eventName"].startswith("Attach")]
    denials = [action for action in attached if action.detail.endswith(":aws:policy/AWSDenyAll")]
    denials += [action for action in written if action.denies_all]
    lifts = [action for action in written if action not in attached and not action.denies_all]
    for one in denials:
        since = max((action.moment for action in lifts if action.detail in ("", one.detail)), default=float("-inf"))
        if one.time and one.row["outcome"] == "success" and one.moment > since and one.moment >= entity.first.moment:
            return one
    return None


def _removal(parent: Entity | None) -> Action | None:
    """The action that removed what an entity belongs to, if that is gone."""
    if parent is None or parent.there:
        return None
    return next((action for action in reversed(parent.actions) if action.effect == "removes"), None)
