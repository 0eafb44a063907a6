"""Tell one thing from the next of the same name: each deed is put to the thing that bore the name then."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.entity import Key, Thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.lineage.entity import Deed

#: Where a thing goes, what belongs to it goes too.
BELONGS: Final = dict.fromkeys(
    ("access key", "console password", "SSH key", "service credential", "signing certificate"), "user"
)


class Lives:
    """The lives of things, from deeds.

    Attributes:
        all: each life of each thing that was reached.
    """

    def __init__(self) -> None:
        self.all: list[Thing] = []
        self._now: dict[Key, Thing] = {}
        self._at: dict[tuple[tuple[int, int], Key], Thing] = {}

    def take(self, deeds: Iterable[Deed]) -> None:
        """Take in every deed that there is."""
        found: dict[int, Thing] = {}
        for _, together in groupby(sorted(deeds, key=_turn), key=lambda deed: deed.moment):
            for deed in self._in_turn(list(together)):
                thing = self._put(deed)
                found[id(thing)] = thing
        self.all = [
            thing
            for thing in found.values()
            if thing.reached and not any(deed.effect == "voids" for deed in thing.deeds)
        ]

    def at(self, place: tuple[int, int], key: Key) -> Thing | None:
        """The thing that bore a name when a record was made that speaks of it."""
        return self._at.get((place, key))

    def _in_turn(self, deeds: list[Deed]) -> list[Deed]:
        """Deeds of one second: what is there can be removed, then made anew; what is not must be made first."""
        made = {deed.thing for deed in deeds if deed.effect == "creates"}

        def rank(deed: Deed) -> int:
            if deed.effect == "removes":
                thing = self._now.get(deed.thing)
                return 0 if deed.thing in made and thing is not None and thing.there else 4
            return 1 if deed.effect == "creates" else 3 if deed.new_name else 2

        return sorted(deeds, key=rank)

    def _put(self, deed: Deed) -> Thing:
        thing = self._now.get(deed.thing)
        if thing is None or (deed.effect == "creates" and not thing.there):
            thing = self._now[deed.thing] = Thing()
        thing.deeds.append(deed)
        thing.there = deed.effect != "removes"
        for other in deed.also:
            self._now[other] = thing
        self._at[deed.place, deed.thing] = thing
        if deed.owner and deed.thing.kind in BELONGS:
            owner = Key(deed.thing.account_id, BELONGS[deed.thing.kind], deed.owner)
            thing.parent = self._at[deed.place, owner] = self._now.setdefault(owner, Thing())
        if deed.new_name:
            self._rename(thing, deed)
        return thing

    def _rename(self, thing: Thing, deed: Deed) -> None:
        new = Key(deed.thing.account_id, deed.thing.kind, deed.new_name)
        self._now.pop(deed.thing, None)
        self._now[new] = self._at[deed.place, new] = thing
        thing.new_name = deed.new_name


def _turn(deed: Deed) -> tuple[float, int, tuple[float, str, int, int]]:
    """In order of time; in one second, what made somebody comes before what that one did."""
    return deed.moment, deed.actor.depth if deed.actor else 0, deed.order
