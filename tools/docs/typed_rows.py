"""The types of rows: three modules that ``make docs`` writes."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Final

from rootforensics.analysis import statement
from rootforensics.analysis.alarm import tables as alarm
from rootforensics.analysis.approvals import reconcile as approvals
from rootforensics.analysis.brief import brief
from rootforensics.analysis.containment import step
from rootforensics.analysis.incident import lines
from rootforensics.analysis.lineage import blast_radius
from rootforensics.analysis.response import contained, hypotheses
from rootforensics.analysis.verdict import question
from rootforensics.evidence import originals
from rootforensics.queries.catalogue import analysis_questions, questions
from rootforensics.rules.actions import TABLE
from rootforensics.rules.findings import findings_query
from tools.docs.related_calls import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The type that stands for each SQL type.
_TYPES: Final = {
    "VARCHAR": "Text",
    "JSON": "Text",
    "BIGINT": "Number",
    "INTEGER": "Number",
    "DOUBLE": "Fraction",
    "BOOLEAN": "Truth",
    "TIMESTAMP WITH TIME ZONE": "Time",
    "VARCHAR[]": "Texts",
}
_EVENT: Final = " eventID evidence_id record_index"
#: Rows that several questions give, or that Python makes of theirs: what they are of, and their columns. ``*`` stands
#: before a table all of whose columns they have, ``?`` behind a column that not all of them have; a column that no
#: question has tells its type.
_SHAPES: Final = {
    "OfAccount": ("something that is in an account", "account_id"),
    "Named": ("an event: which call it is, and in what account", "account_id eventName" + _EVENT),
    "Called": ("a call: of which service, and its name", "eventSource eventName"),
    "Acted": ("an action: who acted, an ARN, and when", "actor from_time"),
    "Tried": ("a sign-in or a call as root", "eventTime eventSource eventName outcome sourceIPAddress"),
    "Done": (
        "a call as root, as approvals look at it",
        "eventTime account_id eventSource eventName outcome is_write sourceIPAddress" + _EVENT,
    ),
    "Kept": (
        "an event that had an effect on an entity",
        "eventTime awsRegion eventSource eventName outcome actor" + _EVENT,
    ),
    "Used": (
        "what an entity did",
        "event_count write_count write_unknown_count first_time last_time source_ips first_eventID first_citation",
    ),
    "Held": (
        "an entity that root reached, and when it was there",
        "account_id entity_name current_name effect first_time ended_time state",
    ),
    "Owned": ("an entity that root reached, and whose it is", "*blast_radius owner:VARCHAR? was_made:BOOLEAN? actor_arn:VARCHAR?"),
    "Within": ("something that lies in a Region and a time", "region from_time until_time"),
    "Call": (
        "a call; the catalogue of actions knows more of it, unless listed is false",
        "account_id eventTime awsRegion? eventSource eventName listed result action_id? severity? means? category? "
        "costs exposes policy_effect?"
        + _EVENT,
    ),
    "Exposing": ("a call, and what calls of its name may give away", "eventSource eventName exposes" + _EVENT),
    "Opener": ("the event that opened a session", "eventTime eventID citation"),
    "Door": ("an entity by which somebody may come in", "entity_kind state trusts"),
    "Reached": (
        "an entity that root reached or used, or of several that are alike",
        (
            "first_time account_id entity_kind entity_name certainty state trusts ended_by ended_time use_count"
            " root_accounts used_count:BIGINT?"
        ),
    ),
    "TimelineLine": ("a line of the page's timeline", "*root_timeline session_id"),
    "CitedLine": ("an event that the page cites", "*cited_events anchor:VARCHAR"),
    "NoiseCounts": (
        "a service and what marks its calls",
        "account_id service origin event_count cis_match_count call_count:BIGINT",
    ),
    "IncidentMark": (
        "what the incident chart draws",
        (
            "from_time until_time account_id category:VARCHAR kind severity result label:VARCHAR text eventIDs"
            " citations standing:VARCHAR mfa:VARCHAR"
        ),
    ),
    "MarkDetails": (
        "more about it",
        "until_time? category:VARCHAR? severity? result? label:VARCHAR? eventIDs? citations? mfa:VARCHAR?",
    ),
    "Measure": (
        "what is done about something that root left, in containment.toml",
        ("what why:VARCHAR command:VARCHAR? question:VARCHAR? cites:VARCHAR? calls:VARCHAR[]? kind? states:VARCHAR[]?"
        " taken_over:BOOLEAN? if_exposed:BOOLEAN? looked_at:BOOLEAN? categories:VARCHAR[]? severity? without_entity:VARCHAR[]?"
        " control? part? impairment? elsewhere:BOOLEAN? deadline:VARCHAR? actions:VARCHAR[]?"),
    ),
    "Proved": ("what proves a judgment", "event_ids citations"),
    "Seen": ("an event that has a time", "eventTime eventName sourceIPAddress" + _EVENT),
    "Shown": (
        "a change of a device or key, a sign-in by one, or its use",
        "eventTime eventName sourceIPAddress change? credential? mfa_identifier? mfa_used? accessKeyId?" + _EVENT,
    ),
}  # fmt: skip
#: Of these, those that functions take and give back as they are.
_GIVEN_BACK: Final = ("OfAccount", "Named", "Acted", "Tried", "Exposing")
_ROWS: Final = '''"""The rows of each question and table, by columns. Written by `make docs`; change the headers of questions instead.

Modules that only name types take this one as ``of``: ``list[of.RootTimeline]``. It is never imported to run.
"""
# ruff: noqa: UP013 - one line a column would be twelve hundred

from typing import TypedDict

from rootforensics.queries.shapes import *  # noqa: F403
from rootforensics.queries.shapes import Fraction, Number, Text, Texts, Time, Truth

# fmt: off
'''
_SHAPED: Final = '''"""Rows that several questions give. Written by `make docs`; change tools/docs/typed_rows.py instead.

Every value may be NULL, which is None. ``| Any`` lets it be used without a check for None; a column that a row does not
have, and a use that does not fit what a column holds, are errors of types.
"""
# ruff: noqa: UP013

from datetime import datetime
from typing import Any, NotRequired, TypedDict, TypeVar

Text = str | Any
Texts = list[str] | Any
Number = int | Any
Fraction = float | Any
Truth = bool | Any
Time = datetime | Any

# fmt: off
'''
_OVERLOADS: Final = '''"""Which rows each question gives. Written by `make docs`; change the headers of the questions instead."""
# ruff: noqa: ANN401, E501

from typing import Any, Literal, Protocol, overload

from rootforensics.queries import rows
from rootforensics.queries.result import Result


# fmt: off
class Overloads(Protocol):
    """Asks a question of the catalogue by its name."""

'''
_OVERLOAD: Final = """    @overload
    def __call__(self, name: {}, **parameters: Any) -> Result[{}]: ...
"""


def modules() -> dict[Path, str]:
    """The texts of the three modules."""
    asked = {**analysis_questions(), "findings": findings_query(), **questions()}
    columns = {
        "actions_table": TABLE,
        "approvals": approvals.COLUMNS,
        "blast_radius": blast_radius.COLUMNS,
        "brief": brief.COLUMNS,
        "contained": contained.COLUMNS,
        "containment": step.COLUMNS,
        "hypotheses": hypotheses.COLUMNS,
        "incident_timeline": lines.COLUMNS,
        "originals": originals.COLUMNS,
        "story": statement.COLUMNS,
        "verdict": question.COLUMNS,
        **{f"alarm_{name}": held for name, held in alarm.COLUMNS.items()},
        **{name: {one.name: one.type for one in query.columns} for name, query in asked.items()},
    }
    known = {name: kind for held in columns.values() for name, kind in held.items()}
    rows = (_typed_dict(_name(name), columns[name]) for name in sorted(columns))
    shapes = (_shape(name, *told, columns, known) for name, told in _SHAPES.items())
    named = ((f'Literal["{name}"]', f"rows.{_name(name)}") for name in sorted(questions() | analysis_questions()))
    asks = (_OVERLOAD.format(name, row) for name, row in (*named, ("str", "dict[str, Any]")))
    folder = PACKAGE / "queries"
    return {
        folder / "rows.py": _ROWS + "".join(rows),
        folder / "shapes.py": _SHAPED + "".join(shapes),
        folder / "overloads.py": _OVERLOADS + "".join(asks),
    }


def _name(question: str) -> str:
    return question.title().replace("_", "")


def _shape(name: str, what: str, told: str, columns: Mapping[str, Mapping[str, str]], known: Mapping[str, str]) -> str:
    held: dict[str, str] = {}
    for column in told.split():
        if column.startswith("*"):
            held |= columns[column[1:]]
        else:
            one, _, kind = column.rstrip("?").partition(":")
            held[one] = (kind or known[one]).partition(";")[0] + "?" * column.endswith("?")
    generic = f'{name}T = TypeVar("{name}T", bound={name})\n' if name in _GIVEN_BACK else ""
    return f"#: A row of {what}.\n{_typed_dict(name, held)}{generic}"


def _typed_dict(name: str, columns: Mapping[str, str]) -> str:
    typed = (f'"{column}":\0{_python_type(kind.partition(";")[0])}' for column, kind in columns.items())
    held = fill(", ".join(typed), 114).replace("\n", "\n    ").replace("\0", " ")
    one_line = f'{name} = TypedDict("{name}", {{{held}}})\n'
    return one_line if len(one_line) <= 121 else f'{name} = TypedDict("{name}", {{\n    {held}}})\n'


def _python_type(kind: str) -> str:
    return f"NotRequired[{_TYPES[kind[:-1]]}]" if kind.endswith("?") else _TYPES[kind]
