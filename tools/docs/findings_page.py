"""The page of the detections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.rules.findings import detections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.rules.findings import Detection

_INTRODUCTION: Final = """
A finding is something in the events of root, or of identities that descend from it, that needs investigation. It is a
sequence of events (the detections below), or a single action of the [catalogue of actions](actions.md) with the severity
`high` or `critical`.

```bash
rootforensics findings case.duckdb
rootforensics findings case.duckdb --severity critical --format json
rootforensics findings case.duckdb --only failed-sign-ins --set failed_sign_ins__threshold=10
```

In the library `case.findings(severity="critical")` gives the same rows. Each finding cites its events in `eventIDs` and
`citations`. `explanation` says what it means, and `benign` gives a harmless explanation.

- Root is root itself, its federated sessions, and sessions that `AssumeRoot` opened. Service activity as root is not a
  finding. Some detections also use calls of others before a root sign-in, and say so.
- Findings also cover keys, users, roles, sessions, instances, functions and identity providers that root created, and
  what these created in turn (the view `root_descendants`, which `blast-radius` also uses). These findings are high and
  critical actions, and detections whose explanation mentions "an identity that root created". `actors` names the identity.
- Users and roles that existed before are included from the time when root gave them credentials, permissions or a
  different trust policy. The `certainty` of such a finding is `possible`, and its explanation begins with "Possibly by root's doing".
- `session_ids` names the root sessions that contain the events. The question `session-findings` lists the findings of
  each session. The view `findings` has the findings with the default thresholds.
- If a step failed, the finding is `attempted` and one level less severe. A finding never combines steps that
  succeeded with steps that failed.
- A finding is not proof of a crime. `benign` says what to ask.
"""


def findings_page(note: str) -> str:
    """The text of docs/reference/findings.md.

    Args:
        note: the first line, which says that the page is generated.
    """
    lines = [note, "# Findings", _INTRODUCTION]
    for detection in detections().values():
        lines += [*_section(detection), ""]
    return "\n".join(lines[:-1]) + "\n"


def _section(one: Detection) -> Iterator[str]:
    yield f"## {one.name}"
    yield ""
    yield f"**{one.title}** ({one.severity}, attempted: {one.attempt_severity}). {one.explanation}"
    yield ""
    yield f"- What else it may be: {one.benign}"
    yield f"- Not seen: {one.misses}"
    yield f"- Source: {one.source}"
    yield f"- ATT&CK: {', '.join(one.attack)}"
    yield from (f"- `{one.name}__{its.name}`: {its.help}; {its.default} unless set" for its in one.parameters)
    yield ""
    yield from ("<details><summary>SQL</summary>", "", "```sql", *one.sql.split("\n"), "```", "", "</details>")
