"""A case out of others: the act that makes it holds their chains of custody, so that nothing of them is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.custody.acts import Act
from rootforensics.custody.chain import entries_of
from rootforensics.custody.keeping import note_hashes
from rootforensics.engines.duckdb import storage_errors
from rootforensics.engines.running import stopping
from rootforensics.engines.writing import holds_a_load, opened_writer
from rootforensics.errors import CaseError
from rootforensics.ingest.from_sources import blank_case_of
from rootforensics.ingest.merge import MergeResult, check_tables, merge_parts
from rootforensics.ingest.store import checks_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb

    from rootforensics.custody.keeping import Keeping
    from rootforensics.ingest.from_sources import SettingUp

_ANOTHER: Final = "Choose a file that does not exist. To extend a case, merge it into a new one"


def merge_cases(
    path: Path,
    parts: Sequence[Keeping],
    setting_up: SettingUp,
    tool: str,
) -> MergeResult:
    """Make one case of several, as ``rootforensics.merge`` tells it.

    Args:
        path: the new case file.
        parts: the cases.
        setting_up: imports what it takes to set a case up, and gives what does so.
        tool: name and version of this package.
    """
    _check_files(path, [part.path for part in parts])
    acts = [_acts_of(part) for part in parts]
    heads = [(part.path, one["head"]) for part, one in zip(parts, acts, strict=True)]
    _check_heads(heads)
    act = Act("merge", tool, {"parts": acts, "note_sha256": note_hashes, "answers_sha256": _checks})
    with storage_errors(path), opened_writer(path, act, blank_case_of(setting_up)) as opening:
        if holds_a_load(opening.opened()):
            raise CaseError("the file exists and is not empty", where=str(path), hint=_ANOTHER)
        opening.begin(setting_up())
        with stopping(opening.ready()) as writer:
            result = merge_parts(writer, heads, tool)
        opening.commit(f"all of {len(parts):,} cases")
    return result


def _check_files(path: Path, parts: Sequence[Path]) -> None:
    if not parts:
        raise CaseError("no case was named", hint="Name the cases to merge")
    for number, part in enumerate(parts):
        if path.exists() and part.exists() and os.path.samefile(path, part):  # noqa: PTH121 - symmetrical
            raise CaseError("the new case cannot be one of the cases to merge", where=str(path), hint=_ANOTHER)
        if any(part.exists() and one.exists() and os.path.samefile(part, one) for one in parts[:number]):  # noqa: PTH121
            raise CaseError("this case was named twice", where=str(part), hint="Name each once")


def _check_heads(heads: Sequence[tuple[Path, str]]) -> None:
    seen: dict[str, Path] = {}
    for path, head in heads:
        if head in seen:
            raise CaseError(f"it is a copy of {seen[head]}", where=str(path), hint="Name one of them")
        seen[head] = path


def _acts_of(part: Keeping) -> dict[str, Any]:
    """What the chain of custody of a part is, if it is whole."""
    with part._reading() as reader:  # noqa: SLF001 - one state of the case
        check_tables(reader, part.path)
        found = part.verify_custody()
        if not found.is_whole:
            raise CaseError(
                f"its chain of custody is broken: {found.problems[0]}",
                where=str(part.path),
                hint="Load its evidence into a new case. rootforensics custody --verify lists all problems",
            )
        acts = msgspec.to_builtins(entries_of(part.custody().rows))
    part._readers.close()  # noqa: SLF001 - the engine opens it beside the new case
    return {"case": part.path, "head": found.head, "acts": acts}


def _checks(writer: duckdb.DuckDBPyConnection) -> list[str]:
    return [sha256 for _, sha256, *_ in writer.execute(checks_of()).fetchall()]
