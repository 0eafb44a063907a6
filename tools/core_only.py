"""Import every module of the package as if its core dependencies alone were installed."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from importlib.abc import MetaPathFinder
from importlib.metadata import packages_distributions, requires
from typing import TYPE_CHECKING, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rootforensics

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


def core() -> set[str]:
    """The distributions that an installation without an extra brings."""
    seen: set[tuple[str, str]] = set()
    wanted = [("rootforensics", "")]
    while wanted:
        name, extra = wanted.pop()
        seen.add((name, extra))
        for needed in map(Requirement, requires(name) or ()):
            if not needed.marker or needed.marker.evaluate({"extra": extra}):
                wanted += {(canonicalize_name(needed.name), extra) for extra in ("", *needed.extras)} - seen
    return {name for name, _ in seen}


class Refuse(MetaPathFinder):
    """Refuses modules of all other distributions, as if they were not installed."""

    _core: Final = core()
    _of: Final = packages_distributions()

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        """Raise for a module of another distribution; leave all others to the next finder."""
        owners = {canonicalize_name(owner) for owner in self._of.get(name.partition(".")[0], ())}
        if owners and not owners & self._core:
            raise ModuleNotFoundError(f"{name} is of {', '.join(sorted(owners))}, not of the core", name=name)
        return None


if __name__ == "__main__":
    sys.meta_path.insert(0, Refuse())
    for module in pkgutil.walk_packages(rootforensics.__path__, "rootforensics."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
