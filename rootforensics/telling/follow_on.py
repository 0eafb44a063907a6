"""Lines of what became of root's actions: what the entities it made did in turn, and who ended them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.blast_radius import lets_in
from rootforensics.phrases import plural, short_actor, some
from rootforensics.rules.entities import PERSISTENCE
from rootforensics.telling.lines import Line, cited, moment_or_span

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of

_VERBS: Final = {
    "creates": "made",
    "changes": "changed",
    "removes": "removed",
    "disables": "switched off",
    "enables": "switched on",
}


def follow_on_lines(analysis: Analysis, rows: Iterable[of.BlastRadius]) -> Iterator[Line]:
    """What the entities that root made did, and how they ended; root's own actions are its own lines."""
    rows = list(rows)
    by_root = {one for row in analysis.query("root_timeline_folded").rows for one in row["citations"]}
    yield from _made_in_turn([row for row in rows if row["depth"] > 1])
    yield from _used(rows)
    # Whoever wrote a setting again need not have meant to contain anything.
    ended = [row for row in rows if row["ended_time"] and row["state"] != "undone"]
    yield from _ended([row for row in ended if row["ended_citation"] not in by_root])


def _made_in_turn(rows: list[of.BlastRadius]) -> Iterator[Line]:
    for same in _together(rows, lambda row: (row["citation"], row["effect"], row["entity_kind"], row["actor"])):
        first = same[0]
        severe = first["effect"] == "creates" and first["entity_kind"] in PERSISTENCE and any(map(lets_in, same))
        perhaps = "Possibly: " if first["certainty"] == "possible" else ""
        yield Line(
            first["first_time"],
            "follow-on",
            first["effect"],
            f"{perhaps}{first['actor']} {_VERBS[first['effect']]} {_named(same)} ({first['eventName']})",
            "blast-radius",
            account_id=first["account_id"],
            severity="high" if severe else "medium",
            actor=first["actor"],
            **cited((first["eventID"], first["citation"])),
        )


def _used(rows: list[of.BlastRadius]) -> Iterator[Line]:
    users = [row for row in rows if row["entity_kind"] == "user"]
    acting = {(row["account_id"], row["entity_name"]) for row in users if row["use_count"]}
    for row in rows:
        if not row["use_count"] or _is_root(row) or (row["account_id"], row["detail"]) in acting:
            continue  # root's own keys and sessions have root's lines; a user's keys count for the user
        counts = ((row["use_write_count"], "changes"), (row["use_write_unknown_count"], "perhaps changes"))
        writes = "".join(f", {count:,} of them {kind}" for count, kind in counts if count)
        calls = plural(row["use_count"], "call")
        perhaps = "Possibly: " if row["certainty"] == "possible" else ""
        yield Line(
            row["first_use_time"],
            "follow-on",
            "used",
            f"{perhaps}{row['entity_kind']} {row['entity_name']} made {calls}{writes}",
            "blast-radius",
            until_time=moment_or_span(row["first_use_time"], row["last_use_time"]),
            account_id=row["account_id"],
            severity="high" if writes else "medium",
            actor=f"{row['entity_kind']} {row['entity_name']}",
            source_ips=tuple(row["use_source_ips"] or ()),
            **cited((row["first_use_eventID"], row["first_use_citation"])),
        )


def _is_root(row: of.BlastRadius) -> bool:
    """True for root's own keys, sessions and MFA devices, whose use is root's."""
    own_key = row["entity_kind"] == "access key" and not row["detail"]
    return bool(row["depth"] == 1 and (row["entity_kind"] in ("session", "MFA device") or own_key))


def _ended(rows: list[of.BlastRadius]) -> Iterator[Line]:
    for same in _together(rows, lambda row: (row["ended_citation"], row["state"], row["entity_kind"], row["ended_by"])):
        first = same[0]
        yield Line(
            first["ended_time"],
            "follow-on",
            "ended",
            f"{short_actor(first['ended_by'])} ended {_named(same)}: {first['state']}",
            "blast-radius",
            account_id=first["account_id"],
            actor=first["ended_by"] and short_actor(first["ended_by"]),
            **cited((first["ended_eventID"], first["ended_citation"])),
        )


def _together(rows: list[of.BlastRadius], key: Callable[[of.BlastRadius], Hashable]) -> Iterable[list[of.BlastRadius]]:
    """Rows that one event brought, such as the instances of one call."""
    found: defaultdict[Hashable, list[of.BlastRadius]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found.values()


def _named(rows: list[of.BlastRadius]) -> str:
    kind, names = rows[0]["entity_kind"], [row["entity_name"] for row in rows]
    return f"{kind} {names[0]}" if len(rows) == 1 else f"{plural(len(rows), kind)} ({some(names)})"
