"""How they may have come in as root: each way with what speaks for it and against it, and what the logs cannot tell.

The ways are data, ``rules/hypotheses.toml``. They stand on the verdict, the findings and questions of the catalogue.
None is ever excluded, and none has a probability: where something is missing, it is said.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.narrative.answers import cited
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.analysis.statement import Statement
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at, short, sortable
from rootforensics.queries.result import Result, Tabular, result_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.queries import rows as of

    Row = Mapping[str, Any]

Standing = Literal["for", "for and against", "open", "against"]
#: Columns of the hypotheses as a table, and what they hold.
COLUMNS: Final = {
    "account_id": "VARCHAR",
    "hypothesis": "VARCHAR; how they may have come in",
    "standing": "VARCHAR; for, for and against, open (nothing speaks either way), or against; none is ever excluded",
    "speaks_for": "VARCHAR[]; in sentences",
    "speaks_against": "VARCHAR[]; likewise",
    "missing": "VARCHAR[]; what would be needed to know",
    "outside": "VARCHAR; where to look beside the logs",
    "eventIDs": "VARCHAR[]; of what speaks for it, then against it",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
}
FIRST: Final = ("account_id", "standing", "hypothesis", "speaks_for", "speaks_against", "eventIDs")
_ORDER: Final[tuple[Standing, ...]] = ("for", "for and against", "open", "against")
_TIMES: Final = ("eventTime", "opened_time", "first_time")
#: Failures and recoveries are counted so long before a sign-in.
_BEFORE: Final = timedelta(hours=1)
_CITED: Final = 3
_WIDTH: Final = 300


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A way in which they may have come in.

    Attributes:
        account_id: 12 digits, or ``unknown``.
        title: the way, as a sentence.
        speaks_for: what speaks for it, with events.
        speaks_against: likewise.
        missing: what would be needed to know.
        outside: where to look beside the logs.
    """

    account_id: str
    title: str
    speaks_for: tuple[Statement, ...]
    speaks_against: tuple[Statement, ...]
    missing: tuple[str, ...]
    outside: str

    @property
    def standing(self) -> Standing:
        """What speaks, in a word or three."""
        if self.speaks_for:
            return "for and against" if self.speaks_against else "for"
        return "against" if self.speaks_against else "open"

    @property
    def row(self) -> of.Hypotheses:
        """The same as a row."""
        every = (*self.speaks_for, *self.speaks_against)
        values = (
            self.account_id, self.title, self.standing, [one.text for one in self.speaks_for],
            [one.text for one in self.speaks_against], list(self.missing), self.outside,
            [event for one in every for event in one.event_ids], [place for one in every for place in one.proofs],
        )  # fmt: skip
        return dict(zip(COLUMNS, values, strict=True))  # type: ignore[return-value]


class Hypotheses(Tabular, tuple[Hypothesis, ...]):
    """Those of all accounts in which root was used; as a table a row each."""

    __slots__ = ()

    def result(self) -> Result[of.Hypotheses]:
        """The rows as a table."""
        return result_of("hypotheses", (one.row for one in self), COLUMNS, first=FIRST)


def hypotheses(analysis: Analysis) -> Hypotheses:
    """Tell how they may have come in, for each account in which root was used; what is spoken for comes first."""
    used = [one for one in analysis.verdicts if one.account_id and one.use.answer != "no"]
    found = [_judged(row, _Facts(analysis, told)) for told in used for row in _rules()]
    order = {told.account_id: place for place, told in enumerate(used)}
    return Hypotheses(sorted(found, key=lambda one: (order[one.account_id], _ORDER.index(one.standing))))


@cache
def _rules() -> list[dict[str, Any]]:
    text = files("rootforensics.rules").joinpath("hypotheses.toml").read_text(encoding="utf-8")
    rules: list[dict[str, Any]] = tomllib.loads(text)["hypothesis"]
    return rules


def _judged(rule: dict[str, Any], facts: _Facts) -> Hypothesis:
    speaks_for = tuple(said for one in rule["for"] for said in facts.told(one))
    against = tuple(said for one in rule["against"] for said in facts.told(one))
    missing = [
        gap for name in rule["asks"] if (answer := facts.answers[name]).answer == "unknown" for gap in answer.missing
    ]
    missing += [gap for one in (*rule["for"], *rule["against"]) for gap in facts.missing(one)]
    return Hypothesis(
        facts.account_id, rule["title"], speaks_for, against, tuple(dict.fromkeys(missing)), rule["outside"]
    )


class _Facts:
    """What is known of an account, as the rules ask for it."""

    def __init__(self, analysis: Analysis, told: AccountVerdict) -> None:
        self.account_id = told.account_id
        self.answers = {one.name: one for one in told.answers}
        self._analysis = analysis
        self._covered = analysis.coverage.of(told.account_id)
        sessions = (row for row in analysis.query("root_sessions").rows if row["account_id"] == told.account_id)
        self._own = frozenset(source for row in sessions for source in row["source_ips"] or ())

    def told(self, one: dict[str, Any]) -> Iterator[Statement]:
        """What speaks, in sentences: nothing where the logs do not show it."""
        if "finding" in one:
            for found in self._analysis.findings().rows:
                if found["finding"] in one["finding"] and found["result"] == "succeeded" and self._is_own(found):
                    pairs = [*zip(found["eventIDs"], found["citations"], strict=True)][:_CITED]
                    yield Statement(f"{found['title']}, {at(found['first_time'])}", "bad", **cited(pairs))
        elif "answer" in one:
            answer = self.answers[one["answer"]]
            if answer.answer == one["is"]:
                pairs = [*zip(answer.event_ids, answer.citations, strict=True)][:_CITED]
                yield Statement(short(answer.told, _WIDTH), "note", **cited(pairs))
        elif rows := self._rows(one):
            if one.get("absence") and self._gaps_before(rows[0]):
                return
            text = one["tells"].format_map(rows[0])
            more = f", {len(rows):,} in all" if len(rows) > 1 else ""
            yield Statement(f"{text}, {at(_time(rows[0]))}{more}", "note", **cited(map(_proof, rows[:_CITED])))

    def missing(self, one: dict[str, Any]) -> Iterator[str]:
        """What would be needed to tell it."""
        if "among" in one:
            begin = self._covered.first_time
            yield f"what was before the logs begin ({at(begin)})" if begin else "the logs of this account"
            if self._may_come_first(one) and not self._first(one):
                yield "the whole records of the sign-ins and sessions, with their times and outcomes"
        if one.get("absence") and (rows := self._rows(one)):
            yield from self._gaps_before(rows[0])

    def _rows(self, one: dict[str, Any]) -> list[Row]:
        rows = self._first(one) if "among" in one else self._read(one["reads"])
        return [row for row in rows if _fits(row, one["where"], self._own)]

    def _may_come_first(self, one: dict[str, Any]) -> list[Row]:
        """The rows of which one came first, what has no time before the rest; some may not fit, as far as they tell."""
        rows = [
            row
            for row in self._read(one["reads"])
            if all(row[name] is None or _is(row[name], wanted, self._own) for name, wanted in one["among"].items())
        ]
        return sorted(rows, key=lambda row: sortable(_time(row)) if _time(row) else 0)

    def _first(self, one: dict[str, Any]) -> list[Row]:
        """The row that surely came first; none where the records do not tell."""
        return [row for row in self._may_come_first(one)[:1] if _time(row) and _fits(row, one["among"])]

    def _read(self, question: str) -> list[Row]:
        rows: list[Row] = list(self._analysis.query(question).rows)
        return [row for row in rows if self._is_own(row)]

    def _is_own(self, row: Row) -> bool:
        return bool(self.account_id == row["member_account" if "member_account" in row else "account_id"])

    def _gaps_before(self, row: Row) -> tuple[str, ...]:
        moment = _time(row)
        if moment is None:
            return ("the time of each sign-in",)
        return self._covered.gaps(
            SIGN_IN_REGIONS, span=Span(moment - _BEFORE, moment), sign_ins=True, without_effect=True
        )


def _fits(row: Row, where: dict[str, Any], own: frozenset[str] = frozenset()) -> bool:
    """Whether a row has the values; what the record does not say is no value."""
    return all(_is(row[name], wanted, own) for name, wanted in where.items())


def _is(value: Any, wanted: Any, own: frozenset[str]) -> bool:  # noqa: ANN401 - values of any SQL type
    if wanted == ">0":
        return bool((value or 0) > 0)
    if wanted == "own":
        return not own.isdisjoint(value or ())
    if isinstance(wanted, list):
        return bool(value in wanted)
    return value is not None and bool(value == wanted)


def _time(row: Row) -> datetime | None:
    moment: datetime | None = next((row[name] for name in _TIMES if row.get(name)), None)
    return moment


def _proof(row: Row) -> tuple[str | None, str]:
    if "evidence_id" in row:
        return row["eventID"], place_text(row)  # type: ignore[arg-type]
    opened = "opener" if row["opener_citation"] else "first"
    return row[f"{opened}_eventID"], row[f"{opened}_citation"]
