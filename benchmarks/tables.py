"""Tables of the page: rows of figures, and targets that were reached or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from measure import median_usage

if TYPE_CHECKING:
    from datasets import Dataset
    from measure import Usage

#: The header of ``round_rows``, after the name of the set.
ROUND_HEADER = ["wall s", "least to most", "CPU s", "peak MB", "JSON MB/s"]


class Target(NamedTuple):
    """One target: what it says, what was measured, and if that reaches it."""

    text: str
    measured: str
    reached: bool


def markdown(header: list[str], rows: list[list[str]]) -> str:
    """Returns a Markdown table with padded columns; all columns but the first are right-aligned."""
    widths = [max(len(row[place]) for row in [header, *rows]) for place in range(len(header))]

    def line(cells: list[str]) -> str:
        padded = [
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return "| " + " | ".join(padded) + " |"

    rule = ["-" * (width - 1) + ":" if place else "-" * width for place, width in enumerate(widths)]
    return "\n".join([line(header), line(rule), *map(line, rows)])


def round_rows(rounds: dict[str, list[Usage]], data: Dataset) -> list[list[str]]:
    """Returns one row for each contestant."""
    rows = []
    for name, usages in rounds.items():
        middle = median_usage(usages)
        walls = sorted(usage.wall_seconds for usage in usages)
        rate = data.json_bytes / 1e6 / middle.wall_seconds
        row = [name, f"{middle.wall_seconds:.2f}", f"{walls[0]:.2f} to {walls[-1]:.2f}"]
        row += [f"{middle.cpu_seconds:.2f}", f"{middle.peak_bytes / 1e6:.0f}", f"{rate:.0f}"]
        rows.append(row)
    return rows
