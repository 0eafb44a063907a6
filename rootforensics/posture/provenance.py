"""Who set what a control reads: no control passes because of a setting that root made during the incident."""

from __future__ import annotations

import json
import tomllib
from functools import cache, cached_property
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.coverage.coverage import Coverage
from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.places import IAM_REGIONS
from rootforensics.phrases import at, some
from rootforensics.posture.calls import CALLS, slug
from rootforensics.posture.judged import Judged
from rootforensics.posture.saved import moment_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.posture.saved import Reading
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: Services whose calls are recorded where those of IAM are.
_GLOBAL: Final = frozenset(("account", "billingconsole", "iam", "organizations"))
_MAKERS: Final = {
    "root": "root",
    "descendant": "an identity that root created or may have created",
    "unknown": "an unknown identity",
}
#: How an answer ends if an unauthorized party may have made the setting: review it, there is nothing to set.
YOURS: Final = "Check that it is yours."


#: How requests name root; one that names no user means who asks.
_ROOT: Final = ("", "AWS ROOT USER", "root")


@cache
def setters() -> dict[str, dict[str, Any]]:
    """``reads``: by call, the calls that change its answer; ``names``: the field that names their target."""
    return tomllib.loads((resources.files("rootforensics.posture") / "setters.toml").read_text(encoding="utf-8"))


class Provenance:
    """What the events of a case show about who made the settings that controls read.

    Args:
        case: answers SQL.
    """

    def __init__(self, case: Asks) -> None:
        self._case = case

    @cached_property
    def _set(self) -> list[of.SettingCalls]:
        return self._case.query("setting_calls", calls=_setting(setters()["reads"])).rows

    @cached_property
    def _spans(self) -> dict[str, of.IncidentSpans]:
        return {row["account_id"] or "": row for row in self._case.query("incident_spans").rows}

    @cached_property
    def _coverage(self) -> Coverage:
        return Coverage(self._case)

    def doubt(self, calls: Iterable[str], reading: Reading, judged: Judged) -> Judged:
        """A passing answer as a warning, if its setting was or may have been made during the incident.

        Args:
            calls: those that the control reads.
            reading: what its answer was read from.
            judged: the answer.
        """
        set_by = _setting(calls)
        if judged.answer not in ("pass", "info", "warn") or not set_by:
            return judged
        accounts = {reading.account_id, *(one.account_id for one in reading.evidence)}
        if told := self._told(set_by, accounts, _asked(reading)):
            check = "" if judged.answer == "warn" else f" {YOURS}"  # a warning keeps its remedy
            changes = "this change" if len(told) == 1 else "these changes"
            return Judged("warn", f"{judged.why} The logs show {changes}: {some(told, 3, '; ')}.{check}")
        if judged.answer == "warn":
            return judged
        if dated := [what for what, time in reading.dates if self._is_within(time, reading.account_id)]:
            return Judged(
                "warn", f"{judged.why} According to AWS, this was set during the incident: {some(dated)}. {YOURS}"
            )
        if judged.answer == "pass" and (lacking := self._gaps(set_by, reading.account_id)):
            why = f"{judged.why} The logs have gaps, so this may have been set during the incident. {YOURS}"
            return Judged("warn", why, (f"logs: {some(lacking, 2, '; ')}",))
        return judged

    def _told(self, set_by: tuple[str, ...], accounts: set[str], asked: set[str]) -> list[str]:
        """The calls that set it, in words."""
        rows = [row for row in self._set if row["account_id"] in accounts or row["account_id"] is None]
        return [
            f"{(row['call'] or '').partition(':')[2]} by {_MAKERS[row['made_by'] or 'unknown']} "
            f"at {at(row['eventTime'])} (event {row['eventID']})"
            for row in rows
            if row["call"] in set_by and _is_about(row, asked)
        ]

    def _is_within(self, time: str, account_id: str) -> bool:
        """Whether a time that AWS reports is not before the incident."""
        if account_id not in self._spans:
            return False
        first, moment = self._spans[account_id]["first_time"], moment_of(time)
        return first is None or moment is None or moment >= first

    def _gaps(self, set_by: tuple[str, ...], account_id: str) -> tuple[str, ...]:
        """What the logs of the incident lack in which it may have been set; nothing where there was no incident."""
        if account_id not in self._spans:
            return ()
        span = self._spans[account_id]
        is_global = {call.partition(":")[0] for call in set_by} <= _GLOBAL
        return self._coverage.of(account_id).gaps(
            IAM_REGIONS if is_global else (), span=Span(span["first_time"], span["last_time"])
        )


def _setting(calls: Iterable[str]) -> tuple[str, ...]:
    """What sets what some calls read."""
    return tuple(dict.fromkeys(setter for call in calls for setter in setters()["reads"][call]))


def _asked(reading: Reading) -> set[str]:
    """What AWS was asked of, by its last name; empty among them where an answer does not say of what it is."""
    return {_last(one.argument) for one in reading.evidence if one.argument or CALLS[one.call].has_argument}


def _last(name: str) -> str:
    return slug(name.rpartition("/")[2].rpartition(":")[2]).lower()


def _is_about(row: of.SettingCalls, asked: set[str]) -> bool:
    """Whether a call made the setting that was read, by its request; yes if this cannot be decided."""
    told: Any = json.loads(row["request"] or "{}")
    field = setters()["names"].get(row["call"] or "")
    given = str(told.get(field) or "") if field and isinstance(told, dict) else ""
    return given in (*_ROOT, row["own_name"]) or "" in asked or _last(given) in asked
