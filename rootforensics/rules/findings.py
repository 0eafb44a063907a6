"""Detections: sequences of events that mean more than each of them, and the findings that they give.

``detections/*.sql`` holds one file each: a comment with a TOML header (title, severity, attack, explanation, benign,
source, misses, params, and attempt for the title if a step failed), then one statement that returns the events of its
findings: ``account_id``, ``thread`` (events with one thread are one finding), ``attempted`` (a step of it failed),
``eventTime``, ``eventID``, ``evidence_id``, ``record_index``. It reads ``followed_actions`` where it speaks of root and
of identities that root made, and ``root_actions`` where only root can be meant. With ``sequence`` in its header, of two
events within a time, the file has these two, ``earlier`` and ``later``, and ``sequences.py`` writes the rest. Findings
also hold the actions of the catalogue that are high or critical by themselves.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from typing import Final, get_args

from rootforensics.errors import QueryError, RuleError
from rootforensics.queries.catalogue import Column, Parameter, Query, header_and_sql, sql_texts
from rootforensics.rules.actions import SEVERITIES, Severity
from rootforensics.rules.sequences import Sequence

_KEYS: Final = ("title", "severity", "attack", "explanation", "benign", "source", "misses")


@dataclass(frozen=True, slots=True)
class Detection:
    """One detection.

    Attributes:
        name: the file's name.
        title: a heading.
        attempt: the title if a step failed; empty to mark the title as attempted.
        severity: of a finding all of whose steps were done.
        attack: techniques of ATT&CK 19.
        explanation: what it means.
        benign: what else it may be, and how to tell.
        source: where the facts in it come from.
        misses: what it cannot see.
        parameters: thresholds and windows.
        sql: the statement, for DuckDB.
    """

    name: str
    title: str
    attempt: str
    severity: Severity
    attack: tuple[str, ...]
    explanation: str
    benign: str
    source: str
    misses: str
    parameters: tuple[Parameter, ...]
    sql: str

    @property
    def attempt_severity(self) -> Severity:
        """Of a finding of which a step failed."""
        return SEVERITIES[max(SEVERITIES.index(self.severity) - 1, 0)]


def parse_detection(name: str, text: str) -> Detection:
    """Read one file.

    Raises:
        RuleError: the header is missing, is no TOML, lacks a key or has an unknown severity.
    """
    header, sql = header_and_sql(name, text, _KEYS, RuleError)
    if header["severity"] not in get_args(Severity):
        raise RuleError(
            f"unknown severity {header['severity']!r}", where=name, hint=f"Use one of {', '.join(SEVERITIES)}"
        )
    params = header.pop("params", {})
    return Detection(
        name=name,
        attack=tuple(header.pop("attack")),
        attempt=header.pop("attempt", ""),
        parameters=tuple(Parameter(key, **spec) for key, spec in params.items()),
        sql=Sequence(**header["sequence"]).sql(sql) if "sequence" in header else sql,
        **{key: header[key] for key in _KEYS if key != "attack"},
    )


@cache
def detections() -> dict[str, Detection]:
    """Every detection by its name."""
    return {name: parse_detection(name, text) for name, text in sql_texts(__package__, "detections").items()}


_COLUMNS: Final = (
    Column(
        "severity",
        "VARCHAR",
        "info, low, medium, high or critical; one level lower if a step of it failed",
        never_null=True,
    ),
    Column(
        "result",
        "VARCHAR",
        "succeeded (no step is recorded as failed), attempted (a step failed), unknown (a sign-in does not say)",
        never_null=True,
    ),
    Column(
        "finding",
        "VARCHAR",
        "name of the detection, or action: followed by the row of the catalogue of actions",
        never_null=True,
    ),
    Column("title", "VARCHAR", "", never_null=True),
    Column("account_id", "VARCHAR", ""),
    Column(
        "certainty",
        "VARCHAR",
        "possible: an identity that existed before root changed it, or a service, took a step of it",
        never_null=True,
    ),
    Column("first_time", "TIMESTAMP WITH TIME ZONE", "UTC"),
    Column("last_time", "TIMESTAMP WITH TIME ZONE", "UTC"),
    Column("event_count", "BIGINT", "", never_null=True),
    Column("actors", "VARCHAR[]", "ARNs that made the cited events; NULL if no record names one"),
    Column("session_ids", "VARCHAR[]", "sessions in root_sessions that contain its events; NULL for none"),
    Column("explanation", "VARCHAR", "what it means", never_null=True),
    Column("benign", "VARCHAR", "a harmless explanation, and how to check it", never_null=True),
    Column("techniques", "VARCHAR", "of ATT&CK 19", never_null=True),
    Column("undo", "VARCHAR", "how to contain it, for an action of the catalogue"),
    Column("eventIDs", "VARCHAR[]", "cite these; in chronological order", never_null=True),
    Column("citations", "VARCHAR[]", "the same as evidence_id:record_index", never_null=True),
)


def findings_query(only: str = "") -> Query:
    """All detections and the severe actions as one question, with the parameters of all (``detection__parameter``).

    Args:
        only: the name of one detection, spelled with ``_`` or ``-``; empty for all.

    Raises:
        QueryError: there is no such detection.
    """
    known = [_named(only)] if only else list(detections().values())
    parts = [f"-- {one.title}\n{_grouped(one)}" for one in known]
    parameters = [
        Parameter("account_id", "VARCHAR", "", "only this account (12 digits); empty for all"),
        Parameter("severity", "VARCHAR", "low", "at least this: info, low, medium, high or critical"),
        *(
            Parameter(f"{one.name}__{its.name}", its.type, its.default, f"{one.title}: {its.help}")
            for one in known
            for its in one.parameters
        ),
    ]
    return Query(
        name="findings",
        title="Findings",
        question="Which actions of root, or of identities it created, need investigation, and what proves them?",
        attack=tuple(sorted({technique for one in known for technique in one.attack})),
        source="The detections (rootforensics/rules/detections) and the catalogue of actions, each with its sources",
        misses="Anything missing from the logs. Each detection states what it misses. An event may be in several.",
        sql=_FRAME.format(parts="\nUNION ALL\n".join(parts if only else [*parts, _ACTIONS.strip()])),
        parameters=tuple(parameters),
        columns=_COLUMNS,
        first=("severity", "first_time", "title", "account_id", "result", "event_count"),
    )


def findings_view() -> str:
    """The SQL of the view ``findings``: the question with its usual thresholds, for statements of the user's."""
    query = findings_query()
    usual = {parameter.name: _literal(parameter) for parameter in query.parameters} | {"severity": "'info'"}
    sql = query.sql.replace("WITH ", _VIEWS_ONCE, 1)
    return re.sub(r"\$(\w+)\b(?![\w.])", lambda found: usual.get(found[1], found[0]), sql)


def _literal(one: Parameter) -> str:
    return _quoted(one.default) if isinstance(one.default, str) else str(one.default)


def _named(name: str) -> Detection:
    known, wanted = detections(), name.replace("-", "_")
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}"
        raise QueryError(f"there is no detection {name!r}", where="findings", hint=hint)
    return known[wanted]


def _grouped(one: Detection) -> str:
    """The events of a detection, each with what is said of the finding that it belongs to."""
    body = re.sub(r"\$(\w+)", rf"${one.name}__\1", one.sql)
    return _DETECTION.format(
        name=one.name,
        severity=one.severity,
        attempt_severity=one.attempt_severity,
        title=_quoted(one.title),
        attempt=_quoted(one.attempt or f"{one.title} (attempted)"),
        explanation=_quoted(one.explanation),
        tried=_quoted(f"At least one of these calls was denied or failed. If all succeed: {one.explanation}"),
        benign=_quoted(one.benign),
        techniques=", ".join(one.attack),
        body="\n".join(f"    {line}".rstrip() for line in body.split("\n")),
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_DETECTION: Final = """SELECT
    CASE WHEN attempted THEN '{attempt_severity}' ELSE '{severity}' END AS severity,
    CASE WHEN attempted THEN 'attempted' ELSE 'succeeded' END AS result,
    '{name}' AS finding, CASE WHEN attempted THEN {attempt} ELSE {title} END AS title, account_id,
    CASE WHEN attempted THEN {tried} ELSE {explanation} END AS explanation,
    {benign} AS benign, '{techniques}' AS techniques, CAST(NULL AS VARCHAR) AS undo, '' AS doer, thread,
    eventTime, eventID, evidence_id, record_index
FROM (SELECT DISTINCT account_id, thread, attempted, eventTime, eventID, evidence_id, record_index FROM (
{body}
))"""
_ACTIONS: Final = """
-- Actions that are high or critical by themselves
SELECT
    severity, result, concat('action:', action_id) AS finding, means AS title, account_id,
    CASE
        WHEN origin_group = 'noise' THEN concat('Made by an AWS service as root, probably on request. ', matters)
        WHEN descendant IS NULL THEN matters
        ELSE concat(
            CASE WHEN certainty = 'certain' THEN 'Done by an identity that descends from root ('
                ELSE 'Done by an identity that root only changed, or by a service acting for one (' END,
            descendant, '). ', matters
        )
    END AS explanation,
    CASE
        WHEN descendant IS NULL THEN 'A planned use of root. Compare it with the record of approved uses.'
        WHEN certainty = 'possible' THEN 'The identity existed before, so its owner may have done this. Ask the owner.'
        ELSE 'Root created the identity intentionally, and it did its work. Ask who requested it.'
    END AS benign,
    techniques, undo, CASE WHEN descendant IS NULL THEN origin_group ELSE certainty END AS doer,
    coalesce(descendant, '') AS thread, eventTime, eventID, evidence_id, record_index
FROM followed_actions
WHERE severity IN ('high', 'critical') AND (
    origin_group <> 'noise' OR (evidence_id, record_index) IN (
        SELECT (evidence_id, record_index) FROM service_activity WHERE hand <> 'unknown'
    )
)
"""
# For whoever asks the view in another program: the views are long; each is worked out once for all detections.
_VIEWS_ONCE: Final = """WITH followed_actions AS MATERIALIZED (SELECT * FROM main.followed_actions),
root_actions AS MATERIALIZED (SELECT * FROM followed_actions WHERE origin_group <> 'descendant'),
root_signins AS MATERIALIZED (SELECT * FROM main.root_signins),
root_session_events AS MATERIALIZED (SELECT * FROM main.root_session_events),
"""
# What is said of a finding is the same of all its events; it follows from what they are grouped by.
_FRAME: Final = """WITH cited AS (
{parts}
),
placed AS (
    SELECT c.*, s.session_id, e.userIdentity.arn AS actor, p.evidence_id IS NOT NULL AS is_possible
    FROM cited AS c
    LEFT JOIN (
        SELECT DISTINCT evidence_id, record_index FROM followed_actions WHERE certainty = 'possible'
    ) AS p ON c.evidence_id = p.evidence_id AND c.record_index = p.record_index
    LEFT JOIN root_session_events AS s ON c.evidence_id = s.evidence_id AND c.record_index = s.record_index
    LEFT JOIN events AS e ON c.evidence_id = e.evidence_id AND c.record_index = e.record_index
)
SELECT
    severity, result, finding, concat(CASE WHEN bool_or(is_possible) THEN 'Possibly: ' END, any_value(title)) AS title,
    account_id,
    CASE WHEN bool_or(is_possible) THEN 'possible' ELSE 'certain' END AS certainty,
    min(eventTime) AS first_time, max(eventTime) AS last_time,
    count(*) AS event_count,
    array_agg(DISTINCT actor ORDER BY actor) FILTER (WHERE actor IS NOT NULL) AS actors,
    array_agg(DISTINCT session_id ORDER BY session_id) FILTER (WHERE session_id IS NOT NULL) AS session_ids,
    concat(CASE WHEN bool_or(is_possible) THEN 'Possibly by root''s doing. ' END, any_value(explanation))
        AS explanation,
    any_value(benign) AS benign, any_value(techniques) AS techniques, any_value(undo) AS undo,
    array_agg(eventID ORDER BY eventTime, eventID, evidence_id, record_index) AS eventIDs,
    array_agg(concat(evidence_id, ':', record_index) ORDER BY eventTime, eventID, evidence_id, record_index)
        AS citations
FROM placed
WHERE ($account_id = '' OR account_id = $account_id)
    AND strpos('info low medium high critical', severity) >= strpos('info low medium high critical', $severity)
GROUP BY severity, result, finding, account_id, doer, thread
ORDER BY
    strpos('info low medium high critical', severity) DESC, certainty, first_time NULLS LAST, finding, result,
    account_id, eventIDs, citations
"""
