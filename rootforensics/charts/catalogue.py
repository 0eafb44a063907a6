"""The charts by name: what each shows, what it cannot show, and the pair of functions that makes it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import ChartError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.charts.drawing.view import Draws
    from rootforensics.charts.interactive import InteractiveChart
    from rootforensics.queries.asking import Asks

#: Modules with a chart, in the order in which one reads them.
_MODULES: Final = (
    "incident",
    "activity",
    "heatmap",
    "signins",
    "sessions",
    "sources",
    "services",
    "blast",
    "noise",
    "coverage",
    "posture",
)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    Attributes:
        name: of the chart, and of its module.
        title: what it shows, in a few words.
        tells: how to read it.
        misses: what it cannot show.
        data: asks a case and returns rows; takes ``account_id``, ``since`` and ``until``.
        draw: draws the rows; takes what ``drawn`` gives to every chart.
        options: further parameters that ``data`` takes.
        zoomed: draws the rows for a notebook in which one zooms in them; None if the chart has no such form.
    """

    name: str
    title: str
    tells: str
    misses: str
    data: Callable[..., list[Any]]
    draw: Draws[Any]
    options: tuple[str, ...] = ()
    zoomed: Callable[..., InteractiveChart] | None = None

    def figure(self, case: Asks, *, account_id: str = "", interactive: bool = False, **options: Any) -> Any:  # noqa: ANN401 - as charts have them
        """The chart of a case, drawn; of the options ``data`` gets those that it takes, and ``draw`` the others."""
        draw = self.zoomed if interactive else self.draw
        if draw is None:
            raise ChartError("in this chart one cannot zoom", where=self.name, hint="Leave interactive out")
        asked = {name: options.pop(name) for name in self.options if name in options}
        time = {name: options[name] for name in ("since", "until") if name in options}
        rows = self.data(case, account_id=account_id, **time, **asked)
        drawn = draw(rows, account_id=account_id, **options)
        if interactive:
            options.pop("width", None)  # in pixels, of the interactive form alone
            drawn.picture = partial(self.draw, rows, account_id=account_id, **options)
        return drawn


@cache
def charts() -> dict[str, Chart]:
    """Every chart by its name, in order."""
    found: list[Chart] = [import_module(f"{__package__}.{name}").CHART for name in _MODULES]
    return {chart.name: chart for chart in found}


def named(name: str) -> Chart:
    """The chart of a name.

    Raises:
        ChartError: there is none.
    """
    found = charts().get(name)
    if found is None:
        close = difflib.get_close_matches(name, [*charts(), "all"], 1)
        hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(charts())}, and all"
        raise ChartError("there is no such chart", where=name, hint=hint)
    return found
