"""Words that the package, its pages, its notebooks and its output do not use, and what they use instead."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from tests.conftest import ROOT
from tests.pages import PAGES, prose
from tools.docs.pages import cli_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Words that no file contains, and their replacement.
NOWHERE: Final = {
    r"thie(f|ves)": "an unauthorized party, whoever used root",
    r"attackers?": "an unauthorized party, whoever used root",
    r"gravest|grave": "most severe; high or critical",
    r"ways? in(?! (which|one|its place|between))": "persistence",
    r"root.s name": "attributed to root, userIdentity.type is Root",
    r"(came|come|comes|coming) from root": "follow-on activity, what descends from root",
    r"deeds?": "action",
    r"tamper(ed|ing|s)?": "logging impairment",
    r"what watches": "detective control",
    r"untold": "not recorded, unknown",
    r"(somebody|nobody|who) got in": "gained access; the sign-in failed",
    r"root of account": "the root user of account",
    r"(?<!\w)holes?": "coverage gap",
    r"blinded": "logging was impaired",
    r"done or (only )?tried|tried, (at least|without)": "successful or attempted; outcome",
    r"happened unseen|record cannot be trusted": "missing, incomplete",
    r"lanes?|the ground (of|on)": "row, category; stands on",
    r"colour\w*|behaviour|centre|grey": "US spelling",
}
#: Words that no text for people contains either.
WORDS: Final = NOWHERE | {
    r"people's root": "a person used root; root activity",
    r"ways? back|comes? back by": "persistence",
    r"what came of it|(what )?root set going": "created or changed by root; follow-on activity",
    r"(good|bad) answers?": "passed, failed",
    r"wants answering": "finding; needs investigation",
    r"of a kind that is not read": "unsupported",
    r"unwatched|in silence": "the logs do not cover this time",
    r"kept out": "was denied, failed",
    r"takes? root back": "recover root",
    r"deny the role everything": "quarantine the role",
    r"lift the denial": "remove the SCP",
    r"not recorded as failed": "successful",
    r"first time that others|others ended": "first containment action",
    r"no event yet": "seeing no event is not proof that nothing happened",
    r"first half of a device": "registered",
    r"what it lets in": "inbound rules",
    r"another tool spelled": "in a non-standard format",
    r"neither supported nor contradicted": "inconclusive",
    r"on another way": "through a separate channel",
    r"without success": "failed",
    r"(was|is|be|then) bound": "registered",
    r"(took|takes?|taken|taking) away": "removed",
    r"rightful": "correct",
    r"lies open|lie unused": "is exposed, exists unused",
    r"works unseen|answers nothing|how it stands": "is not recorded, does not affect the answer, status",
    r"strangers?|a try to|a door|somebody asked": "an unauthorized party, an attempt, access",
    r"sets? aside": "skipped, moved to duplicates",
    r"bears?": "has",
    r"bent": "converted",
    r"tells? of|(is|are|was|were) told": "reports, is reported",
    r"(held|holds?) (\w+'?s? )?(\w+ )?against": "compared with",
    r"of yours": "your own",
    r"(with|of) another content": "with different content",
    r"anew": "again",
    r"everybody|anybody": "everyone, anyone",
    r"spoken of|moment of knowledge": "in scope, time of discovery",
}
FOLDERS: Final = ("rootforensics", "docs", "notebooks", "tools")
KINDS: Final = {".py", ".sql", ".toml", ".md", ".ipynb", ".j2", ".json", ".js", ".css", ".yaml"}


def _pattern(words: dict[str, str]) -> re.Pattern[str]:
    either = "|".join(f"(?:{word})".replace(" ", r"\s+") for word in words)
    return re.compile(rf"(?<![a-z])({either})(?![a-z])", re.IGNORECASE)


def _matches(text: str, words: dict[str, str]) -> list[str]:
    return [f"{text.count(chr(10), 0, match.start()) + 1}: {match[0]}" for match in _pattern(words).finditer(text)]


def _files() -> list[Path]:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in KINDS]
    return [*paths, *ROOT.glob("*.md")]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


def _texts_for_people() -> Iterator[tuple[str, str]]:
    """Name and text of pages, rules, headers of questions, help of commands, and notebooks."""
    yield "help", cli_page()
    for path in PAGES:
        yield str(path), prose(path)
    for path in (ROOT / "rootforensics").rglob("*.toml"):
        yield str(path), "\n".join(_strings(tomllib.loads(path.read_text(encoding="utf-8"))))
    for path in (ROOT / "rootforensics").rglob("*.sql"):
        if header := re.match(r"/\*(.*?)\*/", path.read_text(encoding="utf-8"), re.DOTALL):
            yield str(path), "\n".join(_strings(tomllib.loads(header[1])))
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        yield str(path), "\n".join("".join(cell["source"]) for cell in cells)
    for path in (ROOT / "rootforensics").rglob("*.j2"):
        yield str(path), path.read_text(encoding="utf-8")


def test_no_file_uses_them() -> None:
    files = _files()
    assert len(files) > 600
    used = [
        f"{path.relative_to(ROOT)}:{match}"
        for path in files
        for match in _matches(path.read_text(encoding="utf-8"), NOWHERE)
    ]
    assert used == []


def test_no_text_for_people_uses_them() -> None:
    texts = list(_texts_for_people())
    assert len(texts) > 250
    assert [f"{name}:{match}" for name, text in texts for match in _matches(text, WORDS)] == []


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "arguments",
    [("verdict",), ("findings",), ("incident",), ("blast-radius",), ("timeline",), ("query", "root-actions")],
)
def test_no_output_on_the_sample_uses_them(arguments: tuple[str, ...], sample_path: Path) -> None:
    name, *rest = arguments
    output = CliRunner().invoke(cli, [name, str(sample_path), *rest]).output
    assert len(output.splitlines()) > 10
    assert _matches(output, WORDS) == []


def test_a_word_is_matched_anywhere_in_a_text() -> None:
    assert _matches("fine\nThe attacker's way\nin: root_deeds.", NOWHERE) == ["2: attacker", "2: way\nin", "3: deeds"]
    assert _matches("always in order, a way in which it works, a whole, degrees", WORDS) == []
