"""The types of rows: three modules that ``make docs`` writes."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.alarm import tables as alarm
from rootforensics.analysis.approvals import reconcile as approvals
from rootforensics.analysis.containment import step
from rootforensics.analysis.lineage import blast_radius
from rootforensics.analysis.response import contained
from rootforensics.analysis.verdict import question
from rootforensics.evidence import originals
from rootforensics.queries.catalogue import analysis_questions, questions
from rootforensics.rules import actions
from rootforensics.rules.actions import TABLE
from rootforensics.rules.findings import findings_query
from rootforensics.telling import brief, hypotheses, statement
from tools.docs.related_calls import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: The type that stands for each SQL type.
_TYPES: Final = {
    "VARCHAR": "str",
    "JSON": "str",
    "BIGINT": "int",
    "INTEGER": "int",
    "DOUBLE": "float",
    "BOOLEAN": "bool",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "VARCHAR[]": "list[str]",
}
_NULL: Final = " | None"
#: Stands for a blank at which no line ends.
_JOIN: Final = "\1"
_EVENT: Final = " eventID evidence_id! record_index!"
_LAST_SUCCESS: Final = " last_success_time last_success_eventID last_success_citation:VARCHAR"
#: Rows that several questions give, or that Python makes of theirs: what they are of, and their columns. ``*`` stands
#: before a table all of whose columns they have, ``?`` behind a column that not all of them have, ``!`` behind one that is never NULL; a column that no question has tells its
#: type.
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
        "event_count! write_count! write_unknown_count! first_time last_time source_ips first_eventID first_citation:VARCHAR"
        + _LAST_SUCCESS,
    ),
    "Held": (
        "an entity that root reached, and when it was there",
        "account_id entity_name current_name effect first_time ended_time state",
    ),
    "Owned": ("an entity that root reached, and whose it is", "*blast_radius owner:VARCHAR? was_made:BOOLEAN? actor_arn:VARCHAR?"),
    "Within": ("something that lies in a Region and a time", "region from_time until_time"),
    "Call": (
        "a call; the catalogue of actions knows more of it, unless listed is false",
        "account_id eventTime awsRegion? eventSource eventName listed! result! action_id? severity? act? means? category? "
        "costs exposes policy_effect? requestParameters:VARCHAR?"
        + _EVENT,
    ),
    "Exposing": ("a call, and what calls of its name may give away", "eventSource eventName exposes" + _EVENT),
    "Opener": ("the event that opened a session", "eventTime eventID citation!"),
    "Door": ("an entity by which somebody may come in", "entity_kind state trusts"),
    "Reached": (
        "an entity that root reached or used, or of several that are alike",
        (
            "first_time account_id! entity_kind! entity_name! certainty! state! trusts ended_by ended_time use_count"
            " root_accounts! used_count:BIGINT!?"
        ),
    ),
    "TimelineLine": ("a line of the page's timeline", "*root_timeline session_id"),
    "CitedLine": ("an event that the page cites", "*cited_events anchor:VARCHAR"),
    "NoiseCounts": (
        "a service and what marks its calls",
        "account_id service origin! event_count! cis_match_count! call_count:BIGINT!",
    ),
    "IncidentMark": (
        "what the incident chart draws",
        (
            "from_time until_time account_id category:VARCHAR! kind! severity! result! label:VARCHAR! text! eventIDs!"
            " citations! standing:VARCHAR! mfa:VARCHAR!"
        ),
    ),
    "TimedMark": ("what the incident chart draws, whose time is known", "*IncidentMark from_time!"),
    "KnownIdentity": (
        "an identity of which the case has an event",
        (
            "*identities identity_name! action_count! success_count! failed_count! by_service_count! name_count!"
            " actions! source_ips! access_keys! sessions! opened_by! made! evidence_id! record_index!"
        ),
    ),
    "TimedChange": ("a change of a credential of root whose time is known", "*root_credential_changes eventTime!"),
    "TimedEvent": ("a root event in a session whose time is known", "*root_session_events eventTime!"),
    "TimedHour": ("an hour whose begin is known", "*events_by_hour hour_time!"),
    "TimedSignin": ("a sign-in event whose time is known", "*root_signins eventTime!"),
    "TimedSession": ("a session whose times are known", "*root_sessions first_time! last_time!"),
    "TimedEntity": ("an entity of which it is known when it was reached", "*blast_radius first_time!"),
    "MarkDetails": (
        "more about it",
        "until_time? category:VARCHAR!? severity!? result!? label:VARCHAR!? eventIDs!? citations!? mfa:VARCHAR!?",
    ),
    "Measure": (
        "what is done about something that root left, in containment.toml",
        ("group:VARCHAR! name:VARCHAR! identity:VARCHAR!? what! why:VARCHAR! command:VARCHAR!? command_of_others:VARCHAR!? question:VARCHAR!? cites:VARCHAR!? calls:VARCHAR[]!? kind!?"
        " states:VARCHAR[]!? taken_over:BOOLEAN!? console:BOOLEAN!? what_of_owner:VARCHAR!? roles:VARCHAR[]!? replaces:VARCHAR!? if_exposed:BOOLEAN!?"
        " looked_at:BOOLEAN!? rotates:VARCHAR!? categories:VARCHAR[]!? severity!? without_entity:VARCHAR[]!? also:VARCHAR[]!? control!?"
        " part!? impairment!? elsewhere:VARCHAR!? deadline:VARCHAR!? actions:VARCHAR[]!? at:VARCHAR!? days_at:VARCHAR!? days:BIGINT!?"),
    ),
    "Proved": ("what proves a judgment", "event_ids! citations!"),
    "Seen": ("an event that has a time", "eventTime! eventName sourceIPAddress" + _EVENT),
    "Shown": (
        "a change of a device or key, a sign-in by one, or its use",
        "eventTime! eventName sourceIPAddress change? credential? mfa_identifier? mfa_used? accessKeyId?" + _EVENT,
    ),
}  # fmt: skip
#: Of these, those that functions take and give back as they are.
_GIVEN_BACK: Final = ("OfAccount", "Named", "Acted", "Tried", "Exposing")
_ROWS: Final = '''"""The rows of each question and table, by columns. Written by `make docs`; change the headers of questions instead.

Modules that only name types take this one as ``of``: ``list[of.RootTimeline]``. It is never imported to run.
A column without ``| None`` is never NULL, whatever a record lacks.
"""
# ruff: noqa: UP013 - one line a column would be twelve hundred

from datetime import datetime
from typing import TypedDict

from typing_extensions import ReadOnly

from rootforensics.queries.shapes import *  # noqa: F403

# fmt: off
'''
_SHAPED: Final = '''"""Rows that several questions give. Written by `make docs`; change tools/docs/typed_rows.py instead.

A column without ``| None`` is never NULL in any of these questions.
"""
# ruff: noqa: UP013

from datetime import datetime
from typing import NotRequired, TypedDict, TypeVar

from typing_extensions import ReadOnly

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
    made = {
        "actions_table": (TABLE, actions.NEVER_NULL),
        "approvals": (approvals.COLUMNS, approvals.NEVER_NULL),
        "blast_radius": (blast_radius.COLUMNS, blast_radius.NEVER_NULL),
        "brief": (brief.COLUMNS, brief.NEVER_NULL),
        "contained": (contained.COLUMNS, contained.NEVER_NULL),
        "containment": (step.COLUMNS, step.NEVER_NULL),
        "hypotheses": (hypotheses.COLUMNS, hypotheses.NEVER_NULL),
        "incident_timeline": (statement.LINE_COLUMNS, statement.LINE_NEVER_NULL),
        "originals": (originals.COLUMNS, originals.NEVER_NULL),
        "story": (statement.COLUMNS, statement.NEVER_NULL),
        "verdict": (question.COLUMNS, question.NEVER_NULL),
        **{f"alarm_{name}": (columns, alarm.NEVER_NULL) for name, columns in alarm.COLUMNS.items()},
    }
    typed = {
        name: {one: _type(kind, never_null=one in never_null) for one, kind in columns.items()}
        for name, (columns, never_null) in made.items()
    }
    for name, query in asked.items():
        typed[name] = {one.name: _type(one.type, never_null=one.never_null) for one in query.columns}
    rows = [_typed_dict(_name(name), typed[name]) for name in sorted(typed)]
    known: dict[str, str] = {}
    for held in typed.values():
        for column, kind in held.items():
            known[column] = kind if known.get(column, kind) == kind else kind.removesuffix(_NULL) + _NULL
    shapes = []
    for name, (what, told) in _SHAPES.items():
        typed[name] = _shape(told, typed, known)
        generic = f'{name}T = TypeVar("{name}T", bound={name})\n' if name in _GIVEN_BACK else ""
        shapes.append(f"#: A row of {what}.\n{_typed_dict(name, typed[name])}{generic}")
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


def _shape(told: str, columns: Mapping[str, Mapping[str, str]], known: Mapping[str, str]) -> dict[str, str]:
    """The types of the columns that rows of several questions have."""
    shape: dict[str, str] = {}
    for column in told.split():
        if column.startswith("*"):
            shape |= columns[column[1:]]
        else:
            name, _, kind = column.rstrip("?!").partition(":")
            typed = _type(kind) if kind else shape.get(name, known[name])
            typed = typed.removesuffix(_NULL) if "!" in column else typed
            shape[name] = f"NotRequired[{typed}]" if column.endswith("?") else typed
    return shape


def _typed_dict(name: str, columns: Mapping[str, str]) -> str:
    """A type for rows. They are read-only, so that a row whose column is never NULL fits where it may be NULL."""
    typed = (f'"{column}":\0{_read_only(kind).replace(" ", _JOIN)}' for column, kind in columns.items())
    held = fill(", ".join(typed), 114).replace("\n", "\n    ").replace("\0", " ").replace(_JOIN, " ")
    one_line = f'{name} = TypedDict("{name}", {{{held}}})\n'
    return one_line if len(one_line) <= 121 else f'{name} = TypedDict("{name}", {{\n    {held}}})\n'


def _read_only(kind: str) -> str:
    is_optional = kind.startswith("NotRequired[")
    return f"NotRequired[ReadOnly[{kind[12:-1]}]]" if is_optional else f"ReadOnly[{kind}]"


def _type(kind: str, *, never_null: bool = False) -> str:
    """The type of a column in Python, from its SQL type and what stands behind it."""
    return _TYPES[kind.partition(";")[0]] + _NULL * (not never_null)
