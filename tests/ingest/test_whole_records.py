"""Every record that is whole in a broken text is found, whatever was done to the text around it."""

from __future__ import annotations

import json
import random
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest import salvage
from rootforensics.ingest.containers.unwrap import unwrap
from rootforensics.ingest.framing import frame
from rootforensics.ingest.salvage import whole_values
from rootforensics.ingest.seen import Framing
from tests.builders import event, record, records_text, root_event
from tests.ingest.containers.wrappings import WRAPPINGS, lookup_entry
from tests.ingest.shapes import JUNK, SHAPES, hostile_event, pretty

if TYPE_CHECKING:
    from collections.abc import Callable

#: Parameters with lists in them, and something like a record in the last.
_LISTS: Final = {"items": [{"q": 1}, {"eventVersion": "1.0"}], "deep": [[{"eventVersion": "1.0"}, [1]]], "z": "end"}
_TEXTS: Final = [shape.text for shape in SHAPES if not shape.name.startswith(("gzip", "utf16", "single"))]
_JOINING: Final = 3
_SEEDS: Final = 1000


def _broken(text: bytes, kind: int, chance: random.Random) -> bytes:
    """A text with one damage behind its first bracket: cut, a byte changed or inserted, a part doubled or lost."""
    start = chance.randrange(len(text) - len(text.lstrip(b" \t\r\n\xef\xbb\xbf")) + 1, len(text))
    end = min(start + chance.choice((1, 4, 400, 3000)), len(text))
    return (
        text[:start],
        text[:start] + bytes([text[start] ^ (1 << chance.randrange(8))]) + text[start + 1 :],
        text[:start] + chance.choice(JUNK) + text[start:],
        text[:end] + text[start:],
        text[:start] + text[end:],
    )[kind]


def _found(text: bytes, window: int) -> tuple[list[bytes], list[Any], str]:
    """What comes out of a text, the eventIDs of all objects of it, and the damage."""
    seen, found = Framing(), []
    for framed in frame(iter([text[start : start + window] for start in range(0, len(text), window)]), seen):
        for values in unwrap(framed, seen):
            found += list(map(bytes, values.texts))
    decoded = [json.loads(one.decode(errors="replace"), strict=False) for one in found]
    ids = [one["eventID"] for one in decoded if isinstance(one, dict) and "eventID" in one]
    return found, ids, seen.damage


@pytest.mark.heavy
def test_one_random_damage_costs_no_record_that_it_does_not_touch() -> None:
    for seed in range(_SEEDS):
        chance = random.Random(seed)
        events = [chance.choice((event, root_event, hostile_event))() for _ in range(chance.randint(2, 6))]
        inner = root_event()
        kind = chance.randrange(5)
        if kind < _JOINING:  # else a record may come to stand in such a list, as a part of another
            events.insert(chance.randrange(len(events)), event(requestParameters=_LISTS | {"more": [inner, [inner]]}))
        spelled = [chance.choice((record, record, pretty))(one) for one in events]
        text = chance.choice(_TEXTS)(spelled)
        broken = _broken(text, kind, chance)
        found, ids, damage = _found(broken, chance.choice((700, 3000, 1 << 30)))
        whole = [one for one, own in zip(events, spelled, strict=True) if own in broken]
        if kind >= _JOINING:  # the same of the parameters of records that were joined to one
            whole = [one for one in whole if one["eventID"] in ids or one["eventID"].encode() not in b"".join(found)]
        assert {one["eventID"] for one in whole} <= set(ids), f"seed {seed}: {damage}"
        is_whole = any("more" in (one["requestParameters"] or ()) for one in whole)
        if is_whole and broken.count(inner["eventID"].encode()) == 2:  # no broken copy of it stands there too
            assert inner["eventID"] not in ids, f"seed {seed}: a part of a record that is whole is no record"


@pytest.mark.heavy
def test_a_lost_slice_costs_no_record_that_it_does_not_touch() -> None:
    """Most often a record begins where the slice ends: it must not pass for a member of what stands before."""
    for seed in range(_SEEDS):
        chance = random.Random(seed)
        spell = chance.choice((record, pretty))
        spelled = [spell(chance.choice((event, root_event, hostile_event))()) for _ in range(chance.randint(2, 6))]
        text = chance.choice(_TEXTS)(spelled)
        end = chance.choice((text.index(chance.choice(spelled)), chance.randrange(1, len(text))))
        start = chance.randrange(end) if end else 0
        left = text[:start] + text[end:]
        whole = [one for one in spelled if not start - len(one) < text.index(one) < end]
        found, _, damage = _found(left, chance.choice((700, 3000, 1 << 30)))
        assert {*whole} <= {*found}, f"seed {seed}: {damage}"


@pytest.mark.parametrize("behind", [b"", b"\n", b"]}", b",\n" + record(event()) + b"]}"])
def test_a_whole_record_behind_a_key_of_a_cut_one_is_found(behind: bytes) -> None:
    """So a record was lost wherever one was cut between a key and its value, and the slice ended at a record."""
    first, second = record(event()), record(root_event())
    for key in (b'"userIdentity":', b'"arn":', b'"eventTime":', b'"arn":"arn:aws:'):
        cut = first[: first.index(key) + len(key)]
        found, damage = whole_values(b'{"Records":[' + first + b"," + cut + second + behind)
        assert found[:2] == [first, second], key
        assert damage


def test_a_record_among_the_parameters_of_a_cut_one_is_a_part_of_it() -> None:
    inner = root_event()
    planted = record(inner)
    whole = record(event(requestParameters={"a": inner, "b": {"c": inner}, "z": "end"}))
    for end in (whole.rindex(planted), whole.rindex(b'"z"'), whole.rindex(b'"end"')):
        found, damage = whole_values(b'{"Records":[' + record(event()) + b"," + whole[:end] + b"," + record(event()))
        assert planted not in found
        assert damage


def test_a_list_that_a_cut_left_open_swallows_no_record_behind_it() -> None:
    """Such a cut used to swallow six whole records."""
    six = [event() for _ in range(6)]
    ids = [one["eventID"].encode() for one in six]
    first = [record(event()), record(event(requestParameters=_LISTS)), record(event())]
    behind = {"file": records_text(list(map(record, six))), "array": b"[" + b",".join(map(record, six)) + b"]"}
    begun = records_text(first)
    for (name, text), cut in product(behind.items(), range(13, len(begun), 11)):
        found = b"".join(whole_values(begun[:cut] + b"\n" + text)[0])
        assert all(one in found for one in ids), f"{name} behind {begun[cut - 40 : cut]!r}"


def test_a_container_behind_a_list_that_a_cut_left_open_is_found() -> None:
    six = [event() for _ in range(6)]
    ids = [one["eventID"].encode() for one in six]
    begun = records_text([record(event(requestParameters=_LISTS))])
    for name, end in product(("lookup", "opensearch", "sqs in lambda"), (b'"items":[', b'"deep":[[', b'{"q":1},')):
        cut = begun.index(end) + len(end)
        found = b"".join(whole_values(begun[:cut] + b"\n" + WRAPPINGS[name][1](six))[0])
        assert all(one in found for one in ids), f"{name} behind {end!r}"


def test_a_part_of_a_record_that_lost_its_beginning_is_no_record() -> None:
    planted = root_event()
    whole = record(event(requestParameters={"list": [planted], "map": {"inner": planted}}))
    headless = whole[whole.index(b'"userIdentity"') :]
    found, damage = whole_values(b'{"Records":[' + b",".join((record(event()), headless, record(event()))) + b"]}")
    assert len(found) == 2
    assert damage


@pytest.mark.quick(2)
@pytest.mark.parametrize("opening", [b'{"Records":[', b"[", b"", b'{"Events":['])
def test_what_was_read_is_not_held(opening: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salvage, "_MAX_VALUE_BYTES", 50_000)  # so long may a value at the top be before it is entered
    pieces: dict[str, Callable[[int], bytes]] = {
        "records": lambda number: record(event(requestParameters={"n": number})) + b",",
        "odd text": lambda number: b"%d words and words, " % number * 40,
        "blanks": lambda _: b" " * 1000,
        "entries": lambda number: record(lookup_entry(event(requestParameters={"n": number}))) + b",",
    }
    for name, piece in pieces.items():
        reader, longest = salvage.Salvage(), 0
        list(reader.items(opening))
        for number in range(400):
            list(reader.items(piece(number)))
            longest = max(longest, len(reader._held))
        assert longest < 150_000, name
