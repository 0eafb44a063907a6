"""The parts of the report: a module here that holds a ``PART`` has one template, of the part's name.

A new part is a new module and a new template; its ``order`` says where it stands. ``material`` and ``shapes`` are
what the parts share.
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
        heading: above it; empty for what stands without a section of its own.
        order: parts stand in this order.
        build: gives the template's values; None if the part has nothing to say and is left out.
        in_annex: folded on screen, and left out on paper unless it is asked for.
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
    found: list[Part] = [module.PART for module in modules if hasattr(module, "PART")]
    return tuple(sorted(found, key=lambda part: part.order))
