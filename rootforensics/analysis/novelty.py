"""Which entries of root are unusual: from an address that is new in the account, or after trouble with the password."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import UNKNOWN, account_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: An address is known if the account was used from it at least this long before, and new if the logs of the account
#: began at least this long before without such a use. Trouble counts for as long after it.
DAY: Final = timedelta(days=1)


class Novelty:
    """What was known of an account when somebody entered as root.

    An address that was first used within the day before is new: an actor may have come by another identity of the
    account an hour earlier.

    Args:
        case: to ask.
    """

    def __init__(self, case: Asks) -> None:
        self._begins: dict[str, datetime] = {}
        for covered in case.query("coverage").rows:
            if first := covered["first_time"]:
                self._begins[account_of(covered)] = min(first, self._begins.get(account_of(covered), first))
        uses = case.query("address_first_uses").rows
        self._first_times = {(row["account_id"], row["sourceIPAddress"]): row["first_time"] for row in uses}
        self._trouble: dict[str, list[datetime | None]] = {}
        for row in case.query("root_signins").rows:
            is_failure = row["signin_kind"] == "sign_in" and row["outcome"] != "success"
            if is_failure or (row["signin_kind"].startswith("recovery_") and row["outcome"] != "failure"):
                self._trouble.setdefault(account_of(row), []).append(row["eventTime"])

    def new(self, account_id: str, addresses: Iterable[str | None], moment: datetime | None) -> list[str]:
        """The addresses from which no one is known to have used the account a day before a moment.

        For the verdict, what the logs do not show is new: an address that is not recorded, and every address in the
        first day of the logs.
        """

        def is_known(address: str | None) -> bool:
            first = self._first_times.get((account_id, address or ""))
            return first is not None and moment is not None and moment - first >= DAY

        return [address or "an unknown source" for address in addresses if not is_known(address)]

    def remark(self, account_id: str, address: str | None, moment: datetime | None) -> str:
        """What to say after an address, with a blank before it; empty if the account knew the address."""
        if not self.new(account_id, [address], moment):
            return ""
        begin = self._begins.get(account_id)
        return f" ({'new address' if begin and moment and moment - begin >= DAY else 'first seen in these logs'})"

    def follows_trouble(self, account_id: str, moment: datetime | None) -> bool:
        """Whether a sign-in failed, or the password was or may have been recovered, within the day before a moment."""
        return any(
            time is None or moment is None or moment - DAY <= time <= moment
            for account in {account_id, UNKNOWN}
            for time in self._trouble.get(account, ())
        )

    def is_unusual(self, account_id: str, addresses: Iterable[str | None], moment: datetime | None) -> bool:
        """Whether an entry is from a new address, or follows failed sign-ins or a recovery of the password."""
        return bool(self.new(account_id, addresses, moment)) or self.follows_trouble(account_id, moment)

    def new_of(self, row: of.RootSessions) -> list[str]:
        """The addresses of a session from which nobody had used the account a day before it began."""
        return self.new(account_of(row), row["source_ips"] or [None], _begin(row))

    def is_unusual_session(self, row: of.RootSessions) -> bool:
        """Whether a session has a new address or none, or follows trouble with the password."""
        return self.is_unusual(account_of(row), row["source_ips"] or [None], _begin(row))


def _begin(row: of.RootSessions) -> datetime | None:
    return row["opened_time"] or row["first_time"]
