"""The blast radius of a few records, beside others."""

from __future__ import annotations

from typing import Any

from tests.stories import Names, Story


def radius_of(*records: dict[str, Any], apart: bool = False) -> Story:
    """The rows of the blast radius of some records.

    Args:
        records: the events.
        apart: each lies in a file of its own, so that their order is that of the arguments.
    """

    def ask(analysis: Any, names: Names) -> list[dict[str, Any]]:
        own = set(names.accounts)
        return [row for row in analysis.radius.rows if row["account_id"] in own or own & set(row["root_accounts"])]

    return Story(list(records), ask, apart=apart)
