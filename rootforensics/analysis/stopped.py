"""What is missing because a trail did not record, or what it recorded was not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.ground import UNKNOWN, account_of

if TYPE_CHECKING:
    Row = dict[str, Any]

#: Parts of a trail without which calls are missing in its files.
_RECORDED: Final = ("recording", "selectors", "Regions", "global events", "organization")


def stopped(tampering: list[Row], account_id: str) -> tuple[str, ...]:
    """What may be missing since somebody tampered with a trail, in words.

    Args:
        tampering: rows of ``record_tampering``.
        account_id: the account that is spoken of; a trail of another is named with its own.
    """
    done = [row for row in tampering if row["watcher"] == "trail" and row["deed"] == "done"]
    cut = [row for row in done if row["part"] in _RECORDED and row["tampering"] != "changed"]
    moved = [row for row in done if row["part"] == "bucket"]
    named = [row for row in cut if row["thing"]]
    unnamed = [row for row in cut if not row["thing"]]
    told = [f"what {_trail(row, account_id)} would have recorded from {_since([row])} {_until([row])}" for row in named]
    if unnamed:  # which of them is which nobody can tell
        told.append(f"what an unnamed trail would have recorded from {_since(unnamed)} {_until(unnamed)}")
    told += [
        f"what {_trail(row, account_id)} delivered from {_since([row])} on, if the bucket it was given is another"
        for row in moved
    ]
    return tuple(dict.fromkeys(told))


def _trail(row: Row, account_id: str) -> str:
    owner = account_of(row)
    known = account_id not in ("", UNKNOWN) and owner not in (account_id, UNKNOWN)
    return (f"trail {row['thing']}" if row["thing"] else "an unnamed trail") + (f" of account {owner}" if known else "")


def _since(rows: list[Row]) -> str:
    first = min((row["from_time"] for row in rows if row["from_time"]), default=None)
    return f"{first:%Y-%m-%d %H:%M:%S}" if first and all(row["from_time"] for row in rows) else "an unknown time"


def _until(rows: list[Row]) -> str:
    times = [row["until_time"] for row in rows]
    return "on" if None in times else f"to {max(times):%Y-%m-%d %H:%M:%S}"
