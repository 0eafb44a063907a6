"""Whether the program is to stop: Ctrl-C reaches the main thread alone, and others may wait for a network."""

from __future__ import annotations

from threading import Event
from typing import Final

_stop: Final = Event()
#: Ends all waits for answers of AWS, in every thread, for good.
stop: Final = _stop.set
stopped: Final = _stop.is_set
