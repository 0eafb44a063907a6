"""What calls of root and of follow-on activity did: the acts of the catalogue with the objects that records name."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, cast

from rootforensics.analysis.exposure.lifecycles import lifecycle_effects
from rootforensics.analysis.exposure.receivers import receiver_of
from rootforensics.analysis.lineage.still_open import ended_as
from rootforensics.analysis.verdict.ownership import changes_of_ownership
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import clock, how_often, service_of, short_actor, some, sortable
from rootforensics.rules.entities import ENDINGS, entity_in_words
from rootforensics.rules.wording import attempt, infinitive, kind_of_object, past
from rootforensics.telling.objects import object_named, object_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of

#: How a call ended; EC2 refuses a dry run that it would have allowed.
Outcome = Literal["succeeded", "denied", "failed", "dry run", "not recorded"]
Objects = tuple[tuple[str, str], ...]
#: Verbs for calls that the catalogue does not list, by the state in which they left an entity, or by their impairment.
_ENDS: Final = {"removed": "remove", "disabled": "disable", "changed": "change"}
_REGISTER: Final = "register {MFA device}"
_IMPAIRS: Final = {"stopped": "stop", "removed": "delete", "narrowed": "narrow", "changed": "change"}
#: How the catalogue names what a request may show.
_RULES: Final = "lifecycle rules on {bucket}"


class End(NamedTuple):
    """How others ended what an act made or changed: in a word, by whom, when, and the last event that did."""

    word: str
    actor: str
    time: datetime
    event_id: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Act:
    """One call of the catalogue by root or an identity that descends from it, or that opened a session of root.

    Attributes:
        place: of its record, ``evidence_id:record_index``.
        event_id: its eventID; None if the record has none.
        event_name: of the call.
        time: UTC.
        account_id: where it was recorded.
        phrase: the act of the catalogue, an infinitive with its object in braces.
        category: of the catalogue.
        severity: likewise.
        outcome: how it ended.
        objects: kind and name of what it touched.
        receiver: who was given access; empty for nobody.
        source_ip: from where.
        by_root: False for what descends from root did, and for a call of AssumeRoot.
        ended: how others ended or undid all that it made or changed; None if some of it is still there.
    """

    place: str
    event_id: str | None
    event_name: str
    time: datetime | None
    account_id: str | None
    phrase: str
    category: str
    severity: str
    outcome: Outcome
    objects: Objects
    receiver: str
    source_ip: str | None
    by_root: bool
    ended: End | None = None

    @property
    def did(self) -> str:
        """What was done, or tried and how that ended."""
        return _did([self])


def acts_of(analysis: Analysis) -> dict[str, Act]:
    """The acts of the case, at any time, by the place of their records, in order of time."""
    analysis = analysis.all_time
    return analysis.ran.part(("acts", analysis.account_id), lambda: _acts(analysis))


def _acts(analysis: Analysis) -> dict[str, Act]:
    objects, ends = objects_by_place(analysis), _ends(analysis)
    acts: dict[str, Act] = {}
    for row in (*analysis.query("root_actions").rows, *analysis.query("listed_calls").rows):
        place = place_text(row)
        acts.setdefault(place, replace(_act(row, row["act"], objects.get(place, ())), ended=ends.get(place)))
    # A device that replaces one often has its name.
    deactivated: set[Objects] = set()
    for place, act in acts.items():
        if act.phrase.startswith("deactivate {MFA device}") and act.objects:
            deactivated.add(act.objects)
        elif act.phrase.startswith(_REGISTER) and act.objects in deactivated:
            again = "register a new {MFA device}"
            acts[place] = replace(act, phrase=act.phrase.replace(_REGISTER, again, 1))
    return acts


def places_from_root(analysis: Analysis) -> set[str]:
    """Where the records are of what root, or what descends from it, did to entities; not of others' root sessions."""
    as_root = {f"{evidence_id}:{index}" for evidence_id, index in analysis.openers}
    return {place for row in analysis.radius.rows for place in row["citations"]} - as_root


def ended_by_others(analysis: Analysis) -> list[of.BlastRadius]:
    """The entities that root, or what descends from it, made or changed, and that others ended or put back."""
    own = places_from_root(analysis)
    return [
        row
        for row in analysis.radius.rows
        if row["ended_time"]
        and not row["still_open"]
        and row["effect"] not in ENDINGS
        and row["ended_citation"] not in own
        and not own.isdisjoint(row["citations"])
    ]


def _ends(analysis: Analysis) -> dict[str, End]:
    """How others ended what a call made or changed, by the call's citation; calls with something left are not in it."""
    ended, own = {id(row) for row in ended_by_others(analysis)}, places_from_root(analysis)
    # Root ended it in a session that somebody opened with AssumeRoot.
    openers = {
        f"{evidence_id}:{index}": f"root in a session of {who}"
        for (evidence_id, index), who in analysis.openers.items()
    }
    reached: dict[str, list[of.BlastRadius]] = {}
    for row in analysis.radius.rows:
        # An end belongs to the call that made the entity. If others put a setting back, it belongs to each change.
        for place in row["citations"] if row["state"] == "undone" else (row["citation"],):
            reached.setdefault(place, []).append(row)
    ends = {}
    for place, rows in reached.items():
        if all(id(row) in ended for row in rows):
            last = max(rows, key=lambda row: sortable(row["ended_time"]))
            ends[place] = End(
                ended_as(last), openers.get(last["ended_citation"] or "", short_actor(last["ended_by"])),
                cast("datetime", last["ended_time"]), last["ended_eventID"], last["ended_citation"] or "",
            )  # fmt: skip
    windows: dict[str, list[of.LoggingImpairment]] = {}
    for window in analysis.query("logging_impairment").rows:
        windows.setdefault(place_text(window), []).append(window)
    for place, impaired in windows.items():
        if all(window["until_time"] and window["restored_citation"] not in (None, *own) for window in impaired):
            end = max(impaired, key=lambda window: sortable(window["until_time"]))
            ends[place] = End(
                "restored", short_actor(end["restored_by"]), cast("datetime", end["until_time"]),
                end["restored_eventID"], end["restored_citation"] or "",
            )  # fmt: skip
    return ends


def _act(row: of.RootActions | of.ListedCalls | of.OtherActs, phrase: str, objects: Iterable[tuple[str, str]]) -> Act:
    if effects := lifecycle_effects(row["requestParameters"]) if _RULES in phrase else ():
        rule = f"a lifecycle rule on {{bucket}} that {effects[0]}"
        phrase = phrase.replace(_RULES, rule if len(effects) == 1 else f"{_RULES}: one {some(effects, by=', one ')}")
    return Act(
        place_text(row), row["eventID"], row["eventName"] or "unnamed", row["eventTime"], row["account_id"],
        phrase, row["category"], row["severity"],
        {"succeeded": "succeeded", "attempted": refused_as(row["errorCode"])}.get(row["result"], "not recorded"),
        object_of(phrase, row["requestParameters"]) or tuple(objects),
        receiver_of(row["requestParameters"], row["account_id"]), row["sourceIPAddress"],
        row.get("origin_group") == "activity",
    )  # fmt: skip


def all_acts(analysis: Analysis) -> dict[str, Act]:
    """The acts, and what others did about root: sessions, ends of follow-on activity, impairments, new owners."""
    analysis = analysis.all_time
    others = analysis.ran.part(("other_acts", analysis.account_id), lambda: _other_acts(analysis))
    return {**others, **acts_of(analysis)}


def _other_acts(analysis: Analysis) -> dict[str, Act]:
    objects: dict[str, list[tuple[str, str]]] = {}
    effects: dict[str, str] = {}
    for row in analysis.radius.rows:
        if place := row["ended_citation"]:
            effects[place] = f"{_ENDS.get(row['state'], 'end')} {{{row['entity_kind']}}}"
            objects.setdefault(place, []).extend([entity_named(row)] if not row["current_name"] else [])
    for impaired in analysis.query("logging_impairment").rows:
        place = place_text(impaired)
        effects[place] = f"{_IMPAIRS.get(impaired['impairment'] or '', 'change')} {{{impaired['control']}}}"
        objects.setdefault(place, []).append((impaired["control"], impaired["entity"] or ""))
    sign_ins, opened = analysis.query("root_signins").rows, chain.from_iterable(analysis.opened.values())
    calls = (*sign_ins, *opened, *changes_of_ownership(analysis))
    for place in map(place_text, calls):
        objects.setdefault(place, [])
    places = tuple(place for place in objects if place not in acts_of(analysis))
    acts = {}
    for call in analysis.query("other_acts", citations=places).rows if places else ():
        place = place_text(call)
        effect = f"{effects[place]} ({call['eventName']})" if place in effects else ""
        phrase = call["act"] or effect or call_of(call["eventName"], call["eventSource"])
        acts[place] = _act(call, phrase, objects[place])
    return acts


def call_of(name: str | None, source: str | None) -> str:
    """The act of a call that the catalogue does not list."""
    return f"call {name or 'an API without a name'} ({service_of(source) or 'an unknown service'})"


def objects_by_place(analysis: Analysis) -> dict[str, list[tuple[str, str]]]:
    """Kind and name of the entities that each event reached, by the place of its record.

    What was renamed is left out: the record may name it otherwise.
    """
    reached: dict[str, list[tuple[str, str]]] = {}
    for row in analysis.radius.rows:
        for place in row["citations"] if not row["current_name"] else ():
            reached.setdefault(place, []).append(entity_named(row))
    return reached


def entity_named(row: of.BlastRadius) -> tuple[str, str]:
    """Kind and name of an entity as sentences have them, without its Region; by its last name if it was renamed."""
    name = row["current_name"] or row["entity_name"]
    name = name.removeprefix(f"{row['awsRegion']}/")
    return object_named(*entity_in_words(row["entity_kind"], name, row["account_id"]))


def refused_as(code: str | None) -> Outcome:
    """How a call ended that did not succeed, by its error code."""
    if (code or "").endswith("DryRunOperation"):
        return "dry run"
    return "denied" if any(word in (code or "") for word in ("Denied", "Unauthorized", "Forbidden")) else "failed"


def did_as(phrase: str, outcome: Outcome, objects: Iterable[tuple[str, str]] = (), receiver: str = "") -> str:
    """An act with its outcome: done, or tried and how that ended."""
    if outcome == "succeeded":
        return past(phrase, objects, receiver)
    if outcome == "dry run":
        return f"tested the permission to {infinitive(phrase, objects, receiver)}; dry run, nothing changed"
    ended = "the outcome is not recorded" if outcome == "not recorded" else outcome
    return f"{attempt(phrase, objects, receiver)}; {ended}"


@dataclass(frozen=True, slots=True)
class Clause:
    """Acts of one phrase, outcome and receiver in one: their objects and addresses are listed, with counts.

    Attributes:
        did: what was done, with all objects, and from where if that differs.
        acts: in order of time.
    """

    did: str
    acts: tuple[Act, ...]

    @property
    def events(self) -> list[tuple[str | None, str]]:
        """EventID and place of each, and of what ended them."""
        ends = (act.ended for act in self.acts if act.ended)
        return [*((act.event_id, act.place) for act in self.acts), *((end.event_id, end.place) for end in ends)]


def clauses_of(acts: Iterable[Act], around: datetime | None = None) -> list[Clause]:
    """Acts in clauses, in the order of their first acts.

    Acts that name their object are not counted with those that do not, nor those of one receiver with those of another.

    Args:
        acts: of one account.
        around: a time that the sentence names; ends on this day have no date.
    """
    groups: dict[tuple[str, str, str, bool], list[Act]] = {}
    for act in acts:
        groups.setdefault((act.phrase, act.outcome, act.receiver, bool(act.objects)), []).append(act)
    return [Clause(f"{_did(group)}{_sources(group)}{_ended(group, around)}", tuple(group)) for group in groups.values()]


def in_turn(clauses: Iterable[Clause]) -> Iterator[str]:
    """What was done, clause by clause; the object of the clause before is ``it``."""
    before: Objects = ()
    for clause in clauses:
        act, did = clause.acts[0], clause.did
        objects = tuple(dict.fromkeys(chain.from_iterable(one.objects for one in clause.acts)))
        named = re.escape(f"{kind_of_object(act.phrase)} {objects[0][1]}") if len(objects) == 1 else ""
        if named and objects == before and not did.startswith("created "):
            did = re.sub(rf"(?<!new )(?<! of ){named}(?=\s|,|$)", "it", did, count=1)
        yield did
        # After "the contact of account 111122223333", "it" would be the contact.
        before = () if re.search(rf" of {named}", clause.did) else objects


def _ended(acts: list[Act], around: datetime | None) -> str:
    """How many acts of a clause others ended, and when; text to append to the clause.

    Access may end because others wrote something else in its place, so it is not called undone.
    """
    ends = [act.ended for act in acts if act.ended]
    if not ends:
        return ""
    is_given = bool(acts[0].receiver)
    words = " or ".join(dict.fromkeys("ended" if is_given and end.word == "undone" else end.word for end in ends))
    by = some(list(dict.fromkeys(end.actor for end in ends)), 2)
    if len(ends) < len(acts):
        return f", {len(ends):,} of {len(acts):,} {words} by {by}"
    last = clock(max(end.time for end in ends), around)
    if is_given and around and words == "ended" and len(acts) == 1 and acts[0].time:
        return f" from {clock(acts[0].time, around)} until {by} ended it at {last}"
    return f", {words} by {by} at {last}" if len(ends) == 1 else f", all {words} by {by}, the last at {last}"


def _did(acts: list[Act]) -> str:
    """What the acts of a clause did, and how often."""
    objects = tuple(dict.fromkeys(one for act in acts for one in act.objects))
    phrase, receiver = acts[0].phrase, acts[0].receiver
    did = did_as(phrase, acts[0].outcome, objects, receiver)
    return f"{did} ({how_often(len(acts))})" if len(acts) > max(len(objects), 1) else did


def _sources(acts: list[Act]) -> str:
    """From where sign-ins came, and from where acts came that are of several addresses, as the end of a clause."""
    counts = Counter(act.source_ip or "an unknown address" for act in acts)
    if acts[0].category != "sign-ins" and len(counts) == 1:
        return ""
    named = [address if len(counts) == 1 else f"{address} ({count:,})" for address, count in counts.items()]
    return f", from {some(named)}"
