"""Mask what tells whose a case is, alike in all that is written of it, by a key file that is kept apart."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from rootforensics.alone import alone_in
from rootforensics.analysis.verdict.question import Question
from rootforensics.errors import ReportError, StorageError
from rootforensics.reports.redaction.known import Known
from rootforensics.reports.redaction.masks import DOMAIN, KINDS, Kind, canonical, masked, substituted

if TYPE_CHECKING:
    import pyarrow as pa

    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result

_ABOUT: Final = "rootforensics: what stands behind the masks. Whoever has this file can undo them; keep it apart."
#: What holds nothing of a case; the text of a question is ours.
_KEPT: Final = (bool, int, float, Decimal, datetime, date, UUID, type(None), Question)
#: The end of a text that was cut: what stands there may be the beginning of a value.
_FEWEST: Final = 4
#: Texts that stand in a case again and again are masked once; so long ones, and so many.
_MOST_KEPT: Final = 1_000
_TEXTS_KEPT: Final = 50_000
#: A page shows no more than some of a list as long as this.
_MANY: Final = 100
_TWELVE: Final = re.compile("[0-9]{12}")
_CUT: Final = re.compile(r"[\w.+%@:-]{4,128}(?=…)")


class Redactor:
    """Masks, and what stands behind them.

    The same value has the same mask in every text, and in every run with the same key file.

    Args:
        path: the key file; it need not exist.

    Raises:
        ReportError: the file is no key file.
        StorageError: it cannot be read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._masks: dict[str, dict[str, str]] = {kind: {} for kind in KINDS} | _read(self.path)
        self._known = Known()
        self._texts: dict[str, str] = {}

    def learn(self, case: Asks) -> None:
        """Learn the accounts and addresses of a case: they are masked whatever they stand beside."""
        addresses = {canonical(row["found"]) for row in case.query("source_addresses").rows}
        accounts = {row["found"] for row in case.query("account_ids").rows}
        self._known = Known(
            (account for account in accounts if account and _TWELVE.fullmatch(account)),
            (address for address in addresses if address and address not in ("::", "0.0.0.0")),  # noqa: S104 - everybody's
        )
        self._texts.clear()

    def text(self, text: str) -> str:
        """A text with masks in place of account IDs, access keys, unique IDs, addresses and e-mail addresses."""
        found = self._texts.get(text)
        if found is None:
            found = masked(text, self._mask, lambda value: canonical(value) in self._known.addresses)
            found = self._known.masked(found, self._mask)
            if "…" in found:
                found = substituted(_CUT, self._cut, found)
            if len(text) < _MOST_KEPT and len(self._texts) < _TEXTS_KEPT:
                self._texts[text] = found
        return found

    def value(self, value: Any) -> Any:  # noqa: ANN401 - whatever a report is made from
        """A value with every text in it masked: of lists, tuples, dicts (keys too) and dataclasses.

        Raises:
            TypeError: it holds something that this does not know, which might hide a text.
        """
        if isinstance(value, str):
            return type(value)(self.text(value))
        if isinstance(value, _KEPT):
            return value
        if isinstance(value, Mapping):
            return {self.value(key): self.value(one) for key, one in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(self.value(one) for one in value)
        if isinstance(value, IPv4Network | IPv6Network):
            return self.text(str(value))
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = (field.name for field in dataclasses.fields(value) if field.init)
            return dataclasses.replace(value, **{name: self.value(getattr(value, name)) for name in fields})
        raise TypeError(type(value).__name__)

    def page_value(self, value: Any) -> Any:  # noqa: ANN401 - whatever a report is made from
        """As ``value``, but the items of a long list or tuple in a dict are masked when they are first taken."""
        if isinstance(value, Mapping):
            return {self.value(key): self.page_value(one) for key, one in value.items()}
        if isinstance(value, list | tuple) and len(value) > _MANY:
            return Masked(value, self)
        return self.value(value)

    def result(self, result: Result) -> Result:
        """A result with every text in its rows and parameters masked; the types of its columns stay."""
        masked = result.of_table(self.table(result.arrow()))
        masked.parameters = self.value(result.parameters)
        return masked

    def table(self, table: pa.Table) -> pa.Table:
        """An Arrow table with every text in it masked; the types of its columns stay."""
        import pyarrow as pa

        kinds = pa.types
        for place, field in enumerate(table.schema):
            one = field.type
            if any(
                is_kind(one) for is_kind in (kinds.is_integer, kinds.is_floating, kinds.is_boolean, kinds.is_temporal)
            ):
                continue
            table = table.set_column(place, field, self._column(table.column(place)))
        return table

    def _column(self, column: pa.ChunkedArray) -> pa.ChunkedArray:
        import pyarrow as pa

        return pa.chunked_array(
            [pa.array([self.value(one) for one in chunk.to_pylist()], column.type) for chunk in column.chunks],
            column.type,
        )

    def save(self) -> None:
        """Write the key file, readable by its owner alone; before any file that needs it to be understood.

        What another run has written to it since it was read stays in it.

        Raises:
            ReportError: another run has given a mask to another value, or a value another mask.
            StorageError: it cannot be written.
        """
        try:
            with alone_in(self.path.parent):
                self._take_in(_read(self.path))
                self._write()
        except OSError as error:
            raise StorageError(f"cannot write ({error.strerror or error})", where=str(self.path)) from error

    def _take_in(self, written: dict[str, dict[str, str]]) -> None:
        """Keep what others have written to the file since it was read."""
        clashes = any(
            self._masks[kind].setdefault(value, mask) != mask
            for kind, known in written.items()
            for value, mask in known.items()
        )
        if clashes or any(len(set(known.values())) < len(known) for known in self._masks.values()):
            raise ReportError(
                "another run has given masks by this key file in the meantime",
                where=str(self.path),
                hint="Run the same command again",
            )

    def _write(self) -> None:
        partial = self.path.with_name(f".{self.path.name[:100]}.{secrets.token_hex(4)}.partial")
        content = json.dumps({"about": _ABOUT, "masks": self._masks}, indent=1, ensure_ascii=False)
        try:
            with os.fdopen(
                os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as file:
                file.write(content + "\n")
                file.flush()
                os.fsync(file.fileno())
            partial.replace(self.path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise

    def _mask(self, kind: Kind, value: str) -> str:
        known = self._masks[kind]
        if value not in known:
            number = f"{len(known) + 1:02}"
            known[value] = f"user{number}@{DOMAIN}" if kind == "user" else f"{kind}-{number}"
        return known[value]

    def _cut(self, found: re.Match[str]) -> str:
        """Nothing of a value that was cut: a beginning may be enough to know it."""
        values = [value.lower() for known in self._masks.values() for value in known]
        starts = [0, *(colon.end() for colon in re.finditer(":", found[0]))]
        for start in starts:
            begun = found[0][start:].lower()
            if len(begun) >= _FEWEST and any(value.startswith(begun) for value in values):
                return found[0][:start]
        return found[0]


class Masked(Sequence[Any]):
    """A sequence whose items are masked when they are taken: a page shows hundreds of what may be tens of thousands."""

    def __init__(self, items: Sequence[Any], redactor: Redactor) -> None:
        self._items = items
        self._redactor = redactor

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - a number or a slice; whatever stands there
        return self._redactor.value(self._items[place])

    def __add__(self, other: Sequence[Any]) -> Masked:
        more = other._items if isinstance(other, Masked) else other
        return Masked([*self._items, *more], self._redactor)

    def __radd__(self, other: Sequence[Any]) -> Masked:
        return Masked([*other, *self._items], self._redactor)


def _read(path: Path) -> dict[str, dict[str, str]]:
    hint = "Name a file that --redact wrote, or one that is not there yet"
    if path.is_fifo():  # whoever reads a pipe waits for who writes
        raise ReportError("this is a pipe, no key file", where=str(path), hint=hint)
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise ReportError("this is no key file", where=str(path), hint=hint) from error
    except OSError as error:
        raise StorageError(f"cannot read ({error.strerror})", where=str(path), hint=hint) from error
    try:
        masks = json.loads(content)["masks"]
        found: dict[str, dict[str, str]] = {kind: dict(masks[kind]) for kind in KINDS}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ReportError("this is no key file", where=str(path), hint=hint) from error
    for known in found.values():
        texts = all(isinstance(one, str) for pair in known.items() for one in pair)
        if not texts or len(set(known.values())) < len(known):
            raise ReportError("this key file gives two values one mask", where=str(path), hint=hint)
    return found
