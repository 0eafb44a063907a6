"""What is missing because a trail did not record, or what it recorded was not delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.coverage.gap import Gap
from rootforensics.analysis.ground import UNKNOWN, account_of

if TYPE_CHECKING:
    from rootforensics.analysis.coverage.departed import Departed
    from rootforensics.queries.result import Row

#: Parts of a trail without which calls are missing in its files.
_RECORDED: Final = ("recording", "selectors", "Regions", "global events", "organization")
#: Calls without whose undoing CloudTrail delivers nothing, what is missing then, by bucket or key.
_UNDELIVERED: Final = {
    "DeleteBucket": "delivered to bucket {thing}, which was deleted, from {since} {until}",
    "DeleteBucketPolicy": "delivered to bucket {thing}, whose policy was deleted, from {since} {until}",
    "DisableKey": "encrypted with key {thing}, which was disabled, from {since} {until}",
    "ScheduleKeyDeletion": "encrypted with key {thing}, which is to be deleted, from {since} {until}",
}
#: Calls that take away what was delivered.
_TAKEN: Final = ("DeleteObject", "DeleteObjects")
#: What root, or what came from it, wrote anew: its content is not judged.
_REWRITTEN: Final = {
    "PutBucketPolicy": "delivered to bucket {thing} from {since} on, if its new policy keeps CloudTrail out",
    "PutKeyPolicy": "encrypted with key {thing} from {since} on, if its new policy keeps CloudTrail out",
}


def stopped(tampering: list[Row], account_id: str, departed: Departed) -> tuple[Gap, ...]:
    """What may be missing since somebody tampered with a trail, or with its bucket or key.

    Args:
        tampering: rows of ``record_tampering``.
        account_id: the account that is spoken of; a trail of another is named with its own.
        departed: tells whether the case holds something of an account from after a time.
    """
    done = [row for row in tampering if row["watcher"] == "trail" and row["deed"] == "done"]
    cut = [row for row in done if row["part"] in _RECORDED and row["tampering"] != "changed"]
    moved = [row for row in done if row["part"] == "bucket"]
    # A call whose record does not say what it set may have set less; that of selectors always says it.
    unsaid = [row for row in done if row["tampering"] == "changed" and (row["part"] == "selectors" or not row["thing"])]
    named = [row for row in cut if row["thing"]]
    unnamed = [row for row in cut if not row["thing"]]
    told = [
        _gap([row], f"what {_trail(row, account_id)} would have recorded from {{since}} {{until}}") for row in named
    ]
    if unnamed:  # which of them is which nobody can tell
        told.append(_gap(unnamed, "what an unnamed trail would have recorded from {since} {until}"))
    other = "what {} delivered from {{since}} {{until}}, if the bucket it was given is another"
    told += [_gap([row], other.format(_trail(row, account_id))) for row in moved]
    narrowed = "what {} would have recorded from {{since}} on, if {} narrowed it: the record does not say"
    told += [_gap([row], narrowed.format(_trail(row, account_id), row["eventName"])) for row in unsaid]
    told += [_undelivered(row) for row in tampering if _keeps_from_delivery(row, departed)]
    return tuple(dict.fromkeys(told))


def _gap(rows: list[Row], text: str) -> Gap:
    """What is missing from the first of some deeds to the last of what undid them."""
    froms, untils = [row["from_time"] for row in rows], [row["until_time"] for row in rows]
    return Gap(
        text.replace("{since}", _since(rows)).replace("{until}", _until(rows)),
        min(froms) if all(froms) else None,
        max(untils) if all(untils) else None,
    )


def _keeps_from_delivery(row: Row, departed: Departed) -> bool:
    """Whether files of the record are missing since; of a bucket that is only called so, root's own deeds count.

    A bucket that nothing ties to the record may be its own only if the record ends there.
    """
    if row["certainty"] == "untold" and departed.goes_on(account_of(row), row["from_time"]):
        return False
    ours = bool(row["by_root"] or row["by_descendant"])
    if row["deed"] != "done" or row["watcher"] not in ("trail bucket", "KMS key"):
        return False
    if row["certainty"] != "certain" and not (ours and row["watcher"] == "trail bucket"):
        return False
    return row["eventName"] in (*_UNDELIVERED, *_TAKEN) or (ours and row["eventName"] in _REWRITTEN)


def _undelivered(row: Row) -> Gap:
    thing = row["thing"] or "of no name"
    if row["eventName"] in _TAKEN:
        text = f"what the files held that were deleted from bucket {thing}, if they are not in the case"
        return Gap(text, until_time=row["from_time"])
    told = _UNDELIVERED.get(row["eventName"]) or _REWRITTEN[row["eventName"]]
    return _gap([row], f"what CloudTrail would have {told.replace('{thing}', thing)}")


def _trail(row: Row, account_id: str) -> str:
    owner = account_of(row)
    known = account_id not in ("", UNKNOWN) and owner not in (account_id, UNKNOWN)
    return (f"trail {row['thing']}" if row["thing"] else "an unnamed trail") + (f" of account {owner}" if known else "")


def _since(rows: list[Row]) -> str:
    first = min((row["from_time"] for row in rows if row["from_time"]), default=None)
    return f"{first:%Y-%m-%d %H:%M:%S}" if first and all(row["from_time"] for row in rows) else "an unknown time"


def _until(rows: list[Row]) -> str:
    times = [row["until_time"] for row in rows if row["until_time"]]
    if len(times) == len(rows):
        return f"to {max(times):%Y-%m-%d %H:%M:%S}"
    return "to an unknown time" if all(row["until_time"] or _is_mended(row) for row in rows) else "on"


def no_end(row: Row) -> str:
    """Why nothing tells when a window ends in which the record is in doubt.

    Args:
        row: of ``record_tampering``, without an ``until_time``.
    """
    if not row["from_time"]:
        return "without a time nothing tells whether it was switched on again"
    return f"{'a call without a time' if _is_mended(row) else 'nothing in these logs'} switches it on again"


def _is_mended(row: Row) -> bool:
    """Whether something switched it on again, though the record may not tell when."""
    return bool(row["restored_place"] or row["restored_by"])
