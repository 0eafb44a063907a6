"""How an unauthorized party may have come in as root: what supports and contradicts each hypothesis.

They are data, ``rules/hypotheses.toml``, and stand on the verdict, the findings and each entry in the logs: a sign-in,
a key, a session. One entry supports a hypothesis; only all entries together contradict it.
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
from rootforensics.analysis.narrative.identities import known
from rootforensics.analysis.places import SIGN_IN_REGIONS, UNKNOWN, account_of
from rootforensics.analysis.statement import Statement
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at, plural, short, some
from rootforensics.queries.result import Result, Tabular, result_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.coverage.coverage import Covered
    from rootforensics.queries import rows as of

Standing = Literal["for", "for and against", "open", "against"]
#: In words.
WORDS: Final[dict[Standing, str]] = {
    "for": "supported by the logs",
    "for and against": "supported and contradicted by the logs",
    "open": "neither supported nor contradicted by the logs",
    "against": "contradicted by the logs, and not excluded",
}
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
#: The logs must begin so long before the first entry for an absence to tell anything.
_BEFORE: Final = timedelta(days=1)
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
    found = [one for told in used for one in sorted(_of(analysis, told), key=lambda one: [*WORDS].index(one.standing))]
    return Hypotheses(found)


@cache
def _rules() -> list[dict[str, Any]]:
    text = files("rootforensics.rules").joinpath("hypotheses.toml").read_text(encoding="utf-8")
    rules: list[dict[str, Any]] = tomllib.loads(text)["hypothesis"]
    return rules


def _of(analysis: Analysis, told: AccountVerdict) -> Iterator[Hypothesis]:
    """Each way into one account."""
    whose = (told.account_id, UNKNOWN)
    entries = [row for row in analysis.query("entries").rows if account_of(row) in whose]
    covered, answers = analysis.coverage.of(told.account_id), {one.name: one for one in told.answers}
    begin = covered.first_time
    for rule in _rules():
        speaks_for, against = [*_found(analysis, told.account_id, rule)], list[Statement]()
        missing = list[str]()
        for name in rule["asks"]:
            missing += answers[name].missing if answers[name].answer == "unknown" else ()
        if rule.get("shares_address") and _left_out(analysis, told.account_id):
            missing.append("who else used root's addresses, among the events that the filters of the load left out")
        if name := rule.get("answer"):
            answer = answers[name]
            proofs = _cited(zip(answer.event_ids, answer.citations, strict=True))
            said = Statement(short(answer.told, _WIDTH), "note", **proofs)
            (speaks_for if answer.answer == "no" else against if answer.answer == "yes" else []).append(said)
        if name := rule.get("entry"):
            missing.append(f"what was before the logs begin ({at(begin)})" if begin else "the logs of this account")
            values = [row[name] for row in entries]  # type: ignore[literal-required]
            gaps = _gaps(covered, entries, anywhere=rule.get("anywhere", False))
            true = [row for row in entries if row[name] and account_of(row) == told.account_id]  # type: ignore[literal-required]
            if true and not (gaps and rule.get("absence")):
                speaks_for.append(Statement(f"{rule['tells']}: {_named(true)}", "note", **_proofs(true)))
            elif entries and not gaps and all(value is False for value in values):
                of_how_many = plural(len(entries), "sign-in, key or session", "sign-ins, keys and sessions")
                against.append(Statement(f"{rule['denies']}, among {of_how_many}", "note", **_proofs(entries)))
            else:
                missing += gaps
                if unclear := [row for row, value in zip(entries, values, strict=True) if value is None]:
                    missing.append(f"more than the logs tell of the sign-in, key or session of {_named(unclear)}")
        yield Hypothesis(
            told.account_id, rule["title"], tuple(speaks_for), tuple(against),
            tuple(dict.fromkeys(missing)), rule["outside"],
        )  # fmt: skip


def _found(analysis: Analysis, account_id: str, rule: dict[str, Any]) -> Iterator[Statement]:
    """The findings that speak for a way, and the identities that used an address of root."""
    for one in analysis.findings().rows:
        if (
            one["finding"] in rule.get("findings", ())
            and one["result"] == "succeeded"
            and one["account_id"] == account_id
        ):
            proofs = _cited(zip(one["eventIDs"], one["citations"], strict=True))
            yield Statement(f"{one['title']}, {at(one['first_time'])}", "bad", **proofs)
    if rule.get("shares_address"):
        sessions = (row for row in analysis.query("root_sessions").rows if row["account_id"] == account_id)
        own = {source for row in sessions for source in row["source_ips"] or ()}
        if beside := [
            row
            for row in analysis.query("identities").rows
            if row["account_id"] == account_id and row["action_count"] and not own.isdisjoint(row["root_ips"] or ())
        ]:
            names = some([f"{row['identity_kind']} {row['identity_name']}" for row in beside], _CITED)
            text = f"identities that do not descend from root took severe actions from an address of root: {names}"
            yield Statement(text, "note", **_cited((row["eventID"], place_text(row)) for row in beside))


def _left_out(analysis: Analysis, account_id: str) -> bool:
    """Whether events of others were left out of the case."""
    rows = analysis.query("identities").rows
    return any(not known([row]) and row["account_id"] in (account_id, None) for row in rows)


def _gaps(covered: Covered, entries: Sequence[of.Entries], *, anywhere: bool) -> tuple[str, ...]:
    """What keeps the logs from showing all entries up to the last one, and a day before the first."""
    times = [row["eventTime"] for row in entries if row["eventTime"]]
    if not times or len(times) < len(entries) or not covered.first_time:
        return ("the time of each sign-in and session",) if entries else ()
    span = Span(min(covered.first_time, times[0] - _BEFORE), times[-1])
    regions = () if anywhere else SIGN_IN_REGIONS
    return covered.gaps(regions, span=span, sign_ins=not anywhere, without_effect=True)


def _named(rows: Sequence[of.Entries]) -> str:
    """The last entries with their keys, times and addresses."""
    named = (
        f"{row['credential'] or ''} {at(row['eventTime'])} from {row['sourceIPAddress'] or 'an unknown IP'}".lstrip()
        for row in reversed(rows)
    )
    return some([*named], _CITED, "; ")


def _proofs(rows: Sequence[of.Entries]) -> dict[str, Any]:
    return _cited((row["eventID"], row["citation"]) for row in reversed(rows))


def _cited(pairs: Iterable[tuple[str | None, str]]) -> dict[str, Any]:
    return cited([*pairs][:_CITED])
