"""Things, deeds and those who did them, as the blast radius has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.rules.things import Effect

    Row = dict[str, Any]

#: What is left of a thing at the end of the logs.
State = Literal["active", "removed", "disabled", "expired", "changed", "unknown"]
#: ``certain`` for what root or something that it made did; ``possible`` for doings of an identity that existed before
#: and was only opened to others.
Certainty = Literal["certain", "possible"]


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A thing: where it is, what it is and how it is called."""

    account_id: str
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.account_id})"


@dataclass(frozen=True, slots=True)
class Deed:
    """One effect of one event on one thing.

    Attributes:
        actor: who did it; None for somebody who has nothing to do with root.
        row: the event.
    """

    thing: Key
    effect: Effect
    row: Row
    actor: Key | None
    detail: str = ""
    owner: str = ""
    expires_time: datetime | None = None

    @property
    def time(self) -> datetime | None:
        """When."""
        moment: datetime | None = self.row["eventTime"]
        return moment

    @property
    def order(self) -> tuple[float, str, int, int]:
        """Place in time; ties as everywhere by eventID and place in the evidence."""
        moment = self.time.timestamp() if self.time else float("inf")
        return moment, self.row["eventID"] or "", self.row["evidence_id"], self.row["record_index"]


@dataclass(slots=True)
class Thing:
    """A thing that was reached, and how.

    Attributes:
        key: the thing.
        first: the deed by which it was reached.
        depth: steps from root: 1 for what root itself did.
        deeds: all deeds of those reached, in order of time.
        certainty: of the first.
        state: what is left of it.
        ended: the deed that took it away or switched it off, by whomever.
        use: what it did, if it can act.
    """

    key: Key
    first: Deed
    depth: int
    certainty: Certainty = "certain"
    deeds: list[Deed] = field(default_factory=list)
    state: State = "unknown"
    ended: Deed | None = None
    use: Row | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: root of an account, or a thing that can.

    Attributes:
        kind: ``root``, ``access_key``, ``user``, ``role`` or ``instance``, as ``identity_deeds`` calls them.
        name: the key's ID, ``account/name``, or the instance's ID; the account for root.
        since: from when on its doings count; None for all.
        key: the thing that it is.
    """

    kind: str
    name: str
    since: datetime | None
    key: Key
    depth: int
    certainty: Certainty = "certain"
