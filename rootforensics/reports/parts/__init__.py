"""The parts of the report: each module with a ``PART`` has one template with the part's name.

A new part is a new module and a new template. The parts share ``material`` and ``shapes``.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.reports.parts.material import Material


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the report.

    Attributes:
        name: of the template, and anchor in the page.
        heading: of its section; empty for a part without a section.
        order: parts are sorted by it.
        build: returns the template's values; None to omit the part.
        in_annex: folded on screen, and on paper only on request.
    """

    name: str
    heading: str
    order: int
    build: Callable[[Material], dict[str, Any] | None]
    in_annex: bool = False


@cache
def parts() -> tuple[Part, ...]:
    """Every part, in order."""
    modules = [import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
    listed: list[Part] = [module.PART for module in modules if hasattr(module, "PART")]
    return tuple(sorted(listed, key=lambda part: part.order))
