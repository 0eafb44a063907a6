"""Attempts to sign in as root: which of them failed, and of which nothing says how they went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.words import sortable

if TYPE_CHECKING:
    from collections.abc import Iterable

    Row = dict[str, Any]

_SIGN_IN: Final = "signin.amazonaws.com"


def parted(rows: Iterable[Row]) -> tuple[list[Row], list[Row], list[Row]]:
    """Part events of root's by whether they show that somebody got in.

    A second factor that was accepted (``CheckMfa``) is a step of a sign-in, and goes where the next sign-in from the
    same address goes. A call that was refused or failed was made with credentials of root's all the same.

    Args:
        rows: of ``root_timeline``.

    Returns:
        the events of those who were in; those of nobody or of those who were kept out; and those of the sign-in service
        of which nothing says how they went.
    """
    used: list[Row] = []
    kept_out: list[Row] = []
    untold: list[Row] = []
    by_outcome = {"success": used, "failure": kept_out}
    next_sign_in: dict[str | None, list[Row]] = {}
    for row in sorted(rows, key=_order, reverse=True):
        to = used
        if row["eventSource"] == _SIGN_IN:
            to = by_outcome.get(row["outcome"], untold)
        if row["eventName"] == "CheckMfa" and to is used:
            to = next_sign_in.get(row["sourceIPAddress"], untold)
        elif row["eventName"] == "ConsoleLogin":
            next_sign_in[row["sourceIPAddress"]] = to
        to.append(row)
    return used[::-1], kept_out[::-1], untold[::-1]


def _order(row: Row) -> tuple[float, bool]:
    """In time; of one second the check comes before the sign-in."""
    return sortable(row["eventTime"]), row["eventName"] == "ConsoleLogin"


def was_asked_for(row: Row) -> bool:
    """True where a recovery of the password was asked for: anybody can, and nobody is in by it."""
    return bool(row["eventName"] == "PasswordRecoveryRequested")
