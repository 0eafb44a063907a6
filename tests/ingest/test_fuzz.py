"""Files broken at random: nothing is raised, the counts add up, and no sound record is lost.

Seeds are fixed, so a failure can be repeated; the seed of a file is its name. ``make hostile`` takes new ones and prints
the first.
"""

from __future__ import annotations

import os
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.schema import EVENT_FIELDS
from tests.builders import event, gz, record, records_text, root_event, write_log
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.shapes import JUNK, hostile_event

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _flip(text: bytes, place: int, chance: random.Random) -> bytes:
    return text[:place] + bytes([text[place] ^ (1 << chance.randrange(8))]) + text[place + 1 :]


def _delete(text: bytes, place: int, chance: random.Random) -> bytes:
    return text[:place] + text[place + chance.randint(1, 6) :]


def _insert(text: bytes, place: int, chance: random.Random) -> bytes:
    return text[:place] + chance.choice(JUNK) + text[place:]


#: A text that is the value of a key.
_TEXT_VALUE = re.compile(rb'(?<=:)"(?:[^"\\]|\\.)*"')
_NUMBERS = (b"1e400", b"-1E999", b"9" * 400, b"9" * 5000, b"0.1e-999")


def _nest(text: bytes, place: int, chance: random.Random) -> bytes:
    depth = chance.choice((1, 10, 490, 600, 800, 950, 980, 990, 1000, 1100))
    return text[:place] + _TEXT_VALUE.sub(lambda found: b"[" * depth + found[0] + b"]" * depth, text[place:], count=1)


def _number(text: bytes, place: int, chance: random.Random) -> bytes:
    return text[:place] + _TEXT_VALUE.sub(chance.choice(_NUMBERS), text[place:], count=1)


#: ``make hostile`` asks for more.
FILES = int(os.environ.get("ROOTFORENSICS_FUZZ_FILES", "300"))
SEEDS = range(first := int(os.environ.get("ROOTFORENSICS_FUZZ_SEED", "0")), first + FILES)
MUTATIONS: list[Callable[[bytes, int, random.Random], bytes]] = [_flip, _delete, _insert]
#: What a net caught that nobody foresaw; damage has words of its own.
UNFORESEEN = re.compile(
    r"could not be read any further|could not be listed|cannot be decoded \((?!\w*DecodeError|ValidationError|nested)"
)
SHAPES: list[Callable[[list[bytes]], bytes]] = [
    records_text,
    lambda spelled: b"[" + b",".join(spelled) + b"]",
    lambda spelled: b"\n".join(spelled) + b"\n",
    b"".join,
    lambda spelled: b'{\n "Records": [\n' + b",\n".join(spelled) + b"\n]}\n",
]


@pytest.mark.heavy
def test_one_mutation_of_a_file_costs_at_most_the_records_that_it_touches(tmp_path: Path) -> None:
    neighbours = [event() for _ in range(5)]
    write_log(tmp_path / "logs", "zz.json.gz", neighbours)
    expected: dict[str, tuple[set[str], bytes]] = {}
    for seed in SEEDS:
        chance = random.Random(seed)
        events = [chance.choice((event, root_event, hostile_event))() for _ in range(5)]
        spelled = [record(one) for one in events]
        text = SHAPES[seed % len(SHAPES)](spelled)
        place = chance.randrange(text.index(spelled[0]), len(text))
        broken = MUTATIONS[seed % len(MUTATIONS)](text, place, chance)
        (tmp_path / "logs" / f"{seed:05}").write_bytes(broken)
        near = text[max(place - 8, 0) : place + 8]
        sound = {
            one["eventID"]
            for one, own in zip(events, spelled, strict=True)
            if not text.index(own) - 1 <= place <= text.index(own) + len(own) and own in broken
        }
        expected[f"{seed:05}"] = sound, near
    case = load(tmp_path)
    assert event_ids(case, "zz.json.gz") == [neighbour["eventID"] for neighbour in neighbours]
    found: dict[str, set[str | None]] = {}
    for row in rows(case, "SELECT uri, eventID FROM events JOIN evidence USING (evidence_id)"):
        found.setdefault(row["uri"].rsplit("/", 1)[-1], set()).add(row["eventID"])
    lost = {
        name: (len(sound - found.get(name, set())), near, evidence(case)[name]["problem"])
        for name, (sound, near) in expected.items()
        if not sound <= found.get(name, set())
    }
    assert not lost
    assert [name for name, row in evidence(case).items() if UNFORESEEN.search(row["problem"] or "")] == []


@pytest.mark.heavy
def test_many_mutations_raise_nothing_and_every_count_adds_up(tmp_path: Path) -> None:
    neighbours = [event() for _ in range(5)]
    write_log(tmp_path / "logs", "zz.json.gz", neighbours)
    events = [event(), root_event(), hostile_event(), event()]
    for seed in SEEDS:
        chance = random.Random(1000 + seed)
        text = SHAPES[seed % len(SHAPES)]([record(one) for one in events])
        for _ in range(chance.randint(2, 25)):
            text = chance.choice([*MUTATIONS, _nest, _number])(text, chance.randrange(len(text)), chance)
        packed = gz(text) if seed % 3 else text
        if seed % 3 == 2:
            packed = _flip(packed, chance.randrange(len(packed)), chance)
        (tmp_path / "logs" / f"{seed:05}").write_bytes(packed)
    case = load(tmp_path)
    assert event_ids(case, "zz.json.gz") == [neighbour["eventID"] for neighbour in neighbours]
    ledger = evidence(case)
    assert len(ledger) == FILES + 1
    silent = [name for name, row in ledger.items() if row["status"] not in {"loaded", "empty"} and not row["problem"]]
    assert not silent
    assert {name: row["problem"] for name, row in ledger.items() if UNFORESEEN.search(row["problem"] or "")} == {}
    shown = rows(case, "SELECT evidence_id, record_index FROM events ORDER BY hash(evidence_id, record_index) LIMIT 60")
    for row in shown:
        assert case.raw(f"{row['evidence_id']}:{row['record_index']}")


def test_random_bytes_are_told_and_raise_nothing(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    heads = [
        b"",
        b"\x1f\x8b",
        b"\x1f\x8b\x08\0",
        b"\x28\xb5\x2f\xfd",
        b"{",
        b"[",
        b'{"Records":[',
        b"\xff\xfe",
        b"\xef\xbb\xbf",
    ]
    for seed in range(150):
        chance = random.Random(seed)
        content = heads[seed % len(heads)] + chance.randbytes(chance.randint(1, 3000))
        (tmp_path / "logs" / f"{seed:05}").write_bytes(content)
    case = load(tmp_path)
    assert event_ids(case) == []
    assert {row["status"] for row in evidence(case).values()} <= {"unsupported", "damaged"}


_PLAIN_VALUES: list[Any] = [
    "", "Root", "true", "\0", "\U0001f511", "2026-08-05T10:00:00Z", '"}]}', "x" * 300,
    0, -1, 1.5, 2**70, 1e-300, 10**300, True, False, None, [], {}, [None], {"": ""},
]  # fmt: skip
_NAMES = [*EVENT_FIELDS, "type", "sessionContext", "attributes", "sessionIssuer", "ARN", "s3", "Records", "new"]


def _random_value(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8 if depth < 4 else 5)
    if kind < 5:
        return chance.choice(_PLAIN_VALUES)
    if kind == 5:
        return [_random_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(_NAMES): _random_value(chance, depth + 1) for _ in range(chance.randrange(5))}


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.quick(1)
def test_valid_records_with_odd_values_everywhere_are_all_kept(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    events: list[dict[str, Any]] = []
    for name in [*EVENT_FIELDS, "new"] * 12:
        # eventID and eventName stay, so that each can be told apart and is an event; s3 makes a notification.
        odd = {} if name in ("eventID", "eventName") else {name: _random_value(chance)}
        more = chance.choice(list(EVENT_FIELDS))
        if more not in ("eventID", "eventName"):
            odd[more] = _random_value(chance)
        events.append(event(**odd))
    write_log(tmp_path / "logs", "a.json.gz", events)
    (tmp_path / "logs" / "b.json").write_bytes(b"\n".join(record(one) for one in events))
    case = load(tmp_path)
    ledger = evidence(case)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert ledger["b.json"]["duplicate_count"] == len(events)
    for one in events[::40]:
        assert case.raw(one["eventID"]) == record(one)
