"""How far an object may inflate, and what was seen while it was inflated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rootforensics.errors import FilterError

#: Stands in the problem of every object that hit a bound.
RAISE_LIMIT: Final = "raise --max-"
RAISE_OTHERS: Final = f"{RAISE_LIMIT}other-values"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep a compression bomb from filling memory or disk.

    Attributes:
        max_inflated_bytes: an object may inflate to this many bytes.
        max_ratio: and to this many times its own size, once it is past ``ratio_from_bytes``.
        ratio_from_bytes: the ratio is not judged before this many inflated bytes.
        max_other_values: so many values and lines that are no event are read, and a thousand more for each event; a
            text that is unpacked, or searched for a record in vain, counts as ten more.

    Raises:
        FilterError: the ratio is below 1, or no number.
    """

    max_inflated_bytes: int = 8 * 1024**3
    max_ratio: float = 200.0
    ratio_from_bytes: int = 64 * 1024**2
    max_other_values: int = 250_000

    def __post_init__(self) -> None:
        if not self.max_ratio >= 1:  # no number is not, either
            raise FilterError(f"{self.max_ratio} is not a ratio", hint="A file inflates to at least its own size")

    def at_least(self, seen: Inflation) -> Limits:
        """Limits under which an object that was read before is read at least as far again."""
        return Limits(
            max(self.max_inflated_bytes, seen.inflated_bytes),
            max(self.max_ratio, seen.inflated_bytes / max(seen.raw_bytes, 1)),
            self.ratio_from_bytes,
            max(self.max_other_values, seen.other_count),
        )


#: A text that is unpacked, or searched for a record in vain, costs as much as so many values that are no event.
OPENED_COUNT: Final = 10
#: Values and lines that may stand beside each event.
_OTHERS_AN_EVENT: Final = 1000
UNLIMITED: Final = Limits(2**62, 2.0**62, max_other_values=2**62)


#: What the compression of an object is called that has none.
PLAIN: Final = "plain"


@dataclass(slots=True)
class Inflation:
    """What was seen while inflating one object.

    Attributes:
        compression: ``plain``, ``gzip``, ``zstd``, ``xz`` or ``bzip2``; one in another from the outside in, as
            ``gzip > zstd``.
        member_count: gzip members read, of the outermost gzip.
        raw_bytes: bytes read.
        inflated_bytes: bytes handed on.
        other_count: values and lines that are no event; brackets, too, in a text that is broken, and ``OPENED_COUNT``
            for a text that is opened.
        event_count: events.
        damage: why the content is incomplete or not as written; empty if it is whole.
        remark: what is odd but loses nothing.
    """

    compression: str = PLAIN
    member_count: int = 0
    raw_bytes: int = 0
    inflated_bytes: int = 0
    other_count: int = 0
    event_count: int = 0
    damage: str = ""
    remark: str = ""


def broken_limit(seen: Inflation, limits: Limits) -> str:
    """The bound that an object breaks and what to do, in words; empty if it keeps to them."""
    if seen.inflated_bytes > limits.max_inflated_bytes:
        return (
            f"inflates to more than {limits.max_inflated_bytes:,} bytes and was read no further "
            f"({RAISE_LIMIT}inflated-bytes if it is genuine)"
        )
    ratio = seen.inflated_bytes / max(seen.raw_bytes, 1)
    if seen.inflated_bytes > limits.ratio_from_bytes and ratio > limits.max_ratio:
        return (
            f"inflates to more than {limits.max_ratio:g} times its size, as a compression bomb does, and was "
            f"read no further ({RAISE_LIMIT}ratio if it is genuine)"
        )
    return ""


def broken_others(seen: Inflation, limits: Limits) -> str:
    """That more values that are no event were read than the limits allow, and what to do; empty if it was not so."""
    if seen.other_count <= limits.max_other_values + _OTHERS_AN_EVENT * seen.event_count:
        return ""
    first = f"no event among its first {limits.max_other_values:,} values and lines"
    if seen.event_count:
        found = f"{seen.event_count:,} event{'s' * (seen.event_count != 1)}"
        first = f"{found} among {seen.event_count + seen.other_count:,} values and lines"
    return f"{first}; read no further ({RAISE_OTHERS} if events stand behind them)"
