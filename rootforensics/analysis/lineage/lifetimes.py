"""Tell one entity from the next of the same name: each action is put to the entity that bore the name then."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.entity import Entity, Key
from rootforensics.rules.entities import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.lineage.entity import Action

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
