"""The name of a case file is the engine's name for it: it must not change what a name in a query means."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.errors import CaseError
from rootforensics.queries.catalogue import views
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path

#: Only where a field of a column is named with its table do three names follow one another.
_ALIAS = re.compile(r"\b(\w+)\.userIdentity\.")


def _aliases() -> list[str]:
    return sorted({alias for view in views().values() for alias in _ALIAS.findall(view.sql)})


@pytest.mark.heavy  # views are bound once for each alias
@pytest.mark.heavy
def test_a_case_may_be_called_like_any_alias(tmp_path: Path) -> None:
    aliases = _aliases()
    assert {"c", "e"} <= set(aliases)
    write_log(tmp_path, "logs/a.json", [root_event()])
    first = tmp_path / f"{aliases[0]}.duckdb"
    rf.open_case(first).load(tmp_path / "logs")
    for alias in aliases:
        path = first.rename(tmp_path / f"{alias}.duckdb")
        with rf.open_case(path) as case:
            # In other views no name begins with that of the case.
            for name in [view.name for view in views().values() if re.search(rf"\b{alias}\.", view.sql)]:
                case._statement(f"DESCRIBE SELECT * FROM {name}")  # what a name means is settled before a plan is made
        first = path


@pytest.mark.parametrize("name", ["userIdentity.duckdb", "useridentity", "tlsDetails.2026.duckdb"])
def test_a_case_called_like_a_column_with_fields_is_refused(name: str, tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [root_event()])
    with pytest.raises(CaseError, match="the name of a column of events"):
        rf.open_case(tmp_path / name).load(tmp_path / "logs")
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]
