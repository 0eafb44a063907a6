"""Attempts: which sign-ins as root failed, of which nothing says how they went."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from rootforensics.phrases import sortable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rootforensics.queries import rows as of


_SIGN_IN: Final = "signin.amazonaws.com"


def parted(rows: Iterable[of.TriedT]) -> tuple[list[of.TriedT], list[of.TriedT], list[of.TriedT]]:
    """Part events of root's by whether they show that somebody gained access.

    A second factor that was accepted (``CheckMfa``) is a step of a sign-in, and goes where the next sign-in from the
    same address goes. A call that was denied or failed was made with credentials of root's all the same.

    Returns:
        the events of those who were in; those of nobody or of those who were kept out; and those of the sign-in service
        of which nothing says how they went.
    """
    used: list[of.TriedT] = []
    kept_out: list[of.TriedT] = []
    unknown: list[of.TriedT] = []
    by_outcome = {"success": used, "failure": kept_out}
    next_sign_in: dict[str | None, list[of.TriedT]] = {}
    for row in sorted(rows, key=_order, reverse=True):
        to = used
        if row["eventSource"] == _SIGN_IN:
            to = by_outcome.get(row["outcome"] or "", unknown)
        if row["eventName"] == "CheckMfa" and to is used:
            to = next_sign_in.get(row["sourceIPAddress"], unknown)
        elif row["eventName"] == "ConsoleLogin":
            next_sign_in[row["sourceIPAddress"]] = to
        to.append(row)
    return used[::-1], kept_out[::-1], unknown[::-1]


def _order(row: of.Tried) -> tuple[float, bool]:
    """In time; of one second the check comes before the sign-in."""
    return sortable(row["eventTime"]), row["eventName"] == "ConsoleLogin"


def was_asked_for(row: of.Tried) -> bool:
    """True where a recovery of the password was asked for: anybody can, and nobody is in by it."""
    return row["eventName"] == "PasswordRecoveryRequested"


@dataclass(frozen=True, slots=True)
class Use:
    """What people did with root of some accounts, as far as the verdict calls it a use, and what only tries to get in.

    Attributes:
        words: what befell root, as the end of a sentence.
        gained_access: True if somebody is seen to have gained access, None if nothing says so or otherwise.
        used: rows of ``root_timeline`` that show it, in order of time; where nobody gained access, all that was tried.
        tried: beside these the rows of nobody, of who was kept out, and of who only asked to recover the password.
        recorded: uses that AWS recorded and the logs do not hold, rows of ``posture_findings``; empty ``used`` if there
            are no others.
    """

    words: str
    gained_access: bool | None
    used: list[of.RootTimeline]
    tried: list[of.RootTimeline]
    recorded: Sequence[of.PostureFindings] = ()


#: No event of root is a person's.
UNSEEN: Final = Use("was not used by a person in these logs", None, [], [])


def latest_scp_denials(rows: Sequence[of.RootTimeline]) -> list[of.RootTimeline]:
    """The latest of these calls, in order of time, if a service control policy denied each of them."""
    latest = takewhile(lambda row: "service control policy" in (row["errorMessage"] or ""), reversed(rows))
    return [*latest][::-1]


def not_failed(use: Use) -> list[of.RootTimeline]:
    """What of a use is not recorded as denied or failed, in order of time."""
    return [row for row in use.used if row["outcome"] != "failure"]


def use_of(activity: list[of.RootTimeline]) -> Use:
    """Tell a use from tries, by what people did with root."""
    used, kept_out, unknown = parted(row for row in activity if not was_asked_for(row))
    tried = sorted([*kept_out, *filter(was_asked_for, activity)], key=_order)
    if used:
        failed = all(row["outcome"] == "failure" for row in [*used, *unknown])
        more = ", but every call was denied or failed" if failed else ""
        return Use(f"was used by a person{more}", True, sorted([*used, *unknown], key=_order), tried)
    if unknown:
        return Use("saw sign-ins with an outcome that is not recorded", None, unknown, tried)
    if kept_out:
        return Use("saw only failed sign-ins", False, tried, [])
    return Use("saw only requests to recover its password, which anyone can make", False, tried, [])
