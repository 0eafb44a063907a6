"""Whether an account goes on being recorded after a trail was stopped, narrowed or lost its bucket.

The event history does not hang on a trail, and another trail may record what one no longer does. Single events do not
prove it: a Region must not fall as quiet as one whose logs are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.coverage.gap import Gap
from rootforensics.evidence.cite import place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: What was done in the minutes about the end may still have been recorded; what comes later, something else records.
STILL_RECORDED: Final = timedelta(minutes=15)
#: After so many hours a Region is known to go on being recorded. It is
#: quiet for no more than so many hours, and so many for each that is usual, as the view ``region_silences`` has it.
_KNOWN_HOURS: Final = 24
_GAP_HOURS: Final = 6
_ENDLESS: Final = datetime(9000, 1, 1, tzinfo=UTC)
#: Without these events are not recorded, or not delivered.
_CONTROLS: Final = ("trail", "trail bucket", "KMS key", "organization")
#: Parts of a trail without which events of some kinds are missing in its files, and those of others are not.
_NARROWED: Final = ("selectors", "global events")
_OF_ONE_REGION: Final = ("isMultiRegionTrail", "includeGlobalServiceEvents")


@dataclass(frozen=True, slots=True)
class Shown:
    """Where an account goes on being recorded.

    Attributes:
        regions: Regions in which the case shows it.
        is_whole: it does in all Regions.
        keeps_writes: what changes something goes on being recorded everywhere.
    """

    regions: frozenset[str] = frozenset()
    is_whole: bool = False
    keeps_writes: bool = False


class Ongoing:
    """Whether accounts go on being recorded.

    Args:
        case: to ask.
        impairment: of all accounts.
        usual_hours: how long the pauses of an account and Region usually are.
    """

    def __init__(
        self, case: Asks, impairment: list[of.LoggingImpairment], usual_hours: dict[tuple[str, str], int | None]
    ) -> None:
        self._usual = usual_hours
        self._last: dict[str, datetime] = {}
        for row in case.query("coverage").rows:
            if row["account_id"] and row["last_time"]:
                known = self._last.get(row["account_id"], row["last_time"])
                self._last[row["account_id"]] = max(known, row["last_time"])
        done = [row for row in impairment if row["result"] == "succeeded" and row["control"] in _CONTROLS]
        windows = sorted({window for row in done if (window := _window(row))})
        self._within: dict[tuple[str | None, tuple[int | None, int | None]], list[of.ContinuedRecording]] = {}
        self._regions: dict[str | None, dict[str, bool | None]] = {}
        self._keeps: dict[tuple[int, int], str | None] = {}
        self._settings: list[of.TrailSettings] = []
        if windows:
            self._settings = case.query("trail_settings").rows
            self._keeps = {place_of(row): row["keeps"] for row in case.query("event_selector_changes").rows}
            texts = tuple(f"{since} {until}" for since, until in windows)
            still = int(STILL_RECORDED.total_seconds())
            for one in case.query("continued_recording", windows=texts, still=still).rows:
                self._regions.setdefault(one["account_id"], {})[one["region"]] = one["is_history"]
                self._within.setdefault((one["account_id"], (one["since"], one["until"])), []).append(one)

    @property
    def accounts(self) -> list[str]:
        """Accounts of which the case holds events, in order."""
        return sorted(self._last)

    def has_events_after(self, account_id: str, since: datetime | None) -> bool:
        """Whether the case holds any event of an account from after a time; not if the time is not known."""
        last = self._last.get(account_id)
        return since is not None and last is not None and last > since + STILL_RECORDED

    def missing(self, text: str, rows: list[of.LoggingImpairment], accounts: Iterable[str]) -> Iterator[Gap]:
        """What is missing from the first of some actions to the last of what undid them; nothing if all is recorded on.

        Args:
            text: what is missing, in words, with places for ``{since}`` and ``{until}``.
            rows: these actions.
            accounts: those that the impairment concerns.
        """
        told = [self._shown(account, row) for account in accounts for row in rows]
        if all(one.is_whole for one in told):
            return
        regions = frozenset.intersection(*(one.regions for one in told))
        elsewhere = f" in Regions other than {', '.join(sorted(regions))}" if regions else ""
        froms = [moment for row in rows if (moment := row["from_time"])]
        untils = [moment for row in rows if (moment := row["until_time"])]
        yield Gap(
            text.replace("{since}", _since(rows)).replace("{until}", _until(rows) + elsewhere),
            min(froms) if len(froms) == len(rows) else None,
            max(untils) if len(untils) == len(rows) else None,
            regions,
            reads_only=all(one.keeps_writes for one in told),
        )

    def _shown(self, account_id: str, row: of.LoggingImpairment) -> Shown:
        """Where an account goes on being recorded although somebody impaired what records it."""
        held, keeps = self._regions.get(account_id, {}), self._keeps.get(place_of(row))
        window = _window(row)
        if window is None or not held or keeps == "all":
            return Shown(is_whole=keeps == "all")
        within = self._within.get((account_id, window), [])
        rows = [one for one in within if self._is_busy(account_id, one)]

        def busy(source: str) -> set[str]:
            return {one["region"] for one in rows if one["source"] == source}

        whole = {region for region, is_history in held.items() if is_history} | busy("history")
        whole |= {row["region"] for row in within if row["is_complete"]}
        # An account that its organization's trail left has its own, or one that nothing here tells of.
        if row["control"] == "organization":
            whole |= busy("any")
        if row["part"] == "recording":
            whole |= busy("organization")
        known = {one["region"] for one in rows if one["is_both"] and one["hour_count"] >= _KNOWN_HOURS} & busy("any")
        regions = whole if row["part"] in _NARROWED else whole | known
        is_whole = whole >= held.keys() or self._recorded_in(row) <= regions
        return Shown(frozenset(regions), is_whole, keeps == "writes")

    def _recorded_in(self, row: of.LoggingImpairment) -> set[str | None]:
        """The Regions that an impaired trail recorded; one without a name if it may have been any.

        A trail of one Region records calls to global services, too, which are recorded in us-east-1.
        """
        settings = [
            setting
            for setting in self._settings
            if (setting["account_id"], setting["home"], setting["trail"])
            == (row["account_id"], row["awsRegion"], row["entity"])
            and (setting["eventTime"] is None or row["from_time"] is None or setting["eventTime"] <= row["from_time"])
        ]
        multi, services = ([one[name] for one in settings if one[name] is not None] for name in _OF_ONE_REGION)
        if row["control"] != "trail" or multi[-1:] != [False]:
            return {None}
        return {row["awsRegion"]} | ({"us-east-1"} if services[-1:] != [False] else set())

    def _is_busy(self, account_id: str, row: of.ContinuedRecording) -> bool:
        """Whether a Region is never so quiet in a window as one whose logs are missing."""
        quiet = row["quiet_hours"]
        return quiet is not None and quiet <= _GAP_HOURS * (1 + (self._usual.get((account_id, row["region"])) or 0))


def _window(row: of.LoggingImpairment) -> tuple[int, int] | None:
    """The time in which a row of impairment puts the record in doubt, in seconds since 1970; None without a begin."""
    if row["from_time"] is None:
        return None
    return int(row["from_time"].timestamp()), int((row["until_time"] or _ENDLESS).timestamp())


def _since(rows: list[of.LoggingImpairment]) -> str:
    first = min((row["from_time"] for row in rows if row["from_time"]), default=None)
    return f"{first:%Y-%m-%d %H:%M:%S}" if first and all(row["from_time"] for row in rows) else "an unknown time"


def _until(rows: list[of.LoggingImpairment]) -> str:
    times = [row["until_time"] for row in rows if row["until_time"]]
    if len(times) == len(rows):
        return f"to {max(times):%Y-%m-%d %H:%M:%S}"
    return "to an unknown time" if all(row["until_time"] or is_mended(row) for row in rows) else "on"


def is_mended(row: of.LoggingImpairment) -> bool:
    """Whether something switched on again what a row of impairment broke, though the record may not tell when."""
    return bool(row["restored_citation"] or row["restored_by"])
