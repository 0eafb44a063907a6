"""Find out from its first bytes what a text is, and have the reader of that cut it into values."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from rootforensics.ingest.containers.hints import DUCKDB, YAML_OF_CLI, escaped_in, hint_of_file
from rootforensics.ingest.containers.json_text import frame_json
from rootforensics.ingest.density import in_small_pieces
from rootforensics.ingest.encodings import as_utf8
from rootforensics.ingest.text import BLANK, TABLE_HEAD_BYTES, beginning_of, is_json_start, table_kind
from rootforensics.ingest.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.seen import Framing


def frame(windows: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    """Yield the values in lists, in order, wrappers taken off.

    Args:
        windows: the object's text.
        seen: filled while lists are drawn; final when the iterator ends.
    """
    head = next(windows, b"")
    while 0 < len(head) < TABLE_HEAD_BYTES and (more := next(windows, b"")):
        head += more
    kind, windows = table_kind(head), chain((head,), windows)
    del head  # a window that is kept here could not be let go while the rest is read
    if kind == "duckdb":
        seen.refusal = DUCKDB
        yield from (Values(()) for _ in windows)  # drawn all the same, for its bytes are hashed
        return
    if kind:
        from rootforensics.ingest.containers.stored import frame_stored

        yield from frame_stored(windows, seen)
        return
    windows = in_small_pieces(as_utf8(windows, seen))
    first = next(windows, b"")
    while first and not first.strip(BLANK) and (more := next(windows, b"")):
        first = more
    windows = chain((first,), windows)
    seen.escaped = escaped_in(first)
    if is_json_start(first):
        del first
        yield from frame_json(windows, seen)
    elif first.strip(BLANK):
        from rootforensics.ingest.containers.text import frame_text

        seen.looks_like = beginning_of(first)
        seen.hint = hint_of_file(first)
        if YAML_OF_CLI.match(first):  # its records stand in texts that only YAML can tell
            seen.refusal = seen.hint
        del first
        # What is not read is drawn all the same, for its bytes are hashed.
        yield from frame_text(windows, seen) if not seen.refusal else (Values(()) for _ in windows)
