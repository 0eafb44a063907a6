"""Entities, actions and those who did them, as the blast radius has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.evidence.cite import place_of
from rootforensics.rules.entities import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.rules.entities import Effect

#: What is left of an entity at the end of the logs: ``undone`` if others undid what was done to it; ``unknown`` where
#: the order of what was done to it is not recorded.
State = Literal["active", "removed", "disabled", "expired", "changed", "undone", "back on", "unknown"]
#: ``certain`` for what root or something that it made did; ``possible`` for doings of an identity that existed before
#: and was only opened to others, and for what AWS services did in root's or a descendant's name.
Certainty = Literal["certain", "possible"]

#: Where an entity goes, what belongs to it goes too.
BELONGS: Final = dict.fromkeys((kind.name for kind in KINDS if kind.belongs_to_user), "user")
#: Of what belongs to a user, the kind that has no name but its user's.
NAMED_AS_OWNER: Final = "console password"
#: Writes whom a role trusts.
TRUST: Final = "UpdateAssumeRolePolicy"
#: Calls that do.
TRUSTING: Final = ("CreateRole", TRUST)


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """An entity: where it is, what it is and how it is called."""

    account_id: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.account_id})"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: root of an account, or an entity that can.

    Attributes:
        key: root, or the entity.
        depth: steps from root: 0 for root itself.
        made: the record that made or opened the entity, as ``evidence_id`` and ``record_index``; None for root.
        roots: the accounts whose root it is or comes from.
    """

    key: Key
    depth: int = 0
    certainty: Certainty = "certain"
    made: tuple[int, int] | None = None
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """One effect of one event on one entity.

    Attributes:
        entity: as the record names it.
        row: the event, without what was read out of it.
        actor: who did it; None for somebody who has nothing to do with root.
        owner: the user to whom a credential belongs.
        also: other names that the record has for the entity.
        new_name: the name that the entity has from then on; empty if it keeps its own.
        is_taken_over: True for a password that others set anew: it is there, and root's no more.
        denies_all: True if the policy in the request denies everything.
        all_among: True if it is about all entities that the name of this one tells from others.
        named_by_aws: True for the making of an entity whose name was never another's.
        asked: of the record, by path, what the commands need that undo the call; empty for what others did.
    """

    entity: Key
    effect: Effect
    row: of.Kept
    actor: Actor | None
    detail: str = ""
    owner: str = ""
    expires_time: datetime | None = None
    also: tuple[Key, ...] = ()
    new_name: str = ""
    is_taken_over: bool = False
    named_by_aws: bool = False
    denies_all: bool = False
    all_among: bool = False
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def time(self) -> datetime | None:
        """When."""
        return self.row["eventTime"]

    @property
    def place(self) -> tuple[int, int]:
        """Where the record is."""
        return place_of(self.row)

    @property
    def ends_it(self) -> bool:
        """Whether the entity is gone by it, and its name free."""
        return self.effect == "removes" and not self.is_taken_over

    @property
    def owner_key(self) -> Key | None:
        """The user to whom a credential belongs; None where there is none, and where the record does not name one."""
        kind = BELONGS.get(self.entity.kind)
        return Key(self.entity.account_id, kind, self.owner) if kind and self.owner else None

    @property
    def new_key(self) -> Key | None:
        """The entity under the name that it has from then on; None if it keeps its own."""
        return Key(self.entity.account_id, self.entity.kind, self.new_name) if self.new_name else None

    @property
    def order(self) -> tuple[float, str, int, int]:
        """Place in time; ties as everywhere by eventID and place in the evidence."""
        return _seconds(self.time, float("inf")), self.row["eventID"] or "", *self.place

    @property
    def moment(self) -> float:
        """When, in seconds; a making without a time comes before what has one, and anything else after it."""
        return _seconds(self.time, float("-inf" if self.effect == "creates" else "inf"))


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()


@dataclass(slots=True, eq=False)
class Entity:
    """One life of an entity: from its making, or from what is first known of it, until it is removed.

    Attributes:
        actions: all actions on it, by whomever, each after those that it follows on.
        parent: the life of the user to whom it belongs.
        new_name: the last name that it was given, if it was given one.
        gone_moment: when it was removed, in seconds; None while it is there.
        unsure_moment: the second in which it began or ended, if another order of that second leaves another answer:
            it counts as there, and nobody knows.
        follows_at_once: True if another entity of its name was removed in the second in which it began.
        state: what is left of it.
        expires_time: when it expires, as the record of its making says; None where no record does.
        ended: the action that took it away or switched it off, by whomever.
        quarantine: the action by which others denied it or its user everything, if it is there.
        use: what it did, if it can act.
    """

    actions: list[Action] = field(default_factory=list)
    parent: Entity | None = None
    new_name: str = ""
    gone_moment: float | None = None
    unsure_moment: float | None = None
    follows_at_once: bool = False
    state: State = "unknown"
    expires_time: datetime | None = None
    ended: Action | None = None
    quarantine: Action | None = None
    use: of.Used | None = None

    @property
    def is_there(self) -> bool:
        """Whether it is there, as far as is known; what belongs to a user is gone with its user."""
        return self.gone_moment is None and (self.parent is None or self.parent.is_there)

    def take(self, action: Action, *, unsure: bool) -> None:
        """Take in an action; ``unsure`` if another order of its second leaves another answer."""
        self.actions.append(action)
        if unsure:
            self.unsure_moment = action.moment
        elif action.ends_it:
            self.gone_moment, self.unsure_moment = action.moment, None
        elif action.effect != "voids":
            self.gone_moment = None

    def end_if_unsure(self, moment: float) -> None:
        """Its name was free at a later moment: of a second that had told nothing the end came last."""
        if self.unsure_moment is not None and self.unsure_moment < moment and self.actions[-1].ends_it:
            self.gone_moment, self.unsure_moment = self.unsure_moment, None

    @property
    def reached(self) -> list[Action]:
        """The actions of root and of what descends from it."""
        return [action for action in self.actions if action.actor]

    @property
    def trusting(self) -> list[Action]:
        """The actions, by whomever, of which any may have written last whom a role trusts; its making comes first."""
        written = [action for action in self.actions if action.row["eventName"] in TRUSTING]
        sure = [action.moment for action in written if action.time and action.row["outcome"] == "success"]
        last = [
            action for action in written if action.time is None or action.moment >= max(sure, default=action.moment)
        ]
        return [action for action in last if action.effect != "creates"] or last

    @property
    def first(self) -> Action:
        """The action by which it was reached."""
        return self.reached[0]

    @property
    def key(self) -> Key:
        """The entity, as it was called when it was reached."""
        return self.first.entity

    @property
    def depth(self) -> int:
        """Steps from root to it, by the action by which it was reached."""
        return self.first.actor.depth + 1 if self.first.actor else 0

    @property
    def roots(self) -> list[str]:
        """The accounts whose root it comes from, directly or by way of other entities."""
        return sorted({account for action in self.actions if action.actor for account in action.actor.roots})

    @property
    def certainty(self) -> Certainty:
        """``certain`` if any of the actions is."""
        return (
            "certain"
            if any(action.actor and action.actor.certainty == "certain" for action in self.actions)
            else "possible"
        )
