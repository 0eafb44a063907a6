"""A bucket, loaded and verified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import rootforensics as rf
from tests.integrity.bucket import Stored, key, write, write_keys


@dataclass
class Bench:
    """Writes objects, loads them and gives the verdicts."""

    folder: Path
    signers: list[Any] = field(default_factory=lambda: [key()])
    found: Any = None

    def verify(self, stored: Iterable[Stored], *, keys: Path | None = None, **how: Any) -> Bench:
        write(self.folder / "logs", stored, **how)
        return self.verify_written(keys)

    def verify_written(self, keys: Path | None = None) -> Bench:
        keys = keys or write_keys(self.folder / "keys.json", self.signers)
        with rf.open_case(self.folder / "case.duckdb") as case:
            case.load(self.folder / "logs")
            self.found = case.verify(keys)
        return self

    def verdict(self, stored: Stored) -> str:
        """Of an object by its name; of several all different ones."""
        rows = [row for row in self.found.objects.rows if row["uri"].rsplit("/", 1)[-1].startswith(stored.name)]
        return " ".join(sorted({row["verdict"] for row in rows}))

    def verdicts(self, stored: Iterable[Stored]) -> list[str]:
        return [self.verdict(one) for one in stored]

    @property
    def counts(self) -> dict[tuple[str, str], int]:
        return self.found.counts()

    @property
    def breaks(self) -> list[tuple[str, Any, Any]]:
        return self.breaks_of()

    def breaks_of(self, account: str = "") -> list[tuple[str, Any, Any]]:
        """Of one account; of all if none is named."""
        rows = [row for row in self.found.breaks.rows if account in ("", row["account_id"])]
        return [(row["cause"], row["from_time"], row["until_time"]) for row in rows]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
