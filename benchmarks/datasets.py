"""The log files that the benchmarks read, made once and kept in a cache folder."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from generate import generate, plan_files, plan_summary

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Path(__file__).parent
_SOURCES = ("generate.py", "records.py", "identities.py", "templates.py", "world.py", "user_agents.txt")
_SEED = 7
#: How each record begins, and a field that no record of AWS has so far.
_RECORD = b'{"eventVersion":'
_NEW_FIELD = b'"fieldOfNextYear":{"names":["a","b"]}'


class Dataset(NamedTuple):
    """A set of log files and what was planned for it.

    Attributes:
        folder: Holds ``AWSLogs``.
        files: Log files.
        events: Events in all of them.
        root_files: Files that hold root events.
        root_events: Events of the root user.
        json_bytes: Size of the JSON.
        stored_bytes: Size of the gzip files.
        largest_bytes: Size of the JSON of the largest file.
    """

    folder: Path
    files: int
    events: int
    root_files: int
    root_events: int
    json_bytes: int
    stored_bytes: int
    largest_bytes: int

    @property
    def paths(self) -> list[Path]:
        """All log files."""
        return sorted(self.folder.rglob("*.json.gz"))


def _generator_mark() -> str:
    """Returns a short digest of the generator, so that a changed generator makes a new set."""
    digest = hashlib.sha256()
    for path in [*(_HERE / name for name in _SOURCES), *sorted((_HERE / "calls").glob("*.toml"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:10]


def prepare(cache: Path, events: int, files: int, root_files: float = 0.1) -> Dataset:
    """Returns the set of that size, out of the cache or newly made.

    Args:
        cache: Folder for the sets.
        events: Events in the set.
        files: Files in the set.
        root_files: The fraction of the files that hold root events.

    Returns:
        The set; its files have just been written or read, so they lie in the page cache.
    """
    share = "" if root_files == 0.1 else f"-{root_files}"
    folder = cache / f"logs-{events}-{files}{share}-{_generator_mark()}"
    marker = folder / "plan.json"
    if not marker.exists():
        shutil.rmtree(folder, ignore_errors=True)
        plans = plan_files(folder, events, files, root_files, _SEED)
        counts = plan_summary(plans)
        counts["json_bytes"] = generate(plans, os.cpu_count() or 1)
        counts["stored_bytes"] = sum(plan.path.stat().st_size for plan in plans)
        counts["largest_bytes"] = max(_unpacked_size(plan.path) for plan in plans)
        marker.write_text(json.dumps(counts, indent=2) + "\n")
    dataset = Dataset(folder=folder / "AWSLogs", **json.loads(marker.read_text()))
    for path in dataset.paths:
        path.read_bytes()
    return dataset


def changed(data: Dataset, scratch: Path, name: str, change: Callable[[bytes], bytes], files: int = 0) -> Dataset:
    """Returns a set whose files are those of another one, changed.

    Args:
        data: The other set.
        scratch: A folder to write to.
        name: Of the set's folder.
        change: Takes the JSON of a file and gives another.
        files: So many of the files, the first ones; 0: all.
    """
    folder = scratch / name
    paths = data.paths[: files or None]
    events = 0
    for path in paths:
        text = change(gzip.decompress(path.read_bytes()))
        events += text.count(_RECORD)
        target = folder / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(text, 6, mtime=0))
    return data._replace(folder=folder, files=len(paths), events=events)


def with_field_in_one_record(text: bytes) -> bytes:
    """Returns a file whose last record has a field that nobody knows."""
    return text.removesuffix(b"}]}") + b"," + _NEW_FIELD + b"}]}"


def with_field_in_each_record(text: bytes) -> bytes:
    """Returns a file each record of which has a field that nobody knows."""
    return with_field_in_one_record(text.replace(b"}," + _RECORD, b"," + _NEW_FIELD + b"}," + _RECORD))


def one_log_without_events(scratch: Path) -> Dataset:
    """Returns a set of one log with no event in it: loading it is start-up and hardly more."""
    text = b'{"Records":[]}'
    path = scratch / "nothing" / "nothing.json.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress(text))
    return Dataset(path.parent, 1, 0, 0, 0, len(text), path.stat().st_size, len(text))


def _unpacked_size(path: Path) -> int:
    """Returns the size that the gzip trailer tells."""
    return int.from_bytes(path.read_bytes()[-4:], "little")
