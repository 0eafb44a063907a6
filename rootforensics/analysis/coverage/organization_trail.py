"""What is missing of an account since an organization's trail does not record it any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import account_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.coverage.continued_recording import Ongoing
    from rootforensics.analysis.coverage.gap import Gap
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: A trail of an account's own that delivered so lately goes on when the organization's ends.
_LATELY: Final = timedelta(days=1)
_CLOUDTRAIL: Final = "cloudtrail.amazonaws.com"


class Departed:
    """Accounts that an organization's trail ceased to record, and whether anything of them is in the case afterwards.

    Args:
        case: to ask.
        impairment: of all accounts.
        organized: accounts whose logs came by an organization's trail.
        ongoing: whether accounts go on being recorded.
    """

    def __init__(
        self, case: Asks, impairment: list[of.LoggingImpairment], organized: set[str], ongoing: Ongoing
    ) -> None:
        done = [row for row in impairment if row["control"] == "organization" and row["result"] == "succeeded"]
        self._left = [row for row in done if row["part"] == "membership"]
        self._ended = [row for row in done if row["part"] == "organization" or _is_trails_trust(row)]
        self._organized = organized
        self._ongoing = ongoing
        self._own = {row["account_id"]: row["last_time"] for row in case.query("account_trail_deliveries").rows}

    def of_others(self, account_id: str) -> list[of.LoggingImpairment]:
        """Rows of other accounts by which this one was taken out of its organization."""
        return [row for row in self._left if row["entity"] == account_id and account_of(row) != account_id]

    def missing(self, account_id: str) -> tuple[Gap, ...]:
        """What may be missing of an account.

        Args:
            account_id: 12 digits; empty for all accounts.
        """
        accounts = [account_id] if account_id else self._ongoing.accounts
        told = [one for account in accounts for one in (*self._since_it_left(account), *self._since_it_ended(account))]
        return tuple(dict.fromkeys(told))

    def _since_it_left(self, account: str) -> Iterator[Gap]:
        text = (
            f"what was done in account {account} from {{since}} {{until}}, after it had left its organization, whose"
            " trail records it no longer"
        )
        for row in self._left:
            if row["entity"] == account and not self._has_own_trail(account, row):
                yield from self._ongoing.missing(text, [row], [account])

    def _since_it_ended(self, account: str) -> Iterator[Gap]:
        for row in self._ended if account in self._organized else ():
            text = f"what the organization's trail would have recorded in account {account} from {{since}} {{until}}"
            if not self._has_own_trail(account, row):
                yield from self._ongoing.missing(f"{text} ({row['eventName']})", [row], [account])

    def _has_own_trail(self, account: str, row: of.LoggingImpairment) -> bool:
        last, since = self._own.get(account), row["from_time"]
        return bool(last and since and last > since - _LATELY)


def _is_trails_trust(row: of.LoggingImpairment) -> bool:
    return (row["part"], row["entity"]) == ("trust", _CLOUDTRAIL)
