"""The page of the detections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.rules.findings import detections

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.rules.findings import Detection

_INTRODUCTION: Final = """
A finding is something in the events of root, or of identities that root made, that calls for an answer: a sequence
that means more than each of its events (the detections below), or an action of the [catalogue of actions](actions.md) that
is `high` or `critical` by itself.

```bash
rootforensics findings case.duckdb
rootforensics findings case.duckdb --severity critical --format json
rootforensics findings case.duckdb --only failed-sign-ins --set failed_sign_ins__threshold=10
```

In the library `case.findings(severity="critical")` gives the same rows. Each cites its events by `eventIDs` and
`citations`, says what it means and what else it may be.

- Root is root itself, its federated sessions, and sessions that `AssumeRoot` opened. What AWS services did in root's
  name is no finding. A few detections also look at others' calls before a sign-in of root; they say so.
- Keys, users, roles, sessions, instances, functions and identity providers that root made are followed, and what these
  made in turn (the view `root_descendants`, on which `blast-radius` stands too): high and critical actions, and detections that speak
  of "an identity that root made". `actors` names who did it. Users and roles that existed before, and that root gave
  credentials, rights or other trust, are followed from then on: `certainty` of such a finding is `possible`, and its
  explanation begins with "Possibly by root's doing".
- `session_ids` names the sessions of root in which the events are; the question `session-findings` turns that round.
  The case holds the findings with the usual thresholds as the view `findings`.
- If a step failed, the finding is `attempted` and one step less severe. Steps that were done and steps that failed are
  never in one finding.
- A finding is a question to people, no proof of a crime: `benign` says what to ask.
"""


def findings_page(note: str) -> str:
    """The text of docs/reference/findings.md.

    Args:
        note: the first line, which says that the page is generated.
    """
    lines = [note, "# Findings", _INTRODUCTION]
    for one in detections().values():
        lines += [*_section(one), ""]
    return "\n".join(lines[:-1]) + "\n"


def _section(one: Detection) -> Iterator[str]:
    yield f"## {one.name}"
    yield ""
    yield f"**{one.title}** ({one.severity}, attempted: {one.attempt_severity}). {one.explanation}"
    yield ""
    yield f"- What else it may be: {one.benign}"
    yield f"- Does not see: {one.misses}"
    yield f"- Source: {one.source}"
    yield f"- ATT&CK: {', '.join(one.attack)}"
    yield from (f"- `{one.name}__{its.name}`: {its.help}; {its.default} unless set" for its in one.parameters)
    yield ""
    yield from ("<details><summary>SQL</summary>", "", "```sql", *one.sql.split("\n"), "```", "", "</details>")
