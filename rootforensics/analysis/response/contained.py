"""Whether containment holds: whether what root had and what descends from it is gone, or was used since a moment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from rootforensics.analysis.coverage.whole import Whole
from rootforensics.analysis.lineage.accepted import TAG
from rootforensics.analysis.lineage.answered import Answers
from rootforensics.analysis.lineage.effects import descendant_key, rows_in_steps
from rootforensics.analysis.lineage.entity import Key
from rootforensics.analysis.lineage.service_activity import by_services, exposing_actions, exposing_sentence
from rootforensics.analysis.lineage.still_open import ended_as, state_of
from rootforensics.analysis.places import account_of, call_of
from rootforensics.analysis.verdict.attempts import was_asked_for
from rootforensics.analysis.verdict.evidence_by_account import root_accounts
from rootforensics.analysis.verdict.recorded import is_sure, of_account
from rootforensics.errors import FilterError
from rootforensics.evidence.cite import place_text, proof_of
from rootforensics.ingest.filters import check_span
from rootforensics.phrases import at, between, plural, sentences, service_of, short_actor, some, sortable
from rootforensics.queries.result import Result, Tabular, result_of
from rootforensics.rules.entities import IDLE, KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.lineage.accepted import Accepted
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.queries import rows as of

Holds = Literal["used", "still open", "unknown", "accepted", "closed"]
ROOT: Final = "root user"
#: What root or its descendants left in hours before the moment that the logs do not cover.
GAP: Final = "coverage gap"
#: Calls that wrote what no list of entities knows.
CALL: Final = "call"
#: Columns of the check as a table, and their meanings.
COLUMNS: Final = {
    "account_id": "VARCHAR; where it is",
    "entity_kind": "VARCHAR; root user, other account, call (its effect is not modeled), coverage gap (hours before "
    "containment that the logs do not cover: root or its descendants may have changed more), or as in blast_radius",
    "entity_name": "VARCHAR; as in blast_radius, but a session with a name has that name; the account for root and a "
    "coverage gap; service and name for calls",
    "answer": "VARCHAR; used; still open: the logs do not show that it was deleted, disabled or restored; unknown; "
    "accepted: an approval or a note covers that it exists or was used; or closed: it expired before, or was deleted, "
    "disabled or restored, no call succeeded, and the logs are complete",
    "because": "VARCHAR; the basis of the answer",
    "missing": "VARCHAR[]; what is needed for an answer; for closed, what would prove it",
    "accepted": "VARCHAR; who accepted that it stays or was used, and when; NULL if no one did",
    "since_time": "TIMESTAMP WITH TIME ZONE; time of containment; UTC",
    "until_time": "TIMESTAMP WITH TIME ZONE; end of the period that was checked for coverage gaps; UTC",
    "before_time": "TIMESTAMP WITH TIME ZONE; its last use before containment; UTC",
    "used_count": "BIGINT; calls since containment that succeeded",
    "refused_count": "BIGINT; calls since containment that were denied or failed",
    "accepted_count": "BIGINT; calls since containment that an approval or a note covers",
    "unclear_count": "BIGINT; calls whose record lacks the time, the outcome or the actor, calls with which others "
    "gave it a credential, permissions or work, and uses of shared data whose record does not name the data",
    "eventIDs": "VARCHAR[]; for still open, the calls that created or changed it, newest first; else the first ten of "
    "each kind of these calls; if there are none, the last use before, or the calls that created or reverted it, newest"
    " first",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
    "is_other": "BOOLEAN; true for what happened after containment in an account that is not checked in full, because "
    "its verdict has no failed check and is not the most urgent one",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS) - {"accepted", "until_time", "before_time"}
FIRST: Final = ("account_id", "entity_kind", "entity_name", "answer", "because", "eventIDs")
#: What no trail records unless it is told to, and where nobody can tell whether there is anything to record.
_NOT_SHOWN: Final = (
    "data events: reads and writes of objects, items and functions are recorded only where this was enabled",
    "opt-in Regions for which the case has neither logs nor the call that enabled them",
)
#: What would close it: of what is there, and of calls that no rule knows.
OPEN: Final = "a record that someone removed or reverted it, or an approval or a note that says so"
_SEEN: Final = "a check of what these calls left, and an approval or a note that says so"
#: How somebody says so, for a person.
HOW: Final = f'rootforensics note CASE EVENT_ID "what was done" --tag {TAG}'
#: Credentials of a role can open a console session that outlives them by this; those of these calls cannot.
_CONSOLE_SESSION: Final = timedelta(hours=12)
_NO_CONSOLE: Final = ("GetFederationToken", "GetSessionToken")
_CALLS_SHOWN: Final = 3
_CITED: Final = 10
_ORDER: Final[tuple[Holds, ...]] = ("used", "still open", "unknown", "accepted", "closed")
#: Answers beside which containment holds.
KEPT: Final[tuple[Holds, ...]] = ("accepted", "closed")
#: Of these it is recorded by name who acts or comes in; what root did not open of them needs no look. An MFA device
#: serves only its owner, who is followed.
_FOLLOWED: Final = frozenset(
    (
        *("access key", "MFA device"),
        *(kind.name for kind in KINDS if kind.belongs_to_user or kind.descendant in ("role", "role_session", "user")),
    )
)
_ACCOUNT: Final = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
#: Kinds of uses since the moment.
_SINCE: Final = ("succeeded", "refused", "unclear", "accepted")


@dataclass(slots=True)
class Uses:
    """Events of one kind by one identity.

    Attributes:
        count: how many there are.
        times: of the first and the last; none where no record has one.
        calls: the first ten, by service and name.
        sources: addresses.
        proofs: eventID and place of the first ten.
    """

    count: int = 0
    times: list[datetime] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    proofs: list[tuple[str | None, str]] = field(default_factory=list)

    def add(self, other: Uses) -> None:
        """Take in others."""
        self.count += other.count
        self.times += other.times
        self.calls += other.calls
        self.sources += other.sources
        self.proofs += other.proofs

    @property
    def text(self) -> str:
        """When, from where and which, in words."""
        time = between(min(self.times, default=None), max(self.times, default=None))
        sources = f" from {some(list(dict.fromkeys(self.sources)), _CALLS_SHOWN)}" if self.sources else ""
        return f"{time}{sources} ({some(list(dict.fromkeys(self.calls)), _CALLS_SHOWN)})"


@dataclass(slots=True)
class _Thing:
    """Something that was to be kept from use."""

    uses: dict[str, Uses] = field(default_factory=dict)
    served: str = ""
    accounts: set[str] = field(default_factory=set)
    recorded: list[str] = field(default_factory=list)
    left: dict[str, tuple[str | None, of.ReachedCalls | None]] = field(default_factory=dict)
    lacks: str = ""
    answered: str = ""
    ended: of.BlastRadius | None = None
    expired: dict[str, datetime] = field(default_factory=dict)
    open: list[of.BlastRadius] = field(default_factory=list)
    accepted: dict[str, None] = field(default_factory=dict)
    begins: list[datetime] = field(default_factory=list)
    unseen: tuple[str, ...] = ()

    def take(self, kind: str, uses: Uses) -> None:
        self.uses.setdefault(kind, Uses()).add(uses)

    def begin(self, row: of.RootTimeline | of.ServiceActions, accepted: Accepted) -> None:
        """Note from when on somebody may have left something: a use that no approval covers and that did not fail."""
        is_refused = row.get("outcome") == "failure" or row.get("result") == "attempted"
        if row["eventTime"] and not is_refused and not accepted.approval(place_text(row)):
            self.begins.append(row["eventTime"])

    def happened_since(self, since: datetime) -> bool:
        """Whether anything about it is recorded since a moment."""
        made = (row["first_time"] for row in self.open)
        return any(kind in self.uses for kind in _SINCE) or any(time and time >= since for time in made)

    def count(self, kind: str) -> int:
        return self.uses[kind].count if kind in self.uses else 0


@dataclass(frozen=True, slots=True, repr=False)
class Contained(Tabular):
    """Whether containment holds since a moment.

    Attributes:
        rows: one for each thing, what was used after it first; the columns are ``COLUMNS``.
        until_time: until when the logs were looked at for gaps, UTC; None if the case holds no logs.
    """

    rows: list[of.Contained]
    until_time: datetime | None

    def result(self) -> Result[of.Contained]:
        """The rows as a table."""
        return result_of("contained", self.rows, COLUMNS, first=FIRST)

    @property
    def answer(self) -> Holds:
        """The worst of all answers; unknown where there is nothing to ask about."""
        given = {row["answer"] for row in self.rows}
        return next((one for one in _ORDER if one in given), "unknown")

    @property
    def holds(self) -> bool:
        """Whether nothing was used, is still open or unknown, but for what somebody accepted."""
        return self.answer in KEPT


def contained(analysis: Analysis, since: datetime, until: datetime | None = None) -> Contained:
    """Tell of root, its keys and all that descends from it whether it was used since a moment.

    The account of the first verdict and all with failed checks come first. Of another account only what happened there
    since then is a row.

    Args:
        analysis: of the case, or of one account.
        since: when containment was done, UTC.
        until: until when logs must be whole, UTC; None for two hours before the end of all logs.

    Raises:
        FilterError: nothing can lie between the two times, or the second is in the future.
    """
    check_span(since, until, "--contained-at")
    for option, moment in (("contained-at", since), ("until", until)):
        if moment and moment > datetime.now(UTC):
            hint = "Logs can be complete only up to now"
            raise FilterError(f"--{option} {moment:%Y-%m-%dT%H:%M:%SZ} is in the future", hint=hint)
    whole = Whole(analysis.coverage, since, until)
    things = _things(analysis, since)
    _add_unseen(analysis, things, since)
    verdicts = [] if analysis.account_id else analysis.verdicts
    others = {verdict.account_id for number, verdict in enumerate(verdicts) if number and not verdict.failed}
    reached = {
        Key(row["account_id"], row["entity_kind"], row["entity_name"]): {*row["root_accounts"]}
        for row in (*analysis.radius.rows, *analysis.radius.keys)
    }
    others_only = {key for key in things if reached.get(key, {key.account_id}) <= others}
    things = {key: thing for key, thing in things.items() if key not in others_only or thing.happened_since(since)}
    gaps = {
        account: (*whole.gaps(account), *whole.left_out(account))
        for thing in things.values()
        for account in thing.accounts
    }
    rows = [
        _row(key, thing, whole, gaps, analysis.radius, is_other=key in others_only) for key, thing in things.items()
    ]
    urgency = {verdict.account_id: number for number, verdict in enumerate(verdicts)}
    order: dict[tuple[str, str, str], int] = {}
    for row in (*analysis.radius.still_open, *analysis.radius.closed):
        order.setdefault((row["account_id"], row["entity_kind"], row["entity_name"]), len(order))
    rows.sort(
        key=lambda row: (
            row["is_other"], _ORDER.index(row["answer"]), urgency.get(row["account_id"], len(urgency)),
            row["account_id"], row["entity_kind"] != ROOT,
            order.get((row["account_id"], row["entity_kind"], row["entity_name"]), len(order)),
        )
    )  # fmt: skip
    return Contained(rows, whole.until)


def _things(analysis: Analysis, since: datetime) -> dict[Key, _Thing]:
    accounts = [analysis.account_id] if analysis.account_id else root_accounts(analysis)
    things = {Key(account, ROOT, account): _Thing(accounts={account}) for account in accounts}
    _add_root(analysis, things, since)
    entered = {place_text(row): row["entered"] for row in analysis.query("cross_account_sessions").rows}
    followed: dict[str, list[Key]] = {}
    for made in analysis.query("followed_identities").rows:
        followed.setdefault(f"{made['made_evidence_id']}:{made['made_record_index']}", []).append(descendant_key(made))
    # The temporary credentials of a session with a name are not an identity of their own.
    named: dict[Key, Key] = {}
    for keys in followed.values():
        sessions = sorted((key for key in keys if key.kind == "session"), key=lambda key: key.name.startswith("ASIA"))
        named.update({key: sessions[0] for key in sessions if not sessions[0].name.startswith("ASIA")})
    for place, keys in followed.items():
        for key in keys:
            thing = things.setdefault(named.get(key, key), _Thing())
            thing.accounts.update({key.account_id, entered.get(place, key.account_id)})
    _add_uses(analysis, things, named, since)
    _add_left(analysis, things, since)
    _add_open(analysis, things, followed, named, since)
    _add_served(analysis, things, since)
    return things


def _add_unseen(analysis: Analysis, things: dict[Key, _Thing], since: datetime) -> None:
    """What may have been left before the moment, where logs are missing since root, or a descendant, came in."""
    begins = {key.account_id: min(root.begins) for key, root in things.items() if key.kind == ROOT and root.begins}
    for row in analysis.query("cross_account_sessions").rows:  # in order of time
        if (begin := begins.get(account_of(row))) and row["entered"] not in begins:
            begins[row["entered"]] = max(begin, row["eventTime"] or begin)
    for account, begin in begins.items():
        if begin < since and (gaps := Whole(analysis.coverage, begin, since).gaps(account)):
            things[Key(account, GAP, account)] = _Thing(accounts={account}, unseen=gaps, begins=[begin])


def _add_uses(analysis: Analysis, things: dict[Key, _Thing], named: Mapping[Key, Key], since: datetime) -> None:
    """What was done with what is followed by name."""
    for row in analysis.query("later_uses", since=since.isoformat(), accepted=analysis.accepted.places).rows:
        key, uses = descendant_key(row), _uses_of(row)
        thing = things[named.get(key, key)]
        thing.take(row["use"], uses)
        if row["use"] == "accepted":
            thing.accepted.update(
                dict.fromkeys(filter(None, (analysis.accepted.event(*proof) for proof in uses.proofs)))
            )


def _add_open(
    analysis: Analysis,
    things: dict[Key, _Thing],
    followed: Mapping[str, list[Key]],
    named: Mapping[Key, Key],
    since: datetime,
) -> None:
    """What is there at the end of the logs, as every list has it, and sessions that expired before the moment.

    A user who was there before is no entity of its own: it is open as long as the password or key that it was given.
    """
    radius = analysis.radius
    entities = {Key(row["account_id"], row["entity_kind"], row["entity_name"]): row for row in radius.rows}
    for key, row in entities.items():
        thing = things.get(named.get(key, key))
        if thing and row["ended_time"] and not row["still_open"]:
            thing.ended = row
        # A name, unlike temporary credentials, can be given to a session again, and the logs may lack the call.
        if thing and key.name.startswith("ASIA") and row["state"] == "expired" and row["expires_time"]:
            longer = timedelta(0) if row["eventName"] in _NO_CONSOLE else _CONSOLE_SESSION
            if row["expires_time"] + longer <= since:
                thing.expired[key.name] = row["expires_time"]
    for row in radius.still_open:
        key = Key(row["account_id"], row["entity_kind"], row["entity_name"])
        key = named.get(key, key)
        things.setdefault(key, _Thing(accounts={key.account_id}))
        opened = {one for place in row["citations"] for one in followed.get(place, ())} - entities.keys()
        for thing in (things[one] for one in {key: None, **{named.get(one, one): None for one in opened}}):
            thing.open.append(row)
            if row["accepted"]:
                thing.accepted[row["accepted"]] = None


def _add_served(analysis: Analysis, things: Mapping[Key, _Thing], since: datetime) -> None:
    """What AWS recorded of shared data; each open entity of its kind that is exposed may be that data."""
    for key, thing in things.items():
        later, earlier = exposing_actions(analysis, key.account_id, since, key.kind)
        failed = analysis.verdict_of(key.account_id).failed if later and thing.open else ()
        exposed = {place for answer in failed if answer.asked.beyond for place in answer.citations}
        if any(not exposed.isdisjoint(row["citations"]) for row in thing.open):
            thing.served = exposing_sentence(later, earlier, "containment")
            for kind, rows in (("unclear", later), ("earlier", earlier)):
                for row in rows:
                    thing.take(kind, _one(row))


def _add_left(analysis: Analysis, things: dict[Key, _Thing], since: datetime) -> None:
    """What was written, of whose use no record tells: who answers for it; and other accounts that a request names."""
    writes: dict[str, of.ReachedCalls] = {}
    named: set[tuple[str, str]] = set()
    for call in rows_in_steps(analysis.query("reached_calls")):
        account = account_of(call)
        named.update((account, one) for one in _ACCOUNT.findall(call["asked"] or "") if one != account)
        if call["may_change"] and not (call["eventTime"] and call["eventTime"] >= since):
            writes[place_text(call)] = call
    explained: set[str] = set()
    for entity in (*analysis.radius.rows, *analysis.radius.keys):
        explained.update(entity["citations"])
        key = Key(entity["account_id"], entity["entity_kind"], entity["entity_name"])
        is_late = bool(entity["ended_time"] and entity["ended_time"] >= since)
        is_undone = entity["state"] == "undone"
        # Whether it was used until it was ended no record tells.
        if (
            key not in things
            and key.kind not in _FOLLOWED | IDLE
            and not entity["still_open"]
            and (is_late or is_undone)
        ):
            left = zip(entity["citations"], entity["eventIDs"], strict=True)
            told: dict[str, tuple[str | None, of.ReachedCalls | None]] = {
                place: (event_id, writes.get(place)) for place, event_id in left
            }
            ended = f"{ended_as(entity)} by {short_actor(entity['ended_by'])} at {at(entity['ended_time'])}"
            lacks = f"a check whether someone used it before {at(entity['ended_time'])}, and a note that says so"
            things[key] = _Thing(accounts={key.account_id}, left=told, lacks=lacks, answered=ended)
    for place, call in writes.items():
        if place not in explained:
            name = f"{service_of(call['eventSource'])}:{call['eventName'] or 'unknown'}"
            key = Key(account_of(call), CALL, name)
            thing = things.setdefault(key, _Thing(accounts={key.account_id}, lacks=_SEEN))
            thing.left[place] = call["eventID"], call
    asked = [row for thing in things.values() for _, row in thing.left.values() if row]
    answers = Answers(analysis, asked, until=since)
    for thing in things.values():
        if thing.left:
            _answer_for(thing, answers, analysis.accepted)
    _add_accounts(analysis, things, since, named)


def _answer_for(thing: _Thing, answers: Answers, accepted: Accepted) -> None:
    """Note who answers for what was written or accepted it; the last of it is cited in any case."""
    proofs = [(event_id, place) for place, (event_id, _) in thing.left.items()]
    if told := accepted.all_of(proofs):
        thing.accepted[told], thing.answered, thing.lacks = None, "", ""
    elif answering := answers.to_all(row for _, row in thing.left.values()):
        last = answering[-1]
        done = f"reverted or rewritten by {short_actor(last['actor'])} at {at(last['eventTime'])} ({call_of(last)})"
        thing.answered, thing.lacks = f"{done}. Check that it is correct", ""
        proofs += [(row["eventID"], place_text(row)) for row in answering]
    thing.uses["left"] = Uses(proofs=proofs[::-1][:_CITED])


def _add_accounts(analysis: Analysis, things: dict[Key, _Thing], since: datetime, named: set[tuple[str, str]]) -> None:
    """Other accounts to which root or follow-on activity may have given access: named in requests, or delegates."""
    named |= {(account_of(row), row["delegate_account_id"]) for row in analysis.query("delegates").rows}
    callers = tuple(sorted({account for _, account in named}))
    for row in analysis.query("calls_from_accounts", since=since.isoformat(), callers=callers).rows:
        if (row["account_id"], row["caller_account_id"]) in named:
            key = Key(row["account_id"], "other account", row["caller_account_id"])
            things.setdefault(key, _Thing(accounts={key.account_id})).take(row["use"], _uses_of(row))


def _uses_of(row: of.LaterUses | of.CallsFromAccounts) -> Uses:
    times = [moment for moment in (row["first_time"], row["last_time"]) if moment]
    return Uses(
        row["event_count"], times, row["calls"], row["source_ips"] or [],
        [*zip(row["eventIDs"], row["citations"], strict=True)],
    )  # fmt: skip


def _add_root(analysis: Analysis, things: dict[Key, _Thing], since: datetime) -> None:
    """What was done as root, by people or on their word, with which long-term key, and what AWS recorded of it."""
    made = {key.name for key in map(descendant_key, analysis.query("followed_identities").rows)}
    for row in sorted(analysis.query("root_timeline").rows, key=lambda row: sortable(row["eventTime"])):
        account = account_of(row)
        if row["origin_group"] == "activity" and (root := things.get(Key(account, ROOT, account))):
            kind = _use(row, since)
            # Anybody can ask for a recovery of the password, and whether it was completed need not be recorded.
            kind = "unclear" if kind == "succeeded" and was_asked_for(row) else kind
            kind = _kept(kind, row, analysis.accepted, root)
            root.take(kind, _one(row))
            root.begin(row, analysis.accepted)
            if (key := row["accessKeyId"] or "").startswith("AKIA") and key not in made:
                things.setdefault(Key(account, "access key", key), _Thing(accounts={account})).take(kind, _one(row))
    for served in by_services(analysis):
        if served["hand"] != "unknown" and (root := things.get(Key(account_of(served), ROOT, account_of(served)))):
            kind = _use(
                {**served, "outcome": {"succeeded": "success", "attempted": "failure"}.get(served["result"])}, since
            )
            root.take("unclear" if kind == "succeeded" and served["hand"] != "ordered" else kind, _one(served))
            root.begin(served, analysis.accepted)
    for account, rows in analysis.opened.items():
        for opening in rows:
            if root := things.get(Key(account, ROOT, account)):
                root.take(_kept(_use(opening, since), opening, analysis.accepted, root), _one(opening))
                root.begin(opening, analysis.accepted)
    _add_recorded(analysis, things, since)


def _add_recorded(analysis: Analysis, things: Mapping[Key, _Thing], since: datetime) -> None:
    """Uses of root that AWS recorded and the logs do not hold; what AWS does not tell the time of may be one."""
    use = analysis.use_by_people("")
    for told in use.recorded if use else ():
        root = things.get(Key(told["account_id"], ROOT, told["account_id"]))
        if root and told["from_time"]:
            root.begins.append(told["from_time"])
        if root and not (told["until_time"] and told["until_time"] < since):
            is_later = is_sure(told) and told["from_time"] and told["from_time"] >= since
            root.recorded.append(of_account(told, told["why"].partition("; ")[0], told["account_id"]))
            root.take("succeeded" if is_later else "unclear", Uses())


def _kept(kind: str, row: of.RootTimeline, accepted: Accepted, root: _Thing) -> str:
    """The kind of a use, or accepted if an approval or a note covers a use since the moment."""
    told = accepted.event(row["eventID"], place_text(row)) if kind in ("succeeded", "unclear") else ""
    if told:
        root.accepted[told] = None
    return "accepted" if told else kind


def _use(row: Mapping[str, Any], since: datetime) -> str:
    """Of what kind a use is, as ``later_uses`` has it."""
    if row["eventTime"] is None:
        return "unclear"
    if row["eventTime"] < since:
        return "before"
    return {"success": "succeeded", "failure": "refused"}.get(row["outcome"] or "", "unclear")


def _one(row: of.RootTimeline | of.ServiceActions) -> Uses:
    times = [row["eventTime"]] if row["eventTime"] else []
    source = cast("str | None", row.get("sourceIPAddress"))
    return Uses(1, times, [call_of(row)], [source] if source else [], [(row["eventID"], place_text(row))])


def _row(
    key: Key,
    thing: _Thing,
    whole: Whole,
    gaps: Mapping[str, tuple[str, ...]],
    radius: BlastRadius,
    *,
    is_other: bool,
) -> of.Contained:
    answer, because, missing = _answer(key, thing, whole, gaps, radius)
    written: list[tuple[str | None, str]] = [
        pair for row in thing.open for pair in zip(row["eventIDs"], row["citations"], strict=True)
    ]
    cited = written[::-1][:_CITED] if answer in ("still open", "accepted") else []
    uses = [thing.uses[kind] for kind in (*_SINCE, "earlier") if kind in thing.uses]
    cited += [proof for each in uses for proof in each.proofs[:_CITED]]
    cited += [(thing.ended["ended_eventID"], thing.ended["ended_citation"] or "")] if thing.ended else []
    before, left = thing.uses.get("before"), thing.uses.get("left")
    event_ids, places = proof_of(
        dict.fromkeys(cited) or (left.proofs if left else before.proofs[-1:] if before else ())
    )
    values = (
        key.account_id, key.kind, key.name, answer, because, list(missing), "; ".join(thing.accepted) or None,
        whole.since, whole.until, max(before.times, default=None) if before else None,
        thing.count("succeeded"), thing.count("refused"), thing.count("accepted"), thing.count("unclear"),
        list(event_ids), list(places), is_other,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))  # type: ignore[return-value]


def _answer(
    key: Key, thing: _Thing, whole: Whole, gaps: Mapping[str, tuple[str, ...]], radius: BlastRadius
) -> tuple[Holds, str, tuple[str, ...]]:
    end = thing.ended
    ends = [f"{ended_as(end)} by {short_actor(end['ended_by'])} at {at(end['ended_time'])}"] if end else []
    ends += [
        f"credentials {name} expired at {at(time)}, but others may have this name"
        for name, time in thing.expired.items()
        if name != key.name
    ]
    told = [f"AWS recorded use that the logs lack: {some(thing.recorded, by='; ')}"] if thing.recorded else []
    if thing.count("succeeded"):
        told.append(f"{plural(thing.count('succeeded'), 'call')} succeeded {thing.uses['succeeded'].text}")
    if refused := thing.count("refused"):
        were = "was" if refused == 1 else "were"
        told.append(f"{plural(refused, 'call')} {were} denied or failed {thing.uses['refused'].text}")
    if thing.served:
        told.append(thing.served)
    elif unclear := thing.count("unclear"):
        calls = f"{plural(unclear, 'call')} {thing.uses['unclear'].text}"
        told.append(f"the logs do not show whether someone used it in {calls}")
    by = f"accepted ({'; '.join(thing.accepted)})"
    if accepted := thing.count("accepted"):
        told.append(f"{by}: {plural(accepted, 'call')} {thing.uses['accepted'].text}")
    if "succeeded" in thing.uses:
        return "used", sentences(*ends, *told), ()
    if thing.unseen:
        time = f"the time from {at(thing.begins[0])} to {at(whole.since)}"
        more = "root or its follow-on activity may have changed more"
        return "unknown", sentences(f"the logs do not cover all of {time}", more), thing.unseen
    lacking = tuple(dict.fromkeys(gap for account in sorted(thing.accounts) for gap in gaps[account]))
    if left := [row for row in thing.open if not row["accepted"]]:
        return "still open", sentences(*(_still(row, key, radius) for row in left), *told), (OPEN, *lacking)
    if "unclear" in thing.uses:
        missing = "the complete records of these events, and who requested them"
        return "unknown", sentences(*ends, *told), (missing, *lacking)
    if thing.lacks:
        calls = f"the logs do not show what {plural(len(thing.left), 'call')} left; check by hand"
        unused = [thing.answered, "the logs do not show whether someone used it until then"]
        return "unknown", sentences(*(unused if thing.answered else [calls])), (thing.lacks,)
    if key.name in thing.expired and not thing.accepted:
        gone = f"expired at {at(thing.expired[key.name])}, and cannot be used after that"
        return "closed", sentences(gone, *told), ()
    if thing.accepted and not thing.count("accepted"):
        told.append("; ".join((by, *(_still(row, key, radius) for row in thing.open))))
    told.append(f"the {'loaded ' if lacking else ''}logs show no {'successful ' if told else ''}use since containment")
    shown = (thing.answered,) if thing.answered else (*ends, *told)
    if lacking:
        return "unknown", sentences(*shown), lacking
    because = sentences(*shown, f"the logs are complete until {at(whole.until)}")
    unseen = (*_NOT_SHOWN, *(line for one in sorted(thing.accounts) for line in whole.not_shown(one)))
    return "accepted" if thing.accepted else "closed", because, unseen


def _still(row: of.BlastRadius, key: Key, radius: BlastRadius) -> str:
    """What is there of an entity, by which call; named if it is another one, by which the first can act."""
    kind, name = row["entity_kind"], row["entity_name"]
    other = "" if (kind, name) == (key.kind, key.name) else f"{kind} {name}, "
    return f"{other}{state_of(row)} ({row['eventName'] or 'an API without a name'} by {radius.actor_of(row)})"
