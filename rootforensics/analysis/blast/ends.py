"""What became of the things that root reached: still there at the end of the logs, or gone, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.rules.things import ENDINGS

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.analysis.blast.follow import Follower
    from rootforensics.analysis.blast.model import Actor, Deed, Key, State, Thing
    from rootforensics.queries.result import Asks

#: Where a thing goes, what belongs to it goes too.
_BELONGS: Final = {"access key": "user", "console password": "user"}


def judge_ends(case: Asks, follower: Follower) -> None:
    """Set ``state`` and ``ended`` of every thing that was followed."""
    later = _deeds_by_anybody(follower)
    end = max((row["last_time"] for row in case.query("coverage").rows if row["last_time"]), default=None)
    for thing in follower.things.values():
        _judge(thing, sorted([*thing.deeds, *later.get(thing.key, ())], key=lambda deed: deed.order), end)
    for thing in follower.things.values():
        parent = _parent(thing)
        if thing.state == "active" and parent is not None:
            gone = _last_ending(later.get(parent, []), thing.first)
            if gone is not None and gone.effect == "removes":
                thing.state, thing.ended = "removed", gone


def _deeds_by_anybody(follower: Follower) -> dict[Key, list[Deed]]:
    """Deeds on the same things by whoever it was, and on those that they belong to."""
    wanted = set(follower.things) | {parent for thing in follower.things.values() if (parent := _parent(thing))}
    found: dict[Key, list[Deed]] = {}
    if not wanted:
        return found
    known = {place for thing in follower.things.values() for place in map(_place, thing.deeds)}
    for row in follower.deeds.of_anybody():
        if row["errorCode"]:
            continue
        for _, deed in follower.deeds_in(row, None):
            if deed.thing in wanted and _place(deed) not in known:
                found.setdefault(deed.thing, []).append(deed)
    return found


def _place(deed: Deed) -> tuple[int, int, Key]:
    return deed.row["evidence_id"], deed.row["record_index"], deed.thing


def _parent(thing: Thing) -> Key | None:
    kind = _BELONGS.get(thing.key.kind)
    owner = thing.first.owner
    return type(thing.key)(thing.key.account_id, kind, owner) if kind and owner else None


def _judge(thing: Thing, deeds: list[Deed], end: datetime | None) -> None:
    """The last word on a thing counts; a thing that was only changed is still there, as far as the logs tell."""
    state: State = "unknown"
    for deed in deeds:
        if deed.order < thing.first.order:
            continue
        if deed.effect == "changes":
            state = "changed" if state in ("unknown", "changed") else state
        elif deed.effect in ENDINGS:
            state = "removed" if deed.effect == "removes" else "disabled"
            thing.ended = deed
        else:
            state, thing.ended = "active", None
    expires = thing.first.expires_time
    if state == "active" and expires is not None and end is not None and expires <= end:
        state = "expired"
    thing.state = state


def _last_ending(deeds: list[Deed], after: Deed) -> Deed | None:
    ends = [deed for deed in deeds if deed.effect in ENDINGS and deed.order > after.order]
    return max(ends, key=lambda deed: deed.order, default=None)


def ask_use(case: Asks, follower: Follower) -> None:
    """Set ``use`` of every thing that can act and did."""
    by_name: dict[tuple[str, str], Actor] = follower.actors
    if not by_name:
        return
    listed = " ".join(
        f"{actor.kind}|{actor.name}|{actor.since.timestamp() if actor.since else 0:.3f}" for actor in by_name.values()
    )
    for row in case.query("identity_use", identities=listed).rows:
        actor = by_name[row["identity_kind"], row["identity_name"]]
        if actor.key in follower.things:
            follower.things[actor.key].use = row
