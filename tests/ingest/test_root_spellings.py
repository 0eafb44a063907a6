"""However a tool spells a type, and wherever: a full load and a load of root alone find the same events."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.filters import Filters
from tests.builders import event
from tests.ingest.checks import rows
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

ROOT: Final = Filters(root_related=True)
#: What stands in the place of a type.
_WORDS: Final = ("root", "root", "root", "iamuser", "role", "rooted", "boot", "r oot")
_OF_ROOT: Final = ("root", "Root", "ROOT")
_USER: Final = {"arn": "arn:aws:iam::111122223333:user/x", "accountId": "111122223333"}
_BLANKS: Final = ("", "", " ", "  ", " " * 40)


def _in_case(word: str, dice: random.Random) -> str:
    """A word with each letter in upper or lower case."""
    return "".join(dice.choice((sign.upper(), sign.lower())) for sign in word)


def _spelled(dice: random.Random) -> tuple[str, bool]:
    """A record as JSON, and whether it is root's."""
    word = dice.choice(_WORDS)
    cased = dice.choice((word, word.capitalize(), word.upper(), _in_case(word, dice)))
    text = dice.choice(_BLANKS) + cased + dice.choice(_BLANKS)
    escaped = dice.random() / 4
    kind = "".join(rf"\u{ord(sign):04x}" if dice.random() < escaped else sign for sign in text)
    identity: dict[str, Any] = {"type": "@@", **_USER}
    if dice.random() < 0.5:
        outer = dice.choice(("FederatedUser", " FederatedUser", _in_case("FederatedUser", dice)))
        identity = {"type": outer, **_USER, "sessionContext": {"sessionIssuer": identity}}
    record = {**event(), "userIdentity": identity}
    return json.dumps(record, separators=(",", ":")).replace('"@@"', f'"{kind}"'), cased in _OF_ROOT


async def test_both_loads_find_the_same_events_of_root(tmp_path: Path) -> None:
    dice = random.Random(0)
    (tmp_path / "logs").mkdir()
    wanted: dict[str, list[int]] = {}
    for number in range(320):
        found = [_spelled(dice) for _ in range(dice.choice((1, 2, 20)))]
        comma = dice.choice((",", ", "))
        (tmp_path / "logs" / f"{number:03}").write_text(f'{{"Records":[{comma.join(text for text, _ in found)}]}}')
        wanted[f"{number:03}"] = [index for index, (_, is_root) in enumerate(found) if is_root]
    for name, options in (("full", {}), ("root", {"filters": ROOT})):
        case = await load_beside(tmp_path, **options)
        held: dict[str, list[int]] = {number: [] for number in wanted}
        for row in rows(
            case, "SELECT uri, record_index FROM root_events JOIN evidence USING (evidence_id) ORDER BY ALL"
        ):
            held[row["uri"][-3:]].append(row["record_index"])
        assert held == wanted, name


async def test_a_type_in_small_or_capital_letters_is_roots(tmp_path: Path) -> None:
    ones = [_between_others(tmp_path, kind) for kind in ("root", "ROOT", " root", "root ", " ROOT")]
    for name, options in (("full", {}), ("root", {"filters": ROOT})):
        found = rows(await load_beside(tmp_path, **options), "SELECT eventID, root_basis FROM root_events")
        assert {row["eventID"]: row["root_basis"] for row in found} == dict.fromkeys(ones, "userIdentity.type"), name


async def test_any_other_spelling_is_told_as_a_type_that_nobody_knows(tmp_path: Path) -> None:
    ones = [_between_others(tmp_path, kind) for kind in ("RoOt", "rOOT", "rooT")]
    case = await load_beside(tmp_path)
    assert rows(case, "SELECT eventID FROM root_events") == []
    found = [row for row in case.query("evidence_problems").rows if row["kind"] == "unknown_identity"]
    assert {row["eventID"] for row in found} == {*ones}


def _between_others(tmp_path: Path, kind: str) -> str:
    """Write a log of three events, the second of that type; returns its ID."""
    (tmp_path / "logs").mkdir(exist_ok=True)
    one = event(identity={"type": kind})
    (tmp_path / "logs" / f"{kind}.json").write_text(
        json.dumps({"Records": [event(), one, event()]}, separators=(",", ":"))
    )
    return str(one["eventID"])
