"""The catalogue of actions: what an API call means when root, or a session that root opened, makes it.

``catalogue/*.toml`` holds one table a row, for people to read and amend. A row speaks of one ``eventName`` of one
``eventSource``; with a ``condition`` only of those events that meet it. Of several rows that fit an event, the one
with the most conditions speaks for it, among equals the gravest: a row without any is what is said when nothing more
is known.

Keys of a row:

- ``id``, ``eventSource``, ``eventName``;
- ``condition``: SQL over the columns of ``events``; all of a list must hold, and what is unknown does not hold;
- ``means``: what was done; ``matters``: why, after a takeover;
- ``severity``: one step lower for a try that failed, unless ``of_attempts`` says that the row speaks of such tries;
- ``tactic``, ``techniques``: of ATT&CK 19; ``techniques_v18`` where that version renamed them;
- ``lane``: of a timeline;
- ``undo``: how to contain it; ``undo_command``: AWS CLI. ``{requestParameters.userName}`` stands for the value of the
  record, which an attacker chose and which must be quoted, ``{a|b}`` for the first of two that is there, ``{each:a}``
  for one of a list, in a command for each; words in capitals are the responder's own;
- ``root_task``, ``needs_root``: which of AWS's tasks that require root it shows, and whether only root can do it;
- ``of_root``: the row speaks of root's own credentials, so it says nothing of what an identity did that root made; so
  does every row that ``needs_root``;
- ``costs``: ``yes`` if the call by itself brings something that is paid for, ``perhaps`` if that depends on what the
  record does not show;
- ``exposes``: ``yes`` if the call by itself gives data away or reads it, ``perhaps`` if that depends on what the
  record does not show, as on what a policy that was deleted had kept out;
- ``watcher``, ``tampering``, ``part``: what watches the account, whether the call stops, removes or changes it, and
  which part of it; of rows without a condition. What its content makes of it, the view ``watch_changes`` tells;
- ``sources``.

``root_task`` and ``sources`` name entries of ``catalogue/glossary.toml``. What a call makes, changes or removes, and
where the record names it, stands in ``things.toml``.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from rootforensics.errors import RuleError
from rootforensics.rules.things import thing_rules

if TYPE_CHECKING:
    import duckdb

    from rootforensics.rules.things import ThingRule

Severity = Literal["info", "low", "medium", "high", "critical"]
Lane = Literal[
    "sign-ins", "recovery", "credentials", "privileges", "persistence", "defence-evasion", "discovery", "data",
    "resources", "impact", "billing",
]  # fmt: skip

#: From nothing to fear to everything lost.
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
#: The lanes of a timeline, in the order in which a takeover uses to go.
LANES: Final[tuple[Lane, ...]] = get_args(Lane)
#: Tactics that ATT&CK 19 cut out of the one named here.
_OLD_TACTIC: Final = {"Stealth": "Defense Evasion", "Defense Impairment": "Defense Evasion"}
_GLOSSARY: Final = "glossary.toml"


@dataclass(frozen=True, slots=True)
class Action:
    """One row of the catalogue; the keys are told at the top of this module.

    ``sources`` holds addresses; ``undo``, ``undo_command`` and ``root_task`` are empty where there is nothing to say.
    """

    id: str
    eventSource: str
    eventName: str
    means: str
    matters: str
    severity: Severity
    tactic: str
    techniques: tuple[str, ...]
    lane: Lane
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
    watcher: str = ""
    tampering: Literal["", "stopped", "removed", "changed"] = ""
    part: str = ""

    @property
    def attempt_severity(self) -> Severity:
        """What a try is worth that did not succeed: one step less, unless the row speaks of such tries."""
        place = SEVERITIES.index(self.severity)
        return self.severity if self.of_attempts else SEVERITIES[max(place - 1, 0)]

    @property
    def attempt_means(self) -> str:
        """What was tried; never in words that say that it was done."""
        return self.means if self.of_attempts else f"Tried, without success: {self.means}"

    @property
    def tactic_v18(self) -> str:
        """The tactic as ATT&CK named it up to version 18."""
        return _OLD_TACTIC.get(self.tactic, self.tactic)

    @property
    def condition_sql(self) -> str:
        """The conditions as one SQL expression; empty if there are none."""
        return " AND ".join(f"({one})" for one in self.condition)


_KNOWN: Final = frozenset(field.name for field in fields(Action))


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
    import msgspec

    place = f"{where}, {row.get('id', 'a row without id')}"
    if unknown := sorted(row.keys() - _KNOWN):
        raise RuleError(f"unknown key {unknown[0]!r}", where=place, hint=f"Known: {', '.join(sorted(_KNOWN))}")
    try:
        action = msgspec.convert(row, Action)
    except msgspec.ValidationError as error:
        raise RuleError(
            str(error), where=place, hint=f"Severities: {', '.join(SEVERITIES)}. Lanes: {', '.join(LANES)}"
        ) from error
    if missing := sorted(
        {*action.sources} - glossary["sources"].keys() | {action.root_task} - {"", *glossary["root_tasks"]}
    ):
        raise RuleError(f"{missing[0]!r} is not in the glossary", where=place, hint=f"Add it to {_GLOSSARY}")
    if len({*map(bool, (action.watcher, action.tampering, action.part))}) > 1 or (action.watcher and action.condition):
        raise RuleError("watcher, tampering and part go together, in a row without a condition", where=place)
    sources = tuple(glossary["sources"][key] for key in action.sources)
    return replace(action, sources=sources, techniques_v18=action.techniques_v18 or action.techniques)


@cache
def actions() -> dict[str, Action]:
    """Every action by its id, in the order of the files.

    Raises:
        RuleError: a file of the catalogue is wrong, or two rows have one id, or speak of the same events.
    """
    words = glossary()
    found = [one for name, text in _texts() if name != _GLOSSARY for one in parse_actions(text, name, words)]
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
    held = files(__package__).joinpath("catalogue").iterdir()
    return tuple(
        (one.name, one.read_text(encoding="utf-8"))
        for one in sorted(held, key=lambda entry: entry.name)
        if one.name.endswith(".toml")
    )


#: The columns of the table ``actions``. None is spelled as a field of a record, in any spelling: a case may itself be
#: given as evidence, and then this table must not pass for one of events.
_TABLE: Final = {
    "action_id": "VARCHAR",
    "call_source": "VARCHAR",
    "call_name": "VARCHAR",
    "condition": "VARCHAR",
    "condition_count": "INTEGER",
    "means": "VARCHAR",
    "attempt_means": "VARCHAR",
    "matters": "VARCHAR",
    "severity": "VARCHAR",
    "attempt_severity": "VARCHAR",
    "tactic": "VARCHAR",
    "techniques": "VARCHAR",
    "tactic_v18": "VARCHAR",
    "techniques_v18": "VARCHAR",
    "lane": "VARCHAR",
    "undo": "VARCHAR",
    "undo_command": "VARCHAR",
    "root_task": "VARCHAR",
    "needs_root": "VARCHAR",
    "of_root": "BOOLEAN",
    "costs": "VARCHAR",
    "exposes": "VARCHAR",
    "watcher": "VARCHAR",
    "tampering": "VARCHAR",
    "part": "VARCHAR",
    "sources": "VARCHAR",
    "makes": "VARCHAR",
    "made_at": "VARCHAR",
}


#: The rows of that table, written from the catalogue by ``make docs``: reading them is far faster than reading TOML.
TABLE_FILE: Final = "catalogue/table.json"


def table_text() -> str:
    """The text of ``TABLE_FILE``: a JSON list with one row a line."""
    rows = (json.dumps(_row(one), ensure_ascii=False) for one in actions().values())
    return "[\n" + ",\n".join(rows) + "\n]\n"


#: The columns of the table ``watch_calls``, of ``watch_calls.toml``: what else changes what watches the account.
_WATCH_CALLS: Final = dict.fromkeys(("call_source", "call_name", "watcher", "tampering", "part"), "VARCHAR")


def watch_calls() -> list[dict[str, str]]:
    """The calls that change what watches the account and stand in no row of the catalogue with a watcher."""
    held = tomllib.loads(_data("watch_calls.toml"))
    told = ((watcher, call, what) for watcher, calls in held.items() for call, what in calls.items())
    rows = ((*call.split(":"), watcher, *what.split(":")) for watcher, call, what in told)
    return [dict(zip(_WATCH_CALLS, (f"{one[0]}.amazonaws.com", *one[1:]), strict=True)) for one in rows]


def _data(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def install_actions(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables ``actions`` and ``watch_calls`` of a case; a case that has this catalogue is not touched.

    Args:
        connection: a writer, inside the load's transaction.
    """
    text = _data(TABLE_FILE)
    digest = hashlib.sha256((text + _data("watch_calls.toml")).encode()).hexdigest()
    columns = connection.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = 'actions'").fetchall()
    held = connection.execute("SELECT content FROM case_info WHERE name = 'actions'").fetchall()
    if held == [(digest,)] and {name for (name,) in columns} == _TABLE.keys():
        return
    for table, types, rows in (("actions", _TABLE, text), ("watch_calls", _WATCH_CALLS, json.dumps(watch_calls()))):
        named = ", ".join(f"{name} {kind}" for name, kind in types.items())
        connection.execute(f"CREATE OR REPLACE TABLE {table} ({named})")
        connection.execute(
            f"INSERT INTO {table} BY NAME"  # noqa: S608 - all of it is ours
            f" SELECT unnest(row) FROM (SELECT unnest(from_json(?, '{json.dumps([types])}')) AS row)",
            [rows],
        )
    connection.execute("DELETE FROM case_info WHERE name = 'actions'")
    connection.execute("INSERT INTO case_info VALUES ('actions', ?)", [digest])


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
        "attempt_means": one.attempt_means,
        "tactic_v18": one.tactic_v18,
        "root_task": glossary()["root_tasks"].get(one.root_task, ""),
        "sources": " ".join(one.sources),
        "makes": made.kind if made else "",
        "made_at": " ".join(f"$.{path.replace('[*]', '[0]')}" for path in made.name) if made else "",
    }
    return {name: texts.get(name) or None for name in _TABLE} | {
        "condition_count": len(one.condition),
        "of_root": one.of_root or one.needs_root == "yes",
    }


@cache
def _makes() -> dict[tuple[str, str], ThingRule]:
    """What each call makes, by its source and name."""
    return {one.event: one for one in reversed(thing_rules()) if one.effect == "creates"}


def conditions_sql(indent: str = "") -> str:
    """The branches of the view ``matched_actions`` that say which rows with a condition fit an event.

    Args:
        indent: before each line.
    """
    return "\n".join(f"{indent}WHEN '{one.id}' THEN {one.condition_sql}" for one in actions().values() if one.condition)
