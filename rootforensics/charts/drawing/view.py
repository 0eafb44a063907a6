"""What every chart takes: the account and the time that it is of, its title, its size and the zone of its times."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, overload

from rootforensics.charts.drawing.plain import plain_style
from rootforensics.errors import ChartError, QueryError
from rootforensics.queries.text import zone_of as zone_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import tzinfo

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    #: A moment as people give it.
    Moment = datetime | str | None

Rows_contra = TypeVar("Rows_contra", contravariant=True)
Rows = TypeVar("Rows")
Row = TypeVar("Row")

#: Dots an inch of a figure of its own: ten inches are 1,200 pixels, which fill a report and keep the file small.
DPI: Final = 120.0
#: No picture has more dots at a side; matplotlib draws up to 65,536.
_MOST_DOTS: Final = 30_000
_TAKES: Final = """

    Args:
        rows: as the function of the same name with ``_data`` returns them.
        ax: where to draw; a figure of its own if not given.
        account_id: the account that the rows were asked for.
        title: in the place of the usual one.
        figsize: width and height of a figure of its own, in inches.
        dpi: dots an inch of a figure of its own.
        tz: the zone of all times, an IANA name such as ``Europe/Berlin`` or a ``tzinfo``; UTC if empty.
        since: the time that the rows were asked for begins here; the chart says so.
        until: and ends before this.

    Returns:
        A new figure, which a notebook shows by itself; the axes if they were given. The label of the figure is a
        description in words.

    Raises:
        ChartError: the size is too small for these rows, or an option is not understood.
    """


@dataclass(frozen=True, slots=True)
class View:
    """What a chart was asked to look like."""

    ax: Axes | None = None
    account_id: str = ""
    title: str = ""
    figsize: tuple[float, float] | None = None
    dpi: float = DPI
    zone: tzinfo = UTC
    told: str = ""

    def local(self, moment: datetime) -> datetime:
        """A moment in the zone of this chart."""
        return moment.astimezone(self.zone)

    def at(self, moment: datetime) -> str:
        """A moment, to the second."""
        return f"{self.local(moment):%Y-%m-%d %H:%M:%S} {zone_name(self.zone)}"

    def span(self, first: datetime, last: datetime) -> str:
        """From when to when."""
        return f"{self.local(first):%Y-%m-%d %H:%M} to {self.local(last):%Y-%m-%d %H:%M} {zone_name(self.zone)}"


class Draws(Protocol[Rows_contra]):
    """Draws rows."""

    @overload
    def __call__(self, rows: Rows_contra, ax: None = None, account_id: str = "", **options: Any) -> Figure: ...  # noqa: ANN401 - as ``drawn`` lists them
    @overload
    def __call__(self, rows: Rows_contra, ax: Axes, account_id: str = "", **options: Any) -> Axes: ...  # noqa: ANN401


def drawn(draw: Callable[[Rows, View], Figure]) -> Draws[Rows]:
    """Give a function that draws rows the options of every chart, and matplotlib's own defaults while it draws."""

    @wraps(draw)
    def chart(
        rows: Rows,
        ax: Axes | None = None,
        account_id: str = "",
        *,
        title: str = "",
        figsize: tuple[float, float] | None = None,
        dpi: float | None = None,
        tz: str | tzinfo = "",
        since: Moment = None,
        until: Moment = None,
    ) -> Figure | Axes:
        if ax is not None and (figsize or dpi):
            raise ChartError("figsize and dpi are for a figure of its own", hint="Give them to the figure of ax")
        size = _checked(figsize, dpi or DPI)
        zone = zone_of(tz)
        view = View(ax, account_id, title, size, dpi or DPI, zone, window_text(since, until, zone))
        with plain_style():
            try:
                figure = draw(rows, view)
            except OverflowError as error:
                hint = "Leave tz out, or narrow the rows with since and until"
                raise ChartError(f"a time has no place in the zone {zone_name(zone)}", hint=hint) from error
        return figure if ax is None else ax

    del chart.__wrapped__  # what is called takes the options
    chart.__doc__ = f"{draw.__doc__}".rstrip() + _TAKES
    return chart  # type: ignore[return-value]  # with axes it returns them


def _checked(figsize: tuple[float, float] | None, dpi: float) -> tuple[float, float] | None:
    sizes = (*(figsize or (1.0, 1.0)), dpi)
    if len(sizes) != 3 or not all(math.isfinite(size) and size > 0 for size in sizes):
        raise ChartError(f"no size of a chart: {figsize}, {dpi:g} dpi", hint="figsize is (width, height) in inches")
    if figsize and max(figsize) * dpi > _MOST_DOTS:
        raise ChartError(f"more than {_MOST_DOTS:,} dots at a side: {figsize}, {dpi:g} dpi")
    return figsize


def zone_of(tz: str | tzinfo) -> tzinfo:
    """The zone of a name; UTC if it is empty.

    Raises:
        ChartError: there is no such zone.
    """
    if not isinstance(tz, str):
        return tz
    try:
        return zone_named(tz) if tz and tz.upper() != "UTC" else UTC
    except QueryError as error:
        raise ChartError(error.problem, where=tz, hint=error.hint) from error


def zone_name(zone: tzinfo, *moments: datetime) -> str:
    """The name of a zone, and how far it is from UTC at these moments."""
    if zone is UTC:
        return "UTC"
    away = {f"UTC{moment.astimezone(zone):%z}" for moment in moments}
    told = " and ".join(f"{one[:6]}:{one[6:8]}" for one in sorted(away))
    return f"{zone}, {told}" if told else str(zone)


def shown_by_clocks(moment: datetime, zone: tzinfo) -> datetime:
    """What the clocks of a zone show, as if they showed UTC: days of it have 24 hours."""
    return moment.astimezone(zone).replace(tzinfo=UTC)


def when_clocks_show(clock: datetime, zone: tzinfo) -> datetime:
    """When they show it; of an hour that they leave out, the hour after it."""
    return clock.replace(tzinfo=zone).astimezone(UTC)


def as_moment(given: Moment) -> datetime | None:
    """A moment as people give it; UTC if it has no offset.

    Raises:
        FilterError: the text is no time.
    """
    from rootforensics.ingest.filters import parse_time

    if isinstance(given, str):
        return parse_time(given) if given else None
    return given and (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC)


def window_text(since: Moment, until: Moment, zone: tzinfo) -> str:
    """Of what time a chart is, in words; empty if it is of all."""
    ends = (("from", as_moment(since)), ("before", as_moment(until)))
    parts = [f"{word} {moment.astimezone(zone):%Y-%m-%d %H:%M}" for word, moment in ends if moment]
    return f"Only what is {' and '.join(parts)} {zone_name(zone)}" if parts else ""


def within(
    rows: Iterable[Row], since: Moment, until: Moment, first: str, last: str = "", *, endless: bool = False
) -> list[Row]:
    """The rows that a time holds, wholly or in part; what has no time always stays.

    Args:
        rows: with times.
        since: begin of the time; None for any.
        until: the time ends before this; None for any.
        first: the column with the begin of a row.
        last: that with its end; a row is a moment if this is empty, or the end is None.
        endless: True if the end None means that there is none.

    Raises:
        FilterError: one of the ends is no time, or the time ends before it begins.
    """
    from rootforensics.ingest.filters import check_span

    begin, end = as_moment(since), as_moment(until)
    check_span(begin, end)

    def is_held(row: Any) -> bool:  # noqa: ANN401 - of any question
        start = row[first]
        stop = (row[last] if last else None) or start
        is_going_on = endless and row[last] is None
        return start is None or ((end is None or start < end) and (begin is None or is_going_on or stop >= begin))

    return [row for row in rows if is_held(row)]
