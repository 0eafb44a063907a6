"""The start of the command line, as a module and as the script; small, so that Ctrl-C is answered early."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found] # what signal stands on; signal and typing take as long as Python's start
import gc
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def end_at_once(signum: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - a handler's signature
    """Answer Ctrl-C while modules are imported: nothing has begun, and an import may turn an error into another."""
    os.write(2, b"rootforensics: stopped before anything was begun\n")
    os._exit(130)


def main() -> None:
    """Run the command line and exit."""
    if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:  # it may be ignored, as in a job with nohup
        _signal.signal(_signal.SIGINT, end_at_once)
    gc.set_threshold(50_000)  # most of what is made stays: looking for garbage as often as usual is a sixth of a triage
    from rootforensics.cli import main as run

    run()


if __name__ == "__main__":
    main()
