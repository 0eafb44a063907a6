"""How an unauthorized party may have come in as root: what supports and contradicts each hypothesis.

They are data, ``rules/hypotheses.toml``, and stand on the verdict, the findings and each entry: a sign-in, a key, a
session, an act in none, a use that AWS recorded and the logs do not hold. One entry supports a hypothesis, unless
approvals cover it. Where an entry is unusual, from a new address or after trouble with the password, usual ones support
none: they are probably the owner's. Only all entries together contradict a hypothesis, and what is not known of one of
them keeps them from it. None is ever excluded, and none has a probability: where something is missing, it is said.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.places import SIGN_IN_REGIONS, UNKNOWN, account_of
from rootforensics.analysis.verdict.recorded import EVENTS, is_sure, told_of, unheld
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at, plural, short, some, sortable
from rootforensics.queries.catalogue import question
from rootforensics.queries.result import Result, Tabular, result_of
from rootforensics.telling.identities import known
from rootforensics.telling.statement import Statement, cited

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.coverage.coverage import Covered
    from rootforensics.analysis.novelty import Novelty
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
    "approved": "VARCHAR[]; what would speak for it, and approvals cover it",
    "missing": "VARCHAR[]; what would be needed to know",
    "outside": "VARCHAR; where to look beside the logs",
    "eventIDs": "VARCHAR[]; of what speaks for it, then against it, then of what is approved",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS)
FIRST: Final = ("account_id", "standing", "hypothesis", "speaks_for", "speaks_against", "eventIDs")
#: The logs must begin so long before the first entry for an absence to tell anything.
_BEFORE: Final = timedelta(days=1)
_CITED: Final = 3
#: The kind of an entry that AWS recorded and the logs do not hold.
_RECORDED: Final = "recorded"
_WIDTH: Final = 300


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A way in which they may have come in.

    Attributes:
        account_id: 12 digits, or ``unknown``.
        title: the way, as a sentence.
        speaks_for: what speaks for it, with events.
        speaks_against: likewise.
        approved: what would speak for it, and approvals cover it.
        missing: what would be needed to know.
        outside: where to look beside the logs.
    """

    account_id: str
    title: str
    speaks_for: tuple[Statement, ...]
    speaks_against: tuple[Statement, ...]
    approved: tuple[Statement, ...]
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
        every = (*self.speaks_for, *self.speaks_against, *self.approved)
        values = (
            self.account_id, self.title, self.standing, [one.text for one in self.speaks_for],
            [one.text for one in self.speaks_against], [one.text for one in self.approved],
            list(self.missing), self.outside,
            [event for one in every for event in one.event_ids], [place for one in every for place in one.citations],
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
    covered, answers = analysis.coverage.of(told.account_id), {one.name: one for one in told.answers}
    approved, begin = _approved(analysis), covered.first_time
    entries = _entries(analysis, told.account_id)
    suspect = _suspect(analysis, entries, approved)
    # Logs that lack one event of a time that they cover may lack any.
    lacking = [EVENTS for row in unheld(analysis) if is_sure(row) and row["account_id"] == told.account_id]
    for rule in _rules():
        shown, against, missing = [*_found(analysis, told.account_id, rule, approved)], list[Statement](), list[str]()
        for name in rule["asks"]:
            missing += answers[name].missing if answers[name].answer in ("unknown", "not asked") else ()
        if rule.get("shares_address") and _left_out(analysis, told.account_id):
            missing.append("who else used root's addresses, among the events that the filters of the load left out")
        if name := rule.get("answer"):
            answer = answers[name]
            proofs = _cited(zip(answer.event_ids, answer.citations, strict=True))
            said = Statement(short(answer.told, _WIDTH), "note", **proofs)
            shown += [_Shown(said, is_approved=False)] if answer.answer == "yes" else ()
            against += [said] if answer.answer == "no" else ()
        if name := rule.get("entry"):
            missing.append(f"what was before the logs begin ({at(begin)})" if begin else "the logs of this account")
            values = [row[name] for row in entries]  # type: ignore[literal-required]
            gaps = (*_gaps(covered, entries, anywhere=rule.get("anywhere", False)), *lacking)
            tells = () if gaps and rule.get("absence") else suspect
            by_entries = [*_by_entries(rule, tells, told.account_id, approved, analysis.novelty)]
            shown += by_entries
            if entries and not gaps and all(value is False for value in values):
                of_how_many = plural(len(entries), "sign-in, key or session", "sign-ins, keys and sessions")
                against.append(Statement(f"{rule['denies']}, among {of_how_many}", "note", **_proofs(entries)))
                missing += covered.unproved(() if rule.get("anywhere") else SIGN_IN_REGIONS)
            elif all(one.is_approved for one in by_entries):
                missing += gaps
                if unclear := [row for row, value in zip(entries, values, strict=True) if value is None]:
                    missing.append(f"what is not recorded of: {_named(unclear, analysis.novelty)}")
        yield Hypothesis(
            told.account_id, rule["title"], tuple(one.said for one in shown if not one.is_approved), tuple(against),
            tuple(one.said for one in shown if one.is_approved), tuple(dict.fromkeys(missing)), rule["outside"],
        )  # fmt: skip


class _Shown(NamedTuple):
    """What speaks for a way, and whether approvals cover all that shows it."""

    said: Statement
    is_approved: bool


def _approved(analysis: Analysis) -> frozenset[str]:
    """Sessions in which all was done as approved, and the places of what was."""
    held = analysis.reconciliation
    return held.approved_places | held.approved_sessions if held else frozenset()


def _entries(analysis: Analysis, account_id: str) -> list[of.Entries]:
    """The entries of an account, or of none that a record names; of what AWS alone recorded nothing more is known."""
    rows = [row for row in analysis.query("entries").rows if account_of(row) in (account_id, UNKNOWN)]
    use, nothing = analysis.use_by_people(account_id), {column.name: None for column in question("entries").columns}
    for one in use.recorded if use else ():
        told = {"account_id": account_id, "entry_kind": _RECORDED, "credential": told_of([one], account_id)}
        rows.append(cast("of.Entries", nothing | told))
    return rows


def _suspect(analysis: Analysis, entries: list[of.Entries], approved: frozenset[str]) -> list[of.Entries]:
    """The entries that may be an unauthorized party's, with those that approvals cover.

    Usual ones are left out if there is an unusual one; with the usual alone, each may be one's.
    """

    def is_unusual(row: of.Entries) -> bool:
        return analysis.novelty.is_unusual(account_of(row), [row["sourceIPAddress"]], row["eventTime"])

    approving = [row for row in entries if _is_approved(row, approved)]
    unusual = [row for row in entries if not _is_approved(row, approved) and is_unusual(row)]
    return sorted([*approving, *unusual], key=lambda row: sortable(row["eventTime"])) if unusual else entries


def _is_approved(row: of.Entries, approved: frozenset[str]) -> bool:
    return not approved.isdisjoint((row["session_id"], row["citation"]))


def _by_entries(
    rule: dict[str, Any], entries: Sequence[of.Entries], account_id: str, approved: frozenset[str], novelty: Novelty
) -> Iterator[_Shown]:
    """The entries of an account that speak for a way: those that approvals cover, and the others."""
    found: dict[bool, list[of.Entries]] = {}
    for row in entries:
        if row[rule["entry"]] and account_of(row) == account_id:  # type: ignore[literal-required]
            found.setdefault(_is_approved(row, approved), []).append(row)
    for is_approved, rows in found.items():
        yield _Shown(Statement(f"{rule['tells']}: {_named(rows, novelty)}", "note", **_proofs(rows)), is_approved)


def _found(analysis: Analysis, account_id: str, rule: dict[str, Any], approved: frozenset[str]) -> Iterator[_Shown]:
    """The findings that speak for a way, and the identities that used an address of root."""
    for one in analysis.findings().rows:
        if (
            one["finding"] in rule.get("findings", ())
            and one["result"] == "succeeded"
            and one["account_id"] == account_id
        ):
            proofs = _cited(zip(one["eventIDs"], one["citations"], strict=True))
            said = Statement(f"{one['title']}, {at(one['first_time'])}", "bad", **proofs)
            yield _Shown(said, is_approved=approved.issuperset(one["citations"]))
    if not rule.get("shares_address"):
        return
    sessions = [row for row in analysis.query("root_sessions").rows if row["account_id"] == account_id]
    identities = [row for row in known(analysis.query("identities").rows) if row["account_id"] == account_id]
    for is_approved in (False, True):
        mine = (row for row in sessions if (row["session_id"] in approved) is is_approved)
        own = {source for row in mine for source in row["source_ips"] or ()}
        if beside := [row for row in identities if row["action_count"] and not own.isdisjoint(row["root_ips"] or ())]:
            names = some([f"{row['identity_kind']} {row['identity_name']}" for row in beside], _CITED)
            text = f"identities that do not descend from root took severe actions from an address of root: {names}"
            said = Statement(text, "note", **_cited((row["eventID"], place_text(row)) for row in beside))
            yield _Shown(said, is_approved)


def _left_out(analysis: Analysis, account_id: str) -> bool:
    """Whether events of others were left out of the case."""
    rows = analysis.query("identities").rows
    return any(not known([row]) and row["account_id"] in (account_id, None) for row in rows)


def _gaps(covered: Covered, entries: Sequence[of.Entries], *, anywhere: bool) -> tuple[str, ...]:
    """What keeps the logs from showing all entries up to the last that they hold, and a day before the first."""
    held = [row for row in entries if row["citation"]]
    times = [row["eventTime"] for row in held if row["eventTime"]]
    if not times or len(times) < len(held) or not covered.first_time:
        return ("the time of each sign-in and session",) if held else ()
    span = Span(min(covered.first_time, times[0] - _BEFORE), times[-1])
    regions = () if anywhere else SIGN_IN_REGIONS
    return covered.gaps(regions, span=span, sign_ins=not anywhere, without_effect=True)


def _named(rows: Sequence[of.Entries], novelty: Novelty) -> str:
    """The last entries with their keys, times and addresses; of what AWS alone recorded its answer."""

    def name(row: of.Entries) -> str:
        if row["entry_kind"] == _RECORDED:
            return row["credential"] or ""
        source = row["sourceIPAddress"] or "an unknown IP"
        is_address = ":" in source or source[0].isdigit()  # else the name of a service
        is_new = is_address and novelty.new(account_of(row), [source], row["eventTime"])
        whence = f"{source}{' (new address)' if is_new else ''}"
        return " ".join(filter(None, (row["credential"], f"{at(row['eventTime'])} from {whence}")))

    return some([name(row) for row in reversed(rows)], _CITED, "; ")


def _proofs(rows: Sequence[of.Entries]) -> dict[str, Any]:
    return _cited((row["eventID"], row["citation"]) for row in reversed(rows) if row["citation"])


def _cited(pairs: Iterable[tuple[str | None, str]]) -> dict[str, Any]:
    return cited(*[*pairs][:_CITED])
