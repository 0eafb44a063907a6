"""Actors that are root: each kind of credential with the origin and key kind its events must get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.sample_incident import identities
from tools.sample_incident.ids import Ids, stamp
from tools.sample_incident.plan import Actor

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True)
class ConsoleSession:
    """A root console session: one sign-in time, several access keys that take turns."""

    account: str
    started: datetime
    keys: tuple[str, ...]
    address: str
    agent: str
    mfa: bool
    user_name: str | None = None

    @classmethod
    def open(
        cls, ids: Ids, account: str, started: datetime, who: tuple[str, str], mfa: bool, key_count: int = 4
    ) -> ConsoleSession:
        """Return a session whose keys are drawn now; `who` is address and browser."""
        keys = tuple(ids.access_key() for _ in range(key_count))
        return cls(account, started, keys, who[0], who[1], mfa)

    def at(self, when: datetime, agent: str | None = None, user_name: str | None = None) -> Actor:
        """Return the actor at a time; the key changes every five minutes."""
        key = self.keys[int((when - self.started).total_seconds() // 300) % len(self.keys)]
        identity = identities.root_session(self.account, key, stamp(self.started), self.mfa, user_name)
        return Actor(
            self.account,
            identity,
            self.address,
            agent or self.agent,
            origin="root_credentials",
            key_kind="console_session",
            cis_match=True,
            console=True,
            session=f"console_sign_in/{stamp(self.started)}",
        )

    def billing(self, address: str | None = None) -> Actor:
        """Return the actor in billing pages: first key of the session, but no sessionContext."""
        identity = identities.root(self.account, self.keys[0])
        return Actor(
            self.account,
            identity,
            address or self.address,
            self.agent,
            origin="root_credentials",
            key_kind="console_session",
            cis_match=True,
            session=f"console_sign_in/{stamp(self.started)}",
        )


def visitor(account: str, address: str, agent: str, session: str = "") -> Actor:
    """Return root at the sign-in page: no key; `session` is the one that the visit opens."""
    identity = identities.root(account)
    return Actor(account, identity, address, agent, "root_credentials", "none", True, session=session)


def key_holder(account: str, key: str, address: str, agent: str) -> Actor:
    """Return the holder of root's long-term key, which rests for less than half a day."""
    identity = identities.root(account, key)
    return Actor(
        account, identity, address, agent, "root_credentials", "long_term_key", True, session=f"long_term_key/{key}"
    )


def temporary(
    account: str,
    key: str,
    started: datetime,
    who: tuple[str, str],
    mfa: bool = False,
    sign_in_session: str | None = None,
) -> Actor:
    """Return root with temporary credentials from GetSessionToken or `aws login`."""
    identity = identities.root_session(account, key, stamp(started), mfa, console=False)
    if sign_in_session is not None:
        identity["sessionContext"]["signInSessionArn"] = sign_in_session
    begun = f"{'aws_login' if sign_in_session else 'get_session_token'}/{stamp(started)}"
    return Actor(account, identity, who[0], who[1], "root_credentials", "temporary", True, session=begun)


def federated(account: str, name: str, key: str, started: datetime, who: tuple[str, str]) -> Actor:
    """Return a federated user whose session root's key opened; the CIS filter does not see it."""
    identity = identities.federated_by_root(account, name, key, stamp(started))
    begun = f"get_federation_token/{stamp(started)}"
    return Actor(account, identity, who[0], who[1], "federated_session", "temporary", False, session=begun)


def privileged(account: str, key: str, started: datetime, who: tuple[str, str], flagged: bool) -> Actor:
    """Return root of a member account in an AssumeRoot session."""
    identity = identities.root_session(account, key, stamp(started), False, console=False)
    if flagged:
        identity["sessionContext"]["assumedRoot"] = "true"
    begun = f"assume_root/{stamp(started)}"
    return Actor(account, identity, who[0], who[1], "privileged_session", "temporary", True, session=begun)
