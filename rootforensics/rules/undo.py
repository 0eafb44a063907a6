"""How an action is undone, and what of its record the command needs.

Read from the table that ``make docs`` writes from the catalogue: a blast radius asks for it once for each call.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from rootforensics.rules.actions import action_rows

if TYPE_CHECKING:
    from rootforensics.queries import rows as of

#: A word of a command that stands for a value of the record: paths, the first that is there; with ``each:`` before them
#: the command takes one of the values, and is needed for each.
PLACEHOLDER: Final = re.compile(r"\{(?P<each>each:)?(?P<paths>[A-Za-z0-9.*|\[\]]+)\}")


@cache
def _measures() -> dict[str, list[of.Measure]]:
    return tomllib.loads(files(__package__).joinpath("containment.toml").read_text(encoding="utf-8"))


def measures(part: str) -> list[of.Measure]:
    """What is done about what root left, of ``containment.toml``: the rows ``step`` or ``control``."""
    return _measures()[part]


@cache
def _deadlines() -> dict[str, str]:
    return {action: measure["deadline"] for measure in measures("step") for action in measure.get("actions", ())}


def deadline_of(action_id: str | None) -> str:
    """Within what time an action of the catalogue has to be undone, hours or days; empty if nothing is lost by then."""
    return _deadlines().get(action_id or "", "")


@cache
def deletion_of(action_id: str) -> of.Measure | None:
    """When what an action of the catalogue deletes is gone: a row ``deletion``; None if it is gone at once or never."""
    return next((row for row in measures("deletion") if action_id in row["actions"]), None)


@cache
def words_of(command: str) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """The words of a command, each with the paths that it stands for and whether it takes one of their values only."""
    told = [(word, PLACEHOLDER.fullmatch(word)) for word in shlex.split(command)]
    return tuple(
        (word, *((tuple(one["paths"].split("|")), bool(one["each"])) if one else ((), False))) for word, one in told
    )


@cache
def _by_id() -> dict[str, of.ActionsTable]:
    return {row["action_id"]: row for row in action_rows()}


@cache
def _by_call() -> dict[tuple[str, str], list[of.ActionsTable]]:
    found: dict[tuple[str, str], list[of.ActionsTable]] = {}
    for row in action_rows():
        found.setdefault((row["call_source"], row["call_name"]), []).append(row)
    return found


def undo_of(action_id: str) -> of.ActionsTable | None:
    """A row of the catalogue, with the columns of the table ``actions``; None if only another version has it."""
    return _by_id().get(action_id)


def usual_undo(source: str, name: str) -> of.ActionsTable | None:
    """The row that speaks of a call of which nothing more is known; None if the catalogue does not have the call."""
    return next((row for row in _by_call().get((source, name), ()) if not row["condition"]), None)


#: What to restore that only the logs may have; earlier versions AWS itself keeps.
_FORMER: Final = re.compile(r"\b([Rr])estore the previous (?!version)(\w[\w ]*?)(?=[.,;]| now\b| and\b|$)")
_CORRECT: Final = {"R": "Correct", "r": "correct"}
#: What else to do where something previous is known.
_OR_FORMER: Final = re.compile(r", or restore the previous \w+")


def needs_former(undo: str) -> bool:
    """Whether an action is undone by what was there before."""
    return bool(_FORMER.search(undo))


def undo_in_words(entry: of.ActionsTable, former: str) -> tuple[str, str]:
    """How an action is undone, and the command for it, with placeholders.

    Args:
        entry: the row of the catalogue.
        former: the call that last wrote the same before, in words; empty where the logs have none: then nothing is put
            back that nobody knows. What was deleted cannot be corrected either.
    """
    undo, command = (entry["undo"] or "").rstrip("."), entry["undo_command"] or ""
    if not needs_former(undo):
        return undo, command
    if former:
        return _FORMER.sub(lambda found: f"{found[0]} (it is in {former})", undo), command
    if entry["call_name"].startswith("Delete"):
        return f"{undo}. These logs do not contain it", command
    undo = _FORMER.sub(lambda found: f"{_CORRECT[found[1]]} the {found[2]}", _OR_FORMER.sub("", undo))
    undo = undo.replace("the one", "it")
    return undo, command.replace("FORMER-", "CORRECTED-")


@cache
def undo_paths(source: str, name: str) -> tuple[str, ...]:
    """The paths in request and response whose values the commands need that undo a call, and its deadline."""
    rows = _by_call().get((source, name), ())
    found = {path for row in rows for _, paths, _ in words_of(row["undo_command"] or "") for path in paths}
    deletions = filter(None, (deletion_of(row["action_id"]) for row in rows))
    found.update(path for row in deletions for path in (row["at"], row["days_at"]))
    return tuple(sorted(path for path in found if path.startswith(("requestParameters.", "responseElements."))))


def one_each(command: str) -> bool:
    """Whether a command is needed for each entity that a call made."""
    return any(each for _, _, each in words_of(command))
