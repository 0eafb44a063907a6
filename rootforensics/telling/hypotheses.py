"""How an unauthorized party may have gained root access: what supports and contradicts each hypothesis.

The hypotheses are data, ``rules/hypotheses.toml``. They use the verdict, the findings and each entry: a sign-in, a key,
a session, an act outside any session, a use that AWS recorded and the logs lack. One entry supports a hypothesis,
unless approvals cover it. If an entry is unusual (from a new address, or after trouble with the password), usual ones
support nothing: they are probably the owner's. What followed another unusual entry within a day says so, because it
does not explain the first access. Only all entries together contradict a hypothesis, and only if the logs show enough
about each of them. No hypothesis is ever excluded, and none has a probability.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.places import SIGN_IN_REGIONS, UNKNOWN, account_of
from rootforensics.analysis.verdict.recorded import EVENTS, is_sure, told_of, unheld
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at, between, plural, short, some, sortable
from rootforensics.queries.catalogue import question
from rootforensics.queries.result import Result, Tabular, result_of
from rootforensics.telling.identities import known
from rootforensics.telling.statement import Statement, cited, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.coverage.coverage import Covered
    from rootforensics.analysis.novelty import Novelty
    from rootforensics.queries import rows as of

Standing = Literal["for", "for and against", "open", "against"]
#: In words.
WORDS: Final[dict[Standing, str]] = {
    "for": "supported by the logs",
    "for and against": "supported and contradicted by the logs",
    "open": "inconclusive",
    "against": "contradicted by the logs, but not excluded",
}
#: Columns of the hypotheses as a table, with type and content.
COLUMNS: Final = {
    "account_id": "VARCHAR",
    "hypothesis": "VARCHAR; how the actor may have gained access",
    "standing": "VARCHAR; for, for and against, open (inconclusive), or against; no hypothesis is ever excluded",
    "speaks_for": "VARCHAR[]; sentences that support it",
    "speaks_against": "VARCHAR[]; sentences that contradict it",
    "approved": "VARCHAR[]; sentences that would support it, but approvals cover them",
    "missing": "VARCHAR[]; what is needed for an answer",
    "outside": "VARCHAR; what to check outside the logs",
    "eventIDs": "VARCHAR[]; of the sentences that support it, then contradict it, then are approved",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS)
FIRST: Final = ("account_id", "standing", "hypothesis", "speaks_for", "speaks_against", "eventIDs")
#: How long before the first entry the logs must begin, so that an absence means something.
_BEFORE: Final = timedelta(days=1)
_CITED: Final = 3
#: The kind of an entry that AWS recorded and the logs lack.
_RECORDED: Final = "recorded"
_WIDTH: Final = 300


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """How the actor may have gained access to root.

    Attributes:
        account_id: 12 digits, or ``unknown``.
        title: the hypothesis, as a sentence.
        speaks_for: what supports it, with events.
        speaks_against: what contradicts it, with events.
        approved: what would support it, but approvals cover it.
        missing: what is needed for an answer.
        outside: what to check outside the logs.
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
        """Whether it is supported, contradicted, both or neither."""
        if self.speaks_for:
            return "for and against" if self.speaks_against else "for"
        return "against" if self.speaks_against else "open"

    @property
    def row(self) -> of.Hypotheses:
        """The hypothesis as a row."""
        groups = (self.speaks_for, self.speaks_against, self.approved)
        texts = ([statement.text for statement in group] for group in groups)
        statements = [statement for group in groups for statement in group]
        values = (
            self.account_id, self.title, self.standing, *texts, list(self.missing), self.outside,
            [event for statement in statements for event in statement.event_ids],
            [citation for statement in statements for citation in statement.citations],
        )  # fmt: skip
        return dict(zip(COLUMNS, values, strict=True))  # type: ignore[return-value]


class Hypotheses(Tabular, tuple[Hypothesis, ...]):
    """The hypotheses of all accounts in which root was used; as a table, one row each."""

    __slots__ = ()

    def result(self) -> Result[of.Hypotheses]:
        """The rows as a table."""
        return result_of("hypotheses", (hypothesis.row for hypothesis in self), COLUMNS, first=FIRST)


def hypotheses(analysis: Analysis) -> Hypotheses:
    """The hypotheses for each account in which root was used, supported ones first."""
    verdicts = [verdict for verdict in analysis.verdicts if verdict.account_id and verdict.use.answer != "no"]
    return Hypotheses(
        hypothesis
        for verdict in verdicts
        for hypothesis in sorted(_of_account(analysis, verdict), key=lambda one: [*WORDS].index(one.standing))
    )


@cache
def _rules() -> list[dict[str, Any]]:
    text = files("rootforensics.rules").joinpath("hypotheses.toml").read_text(encoding="utf-8")
    rules: list[dict[str, Any]] = tomllib.loads(text)["hypothesis"]
    return rules


def _of_account(analysis: Analysis, verdict: AccountVerdict) -> Iterator[Hypothesis]:
    """Each hypothesis for one account."""
    account_id = verdict.account_id
    covered, answers = analysis.coverage.of(account_id), {one.name: one for one in verdict.answers}
    reconciliation, begin = analysis.reconciliation, covered.first_time
    approved = reconciliation.approved_places | reconciliation.approved_sessions if reconciliation else frozenset()
    entries = _entries(analysis, account_id)
    suspect = _suspect(analysis, entries, approved)
    # A recovery alone lets nobody in.
    unusual = [] if suspect is entries else [row for row in suspect if not _is_approved(row, approved)]
    accesses = [row for row in unusual if row["entry_kind"] != "recovery"]
    # Logs that lack one event of a time that they cover may lack any.
    lacking = [EVENTS for row in unheld(analysis) if is_sure(row) and row["account_id"] == account_id]
    identities = analysis.query("identities").rows
    is_filtered = any(not known([row]) and row["account_id"] in (account_id, None) for row in identities)
    for rule in _rules():
        findings = [*_findings(analysis, account_id, rule, approved)]
        support = [finding for finding in findings if finding.is_of_owner]
        against, missing = list[Statement](), list[str]()
        if of_actor := "; ".join(finding.statement.text for finding in findings if not finding.is_of_owner):
            missing.append(
                f"a session of the owner to compare with. In these findings every address is new: {of_actor}"
            )
        if rule.get("no_device"):
            against += device_before(analysis, account_id, entries)
        for name in rule["asks"]:
            missing += answers[name].missing if answers[name].answer in ("unknown", "not asked") else ()
        if rule.get("shares_address") and is_filtered:
            missing.append("other users of root's IP addresses: filters excluded events from this case")
        if name := rule.get("answer"):
            answer = answers[name]
            proofs = _cited(zip(answer.event_ids, answer.citations, strict=True))
            statement = Statement(short(answer.told, _WIDTH), "note", **proofs)
            support += [_Support(statement, is_approved=False)] if answer.answer == "yes" else ()
            against += [statement] if answer.answer == "no" else ()
        if name := rule.get("entry"):
            missing.append(f"events before the first log ({at(begin)})" if begin else "logs from this account")
            values = [row[name] for row in entries]  # type: ignore[literal-required]
            gaps = (*_gaps(covered, entries, anywhere=rule.get("anywhere", False)), *lacking)
            conclusive = [] if gaps and rule.get("absence") else suspect
            if rule.get("own_device"):
                conclusive = _before_registration(analysis, account_id, conclusive)
            by_entries = [*_by_entries(rule, conclusive, accesses, account_id, approved, analysis.novelty)]
            support += by_entries
            if entries and not gaps and all(value is False for value in values):
                checked = plural(len(entries), "sign-in, key or session", "sign-ins, keys and sessions")
                text = f"{rule['contradicts']} ({checked} checked)"
                against.append(Statement(text, "note", **_proofs(entries)))
                missing += covered.unproved(() if rule.get("anywhere") else SIGN_IN_REGIONS)
            elif all(by_entry.is_approved for by_entry in by_entries):
                missing += gaps
                unclear = [row for row, value in zip(entries, values, strict=True) if value is None]
                # A later access does not explain how the first was gained.
                if unclear := [row for row in unclear if _access_before(row["eventTime"], accesses) is None]:
                    missing.append(f"records of how access was gained: {_uses(unclear, analysis.novelty)}")
        speaks_for = [finding.statement for finding in support if not finding.is_approved]
        # A finding that cites an entry says what the entry shows.
        evidence = [{*statement.citations} for statement in speaks_for]
        speaks_for = [
            statement
            for statement in speaks_for
            if not any(set() < {*statement.citations} < citations for citations in evidence)
        ]
        if not (support or against or missing):
            missing.append("any event that supports or contradicts this")
        yield Hypothesis(
            account_id, rule["title"], tuple(_after_others(one, accesses) for one in speaks_for), tuple(against),
            tuple(one.statement for one in support if one.is_approved), tuple(dict.fromkeys(missing)), rule["outside"],
        )  # fmt: skip


class _Support(NamedTuple):
    """What supports a hypothesis, and whether approvals cover all of its events.

    If the owner's session matters, events from new addresses alone support nothing: they may be the actor's own use.
    """

    statement: Statement
    is_approved: bool
    is_of_owner: bool = True


def _entries(analysis: Analysis, account_id: str) -> list[of.Entries]:
    """The entries of an account, or of none that a record names; uses that only AWS recorded have no other columns."""
    rows = [row for row in analysis.query("entries").rows if account_of(row) in (account_id, UNKNOWN)]
    use, nothing = analysis.use_by_people(account_id), {column.name: None for column in question("entries").columns}
    for row in use.recorded if use else ():
        known_columns = {"account_id": account_id, "entry_kind": _RECORDED, "credential": told_of([row], account_id)}
        rows.append(cast("of.Entries", nothing | known_columns))
    return rows


def _suspect(analysis: Analysis, entries: list[of.Entries], approved: frozenset[str]) -> list[of.Entries]:
    """The entries that may be an unauthorized party's, with those that approvals cover.

    If any entry is unusual, only unusual ones count; if all are usual, each of them may be the unauthorized one.
    """

    def is_unusual(row: of.Entries) -> bool:
        return analysis.novelty.is_unusual(account_of(row), [row["sourceIPAddress"]], row["eventTime"])

    approving = [row for row in entries if _is_approved(row, approved)]
    unusual = [row for row in entries if not _is_approved(row, approved) and is_unusual(row)]
    return sorted([*approving, *unusual], key=lambda row: sortable(row["eventTime"])) if unusual else entries


def _before_registration(analysis: Analysis, account_id: str, entries: list[of.Entries]) -> list[of.Entries]:
    """The entries before root of the account registered an MFA device, and those without a time."""
    changes = analysis.query("root_credential_changes").rows
    times = [
        row["eventTime"]
        for row in changes
        if (row["account_id"], row["credential_kind"], row["change"]) == (account_id, "mfa_device", "added")
        and row["outcome"] == "success"
        and row["eventTime"]
    ]
    return [row for row in entries if not times or row["eventTime"] is None or row["eventTime"] < min(times)]


def device_before(analysis: Analysis, account_id: str, entries: Iterable[of.Entries]) -> list[Statement]:
    """Evidence that root had an MFA device when it was used without one: the first change in the logs deactivated it.

    Args:
        analysis: of the case.
        account_id: whose root.
        entries: the sign-ins, keys and sessions of that root.
    """
    changes = analysis.query("root_credential_changes").rows
    wanted = (account_id, "mfa_device", "success")
    first = next(
        (row for row in changes if (row["account_id"], row["credential_kind"], row["outcome"]) == wanted), None
    )
    used = sortable(next((row["eventTime"] for row in entries if row["without_mfa"]), None))
    if (
        first is None
        or (first["change"], first["eventName"]) != ("removed", "DeactivateMFADevice")
        or not used < sortable(first["eventTime"]) < float("inf")
    ):
        return []
    return [said(f"Root had an MFA device: it was deactivated at {at(first['eventTime'])}", "note", [first])]


def _access_before(time: datetime | None, accesses: Iterable[of.Entries]) -> of.Entries | None:
    """The first unusual access within a day before a time."""
    within = (row for row in accesses if time and row["eventTime"] and time - _BEFORE <= row["eventTime"] < time)
    return next(within, None)


def _after_others(statement: Statement, accesses: Iterable[of.Entries]) -> Statement:
    """Add to a supporting statement that it followed an unusual access, if it did."""
    if (row := _access_before(statement.from_time, accesses)) is None:
        return statement
    proofs = zip((*statement.event_ids, row["eventID"]), (*statement.citations, row["citation"]), strict=True)
    text = f"{statement.text}; it followed the access at {at(row['eventTime'])}"
    return replace(statement, text=text, **cited(*proofs))


def _is_approved(row: of.Entries, approved: frozenset[str]) -> bool:
    return not approved.isdisjoint((row["session_id"], row["citation"]))


def _by_entries(
    rule: dict[str, Any],
    entries: Sequence[of.Entries],
    accesses: Sequence[of.Entries],
    account_id: str,
    approved: frozenset[str],
    novelty: Novelty,
) -> Iterator[_Support]:
    """What entries of an account support a hypothesis: at most one statement for approved ones and one for the others.

    Those that followed an unusual access do not explain it, so they count only where there are no others.
    """
    groups: dict[bool, list[of.Entries]] = {}
    for row in entries:
        if row[rule["entry"]] and account_of(row) == account_id:  # type: ignore[literal-required]
            groups.setdefault(_is_approved(row, approved), []).append(row)
    for is_approved, every in groups.items():
        rows = [row for row in every if _access_before(row["eventTime"], accesses) is None] or every
        text = _uses(rows, novelty, rule["supports"])
        yield _Support(Statement(text, "note", **_proofs(rows), from_time=rows[0]["eventTime"]), is_approved)


def _findings(
    analysis: Analysis, account_id: str, rule: dict[str, Any], approved: frozenset[str]
) -> Iterator[_Support]:
    """The findings that support a hypothesis, and the identities that used an address of root."""
    for row in analysis.findings().rows:
        if (
            row["finding"] in rule.get("findings", ())
            and row["result"] == "succeeded"
            and row["account_id"] == account_id
        ):
            proofs = _cited(zip(row["eventIDs"], row["citations"], strict=True))
            sources = _addresses(analysis, row["citations"])
            text = f"{row['title']}, {between(row['first_time'], row['last_time'])}"
            text = f"{text} ({some(sources)})" if sources else text
            is_new = bool(sources) and sources == analysis.novelty.new(account_id, sources, row["first_time"])
            statement = Statement(text, "bad", **proofs, from_time=row["first_time"])
            yield _Support(
                statement, approved.issuperset(row["citations"]), is_of_owner=not (rule.get("of_owner") and is_new)
            )
    if not rule.get("shares_address"):
        return
    sessions = [row for row in analysis.query("root_sessions").rows if row["account_id"] == account_id]
    identities = [row for row in known(analysis.query("identities").rows) if row["account_id"] == account_id]
    for is_approved in (False, True):
        own = (row for row in sessions if (row["session_id"] in approved) is is_approved)
        addresses = {address for row in own for address in row["source_ips"] or ()}
        others = [row for row in identities if row["action_count"] and not addresses.isdisjoint(row["root_ips"] or ())]
        if others:
            names = some([f"{row['identity_kind']} {row['identity_name']}" for row in others], _CITED)
            text = f"Identities that root did not create took high-severity actions from an address of root: {names}"
            statement = Statement(text, "note", **_cited((row["eventID"], place_text(row)) for row in others))
            yield _Support(statement, is_approved)


def _addresses(analysis: Analysis, citations: Sequence[str]) -> list[str]:
    """The source addresses of events of root activity, each once."""
    rows = analysis.query("root_session_events").rows
    sources = {place_text(row): row["sourceIPAddress"] for row in rows if row["sourceIPAddress"]}
    return list(dict.fromkeys(sources[citation] for citation in citations if citation in sources))


def _gaps(covered: Covered, entries: Sequence[of.Entries], *, anywhere: bool) -> tuple[str, ...]:
    """What keeps the logs from showing all entries, from a day before the first to the last."""
    logged = [row for row in entries if row["citation"]]
    times = [row["eventTime"] for row in logged if row["eventTime"]]
    if not times or len(times) < len(logged) or not covered.first_time:
        return ("the time of each sign-in and session",) if logged else ()
    span = Span(min(covered.first_time, times[0] - _BEFORE), times[-1])
    regions = () if anywhere else SIGN_IN_REGIONS
    return covered.gaps(regions, span=span, sign_ins=not anywhere, without_effect=True)


def _uses(rows: Sequence[of.Entries], novelty: Novelty, phrase: str = "") -> str:
    """Time and address of the first entries, after a phrase; of a use that only AWS recorded, AWS's answer."""
    texts, before = list[str](), ""
    for row in rows:
        if row["entry_kind"] == _RECORDED:
            texts.append(row["credential"] or "")
            continue
        source = row["sourceIPAddress"] or "an unknown address"
        is_address = ":" in source or source[0].isdigit()  # else the name of a service
        remark = novelty.remark(account_of(row), source, row["eventTime"]) if is_address else ""
        lead = phrase.format(row["credential"]) if phrase else row["credential"] or ""
        text = f"{at(row['eventTime'])} from {source}{remark}"
        texts.append(" ".join(filter(None, ("" if lead == before else lead, "at" if lead else "", text))))
        before = lead
    return some(texts, _CITED, "; ")


def _proofs(rows: Sequence[of.Entries]) -> dict[str, Any]:
    return _cited((row["eventID"], row["citation"]) for row in rows if row["citation"])


def _cited(pairs: Iterable[tuple[str | None, str]]) -> dict[str, Any]:
    return cited(*[*pairs][:_CITED])
