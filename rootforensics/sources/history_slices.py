"""Slices of the event history: the answers of one Region for one day, kept as one file.

A file holds the answers of ``LookupEvents`` as they came, one after the other. Its name says which time it covers, and
when it was asked for. It is there when the last answer has come, or not at all, and is never written again.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from rootforensics.errors import StorageError
from rootforensics.sources.answers import OddAnswerError
from rootforensics.sources.unfinished import open_unfinished, unfinished_path, write_all

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: How far back the API reaches.
REACH: Final = timedelta(days=90)
#: An event can turn up in the event history this long after it happened (AWS says minutes; the rest is margin).
LATE: Final = timedelta(hours=1)
_TIME: Final = "%Y%m%dT%H%M%SZ"
_NAME: Final = re.compile(r"(\d{8}T\d{6}Z)-(\d{8}T\d{6}Z)-asked-(\d{8}T\d{6}Z)\.jsonl")
_DAY: Final = timedelta(days=1)


class _Event(msgspec.Struct):
    """What each event of an answer has; whatever else it has is kept, too."""

    EventId: str
    EventTime: Annotated[float, msgspec.Meta(ge=0, lt=253402300800)]  # up to the year 9999
    CloudTrailEvent: str


class _Answer(msgspec.Struct):
    Events: list[_Event]
    NextToken: str | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """A day or a part of one; all times UTC, in whole seconds.

    Attributes:
        since: its beginning; belongs to it.
        until: its end; does not belong to it.
    """

    since: datetime
    until: datetime

    def is_closed(self, asked: datetime) -> bool:
        """True if an answer that was asked for then holds all events that there will ever be."""
        return asked >= self.until + LATE

    def covers(self, other: Slice) -> bool:
        """True if the other lies inside."""
        return self.since <= other.since and other.until <= self.until

    def path(self, folder: Path, asked: datetime) -> Path:
        """Where it is kept."""
        return folder / f"{self.since:{_TIME}}-{self.until:{_TIME}}-asked-{asked:{_TIME}}.jsonl"


def slices(since: datetime, until: datetime, now: datetime) -> list[Slice]:
    """The days between two moments, the newest first; without the future, and what the API does not reach any more.

    The first and the last are cut to the moments, never to what the API reaches or to the present.
    """
    found = []
    while since < until and since <= now:
        end = min(since.replace(hour=0, minute=0, second=0, microsecond=0) + _DAY, until)
        if end > now - REACH:
            found.append(Slice(since, end))
        since = end
    return found[::-1]


def closed_slices(folder: Path) -> list[Slice]:
    """The slices that are kept in a folder and need not be asked for again."""
    named = [_NAME.fullmatch(path.name) for path in folder.glob("*.jsonl")]
    times = [[datetime.strptime(text, _TIME).replace(tzinfo=UTC) for text in name.groups()] for name in named if name]
    return [Slice(since, until) for since, until, asked in times if Slice(since, until).is_closed(asked)]


def check_answer(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Give botocore's parsed answer the ``Body`` that came, and take nothing for an answer that is none.

    Raises:
        OddAnswerError: what came is no list of events.
    """
    if response_dict["status_code"] > 300:  # botocore takes it for an error
        return
    try:
        msgspec.convert(json.loads(response_dict["body"].decode()), _Answer)
    except (ValueError, RecursionError) as error:
        told = " ".join(str(error).split())
        raise OddAnswerError(
            f"the answer is no list of events (HTTP {response_dict['status_code']}: {told})"
        ) from error
    customized_response_dict["Body"] = response_dict["body"]


def keep(path: Path, folder: Path, answers: Iterator[bytes]) -> None:
    """Write answers to a file, which is there when all have come.

    Args:
        path: of the file.
        folder: what is unfinished lies below it.
        answers: whatever they raise leaves no file.

    Raises:
        StorageError: it cannot be written.
    """
    part = unfinished_path(folder)
    try:
        with open_unfinished(part) as file:
            for answer in answers:
                write_all(file, answer + b"\n")
            os.fsync(file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"the event history cannot be kept ({error.strerror})", where=str(path.parent)) from error
    finally:
        with suppress(OSError):
            part.unlink()
