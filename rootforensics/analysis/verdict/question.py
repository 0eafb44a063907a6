"""A question of a root incident, in one object all that is known of it, and the answer with its evidence.

What many questions are about, calls of a kind, is found and answered here, too: by how surely they answer it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast

from rootforensics.analysis.lineage.cross_account import beside
from rootforensics.analysis.lineage.service_activity import WHO_ORDERED
from rootforensics.analysis.places import call_of
from rootforensics.analysis.verdict import recorded
from rootforensics.evidence.cite import place_text, proof_of
from rootforensics.phrases import how_often, sentences, some, sortable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.evidence.cite import Proof
    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Row

    CallRow = of.Call | of.ServiceActions


YesNo = Literal["yes", "no", "unknown", "not asked"]

#: Columns of the answers as a table, and what they hold.
COLUMNS: Final = {
    "account_id": "VARCHAR; of the account; empty where root was active in none",
    "question": "VARCHAR; as an investigator asks it",
    "answer": "VARCHAR; yes (the check failed), no (it passed), unknown, or not asked",
    "because": "VARCHAR; what the answer stands on",
    "missing": "VARCHAR[]; what would be needed to know, of a no what would prove it",
    "eventIDs": "VARCHAR[]; of the events that show it",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
    "name": "VARCHAR; of the question, for programs",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS)
#: What would tell how calls went.
WHOLE_RECORDS: Final = "the complete records of these events"
#: What is said of actions that are possibly root's doing.
_UNDER_OTHERS: Final = "by identities that root changed or opened to others, or by a service for one of them"
_CALLS_SHOWN: Final = 5
#: What the verdicts on a log say of it.
_FOUND: Final = {
    "no_digest": "without a digest file",
    "chain_broken": "in a break of the digest chain",
    "key_unknown": "with a digest signed by an unknown key",
    "not_checked": "that could not be checked",
}


class Reply(NamedTuple):
    """What a question's function says of an account, before the events are put in order and cited.

    Attributes:
        answer: ``yes``, which is the problem, ``no``, ``unknown`` or ``not asked``.
        because: what the answer stands on, in words.
        rows: of the events that show it.
        missing: what would be needed to know, of a ``no`` what would prove it; empty where nothing is.
        remarks: what to add to ``because``, in whatever words it is told.
    """

    answer: YesNo
    because: str
    rows: Sequence[Proof] = ()
    missing: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question; as a decorator it is of the function that answers it, whose name is its own.

    Attributes:
        text: as an investigator asks it.
        about: what it is about, in sentences that speak of it.
        short: its yes in a few words.
        shown_by_a_try: True if a call shows a yes whether or not it succeeded.
        tells_use: True of the one that tells whether a person used root: it is no check, but what the checks are about.
        by_approvals: True of the one that approvals answer; without them it is not asked.
        is_weak: True of one that alone is no sign of a takeover: owners, too, sign in without MFA or approval.
        is_broad: True if its events are many and of every kind, so that it does not tell what each of them is.
        entry: if it is about how a session began: what is said of the sign-in that its yes begins with.
        beyond: what its yes leaves unknown, as the end of a sentence.
        support: what AWS Support is asked for after its yes.
        is_state: True if it is about what is there at the end of the logs, not about what was done.
        checks: steps after an approved use; where one was left out, a no is no good news.
        shown_by: findings of ``posture_findings`` that AWS alone tells and that show a yes, where the logs cover them.
        doubted_by: those beside which there is no no, even where the logs do not cover them.
        controls: of the posture, that tell how the same matter stands now.
        calls: those that its yes stands on, if containment tells what to do after each.
        tried: calls of the kind that it is about, which were denied or failed.
        by_whom: what to say of an event that is not root's own in the account: where it was done, or by whose order.
        name: for programs.
        ask: answers it from what root of an account did.
    """

    text: str
    about: str
    short: str = ""
    shown_by_a_try: bool = False
    tells_use: bool = False
    by_approvals: bool = False
    is_weak: bool = False
    is_broad: bool = False
    entry: str = ""
    is_state: bool = False
    beyond: str = ""
    support: str = ""
    checks: tuple[str, ...] = ()
    shown_by: tuple[str, ...] = ()
    doubted_by: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    calls: Callable[[Evidence], Sequence[of.Named]] = lambda _: []
    tried: Callable[[Evidence], Sequence[of.Named]] = lambda _: []
    by_whom: Callable[[Any, str], str] = beside
    name: str = ""
    ask: Callable[[Evidence], Reply] = lambda _: Reply("unknown", "nobody answers it")

    def __call__(self, ask: Callable[[Evidence], Reply]) -> Question:
        """The question with the function that answers it."""
        return replace(self, name=ask.__name__, ask=ask)

    def answer(self, evidence: Evidence) -> Answer:
        """The answer for an account, which names and cites attempts unless something of the kind succeeded."""
        reply = self._beside_aws(self.ask(evidence), evidence)
        tried = [] if reply.answer == "yes" else sorted(self.tried(evidence), key=lambda row: sortable(_time(row)))
        if tried:
            calls = Counter(f"{row['eventName']}{beside(row, evidence.account_id)}" for row in tried)
            named = [call if count == 1 else f"{call} {how_often(count)}" for call, count in calls.items()]
            because = f"{reply.because}; attempted but failed: {some(named, _CALLS_SHOWN)}"
            reply = reply._replace(because=because)
        answer = self.answered(reply, tried)
        doubt = _doubt(answer.citations, evidence.covered.case.unproven(answer.citations))
        by_whom = {place_text(row): self.by_whom(row, evidence.account_id) for row in reply.rows if "account_id" in row}
        return replace(
            answer,
            remarks=(*reply.remarks, *doubt),
            by_whom=tuple(by_whom.get(place, "") for place in answer.citations),
        )

    def _beside_aws(self, reply: Reply, evidence: Evidence) -> Reply:
        """A reply beside what AWS recorded and the logs do not hold: it shows a yes, or rules a no out."""
        told = [row for row in evidence.recorded_then if row["finding"] in self.shown_by]
        if told and reply.answer == "yes":
            of_aws = recorded.told_of(told, evidence.account_id)
            return reply._replace(remarks=(f"AWS also recorded what the logs do not contain: {of_aws}",))
        if shown := [row for row in told if recorded.is_sure(row)]:
            of_aws = recorded.told_of(shown, evidence.account_id)
            # What the logs hold shows no yes, so it is not cited for one.
            because = f"AWS recorded what the logs do not contain: {of_aws}; in the logs: {reply.because}"
            return Reply("yes", because)
        told += [row for row in evidence.recorded if row["finding"] in self.doubted_by]
        # Logs that lack one event of a time that they cover may lack any.
        told = told or [row for row in evidence.recorded if recorded.is_sure(row)]
        if not told or reply.answer == "yes":
            return reply
        of_aws = recorded.told_of(told, evidence.account_id)
        because = f"{reply.because}; but AWS recorded what the logs do not contain: {of_aws}"
        lacking = reply.missing if reply.answer == "unknown" else ()  # of a no it is what would prove it
        return Reply("unknown", because, reply.rows, (recorded.EVENTS, *lacking))

    def answered(self, reply: Reply, tried: Sequence[Proof] = ()) -> Answer:
        """The answer that a reply is, with its events in order of time, and attempts behind them."""
        rows = sorted(reply.rows, key=lambda row: (sortable(_time(row)), row["eventID"] or ""))
        ids, places = proof_of((row["eventID"], place_text(row)) for row in (*rows, *tried))
        first = next((moment for row in rows if (moment := _time(row))), None)
        return Answer(self, reply.answer, reply.because, ids, places, tuple(reply.missing), first)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question.

    Attributes:
        asked: the question.
        answer: ``yes``, which is the problem, ``no``, ``unknown`` or ``not asked``.
        because: what the answer stands on, in words.
        event_ids: the events that show it, in order of time; of one without an ID its place.
        citations: where their records lie, ``evidence_id:record_index`` each, in the same order.
        missing: what would be needed to know, of a ``no`` what would prove it; empty where nothing is.
        first_time: of the first of those events, UTC; None where there is none.
        remarks: what to add to ``because``, in whatever words it is told: what else AWS recorded, and which events are
            in logs that CloudTrail may not have delivered so.
        by_whom: where each of the events was done or by whose order; empty for root's own in the account.
    """

    asked: Question
    answer: YesNo
    because: str
    event_ids: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    first_time: datetime | None = None
    remarks: tuple[str, ...] = ()
    by_whom: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """The reason, with each remark as a sentence."""
        return sentences(self.because, *self.remarks)

    @property
    def lacking(self) -> str:
        """What to call ``missing``: it would settle an unknown, and prove a no."""
        return {"no": "needed for proof", "not asked": "needed"}.get(self.answer, "missing")

    @property
    def name(self) -> str:
        """Of the question, for programs."""
        return self.asked.name

    @property
    def question(self) -> str:
        """The question as an investigator asks it."""
        return self.asked.text

    @property
    def is_failed(self) -> bool:
        """True if this is a failed check; whether root was used is none."""
        return self.answer == "yes" and not self.asked.tells_use

    def as_row(self) -> dict[str, Any]:
        """The answer as a row of a table."""
        return {
            "name": self.name,
            "question": self.question,
            "answer": self.answer,
            "because": self.told,
            "missing": list(self.missing),
            "eventIDs": list(self.event_ids),
            "citations": list(self.citations),
        }


def _doubt(citations: Sequence[str], unproven: Mapping[str, str]) -> tuple[str, ...]:
    """Which events are in logs that CloudTrail may not have delivered so: somebody may have written them.

    Args:
        citations: their places.
        unproven: verdicts on those that are not verified, by place.
    """
    if not unproven:
        return ()
    is_all = unproven.keys() >= set(citations)
    verdicts = " or ".join(
        sorted({_FOUND.get(verdict, f"that verify found {verdict}") for verdict in unproven.values()})
    )
    count = len(unproven)
    events = f"{'all' if is_all else f'{count:,}'} of these events come{'s' if count == 1 else ''}"
    events = "this event comes" if is_all and count == 1 else events
    files = "a log file" if count == 1 else "log files"
    which = "" if is_all else f" ({some(list(unproven))})"
    return (f"{events} from {files} {verdicts}{which}",)


def _time(row: Row) -> datetime | None:
    """When: an event's time, the first of an entity or session, the begin of a window."""
    moment: datetime | None = next(
        (row[name] for name in ("eventTime", "first_time", "from_time") if name in row), None
    )
    return moment


def yes_or_absent(
    found: Sequence[Proof],
    shown: str,
    absent: str,
    gaps: tuple[str, ...],
    unproved: tuple[str, ...] = (),
    unknown: Iterable[of.Named] = (),
) -> Reply:
    """Yes with its events; else no, with what would prove it, or unknown where the logs could not have shown it.

    Of ``unknown`` the record does not say whether they succeeded; they rule a no out.
    """
    if found:
        return Reply("yes", shown, found)
    if unknown := list(unknown):
        return Reply("unknown", unknown_of(unknown), unknown, (WHOLE_RECORDS, *gaps))
    return Reply("unknown" if gaps else "no", absent, (), gaps or unproved)


def unknown_of(rows: Iterable[of.Named]) -> str:
    """What to say of events that do not tell how they went."""
    names = dict.fromkeys(row["eventName"] or "no eventName" for row in rows)
    return f"the record does not say whether {some(list(names))} succeeded"


def failed(rows: Iterable[of.NamedT], **wanted: tuple[str, ...]) -> list[of.NamedT]:
    """Those of some rows that tell of an attempt, with one of some values in each column; any where none is named."""
    tried = (
        row
        for row in cast("Iterable[Any]", rows)
        if row.get("result") == "attempted" or row.get("outcome") == "failure"
    )
    return [row for row in tried if all(row[name] in held if held else row[name] for name, held in wanted.items())]


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one kind by root of an account and what descends from it, in other accounts, too.

    Attributes:
        evidence: where they are from.
        done: they succeeded, and are surely of the kind.
        doubtful: they succeeded, and only perhaps are of the kind.
        served: AWS services made them as root, at nobody knows whose word.
        perhaps: identities made them that only possibly descend from root.
        unknown: the record does not say whether they succeeded.
        tried: they were denied or failed.
    """

    evidence: Evidence
    done: list[of.Call]
    doubtful: list[of.Call]
    served: list[of.ServiceActions]
    perhaps: list[of.Call]
    unknown: list[of.Call]
    tried: list[of.Call]

    def reply(
        self,
        absent: str,
        *,
        tell: Callable[[Iterable[CallRow], Evidence], str] | None = None,
        settles: str = "",
        gaps: tuple[str, ...] | None = None,
    ) -> Reply:
        """Yes with what was surely done, unknown with whatever else there is, else no or what the logs may lack.

        Args:
            absent: what to say where there is none.
            tell: the calls in words; by service and name if not given.
            settles: what would tell whether the doubtful ones are of the kind.
            gaps: why there may be some that the case does not show. If not given, all gaps of the account, and who may
                hold what root changed: of their calls only those that cost are known.
        """
        tell = tell or named_calls
        if self.done:
            return Reply("yes", tell(self.done, self.evidence), self.done)
        if gaps is None:
            gaps = (*(self.evidence.who_acted if self.evidence.members else ()), *self.evidence.gaps())
        own: list[CallRow] = [*self.doubtful, *self.served]
        told = [f"possibly: {tell(own, self.evidence)}"] if own else []
        told += [f"{tell(self.perhaps, self.evidence)} {_UNDER_OTHERS}"] if self.perhaps else []
        told += [unknown_of(self.unknown)] if self.unknown else []
        if not told:
            return Reply("unknown" if gaps else "no", absent, (), gaps or self.evidence.unproved())
        missing = (
            *((settles,) if self.doubtful else ()),
            *((WHO_ORDERED,) if self.served else ()),
            *(self.evidence.who_acted if self.perhaps else ()),
            *((WHOLE_RECORDS,) if self.unknown else ()),
        )
        cited = [*own, *self.perhaps, *self.unknown]
        return Reply("unknown", "; ".join(told), cited, tuple(dict.fromkeys((*missing, *gaps))))


def matching(
    evidence: Evidence, wanted: Callable[[CallRow], bool], sure: Callable[[CallRow], bool] = lambda _: True
) -> Calls:
    """The calls of a kind, from all that is known of an account: no question is about fewer of them by oversight.

    Args:
        evidence: what root of the account did.
        wanted: whether a call may be of the kind.
        sure: whether it surely is, if it succeeded.
    """
    own = [row for row in (*evidence.followed, *evidence.unlisted) if wanted(row)]
    done = [row for row in own if row["result"] == "succeeded"]
    return Calls(
        evidence,
        [row for row in done if sure(row)],
        [row for row in done if not sure(row)],
        [row for row in evidence.unordered if wanted(row)],
        [row for row in evidence.perhaps if wanted(row) and row["result"] != "attempted"],
        [row for row in own if row["result"] == "unknown"],
        [row for row in own if row["result"] == "attempted"],
    )


def named_calls(rows: Iterable[CallRow], evidence: Evidence) -> str:
    """The calls, each by service and name, at most five."""
    told = (f"{call_of(row)}{beside(row, evidence.account_id)}" for row in rows)
    return some(list(dict.fromkeys(told)), _CALLS_SHOWN)
