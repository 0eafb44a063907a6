"""The plan: every event of the incident with what we know about it before any file is written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tools.sample_incident.builders import Details, event, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tools.sample_incident.identities import Record
    from tools.sample_incident.ids import Ids

ACTIVITY_ORIGINS = ("root_credentials", "console", "privileged_session", "federated_session")
NOISE_ORIGINS = ("service", "service_event", "aws_internal")
KEY_KINDS = ("console_session", "long_term_key", "temporary", "none")


@dataclass(eq=False)
class Planned:
    """One event, its origin if it is a root event, the kind of key if people made it, and the session it is part of."""

    record: Record
    origin: str | None = None
    key_kind: str | None = None
    cis_match: bool = False
    note: str = ""
    session: str = ""

    @property
    def account(self) -> str:
        """The account whose trail recorded the event."""
        return str(self.record["recipientAccountId"])

    @property
    def region(self) -> str:
        """The Region that recorded the event."""
        return str(self.record["awsRegion"])

    @property
    def time(self) -> str:
        """The eventTime; text sorts as time does."""
        return str(self.record["eventTime"])

    @property
    def activity(self) -> bool:
        """Whether a person acted as root."""
        return self.origin in ACTIVITY_ORIGINS

    @cached_property
    def text(self) -> str:
        """The record as it stands in every file that holds it."""
        return json.dumps(self.record, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Actor:
    """Who acts, from where, with what program, and how its events count.

    `cis_match` is set by hand for each kind of actor: the plan does not work it out from the record. `session` is how
    and when the session began, empty for none.
    """

    account: str
    identity: Record
    address: str
    agent: str
    origin: str | None = None
    key_kind: str | None = None
    cis_match: bool = False
    console: bool = False
    session: str = ""


@dataclass
class Plan:
    """All events, in the order in which they were planned."""

    ids: Ids
    events: list[Planned] = field(default_factory=list)

    def act(self, actor: Actor, when: datetime, region: str, call: str, *, note: str = "", **fields: Any) -> Planned:
        """Plan one event; `call` is `service:Name`, `fields` go to `builders.Details`."""
        source, name = call.split(":", 1)
        record = event(
            self.ids,
            when,
            (actor.account, region),
            (source, name),
            (actor.identity, actor.address, actor.agent),
            Details(console=actor.console, **fields),
        )
        planned = Planned(record, actor.origin, actor.key_kind, actor.cis_match, note, actor.session)
        self.events.append(planned)
        return planned

    def sign_in(
        self, actor: Actor, when: datetime, region: str, name: str, *, note: str = "", **fields: Any
    ) -> Planned:
        """Plan one event of the sign-in service; `fields` go to `builders.Details`."""
        who = (actor.identity, actor.address, actor.agent)
        record = sign_in(self.ids, when, (actor.account, region), name, who, **fields)
        planned = Planned(record, actor.origin, actor.key_kind, actor.cis_match, note, actor.session)
        self.events.append(planned)
        return planned

    def story(self, events: Iterable[Planned]) -> list[Planned]:
        """Return the events of the incident that carry a note, in time order."""
        return sorted((e for e in events if e.note), key=lambda e: (e.time, e.record["eventID"]))
