"""The catalogue of actions as people write it, checked, and what ``make docs`` writes from it.

The package itself reads the table that is written here.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec

from rootforensics.errors import RuleError
from rootforensics.rules.actions import CATEGORIES, SEVERITIES, TABLE, Category, Severity
from rootforensics.rules.entities import EntityRule, entity_rules
from rootforensics.rules.wording import attempt, past

#: Tactics that ATT&CK 19 cut out of the one named here.
_OLD_TACTIC: Final = {"Stealth": "Defense Evasion", "Defense Impairment": "Defense Evasion"}
_GLOSSARY: Final = "glossary.toml"


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the catalogue; the keys are told at the top of ``rootforensics.rules.actions``.

    ``sources`` holds addresses; ``undo``, ``undo_command`` and ``root_task`` are empty where there is nothing to say.
    """

    id: str
    eventSource: str
    eventName: str
    act: str
    matters: str
    severity: Severity
    tactic: str
    techniques: tuple[str, ...]
    category: Category
    sources: tuple[str, ...]
    of_attempts: bool = False
    techniques_v18: tuple[str, ...] = ()
    condition: tuple[str, ...] = ()
    undo: str = ""
    undo_command: str = ""
    root_task: str = ""
    needs_root: Literal["yes", "no", "unknown"] = "no"
    of_root: bool = False
    costs: Literal["", "yes", "perhaps"] = ""
    exposes: Literal["", "yes", "perhaps"] = ""
    control: str = ""
    impairment: Literal["", "stopped", "removed", "changed"] = ""
    part: str = ""

    @property
    def attempt_severity(self) -> Severity:
        """What a try is worth that did not succeed: one step less, unless the row speaks of such tries."""
        place = SEVERITIES.index(self.severity)
        return self.severity if self.of_attempts else SEVERITIES[max(place - 1, 0)]

    @property
    def sentence(self) -> str:
        """What was done, or what was tried if the row speaks of attempts."""
        return _sentence(attempt(self.act) if self.of_attempts else past(self.act))

    @property
    def attempt_sentence(self) -> str:
        """What was tried; never in words that say that it was done."""
        return _sentence(attempt(self.act))

    @property
    def tactic_v18(self) -> str:
        """The tactic as ATT&CK named it up to version 18."""
        return _OLD_TACTIC.get(self.tactic, self.tactic)

    @property
    def condition_sql(self) -> str:
        """The conditions as one SQL expression; empty if there are none."""
        return " AND ".join(f"({one})" for one in self.condition)


_KNOWN: Final = frozenset(field.name for field in fields(Action))


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def parse_actions(text: str, where: str, glossary: dict[str, dict[str, str]]) -> list[Action]:
    """Read one file of the catalogue.

    Args:
        text: TOML with tables named ``action``.
        where: the file's name, for errors.
        glossary: the tables ``root_tasks`` and ``sources``.

    Raises:
        RuleError: the text is no TOML, or a row lacks a key, has an unknown one, or a value that is not allowed.
    """
    try:
        held = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"this is no TOML: {error}", where=where) from error
    rows = held.get("action")
    if held.keys() != {"action"} or not isinstance(rows, list):
        raise RuleError("the file holds something else than tables named action", where=where)
    return [_action(row, where, glossary) for row in rows]


def _action(row: dict[str, Any], where: str, glossary: dict[str, dict[str, str]]) -> Action:
    place = f"{where}, {row.get('id', 'a row without id')}"
    if unknown := sorted(row.keys() - _KNOWN):
        raise RuleError(f"unknown key {unknown[0]!r}", where=place, hint=f"Known: {', '.join(sorted(_KNOWN))}")
    try:
        action = msgspec.convert(row, Action)
    except msgspec.ValidationError as error:
        raise RuleError(
            str(error), where=place, hint=f"Severities: {', '.join(SEVERITIES)}. Categories: {', '.join(CATEGORIES)}"
        ) from error
    if missing := sorted(
        {*action.sources} - glossary["sources"].keys() | {action.root_task} - {"", *glossary["root_tasks"]}
    ):
        raise RuleError(f"{missing[0]!r} is not in the glossary", where=place, hint=f"Add it to {_GLOSSARY}")
    if len({*map(bool, (action.control, action.impairment, action.part))}) > 1 or (action.control and action.condition):
        raise RuleError("control, impairment and part go together, in a row without a condition", where=place)
    sources = tuple(glossary["sources"][key] for key in action.sources)
    return replace(action, sources=sources, techniques_v18=action.techniques_v18 or action.techniques)


@cache
def actions() -> dict[str, Action]:
    """Every action by its id, in the order of the files.

    Raises:
        RuleError: a file of the catalogue is wrong, or two rows have one id, or speak of the same events.
    """
    words = glossary()
    found = [action for name, text in _texts() if name != _GLOSSARY for action in parse_actions(text, name, words)]
    for name, keys in (
        ("id", [one.id for one in found]),
        ("event and condition", [(one.eventSource, one.eventName, one.condition_sql) for one in found]),
    ):
        key, count = Counter(keys).most_common(1)[0]
        if count > 1:
            raise RuleError(f"{count} rows have one {name}: {key}", where="the catalogue of actions")
    return {one.id: one for one in found}


@cache
def glossary() -> dict[str, dict[str, str]]:
    """The words behind the keys: tables ``root_tasks`` (what AWS calls the task) and ``sources`` (an address)."""
    text = dict(_texts())[_GLOSSARY]
    words: dict[str, dict[str, str]] = tomllib.loads(text)
    return words


@cache
def _texts() -> tuple[tuple[str, str], ...]:
    """Name and text of each file of the catalogue, in the order of their names."""
    held = files("rootforensics.rules").joinpath("catalogue").iterdir()
    return tuple(
        (one.name, one.read_text(encoding="utf-8"))
        for one in sorted(held, key=lambda entry: entry.name)
        if one.name.endswith(".toml")
    )


def table_text() -> str:
    """The text of ``TABLE_FILE``: a JSON list with one row a line."""
    rows = (json.dumps(_row(action), ensure_ascii=False) for action in actions().values())
    return "[\n" + ",\n".join(rows) + "\n]\n"


def _row(one: Action) -> dict[str, str | int | bool | None]:
    """An action as the table holds it: lists as one text, NULL where there is nothing to say."""
    held = {name: getattr(one, name) for name in _KNOWN}
    made = _makes().get((one.eventSource, one.eventName))
    texts = {name: ", ".join(value) if isinstance(value, tuple) else value for name, value in held.items()} | {
        "action_id": one.id,
        "call_source": one.eventSource,
        "call_name": one.eventName,
        "condition": one.condition_sql,
        "attempt_severity": one.attempt_severity,
        "means": one.sentence,
        "attempt_means": one.attempt_sentence,
        "tactic_v18": one.tactic_v18,
        "root_task": glossary()["root_tasks"].get(one.root_task, ""),
        "sources": " ".join(one.sources),
        "makes": made.kind if made else "",
        "made_at": " ".join(f"$.{path.replace('[*]', '[0]')}" for path in made.name) if made else "",
    }
    return {name: texts.get(name) or None for name in TABLE} | {
        "condition_count": len(one.condition),
        "of_root": one.of_root or one.needs_root == "yes",
    }


@cache
def _makes() -> dict[tuple[str, str], EntityRule]:
    """What each call makes, by its source and name."""
    return {
        entity_rule.event: entity_rule for entity_rule in reversed(entity_rules()) if entity_rule.effect == "creates"
    }


def conditions_sql(indent: str = "") -> str:
    """The branches of the view ``matched_actions`` that say which rows with a condition fit an event.

    Args:
        indent: before each line.
    """
    branches: dict[str, list[str]] = {}
    for action in actions().values():
        if action.condition:
            branches.setdefault(action.condition_sql, []).append(f"'{action.id}'")
    told = (f"{indent}WHEN action_id IN ({', '.join(held)}) THEN {told}" for told, held in branches.items())
    return "\n".join(told)
