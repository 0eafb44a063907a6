"""Progress of a load: a bar on a terminal, silence elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.outcome import Done, Progress


@contextmanager
def load_progress() -> Iterator[Progress | None]:
    """A bar that follows a load by the bytes of its objects."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[state]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("loading", total=None, state="")

        def follow(done: Done) -> None:
            state = f"{done.objects:,} of {done.of_objects:,} objects, {done.records:,} records"
            bar.update(task, completed=done.raw_bytes, total=max(done.of_bytes, 1), state=state)

        yield follow
