"""Tell one entity from the next of the same name, and what became of it: there at the end of the logs, or gone."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.entity import BELONGS, NAMED_AS_OWNER, Entity, Key
from rootforensics.rules.entities import ENDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.analysis.lineage.entity import Action, State
    from rootforensics.queries.asking import Asks


class Lives:
    """The lives of entities, from actions.

    Records have whole seconds, and nothing in them orders the records of one second. The calls themselves do: an owner
    comes before what belongs to it, an end belongs to a beginning before it, and nothing begins while another of its
    name is there. Where this allows several orders, the order counts that leaves more there, and ``Entity.unsure``
    says that another one is possible.

    Attributes:
        all: each life of each entity that was reached, in the order in which they were reached.
    """

    def __init__(self) -> None:
        self.all: list[Entity] = []
        self._now: dict[Key, Entity] = {}
        self._at: dict[tuple[tuple[int, int], Key], Entity] = {}

    def take(self, actions: Iterable[Action]) -> None:
        """Take in every action that there is."""
        reached: dict[int, Entity] = {}
        in_time = sorted(actions, key=lambda action: action.moment)
        for _, together in groupby(in_time, key=lambda action: action.moment):
            own = list(together)
            turns, unsure = self._turns(own)
            own.sort(key=lambda action: _place_in_second(action, turns[id(action)]))
            for action in own:
                entity = self._put(action, unsure=id(action) in unsure)
                if action.actor:
                    reached[id(entity)] = entity
        self.all = [
            entity for entity in reached.values() if not any(action.effect == "voids" for action in entity.actions)
        ]

    def at(self, place: tuple[int, int], key: Key) -> Entity | None:
        """The entity that bore a name when a record was made that speaks of it."""
        return self._at.get((place, key))

    def _turns(self, actions: list[Action]) -> tuple[dict[int, int], set[int]]:
        """In which life of its name each action of one second falls, counted from 0, by the ``id`` of the action.

        Also the actions, by ``id``, that may fall in another life: an end that may be that of a life before the logs,
        and a beginning that may not be the last of its name.
        """
        aliases = {other: action.entity for action in actions for other in action.also}
        by_name: defaultdict[Key | Entity, list[tuple[Action, str]]] = defaultdict(list)
        for action in actions:
            effect = "begins" if action.effect == "creates" else "ends" if action.ends_it or action.new_key else ""
            key = aliases.get(action.entity, action.entity)
            by_name[self._now.get(key) or key].append((action, effect))
            if action.new_key:
                by_name[self._now.get(action.new_key) or action.new_key].append((action, "begins"))
        turns: defaultdict[int, int] = defaultdict(int)
        unsure: set[int] = set()
        for name, own in by_name.items():
            # What others begin comes first: of several beginnings, the one that root reached may be the last.
            begins = sorted(
                (one for one, effect in own if effect == "begins"), key=lambda one: (one.actor is not None, one.order)
            )
            ends = sorted((one for one, effect in own if effect == "ends"), key=lambda one: one.order)
            if not begins or not ends:
                continue
            is_there = isinstance(name, Entity) and name.is_there
            ends_first = is_there or len(ends) > len(begins)
            last_begin, last_end = len(begins) - 1 + ends_first, len(ends) - 1
            placed = [
                *((one, turn + ends_first) for turn, one in enumerate(begins)),
                *((one, turn) for turn, one in enumerate(ends)),
            ]
            placed += [(one, max(last_begin, last_end)) for one, effect in own if not effect]
            for action, turn in placed:
                turns[id(action)] = max(turns[id(action)], turn)
            if last_begin > last_end and begins[0].actor is None and begins[-1].actor is not None:
                unsure.add(id(begins[-1]))
            elif last_begin == last_end and not ends_first and self._may_be_older(name, begins[0], actions):
                unsure.add(id(ends[-1]))
        return turns, unsure

    def _may_be_older(self, name: Key | Entity, begin: Action, actions: list[Action]) -> bool:
        """Whether there may have been an entity of this name before the logs: they tell nothing of one or its owner."""
        if isinstance(name, Entity) or begin.named_by_aws:
            return False
        owner = begin.owner_key
        if owner is None:
            return True
        former = self._now.get(owner)
        if former is not None:
            return not any(action.effect == "creates" for action in former.actions)
        of_owner = [action.effect for action in actions if action.entity == owner]
        return of_owner.count("removes") >= of_owner.count("creates")

    def _put(self, action: Action, *, unsure: bool) -> Entity:
        """Give an action to the life that it falls in."""
        former = self._now.get(action.entity)
        if former is not None and action.effect == "creates":
            former.end_if_unsure(action.moment)  # its name is free: the end came last
        if former is None or _is_another(former, action):
            entity = self._now[action.entity] = Entity()
            entity.follows_at_once = former is not None and former.gone_moment == action.moment
        else:
            entity = former
        entity.take(action, unsure=unsure)
        for other in action.also:
            self._now[other] = entity
        self._at[action.place, action.entity] = entity
        if action.owner_key:
            parent = self._now.get(action.owner_key)
            if parent is None or (parent.gone_moment is not None and parent.gone_moment < action.moment):
                parent = self._now[action.owner_key] = Entity()  # what belongs to it shows that there is one
            self._at[action.place, action.owner_key] = parent
            if entity.parent is None or not action.ends_it:
                entity.parent = parent
        if action.new_key:
            self._rename(entity, action, action.new_key)
        return entity

    def _rename(self, entity: Entity, action: Action, new: Key) -> None:
        self._now.pop(action.entity, None)
        self._now[new] = self._at[action.place, new] = entity
        entity.new_name = action.new_name
        for old_name, new_name in password_names(action):
            if password := self._now.pop(old_name, None):
                self._now[new_name] = password


def password_names(action: Action) -> list[tuple[Key, Key]]:
    """The old and the new name of the password of a user who gets another name; it is called as its user."""
    new = action.new_key
    if new is None or new.kind != BELONGS[NAMED_AS_OWNER]:
        return []
    return [(Key(new.account_id, NAMED_AS_OWNER, action.entity.name), Key(new.account_id, NAMED_AS_OWNER, new.name))]


def _is_another(former: Entity, action: Action) -> bool:
    """Whether an action is on another entity than the last that is known by its name."""
    if action.effect == "creates":
        return not former.is_there
    is_reused = action.entity.kind == NAMED_AS_OWNER and not action.ends_it
    return is_reused and former.parent is not None and former.parent.gone_moment is not None


def _place_in_second(action: Action, turn: int) -> tuple[bool, int, int, int, tuple[float, str, int, int]]:
    """The order within one second: owners first, then by life; in one life it begins, is changed, renamed, and ends.

    What made somebody comes before what that one did. What is left are ties without meaning, by eventID.
    """
    step = 0 if action.effect == "creates" else 3 if action.ends_it else 2 if action.new_key else 1
    depth = action.actor.depth if action.actor else 0
    return action.entity.kind in BELONGS, turn, step, depth, action.order


#: The account and the name of the role that a session is of.
_ROLE: Final = re.compile("arn:[a-z-]+:iam::([0-9]{12}):role/(?:[^ ,]*/)?([^ ,/]+)")


def judge_ends(case: Asks, lives: Lives) -> None:
    """Set ``state`` and ``ended`` of every entity that was reached."""
    end = max((row["last_time"] for row in case.query("coverage").rows if row["last_time"]), default=None)
    for entity in lives.all:
        _judge(entity, end)
    roles: defaultdict[tuple[str, str], list[Entity]] = defaultdict(list)
    for entity in lives.all:
        if entity.actions and entity.actions[0].entity.kind == "role":
            roles[entity.actions[0].entity.account_id, entity.actions[0].entity.name].append(entity)
    for entity in lives.all:
        if entity.state == "active" and (role := _ROLE.fullmatch(entity.actions[0].detail)):
            _end_with_role(entity, roles.get((role[1], role[2]), ()))
        parent = entity.parent
        if parent is not None and entity.state in ("active", "changed", "unknown"):
            began = max((action.moment for action in entity.actions if not action.ends_it), default=float("-inf"))
            gone = next((action for action in reversed(parent.actions) if action.ends_it), None)
            if not parent.is_there and gone is not None:
                entity.state, entity.ended = "unknown" if _order_is_unknown(parent) else "removed", gone
            elif parent.unsure_moment is not None and began <= parent.unsure_moment:
                entity.state = "unknown"
        denied = _denied(entity)
        if entity.state == "active" and denied:
            entity.state, entity.ended = "disabled", denied
        elif entity.state in ("active", "changed"):  # it may sign in, and may do nothing
            denied = denied or (_denied(parent) if parent else None)
            entity.quarantine = denied if denied and denied.actor is None else None
        if entity.state == "active" and entity.first.effect in ENDINGS:  # as it was before: nothing that is left of it
            entity.state = "back on"


def _end_with_role(session: Entity, roles: Iterable[Entity]) -> None:
    """Take a session for ended or disabled by what became of its role: it has no rights but those of the role.

    Args:
        session: its first action opened it.
        roles: all that had the name of its role, one after another.
    """
    opened = session.actions[-1]
    if session.actions[0].entity.kind != "session" or opened.time is None:
        return
    for role in roles:
        gone = next((action for action in reversed(role.actions) if action.ends_it), None)
        is_sure = gone is not None and gone.row["outcome"] == "success" and not _order_is_unknown(role)
        if gone is not None and is_sure and not role.is_there and gone.time is not None and gone.time > opened.time:
            session.state, session.ended = "removed", gone
        elif role.is_there and (denied := _denied(role)):
            session.state, session.ended = "disabled", denied


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
    entity.expires_time = max((action.expires_time for action in actions if action.expires_time), default=None)
    if _order_is_unknown(entity):
        state = "unknown"
    elif state == "active" and entity.expires_time and end and entity.expires_time <= end:
        state = "expired"
    entity.state = state or "unknown"


def _order_is_unknown(entity: Entity) -> bool:
    """Whether the last end of an entity may have failed, or come before it was made or switched on for the last time.

    A name that AWS chose is never given twice: such an entity is made before it is removed.
    """
    if entity.unsure_moment is not None:
        return True
    since = entity.first.moment if entity.reached else float("-inf")
    actions = [action for action in entity.actions if action.moment >= since]
    ended = next((action for action in reversed(actions) if action.effect in ENDINGS), None)
    if ended is None:
        return False
    if ended.row["outcome"] is None and (not entity.reached or ended is entity.ended):
        return True  # perhaps it failed
    if ended.effect == "disables":
        against = ["enables"]
        if entity.follows_at_once and ended.moment == entity.actions[0].moment:
            return True  # the one before it may have been switched off
    elif ended.ends_it:
        against = ["creates"]
    else:  # others set another password: root's own new password was a change
        against = ["creates", "changes"]
    begun = next((action for action in reversed(actions) if action.effect in against), None)
    if begun is None or begun.named_by_aws:
        return False
    if ended.time is None or begun.time is None:
        return True
    return ended.time == begun.time and not ended.ends_it


def _denied(entity: Entity) -> Action | None:
    """The action by which a user or role was denied everything, if nothing took that away in its second or later."""
    written = [
        action for action in entity.actions if (action.row["eventName"] or "").endswith(("UserPolicy", "RolePolicy"))
    ]
    attached = [action for action in written if (action.row["eventName"] or "").startswith("Attach")]
    denials = [action for action in attached if action.detail.endswith(":aws:policy/AWSDenyAll")]
    denials += [action for action in written if action.denies_all]
    lifts = [action for action in written if action not in attached and not action.denies_all]
    for denial in denials:
        since = max((action.moment for action in lifts if action.detail in ("", denial.detail)), default=float("-inf"))
        of_former = entity.follows_at_once and denial.moment == entity.actions[0].moment
        is_sure = denial.time is not None and denial.row["outcome"] == "success" and not of_former
        if is_sure and denial.moment > since and (not entity.reached or denial.moment >= entity.first.moment):
            return denial
    return None
