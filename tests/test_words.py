"""Words that the package, its pages, its notebooks and its output do not use, and what they use instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

#: What is not said, and what is said instead.
WORDS: Final = {
    r"thie(f|ves)": "an unauthorized party, whoever used root",
    r"attackers?": "an unauthorized party, whoever used root",
    r"gravest|grave": "most severe; high or critical",
    r"ways? in(?! (which|one|its place|between))(?<!always in)": "persistence",
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
BANNED: Final = re.compile(rf"(?<![a-z])({'|'.join(f'(?:{word})' for word in WORDS)})(?![a-z])", re.IGNORECASE)
FOLDERS: Final = ("rootforensics", "docs", "notebooks", "tools")
KINDS: Final = {".py", ".sql", ".toml", ".md", ".ipynb", ".j2", ".json", ".js", ".css", ".yaml"}


def _texts() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in KINDS]
    return [*found, *ROOT.glob("*.md")]


def _said(text: str) -> list[str]:
    return [
        f"{number}: {found[0]}" for number, line in enumerate(text.splitlines(), 1) for found in BANNED.finditer(line)
    ]


def test_no_text_uses_them() -> None:
    texts = _texts()
    assert len(texts) > 600
    told = [f"{path.relative_to(ROOT)}:{one}" for path in texts for one in _said(path.read_text(encoding="utf-8"))]
    assert told == []


def test_what_is_told_of_actions_and_steps_is_in_terms_of_the_field() -> None:
    """An unauthorized party, an attempt, access: not these, which stood in findings and steps of containment."""
    banned = re.compile(r"\b(strangers?|a try to|a door|a way into|somebody asked)\b", re.IGNORECASE)
    paths = [*(ROOT / "rootforensics" / "rules").rglob("*.toml"), *(ROOT / "rootforensics" / "rules").rglob("*.sql")]
    assert len(paths) > 20
    found = [f"{path.name}: {one[0]}" for path in paths for one in banned.finditer(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "arguments",
    [("verdict",), ("findings",), ("incident",), ("blast-radius",), ("timeline",), ("query", "root-actions")],
)
def test_nothing_that_is_told_of_the_sample_uses_them(arguments: tuple[str, ...], sample_path: Path) -> None:
    name, *rest = arguments
    output = CliRunner().invoke(cli, [name, str(sample_path), *rest]).output
    assert len(output.splitlines()) > 10
    assert _said(output) == []


def test_a_word_is_found_wherever_it_stands() -> None:
    assert _said("fine\nThe attacker's way in: root_deeds.") == ["2: attacker", "2: way in", "2: deeds"]
    assert _said("always in order, a way in which it works, a whole, degrees") == []
