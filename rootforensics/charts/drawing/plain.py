"""One look for all charts, whatever style the user of matplotlib has set."""

from __future__ import annotations

from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Given = ParamSpec("Given")
Made = TypeVar("Made")


@contextmanager
def plain_style() -> Iterator[None]:
    """Matplotlib's own defaults for a while; the user's settings come back."""
    import matplotlib.style

    with matplotlib.style.context("default"):
        yield


def plainly(draw: Callable[Given, Made]) -> Callable[Given, Made]:
    """Draw with matplotlib's own defaults: a dark style of the user's would leave dark letters on black."""

    @wraps(draw)
    def drawn(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        with plain_style():
            return draw(*args, **kwargs)

    return drawn
