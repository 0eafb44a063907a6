"""Who set what a control stands on: nothing passes by what root, or whoever it let in, set in the incident."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.coverage.coverage import Coverage
from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.places import IAM_REGIONS
from rootforensics.phrases import at, some
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import moment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.posture.saved import Reading
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

    #: Of each call, fields of its request and the values that concern a control.
    SetBy = dict[str, dict[str, list[str]]]

#: Services whose calls are recorded where those of IAM are.
_GLOBAL: Final = frozenset(("account", "billingconsole", "iam", "organizations"))
_MAKERS: Final = {
    "root": "root",
    "descendant": "an identity that descends from root, or may",
    "unknown": "nobody knows whom",
}
#: How an answer ends that stands on what may be somebody else's: nothing is to be set, but to be looked at.
YOURS: Final = "Check that it is yours."


class Provenance:
    """What the events of a case tell of who set what controls stand on.

    Args:
        case: answers SQL.
        calls: of all controls, those that set what one stands on.
    """

    def __init__(self, case: Asks, calls: Sequence[str]) -> None:
        self._case = case
        self._calls = tuple(calls)

    @cached_property
    def _set(self) -> list[of.SettingCalls]:
        return self._case.query("setting_calls", calls=self._calls).rows

    @cached_property
    def _spans(self) -> dict[str, of.IncidentSpans]:
        return {row["account_id"] or "": row for row in self._case.query("incident_spans").rows}

    @cached_property
    def _coverage(self) -> Coverage:
        return Coverage(self._case)

    def doubt(self, set_by: SetBy, reading: Reading, judged: Judged) -> Judged:
        """A good answer as a warning, if what it stands on was set in the incident, or may have been.

        Args:
            set_by: what sets what the control stands on, as ``Control`` has it.
            reading: what its answer was read from.
            judged: the answer.
        """
        if judged.answer not in ("pass", "info") or not set_by:
            return judged
        accounts = {reading.account_id, *(one.account_id for one in reading.evidence)}
        if told := self._told(set_by, accounts):
            return Judged("warn", f"{judged.why} In the logs it was set: {some(told, 3, '; ')}. {YOURS}")
        if dated := [what for what, time in reading.dates if self._is_within(time, reading.account_id)]:
            return Judged("warn", f"{judged.why} By what AWS tells it was set in the incident: {some(dated)}. {YOURS}")
        if judged.answer == "pass" and (lacking := self._gaps(set_by, reading.account_id)):
            why = f"{judged.why} It may have been set in the incident, for the logs do not cover all of it. {YOURS}"
            return Judged("warn", why, (f"logs: {some(lacking, 2, '; ')}",))
        return judged

    def _told(self, set_by: SetBy, accounts: set[str]) -> list[str]:
        """The calls that set it, in words."""
        rows = [row for row in self._set if row["account_id"] in accounts or row["account_id"] is None]
        return [
            f"{(row['call'] or '').partition(':')[2]} by {_MAKERS[row['made_by'] or 'unknown']} "
            f"at {at(row['eventTime'])} (event {row['eventID']})"
            for row in rows
            if (wanted := set_by.get(row["call"] or "")) is not None and _is_about(row, wanted)
        ]

    def _is_within(self, time: str, account_id: str) -> bool:
        """Whether a time that AWS tells is not before the incident."""
        if account_id not in self._spans:
            return False
        first, moment = self._spans[account_id]["first_time"], moment_of(time)
        return first is None or moment is None or moment >= first

    def _gaps(self, set_by: SetBy, account_id: str) -> tuple[str, ...]:
        """What the logs of the incident lack in which it may have been set; nothing where there was no incident."""
        if account_id not in self._spans:
            return ()
        span = self._spans[account_id]
        is_global = {call.partition(":")[0] for call in set_by} <= _GLOBAL
        return self._coverage.of(account_id, span["first_time"]).gaps(
            IAM_REGIONS if is_global else (), span=Span(span["first_time"], span["last_time"])
        )


def _is_about(row: of.SettingCalls, wanted: dict[str, list[str]]) -> bool:
    """Whether a call set what a control reads, by its request; an empty text stands for a field that it lacks."""
    told: Any = json.loads(row["request"] or "{}")
    given = {name: str(told.get(name) or "") if isinstance(told, dict) else "" for name in wanted}
    return all(given[name] in (*values, row["own_name"]) for name, values in wanted.items())
