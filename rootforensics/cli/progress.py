"""Progress: a bar on a terminal, elsewhere a plain line from time to time."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

from rootforensics.cli.talk import shown_displays, talk, talk_wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress as Bar
    from rich.status import Status

    from rootforensics.ingest.outcome import Done, Progress

    #: Told the share that is done, 0 to 1, and the state in words.
    Follow = Callable[[float, str], None]

#: Without a terminal a line comes so often; a load that is done before says nothing.
_LINE_SECONDS: Final = 30.0
_UNITS: Final = ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB"))


@contextmanager
def load_progress(clock: Callable[[], float] = monotonic) -> Iterator[Progress]:
    """Follows a load: objects, bytes, events, events a second, and the time that is left.

    Args:
        clock: seconds from any beginning.
    """
    begun = clock()
    with progress("loading", clock) as follow:

        def tell(done: Done) -> None:
            follow(share_of(done), in_words(done, clock() - begun))

        yield tell


@contextmanager
def progress(title: str, clock: Callable[[], float] = monotonic) -> Iterator[Follow]:
    """A bar with a state beside it that fits 80 columns; without a terminal, lines."""
    if not sys.stderr.isatty():
        yield _lines(title, clock)
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    # Without the title: the words take what 80 columns have to give.
    columns = (BarColumn(bar_width=None), TextColumn("{task.fields[state]}"))
    bar = Bar(*columns, console=Console(stderr=True), transient=True, expand=True)
    task = bar.add_task(title, total=1.0, state="")
    with _displayed(bar):
        yield lambda share, state: bar.update(task, completed=share, state=state)


@contextmanager
def _displayed(display: Bar | Status) -> Iterator[None]:
    """Show a bar or a stage; what is written meanwhile goes above it."""
    with display:
        shown_displays.append(display)
        try:
            yield
        finally:
            shown_displays.remove(display)


class Stages:
    """What a command does while no bar moves, told on a terminal, and how long each stage took.

    Args:
        clock: seconds from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, *, is_told: bool = True) -> Iterator[None]:
        """Take the time of a stage.

        Args:
            name: what the command does in it.
            is_told: False if something else shows that it goes on.
        """
        begun = self._clock()
        if is_told and sys.stderr.isatty():
            from rich.console import Console

            with _displayed(Console(stderr=True).status(f"{name} …", spinner="line")):
                yield
        else:
            yield
        self._seconds[name] = self._clock() - begun

    def tell(self) -> None:
        """Say on a terminal how long each took."""
        if sys.stderr.isatty():
            talk_wrapped(f"time: {', '.join(f'{name} {seconds:,.1f} s' for name, seconds in self._seconds.items())}")


def share_of(done: Done) -> float:
    """How much of a load is behind us, by bytes, or by objects where their sizes are not known."""
    parts = (done.raw_bytes, done.of_bytes) if done.of_bytes else (done.objects, done.of_objects)
    return min(parts[0] / parts[1], 1.0) if parts[1] else 0.0


def in_words(done: Done, seconds: float) -> str:
    """Where a load is after so many seconds; it leaves a bar some room in 80 columns."""
    objects = f"{done.objects:,}/{done.of_objects:,} objects"
    rate = f"{_short(done.records / seconds)}/s" if seconds > 0 else ""
    told = (objects, _sizes(done.raw_bytes, done.of_bytes), f"{_short(done.records)} events", rate)
    return ", ".join(part for part in (*told, time_left(share_of(done), seconds)) if part)


def time_left(share: float, seconds: float) -> str:
    """The time that is left after so many seconds, or nothing if it cannot be told."""
    if share <= 0 or seconds <= 0:
        return ""
    left = round(seconds * (1 - share) / share)
    hours, minutes = divmod(left // 60, 60)
    return f"{hours}:{minutes:02}:{left % 60:02} left" if hours else f"{minutes}:{left % 60:02} left"


def _short(number: float) -> str:
    if number < 99_950:
        return f"{number:,.0f}"
    return f"{number / 1e3:,.0f}k" if number < 999_500 else f"{number / 1e6:,.1f}M"


def _sizes(size: int, whole: int) -> str:
    divisor, unit = next(((divisor, unit) for divisor, unit in _UNITS if max(size, whole) >= divisor), (1, "B"))
    form = ",.1f" if divisor > 1 else ",d"
    part = size / divisor if divisor > 1 else size
    of = whole / divisor if divisor > 1 else whole
    return f"{part:{form}}/{of:{form}} {unit}" if whole else f"{part:{form}} {unit}"


def _lines(title: str, clock: Callable[[], float]) -> Follow:
    last = clock()

    def follow(share: float, state: str) -> None:
        nonlocal last
        if share < 1 and clock() - last >= _LINE_SECONDS:
            last = clock()
            talk(f"{title}: {state}")

    return follow
