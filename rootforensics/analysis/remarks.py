"""What the analysis says of an event beside the columns of the question that gave its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Unpack

R = TypeVar("R")


class Remarks(TypedDict, total=False):
    """Of an event, where there is something to say.

    Attributes:
        by_root: whether root did it, or had a service do it.
        by_service: by which AWS service, and on whose order, as the end of a sentence.
        came_by: how a change of ownership descends from root: ``root``, ``certain``, ``possible``; None: not.
        came_from: the accounts from whose root it descends.
        opened_by: who opened the ``AssumeRoot`` session that it is in, if not root or what descends from it.
        exposes: what the request gives away: ``yes``, ``perhaps``, or empty for nothing.
        sets_a_log: whether the request of a change of settings speaks of logs, or cannot be read.
        moves_mail: whether the request changes DNS records that say where mail goes, or cannot be read.
        only_allows: whether the policy in the request can be read and denies nothing.
        former: the call by others that last wrote the same before, in words; empty where the logs have none.
        former_denies: whether the policy in the request of that call has a Deny statement.
        users: for whom a federated session may have acted, as account and name.
    """

    by_root: bool
    by_service: str
    came_by: str | None
    came_from: tuple[str, ...]
    opened_by: str
    exposes: str
    sets_a_log: bool
    moves_mail: bool
    only_allows: bool
    former: str
    former_denies: bool
    users: list[tuple[str | None, str]]


def remarked(row: R, **remarks: Unpack[Remarks]) -> R:
    """A row with remarks, which take the place of columns of the same name."""
    return cast("R", {**cast("Mapping[str, Any]", row), **remarks})


def remarks_on(row: Mapping[str, Any]) -> Remarks:
    """The remarks on a row."""
    return cast("Remarks", row)
