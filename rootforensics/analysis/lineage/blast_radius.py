"""The blast radius of root: what it made and changed, what that did in turn, and what of it is still there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from rootforensics.analysis.approval import granted_by
from rootforensics.analysis.exposure.policies import whom_trusts
from rootforensics.analysis.lineage.effects import Follower, descendant_key
from rootforensics.analysis.lineage.entity import TRUSTING
from rootforensics.analysis.lineage.lifetimes import judge_ends
from rootforensics.analysis.lineage.still_open import keys_beside, mark_open, urgency
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at, short_actor, sortable
from rootforensics.queries.result import Result, Tabular, result_of
from rootforensics.rules.entities import KINDS

if TYPE_CHECKING:
    from rootforensics.analysis.approval import Approval
    from rootforensics.analysis.exposure.policies import Exposes, Trusts
    from rootforensics.analysis.lineage.accepted import Accepted
    from rootforensics.analysis.lineage.entity import Action, Entity, Key
    from rootforensics.analysis.lineage.lifetimes import Lives
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks


#: What the blast radius cannot see.
MISSES: Final = (
    "Calls inside an instance, a database or a function. "
    "Uses of a password, key or role whose logs are not in the case. "
    "Resources from calls that the package does not know. "
    "Tasks started by an ECS service, and instances that Auto Scaling started without the group's tag. "
    "Instances that a command named only by tags. "
    "IAM Identity Center users in records without onBehalfOf. "
    "Sessions of service-linked roles. "
    "Roles that an unnamed caller assumed from another account. "
    "Actions that AWS services took as root on their own (service-activity). "
    "Use of shared resources in another account. "
    "Reverted changes, except of passwords and role trust, or where another identity undid or rewrote the same setting."
)
#: The columns that a person reads first.
FIRST: Final = ("first_time", "entity_kind", "entity_name", "state", "eventID", "account_id", "use_count")
#: Columns of the table and what they hold.
COLUMNS: Final = {
    "first_time": "TIMESTAMP WITH TIME ZONE; when root or what descends from it first reached the entity; UTC",
    "depth": "BIGINT; steps from root: 1 for what root did itself",
    "account_id": "VARCHAR; where the entity is",
    "awsRegion": "VARCHAR; of the event that reached it first",
    "entity_kind": "VARCHAR; user, access key, role, session, instance, …",
    "entity_name": "VARCHAR; as the record names it; with its Region where names are unique in a Region only",
    "current_name": "VARCHAR; how it is called at the end of the logs, if it was given another name",
    "effect": "VARCHAR; how it was first reached: creates, changes, removes, disables, enables; uses: a key of "
    "root's that was there before",
    "actor": "VARCHAR; who reached it first: root, or an entity that root reached",
    "certainty": "VARCHAR; certain if root, or what it made, reached it at any time; possible if only identities "
    "did that existed before and were opened to others, or AWS services in root's or a descendant's name",
    "eventName": "VARCHAR; of that event",
    "detail": "VARCHAR; what is worth showing of the requests",
    "trusts": "VARCHAR; of a role, who can assume it by the trust policy that was written last, by anyone: "
    "others, account (its own), services (AWS services only, or no one), unknown; NULL if neither root nor its "
    "follow-on activity wrote one",
    "action_count": "BIGINT; effects on it by root and what descends from it",
    "severity": "VARCHAR; of the most severe of these, as the catalogue of actions has it: info to critical",
    "state": "VARCHAR; at the end of the logs: active, removed (of a password also: others set another), "
    "disabled (of a user or role: denied everything), expired, changed; undone: others undid each call, or wrote "
    "all of it again without its grants, and no one wrote it since; back on: it existed before, was "
    "disabled or removed, and exists again; unknown, which counts as still open, where the records do "
    "not show whether it was created or deleted last: both happened in one second, or a record has no time or "
    "no outcome",
    "still_open": "BOOLEAN; true for what has to be removed, restored or enabled again: active, or possibly; "
    "changed and not restored in the logs; a detective control that is off; a KMS key disabled or to be deleted",
    "accepted": "VARCHAR; who accepted that it stays, and when: approvals that cover all that reached it, or a note "
    "with the tag contained about the last event that did; or who keeps it from use: others denied a user or role, and "
    "so its credentials, everything, or let AWS services alone take a role on; NULL if nobody did. The logs do not "
    "show it gone",
    "ended_by": "VARCHAR; who removed, disabled or undid it (ARN)",
    "ended_time": "TIMESTAMP WITH TIME ZONE; UTC",
    "expires_time": "TIMESTAMP WITH TIME ZONE; of a session, when it expires, as its record says; UTC",
    "use_count": "BIGINT; calls that it made from then on, of an MFA device of root sign-ins; 0: none in the logs; "
    "NULL where use is not tracked, as of a snapshot or a security group",
    "use_write_count": "BIGINT; of these, writes that succeeded",
    "use_write_unknown_count": "BIGINT; of these, calls of which the records do not tell whether they are such writes",
    "first_use_time": "TIMESTAMP WITH TIME ZONE; UTC",
    "last_use_time": "TIMESTAMP WITH TIME ZONE; UTC",
    "use_source_ips": "VARCHAR[]; addresses from which it acted",
    "first_use_eventID": "VARCHAR; of its first call, cite this",
    "first_use_citation": "VARCHAR; evidence_id:record_index of that event",
    "last_success_time": "TIMESTAMP WITH TIME ZONE; of its last call that did not fail; UTC",
    "last_success_eventID": "VARCHAR; of that call, cite this",
    "last_success_citation": "VARCHAR; evidence_id:record_index of that event",
    "eventID": "VARCHAR; of the event that reached it first, cite this",
    "citation": "VARCHAR; evidence_id:record_index of that event",
    "ended_eventID": "VARCHAR; of the event that ended it, cite this",
    "ended_citation": "VARCHAR; evidence_id:record_index of that event",
    "eventIDs": "VARCHAR[]; of all effects on it by root and what descends from it, in order of time",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
    "root_accounts": "VARCHAR[]; whose root it comes from, directly or by way of other entities",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset({
    "depth", "account_id", "entity_kind", "entity_name", "effect", "certainty", "action_count", "severity", "state",
    "still_open", "citation", "eventIDs", "citations", "root_accounts",
})  # fmt: skip
#: Of an entity that cannot act, or did nothing.
_UNUSED: Final = cast("of.Used", defaultdict(lambda: None))


#: What lets somebody in who could not come in before, if it was only changed.
_OPENED: Final = frozenset(kind.name for kind in KINDS if kind.opens_if_changed)
#: By whom its trust policy lets take a role on: who was let into one that root made, or into one that was there.
_MADE_ROLE: Final[dict[str | None, Exposes]] = {"others": "yes", "account": "yes", "services": ""}
_OLD_ROLE: Final[dict[str | None, Exposes]] = {"others": "yes"}


@dataclass(frozen=True, slots=True)
class Edge:
    """Somebody reached something.

    Attributes:
        source: root, or an entity.
        target: an entity.
        effect: creates, changes, removes, disables or enables.
        event_id: the event that shows it.
    """

    source: Key
    target: Key
    effect: str
    event_id: str | None


@dataclass(frozen=True, slots=True, repr=False)
class BlastRadius(Tabular):
    """What root reached.

    Attributes:
        rows: one for each entity, in order of time; the columns are ``COLUMNS``.
        edges: who reached what, for a graph; each once.
        cut_off: True if a chain of identities was too long to be followed to its end.
        entities: the entity of each row.
        controls: rows of detective controls that are off or changed and are no entities that are followed.
        keys: rows of root's own access keys that are no entities: they were there before and were used, or have no ID.
        key_users: the user of each access key that root reached, by the key as an actor.
    """

    rows: list[of.BlastRadius]
    edges: list[Edge]
    cut_off: bool
    entities: list[Entity]
    controls: list[of.BlastRadius] = field(default_factory=list)
    keys: list[of.BlastRadius] = field(default_factory=list)
    key_users: dict[str, str] = field(default_factory=dict)

    def reached_by(self, account_id: str) -> list[tuple[of.BlastRadius, Entity]]:
        """Rows, each with its entity, that root of an account reached; of all accounts if empty."""
        pairs = zip(self.rows, self.entities, strict=True)
        return [(row, entity) for row, entity in pairs if not account_id or account_id in row["root_accounts"]]

    def result(self, *, only_open: bool = False) -> Result[of.BlastRadius]:
        """The rows as a table, as a question would give it; with ``only_open`` those of what is still open."""
        rows = self.still_open if only_open else [*self.rows, *self.controls, *self.keys]
        return result_of("blast_radius", rows, COLUMNS, first=FIRST)

    def acting(self, account_id: str) -> list[of.BlastRadius]:
        """Rows of what root of an account reached and what then made calls, but for root's own keys and sessions.

        The calls of a user's keys count for the user.
        """
        used = [(row, entity) for row, entity in self.reached_by(account_id) if row["use_count"]]
        users = {id(entity) for _, entity in used}
        own = ("session", "MFA device")
        return [
            row
            for row, entity in used
            if id(entity.parent) not in users
            and not (
                row["depth"] == 1
                and (row["entity_kind"] in own or (row["entity_kind"] == "access key" and not row["detail"]))
            )
        ]

    @property
    def still_open(self) -> list[of.BlastRadius]:
        """The rows of what is still open, persistence first, then what is most severe; what was accepted last."""
        rows = (*self.rows, *self.controls, *self.keys)
        return sorted((row for row in rows if row["still_open"]), key=urgency)

    def actor_of(self, row: of.BlastRadius) -> str:
        """The identity that first reached an entity, in words: a key is named with its user."""
        actor = row["actor"] or "an identity that the record does not name"
        user = self.key_users.get(actor, "")
        return actor.removesuffix(f" ({row['account_id']})") + (f" of user {user}" if user else "")

    @property
    def closed(self) -> list[of.BlastRadius]:
        """The rows of all else."""
        return [row for row in self.rows if not row["still_open"]]


def blast_radius(case: Asks, account_id: str = "", accepted: Accepted | None = None) -> BlastRadius:
    """Tell what root made and changed, and what that made and changed in turn.

    Args:
        case: to ask.
        account_id: only root of this account; empty for all.
        accepted: what approvals and notes accept; nothing if not given.
    """
    follower = Follower(case)
    follower.run(account_id)
    lives = follower.lives
    judge_ends(case, lives)
    _ask_use(case, lives, account_id)
    entities = sorted(lives.all, key=lambda entity: sortable(entity.first.time))  # of one second as they were reached
    rows = [_row(entity, lives) for entity in entities]
    empty: dict[str, Any] = dict.fromkeys(COLUMNS)
    controls = [{**empty, **one} for one in mark_open(case, rows, account_id)]
    keys = [{**empty, **one} for one in keys_beside(case, rows, account_id)]
    if accepted:
        _accept(rows, entities, lives, accepted)
        for row in (*controls, *keys):
            row["accepted"] = accepted.all_of([*zip(row["eventIDs"], row["citations"], strict=True)]) or None
    own, off, beside = (cast("list[of.BlastRadius]", of_kind) for of_kind in (rows, controls, keys))
    users = {
        str(entity.key): row["detail"]
        for entity, row in zip(entities, own, strict=True)
        if entity.key.kind == "access key" and row["detail"]
    }
    return BlastRadius(own, _edges(entities, lives), follower.cut_off, entities, off, beside, users)


def _accept(rows: list[dict[str, Any]], entities: list[Entity], lives: Lives, accepted: Accepted) -> None:
    """Say of what is open who accepted that it stays, or keeps it from use."""
    approved: dict[int, dict[Approval, None]] = {}
    for row, entity in sorted(zip(rows, entities, strict=True), key=lambda pair: pair[1].depth):
        granted = []
        for action in entity.reached:
            actor = lives.at(action.actor.made, action.actor.key) if action.actor and action.actor.made else None
            granted.append(accepted.approvals(action.row, approved.get(id(actor), ())))
        if None not in granted:
            approved[id(entity)] = dict.fromkeys(one for by in granted if by for one in by)
        if row["still_open"]:
            by = granted_by(approved[id(entity)]) if id(entity) in approved else ""
            noted = accepted.note(row["eventIDs"][-1], row["citations"][-1])
            row["accepted"] = by or noted or _kept_from_use(row, entity) or None


def _kept_from_use(row: dict[str, Any], entity: Entity) -> str:
    """Who denied an entity everything, or let AWS services alone take a role on, in words; empty if nobody else did."""
    if by := entity.quarantine:
        how = "quarantined"
    elif row["trusts"] == "services" and all(action.actor is None for action in entity.trusting):
        how, by = "left to AWS services alone", entity.trusting[-1]
    else:
        return ""
    return f"{how} by {short_actor(by.row['actor'])} at {at(by.time)} ({by.row['eventName']})"


def _ask_use(case: Asks, lives: Lives, account_id: str) -> None:
    """Set ``use`` of every entity whose use the records tell."""
    for row in case.query("descendant_use", account_id=account_id).rows:
        entity = lives.at((row["made_evidence_id"], row["made_record_index"]), descendant_key(row))
        if entity is not None:
            entity.use = _together(entity.use, row) if entity.use else row
    for made in case.query("followed_identities").rows:
        entity = lives.at((made["made_evidence_id"], made["made_record_index"]), descendant_key(made))
        if entity is not None and entity.use is None:
            entity.use = _used([])
    devices = [entity for entity in lives.all if entity.key.kind == "MFA device"]
    changes = case.query("root_credential_changes").rows if devices else []
    own = {row["credential"] for row in changes if row["credential_kind"] == "mfa_device"}
    for entity in devices:
        if entity.key.name in own:
            entity.use = _used(_sign_ins_with(entity, case.query("root_signins").rows))


def _sign_ins_with(device: Entity, rows: list[of.RootSignins]) -> list[of.RootSignins]:
    """Sign-ins with a device of root's, from when it was reached until it was ended."""
    until = device.ended.moment if device.ended else float("inf")
    wanted = device.key.name, "sign_in", "success"
    own = (row for row in rows if (row["mfa_identifier"], row["signin_kind"], row["outcome"]) == wanted)
    return [row for row in own if device.first.moment <= sortable(row["eventTime"]) <= until]


def _used(found: list[of.RootSignins]) -> of.Used:
    """The use that some events are, none of which writes."""
    times = [row["eventTime"] for row in found if row["eventTime"]]
    last = max((row for row in found if row["eventTime"]), key=lambda row: sortable(row["eventTime"]), default=None)
    return {
        "first_eventID": found[0]["eventID"] if found else None,
        "first_citation": place_text(found[0]) if found else None,
        "event_count": len(found),
        "write_count": 0,
        "write_unknown_count": 0,
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
        "source_ips": sorted({row["sourceIPAddress"] for row in found if row["sourceIPAddress"]}),
        "last_success_time": last["eventTime"] if last else None,
        "last_success_eventID": last["eventID"] if last else None,
        "last_success_citation": place_text(last) if last else None,
    }


def _together(one: of.Used, other: of.Used) -> of.Used:
    """The use of one entity since several makings: each call is in one of them."""
    first = min(one, other, key=_begun)
    last = max(one, other, key=_last_success)
    times = [time for use in (one, other) for time in (use["first_time"], use["last_time"]) if time]
    return {
        "first_eventID": first["first_eventID"],
        "first_citation": first["first_citation"],
        "event_count": one["event_count"] + other["event_count"],
        "write_count": one["write_count"] + other["write_count"],
        "write_unknown_count": one["write_unknown_count"] + other["write_unknown_count"],
        "first_time": min(times, default=None),
        "last_time": max(times, default=None),
        "source_ips": sorted({*(one["source_ips"] or ()), *(other["source_ips"] or ())}),
        "last_success_time": last["last_success_time"],
        "last_success_eventID": last["last_success_eventID"],
        "last_success_citation": last["last_success_citation"],
    }


def _begun(use: of.Used) -> tuple[bool, float]:
    return use["first_time"] is None, use["first_time"].timestamp() if use["first_time"] else 0.0


def _last_success(use: of.Used) -> tuple[bool, float]:
    moment = use["last_success_time"]
    return use["last_success_citation"] is not None, moment.timestamp() if moment else float("-inf")


def _actor(action: Action, lives: Lives) -> Key | None:
    """Who did an action; an entity under the name by which it was reached."""
    if action.actor is None:
        return None
    entity = lives.at(action.actor.made, action.actor.key) if action.actor.made else None
    return entity.key if entity is not None and entity.reached else action.actor.key


def _row(entity: Entity, lives: Lives) -> dict[str, Any]:
    """A row of an entity, without what is worked out of all rows together."""
    actions, use, ended = entity.reached, entity.use or _UNUSED, entity.ended
    first = actions[0]
    actor = _actor(first, lives)
    details = dict.fromkeys(action.detail for action in actions if action.detail)
    owner = entity.parent.new_name if entity.parent else ""
    if entity.key.kind == "access key" and details and owner:  # the last one is what its user is called now
        details.pop(owner, None)
        details[owner] = None
    new_name = owner if entity.key.kind == "console password" else entity.new_name
    values = (
        first.time,
        entity.depth,
        entity.key.account_id,
        first.row["awsRegion"],
        entity.key.kind,
        entity.key.name,
        new_name if new_name not in ("", entity.key.name) else None,
        first.effect,
        str(actor) if actor else None,
        entity.certainty,
        first.row["eventName"],
        "; ".join(details) or None,
        _trusts(entity),
        len(actions),
        None,
        entity.state,
        None,
        None,
        ended.row["actor"] if ended else None,
        ended.time if ended else None,
        entity.expires_time,
        use["event_count"],
        use["write_count"],
        use["write_unknown_count"],
        use["first_time"],
        use["last_time"],
        use["source_ips"],
        use["first_eventID"],
        use["first_citation"],
        use["last_success_time"],
        use["last_success_eventID"],
        use["last_success_citation"],
        first.row["eventID"],
        place_text(first.row),
        ended.row["eventID"] if ended else None,
        place_text(ended.row) if ended else None,
        [action.row["eventID"] for action in actions],
        [place_text(action.row) for action in actions],
        entity.roots,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _trusts(entity: Entity) -> Trusts | None:
    """Whom a role trusts, if root ever wrote it; not known where any of several policies may be the last."""
    if not any(action.row["eventName"] in TRUSTING for action in entity.reached):
        return None
    account = entity.key.account_id
    found = {whom_trusts(action.detail, account if account.isdecimal() else None) for action in entity.trusting}
    return found.pop() if len(found) == 1 else "unknown"


def _edges(entities: list[Entity], lives: Lives) -> list[Edge]:
    found: dict[tuple[Key, Key, str], Edge] = {}
    for entity in entities:
        for action in entity.reached:
            actor = _actor(action, lives)
            if actor is not None:
                edge = Edge(actor, entity.key, action.effect, action.row["eventID"])
                found.setdefault((edge.source, edge.target, edge.effect), edge)
    return list(found.values())


def lets_in(row: of.Door) -> Exposes:
    """Whether an entity gives somebody access again later; a role does if its trust policy lets somebody in.

    A role that AWS services alone take on is no way back by itself, only a means in their hands. Of what was there
    before and was changed, only a password that was set anew, a directory, and a role that trusts others.
    """
    if row["entity_kind"] == "role":
        return (_OLD_ROLE if row["state"] == "changed" else _MADE_ROLE).get(row["trusts"], "perhaps")
    return "yes" if row["state"] != "changed" or row["entity_kind"] in _OPENED else "perhaps"


def was_opened(row: of.Door) -> bool:
    """Whether an entity that was only changed lets somebody in who could not come in before."""
    return row["state"] == "changed" and lets_in(row) == "yes"
