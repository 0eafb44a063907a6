"""What is done about entities of each kind."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, cast

from rootforensics.analysis.containment.step import POSSIBLY, Step, command_with, region_last, worded
from rootforensics.analysis.exposure.receivers import receivers_of
from rootforensics.analysis.lineage.blast_radius import lets_in
from rootforensics.analysis.lineage.effects import UNKNOWN_OWNER, UNKNOWN_REGION
from rootforensics.analysis.lineage.entity import TRUST
from rootforensics.analysis.places import partition_of
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import enumerated, some
from rootforensics.rules.entities import KINDS
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rootforensics.analysis.lineage.entity import Entity
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of

#: The ID of an account.
ACCOUNT: Final = re.compile(r"[0-9]{12}")
#: Kinds of entities that are ended only if root, or what descends from it, made them: of others the change is undone.
_ENDED_IF_MADE: Final = frozenset(kind.name for kind in KINDS if kind.ends_if_made)


def has_its_step(row: of.BlastRadius, entity: Entity) -> bool:
    """Whether an entity, by its row of the blast radius, has a step of its own whenever it is there."""
    kind = row["entity_kind"]
    has_step = any(
        measure.get("kind") == kind and not ("states" in measure or "looked_at" in measure)
        for measure in measures("step")
    )
    return has_step and (kind not in _ENDED_IF_MADE or _was_made(entity))


class EntitySteps:
    """The steps about entities that are there at the end of the logs.

    Args:
        evidence: what the verdict stands on.
        approved: the places of events that were done as approved.
        noted: events whose effect a note says was dealt with, by place or eventID.
        undone: those of events that have a step of their own.
        commanded: those of events whose step has a command.
    """

    def __init__(
        self,
        evidence: Evidence,
        approved: frozenset[str],
        noted: Collection[str],
        undone: Collection[str],
        commanded: Collection[str],
    ) -> None:
        self._entities = [row for row in _entities(evidence) if not is_closed(row, noted)]
        self._approved, self._closing, self._commanded = approved, evidence.closing, {*commanded}
        calls = (*evidence.followed, *evidence.perhaps)
        self._calls = {place: row for row in calls if (place := place_text(row)) not in self._closing}
        self._exposing = {place: row for place, row in self._calls.items() if row["exposes"]}
        actions = (action.row for _, entity in evidence.reached for action in entity.reached)
        trusts = (place_text(row) for row in actions if row["eventName"] == TRUST)
        self._mended = self._closing.union(undone, trusts)

    def steps(self, measure: of.Measure) -> Iterator[Step]:
        """Those about entities of one kind, of a row ``kind`` of ``containment.toml``."""
        for row in self._entities:
            if row["entity_kind"] == measure["kind"] and self._is_wanted(measure, row):
                now = f" (now {row['current_name']})" if row["current_name"] else ""
                calls = self._exposing if "if_exposed" in measure else self._calls
                own = [calls[place] for place in row["citations"] if place in calls]
                gaining = [receivers_of(call.get("requestParameters"), call["account_id"]) for call in own]
                # A later policy replaces an earlier one; access that calls add to a resource does not.
                gaining = gaining if "if_exposed" in measure else [groups for groups in gaining if groups][-1:]
                receivers = {name: None for groups in gaining for names in groups for name in names}
                event_id, citation = row["eventID"], row["citation"]
                who = enumerated([*receivers]) if 0 < len(receivers) < 4 else some([*receivers]) or "others"
                if own and "if_exposed" in measure:
                    event_id, citation = own[0]["eventID"], place_text(own[0])
                step = Step(
                    **worded(
                        _of_variant(measure, "what", row).replace("RECEIVER", who),
                        row["account_id"],
                        measure["kind"],
                        f"{region_last(row['entity_name'])}{now}",
                    ),
                    why=_of_variant(measure, "why", row).replace("RECEIVER", f"{who[:1].upper()}{who[1:]}"),
                    command=_command(measure, row, receivers),
                    event_id=event_id,
                    citation=citation,
                    ask=POSSIBLY if row["certainty"] == "possible" else "",
                    group=_of_variant(measure, "group", row),
                    identity=_of_variant(measure, "identity", row),
                )
                yield step.approved() if _only(row, self._approved) else step

    def _is_wanted(self, measure: of.Measure, row: of.Owned) -> bool:
        own, states = row["citations"], measure.get("states")
        if ("if_exposed" in measure and self._exposing.keys().isdisjoint(own)) or _only(row, self._closing):
            return False
        if "looked_at" in measure and self._commanded.intersection(own):
            return False
        if not states:
            return _is_due(row)
        if states == ["changed"] and row["entity_kind"] in _ENDED_IF_MADE and self._mended.issuperset(own):
            return False
        return row["state"] in states and not _is_due(row)


def is_closed(row: of.BlastRadius | of.Owned, noted: Collection[str]) -> bool:
    """Whether a note on the last event that reached an entity says that it was dealt with."""
    return row["citations"][-1] in noted or row["eventIDs"][-1] in noted


def _was_made(entity: Entity) -> bool:
    """Whether root made an entity, or what descends from it."""
    return any(action.effect == "creates" for action in entity.reached)


def _entities(evidence: Evidence) -> list[of.Owned]:
    """Entities with whom they belong to, and keys of root's own that were there before and that it used."""
    reached: list[of.Owned] = [
        {
            **row,
            "owner": (entity.parent.new_name if entity.parent else "")
            or next((action.owner for action in entity.reached if action.owner), ""),
            "was_made": _was_made(entity),
            "actor_arn": entity.first.row["actor"],
        }
        for row, entity in evidence.reached
    ]
    used = [row for row in evidence.own_keys.values() if row["effect"] == "uses"]
    return [*reached, *cast("list[of.Owned]", used)]


def _only(row: of.Owned, places: frozenset[str]) -> bool:
    """True if nothing but these events reached an entity."""
    own = row["citations"]
    return bool(own) and places.issuperset(own)


def _is_due(row: of.Owned) -> bool:
    """True for an entity that is there and on; of what root did not make the change is undone."""
    if row["entity_kind"] in _ENDED_IF_MADE and not row["was_made"]:
        return False
    if row["entity_kind"] == "role" and lets_in(row) != "yes":
        return False
    return row["state"] not in ("disabled", "removed", "expired", "undone")


def _of_variant(measure: of.Measure, part: str, row: of.Owned) -> str:
    """A text of a row, as it is for such an entity."""
    variants = {
        "member": " of account " in row["entity_name"],
        "root": row["depth"] == 1 and not row["detail"] and not row.get("owner"),
        "saml": ":saml-provider/" in row["entity_name"],
        "request": row["entity_kind"] == "account"
        and row["entity_name"].startswith("car-")
        and not row["current_name"],
        "unknown": _is_anybodys(row),
    }
    names = (*(f"{part}_of_{name}" for name, is_such in variants.items() if is_such), part)
    return next((text for name in names if (text := cast("dict[str, str]", measure).get(name))), "")


def _is_anybodys(row: of.Owned) -> bool:
    """Whether the record does not say to whom a credential belongs."""
    return row["detail"] == UNKNOWN_OWNER and not row.get("owner")


def _command(measure: of.Measure, row: of.Owned, receivers: Collection[str]) -> str:
    name, here, owner = row["entity_name"], row["awsRegion"], row.get("owner")
    current = row["current_name"] or name
    region, _, short = name.partition("/")
    contact, _, member = name.partition(" of account ")
    stands_for: dict[str, tuple[str, ...] | None] = {
        "NAME": (name,),
        "CURRENT": (current,),
        "SHORT": (short,),
        "GROUP-FILTER": (f"Name=group-id,Values={short}",),
        "ACCOUNT": (row["account_id"],),
        "MEMBER": (current,) if ACCOUNT.fullmatch(current) else None,
        "CONTACT": (contact,),
        "OF-MEMBER": ("--account-id", member) if member else (),
        "OWNER": None if _is_anybodys(row) else ("--user-name", owner) if owner else (),
        "HERE": ("--region", here) if here else (),
        "THERE": () if region == UNKNOWN_REGION else ("--region", region),
    }
    accounts = [name.removeprefix("account ") for name in receivers if name.startswith("account ")]
    stands_for["RECEIVERS"] = (
        *(("--user-ids", accounts[0] if len(accounts) == 1 else json.dumps(accounts)) if accounts else ()),
        *(("--group-names", "all") if len(accounts) < len(receivers) else ()),
    )
    is_unnamed = "if_exposed" in measure and not receivers
    template = (measure.get("command_of_others") if is_unnamed else "") or _of_variant(measure, "command", row)
    return command_with(template.replace("PARTITION", partition_of(here, row.get("actor_arn"))), stands_for)
