"""A test of many random cases as one item, which names the seed that it failed with."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def seeds(count: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Run a test that takes a ``seed`` with each from 0 on.

    Args:
        count: how many.
    """

    def looped(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def run(**given: Any) -> None:
            for seed in range(count):
                try:
                    test(seed=seed, **given)
                except BaseException as error:
                    error.add_note(f"with seed {seed}")
                    raise

        signature = inspect.signature(test)
        rest = [one for name, one in signature.parameters.items() if name != "seed"]
        run.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        return run

    return looped
