"""Whether the logs of a time are whole, hour by hour and in each Region: nobody may say "not used" before."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.places import UNKNOWN
from rootforensics.phrases import some

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.analysis.coverage.coverage import Coverage
    from rootforensics.queries import rows as of

#: The digest of an hour and a quarter is due within two hours of the last event; so is the event history of it.
_DUE: Final = timedelta(hours=2)
_MOMENT: Final = timedelta(microseconds=1)
#: A list of gaps that somebody has to fill is whole; a forged log can name any number of Regions.
_REGIONS_SHOWN: Final = 60
_TIMES_SHOWN: Final = 60


class Whole:
    """Whether the logs of each account are whole from one moment to another.

    Args:
        coverage: what the logs of the case can show.
        since: the first moment, UTC.
        until: the first one after it, UTC; None for two hours before the end of the logs of all accounts.

    Attributes:
        until: as given, or worked out; None if the case holds no logs.
    """

    def __init__(self, coverage: Coverage, since: datetime, until: datetime | None) -> None:
        case = coverage.asks
        spans = [span for regions in coverage.hours.values() for region in regions for span in region.spans]
        ends = [span["until_time"] - _DUE for span in spans if span["state"] not in ("unknown", "unproven")]
        self.since, self.until = since, until or max(ends, default=None)
        self._coverage = coverage
        self._selected = {
            row["account_id"]: row for row in case.query("posture").rows if row["control_id"] == "multi-region-trail"
        }
        #: Accounts of which calls by others since then were left out; None: of any account.
        self._left_out = {row["account_id"] for row in case.query("unread_accounts", since=since.isoformat()).rows}
        self._is_verified = bool(case.query("log_integrity").rows)

    def gaps(self, account_id: str) -> tuple[str, ...]:
        """Why something may have happened in an account that the case does not show; empty if its logs are whole."""
        if self.until is None or self.until <= self.since:
            return (f"logs after {self.since:%Y-%m-%d %H:%M}",)
        if account_id in ("", UNKNOWN):
            return ("the account ID, which is needed to check its logs",)
        span = Span(self.since, self.until - _MOMENT, is_by_hour=True)
        told = self._told_of_trails(account_id)
        left_out = (
            (f"events that the trails exclude: {told['why']} ({', '.join(told['answers'])})",)
            if told and told["answer"] == "fail"
            else ()
        )
        covered = self._coverage.of(account_id)
        unproven = covered.unproven_hours(self.since, self.until, "digests", "history")
        parts = [
            f"{regions[0] if len(regions) == 1 else f'{len(regions)} Regions ({some(regions, _REGIONS_SHOWN)})'}"
            f" {some([f'from {begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}' for begin, end in spans], _TIMES_SHOWN)}"
            for spans, regions in unproven.items()
        ]
        logs = "logs with an unbroken digest chain, or the complete event history (AWS keeps 90 days)"
        hours = [f"{logs}: {'; '.join(parts)}"] if parts else []
        return (*covered.gaps(span=span, without_effect=True), *hours, *left_out)

    def left_out(self, account_id: str) -> tuple[str, ...]:
        """What others did and a load of what is related to root, or an extraction, did not take in.

        Who entered what root made, or was handed it, and other accounts bear no name that was looked for.
        """
        if self._left_out.isdisjoint((None, account_id)):
            return ()
        since = f"{self.since:%Y-%m-%d %H:%M}"
        return (f"actions by other identities since {since}: load these logs into a new case, without --root-related",)

    def not_shown(self, account_id: str) -> tuple[str, ...]:
        """What whole logs do not show, either, as far as nothing in the case tells of it."""
        told = self._told_of_trails(account_id)
        reads = "reads, and services that a trail excludes: the case does not show what its trails record"
        keys = "forged digest files: rootforensics verify was not run"
        is_by_trail = self._is_by_trail(account_id)
        is_known = not is_by_trail or (told and told["answer"] == "pass")
        return (*(() if is_known else (reads,)), *(() if self._is_verified or not is_by_trail else (keys,)))

    def _told_of_trails(self, account_id: str) -> of.Posture | None:
        return self._selected.get(account_id) if self._is_by_trail(account_id) else None

    def _is_by_trail(self, account_id: str) -> bool:
        """Whether the event history alone does not show all: what a trail leaves out may be missing."""
        return bool(self.until and self._coverage.of(account_id).unproven_hours(self.since, self.until, "history"))
