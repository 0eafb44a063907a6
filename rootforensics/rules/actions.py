"""The catalogue of actions: what an API call means when root, or a session that root opened, makes it.

``catalogue/*.toml`` holds one table a row, for people to read and amend. A row speaks of one ``eventName`` of one
``eventSource``; with a ``condition`` only of those events that meet it. Of several rows that fit an event, the one
with the most conditions speaks for it, among equals the most severe: a row without any is what is said when nothing
more is known.

Keys of a row:

- ``id``, ``eventSource``, ``eventName``;
- ``condition``: SQL over the columns of ``events``; all of a list must hold, and what is unknown does not hold;
- ``act``: what is done, as an infinitive with its object in braces, ``delete the policy of {bucket}``. What is only
  said if the record names its braces is in brackets: ``put a policy on {bucket}[ that gives {receiver} access]``. The
  module ``wording`` turns it into what was done or attempted. The columns ``means`` and ``attempt_means`` are the
  sentences without names: "Deleted the policy of a bucket." and "Tried to delete the policy of a bucket.";
- ``matters``: what follows if it succeeds, after a takeover. Of an attempt that failed, the view ``matched_actions``
  puts "Effect if it succeeds:" before it, unless ``of_attempts`` says that the row speaks of such attempts;
- ``severity``: one step lower for a try that failed, unless ``of_attempts`` says that the row speaks of such tries;
- ``tactic``, ``techniques``: of ATT&CK 19; ``techniques_v18`` where that version renamed them;
- ``category``: of a timeline;
- ``undo``: how to contain it; ``undo_command``: AWS CLI. ``{requestParameters.userName}`` stands for the value of the
  record, which the caller chose and which must be quoted, ``{a|b}`` for the first of two that is there, ``{each:a}``
  for one of a list, in a command for each; words in capitals are the responder's own;
- ``root_task``, ``needs_root``: which of AWS's tasks that require root it shows, and whether only root can do it;
- ``of_root``: the row speaks of root's own credentials, so it says nothing of what an identity did that root made; so
  does every row that ``needs_root``;
- ``costs``: ``yes`` if the call by itself brings something that is paid for, ``perhaps`` if that depends on what the
  record does not show;
- ``exposes``: ``yes`` if the call by itself gives data away or reads it, ``perhaps`` if that depends on what the
  record does not show, as on what a policy that was deleted had kept out;
- ``control``, ``impairment``, ``part``: the detective control, whether the call stops, removes or changes it, and
  which part of it; of rows without a condition. What its content makes of it, the view ``control_changes`` tells;
- ``sources``.

``root_task`` and ``sources`` name entries of ``catalogue/glossary.toml``. What a call makes, changes or removes, and
where the record names it, stands in ``entities.toml``.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal, get_args

from rootforensics.queries.definitions import Definition
from rootforensics.rules.entities import KINDS, entity_rules

if TYPE_CHECKING:
    from rootforensics.queries import rows as of

Severity = Literal["info", "low", "medium", "high", "critical"]
Category = Literal[
    "sign-ins", "recovery", "credentials", "privileges", "persistence", "defense-evasion", "discovery", "data",
    "resources", "impact", "billing",
]  # fmt: skip

#: From nothing to fear to everything lost.
SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)
#: The categories of a timeline, in the order in which a takeover uses to go.
CATEGORIES: Final[tuple[Category, ...]] = get_args(Category)
#: The columns of the table ``actions``. None is spelled as a field of a record, in any spelling: a case may itself be
#: given as evidence, and then this table must not pass for one of events.
_COLUMNS: Final = (
    "action_id call_source call_name condition condition_count act means attempt_means matters severity "
    "attempt_severity tactic techniques tactic_v18 techniques_v18 category undo undo_command root_task "
    "needs_root of_root costs exposes control impairment part sources makes made_at"
)
TABLE: Final = dict.fromkeys(_COLUMNS.split(), "VARCHAR") | {"condition_count": "INTEGER", "of_root": "BOOLEAN"}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(TABLE) - {
    "condition", "undo", "undo_command", "root_task", "costs", "exposes", "control", "impairment", "part",
    "makes", "made_at",
}  # fmt: skip
#: The rows of that table, written from the catalogue by ``make docs``: reading them is far faster than reading TOML.
TABLE_FILE: Final = "catalogue/table.json"
#: The columns of the table ``control_calls``, of ``control_calls.toml``: what else changes detective controls.
_WATCH_CALLS: Final = dict.fromkeys(("call_source", "call_name", "control", "impairment", "part"), "VARCHAR")

#: The columns of the table ``known_services``, of the sources that a call may have.
_SERVICES: Final = {"call_source": "VARCHAR"}
#: These sources, one a line: written by ``make docs`` from AWS's models and the catalogue.
SERVICES_FILE: Final = "services.txt"


@cache
def action_rows() -> tuple[of.ActionsTable, ...]:
    """The rows of the table ``actions``."""
    return tuple(json.loads(_data(TABLE_FILE)))


def control_calls() -> list[dict[str, str]]:
    """The calls that change the account's detective controls and stand in no row of the catalogue with a control."""
    held = tomllib.loads(_data("control_calls.toml"))
    told = ((control, call, what) for control, calls in held.items() for call, what in calls.items())
    rows = ((*call.split(":"), control, *what.split(":")) for control, call, what in told)
    return [dict(zip(_WATCH_CALLS, (f"{row[0]}.amazonaws.com", *row[1:]), strict=True)) for row in rows]


#: The columns of the table ``named_calls``: calls after which somebody may act, and the places of a record that say
#: who, the first that is there; a call with ``only_at`` is meant only with that value there.
_NAMED_CALLS: Final = dict.fromkeys(
    ("call_source", "call_name", "named_at", "or_at", "only_at", "only_value"), "VARCHAR"
)


def named_calls() -> list[dict[str, str]]:
    """The calls that make, open or switch on what acts, of ``entities.toml``."""
    told = []
    acting = {kind.name: kind.acts_as_owner for kind in KINDS if kind.acts or kind.acts_as_owner}
    for rule in entity_rules():
        begins = rule.effect in ("creates", "changes", "enables") and not rule.present
        if begins and rule.kind in acting:
            paths = rule.owner if acting[rule.kind] else rule.name
            named_at, or_at, *_ = [f"$.{path.replace('[*]', '[0]')}" for path in (*paths, paths[0])]
            only_at, only_value = (f"$.{rule.only[0]}", rule.only[1]) if rule.only else ("", "")
            told.append(dict(zip(_NAMED_CALLS, (*rule.event, named_at, or_at, only_at, only_value), strict=True)))
    return told


def _data(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _known_services() -> str:
    return json.dumps([{"call_source": part} for part in _data(SERVICES_FILE).split()])


def rule_tables() -> list[Definition]:
    """The tables that hold these rules."""
    return [
        Definition("actions", lambda: _data(TABLE_FILE), TABLE),
        Definition("control_calls", lambda: json.dumps(control_calls()), _WATCH_CALLS),
        Definition("named_calls", lambda: json.dumps(named_calls()), _NAMED_CALLS),
        Definition("known_services", _known_services, _SERVICES),
    ]
