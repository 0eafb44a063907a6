"""One look for all charts, whatever style the user of matplotlib has set."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def plain_style() -> Iterator[None]:
    """Matplotlib's own defaults for a while; the user's settings come back."""
    import matplotlib.style

    with matplotlib.style.context("default"):
        yield
