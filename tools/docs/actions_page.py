"""What is written from the catalogue of actions: its page, and the conditions in the view ``matched_actions``."""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import rootforensics
from rootforensics.rules.actions import CATEGORIES, SEVERITIES
from tools.docs.catalogue import actions, conditions_sql, glossary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.docs.catalogue import Action

VIEW: Final = Path(rootforensics.__file__).parent / "queries" / "views" / "matched_actions.sql"
_BRANCHES: Final = re.compile(r"(?<=AND CASE\n).*?(?= +ELSE true\n)", re.DOTALL)
_INTRODUCTION: Final = """
{count} rows describe API calls by root, or by a session that root opened. Each row says what the call does, why that
matters after a takeover, how severe it is, and how to contain it. The rows are data
(`rootforensics/rules/catalogue/*.toml`). The case contains them as the table `actions`, and
[`root-actions`](queries.md#root-actions) matches root's events with them:

```bash
rootforensics query case.duckdb root-actions --severity high
rootforensics query case.duckdb root-unlisted
rootforensics query case.duckdb actions --category credentials
```

- **Which row.** A row applies to one `eventName` of one `eventSource`, and with a condition only to events that meet
  it. If several rows match, the one with the most conditions applies, among equals the most severe. So each event has
  at most one row. A field that is not recorded meets no condition.
- **Succeeded or attempted.** An event with an `errorCode`, or a sign-in event recorded as failed, is an attempt and one
  level less severe (rows about failures keep their severity). A sign-in event without an outcome is `unknown`.
- **Severity** is that of the action by root or a root session outside a planned use of root.
- **ATT&CK.** Version 19 (April 2026) renamed some techniques. The former number then appears in parentheses.
  Tactics are those of version 19: *Stealth* and *Defense Impairment* were *Defense Evasion* before.
- **Undo** is a containment step, not a repair. In commands `{{requestParameters.userName}}` is the value at that
  path of the record. Quote it, because the caller chose it. Words in capitals are your own values.
- **Needs root** names the task that AWS lists as requiring root, and says whether only root can do it.
"""
_CATEGORY_TITLES: Final = {
    "sign-ins": "Sign-ins",
    "recovery": "Recovery: password, e-mail, contacts",
    "credentials": "Credentials",
    "privileges": "Privileges",
    "persistence": "Persistence",
    "defense-evasion": "Defense evasion",
    "discovery": "Discovery",
    "data": "Data",
    "resources": "Resources",
    "impact": "Impact",
    "billing": "Billing",
}


def actions_page(note: str) -> str:
    """The text of docs/reference/actions.md.

    Args:
        note: the first line, which says that the page is generated.
    """
    rows = actions().values()
    lines = [note, "# Actions", _INTRODUCTION.format(count=len(rows))]
    in_order = sorted(rows, key=lambda one: (CATEGORIES.index(one.category), -SEVERITIES.index(one.severity), one.id))
    for category, held in groupby(in_order, key=lambda one: one.category):
        lines += [f"## {_CATEGORY_TITLES[category]}", "", *_table(list(held)), ""]
    lines += ["## Sources", "", *(f"- {address}" for address in sorted(glossary()["sources"].values()))]
    return "\n".join(lines) + "\n"


def view_text() -> str:
    """The text that the view ``matched_actions`` must have: its own, with the conditions of the catalogue."""
    branches = conditions_sql(" " * 12)
    return _BRANCHES.sub(lambda _: f"{branches}\n", VIEW.read_text(encoding="utf-8"), count=1)


def _table(rows: list[Action]) -> Iterator[str]:
    yield "| severity | event | what it means, and why it matters | undo | needs root | ATT&CK |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        event = f"`{row.eventSource.removesuffix('.amazonaws.com')}` `{row.eventName}`"
        if row.condition:
            event += f"<br>if `{_cell(row.condition_sql)}`"
        undo = _cell(row.undo) + (f"<br>`{_cell(row.undo_command)}`" if row.undo_command else "")
        task = glossary()["root_tasks"].get(row.root_task, "")
        needs = row.needs_root + (f": {task}" if task else "")
        former = f" ({', '.join(row.techniques_v18)})" if row.techniques_v18 != row.techniques else ""
        yield (
            f"| {row.severity} | {event} | {_cell(row.sentence)} {_cell(row.matters)} | {undo} | {needs} | "
            f"{row.tactic} {', '.join(row.techniques)}{former} |"
        ).replace("|  |", "| |")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
