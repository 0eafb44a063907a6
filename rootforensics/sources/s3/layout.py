"""Where in CloudTrail's layout a prefix lies.

``[prefix/]AWSLogs/[o-xxxxxxxxxx/]<account>/<folder>/<Region>/<YYYY>/<MM>/<DD>/<file>``; a prefix of a trail may hold
slashes and ``AWSLogs`` itself, so the last part that fits counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Literal

from rootforensics.sources.names import ACCOUNT, DIGESTS, LOGS, ORGANIZATION, OTHERS, REGION, SERVICES

Level = Literal["outside", "accounts", "account", "regions", "region", "flat"]

_ROOT: Final = "AWSLogs"
_DAY_PART: Final = re.compile(r"\d{4}(/\d{2}(/\d{2})?)?")
_FOLDERS: Final = (LOGS, DIGESTS, *OTHERS)


@dataclass(frozen=True, slots=True)
class Place:
    """A prefix and what is to be found below it.

    Attributes:
        level: ``outside`` (above or beside the layout), ``accounts``, ``account``, ``regions``, ``region`` (days; a
            year, month or day of it as well), ``flat`` (anything).
        prefix: ends in a slash, or is empty.
        days_below: for ``region``, the prefix below which days begin.
        depth: for ``outside``, how far below the start.
        account: if it is known.
        region: if it is known.
    """

    level: Level
    prefix: str
    days_below: str = ""
    depth: int = 0
    account: str = ""
    region: str = ""

    @property
    def day_part(self) -> str:
        """For ``region``, the year, month or day that the prefix is of, such as ``2026/08``; empty for the Region."""
        part = self.prefix[len(self.days_below) :].rstrip("/")
        return part if _DAY_PART.fullmatch(part) else ""

    @property
    def name(self) -> str:
        """The last part of the prefix."""
        return self.prefix.rstrip("/").rpartition("/")[2]


def locate(prefix: str) -> Place:
    """The place of a prefix from which a listing starts."""
    parts = prefix.split("/")[:-1]
    for at in range(len(parts) - 1, -1, -1):
        if parts[at] == _ROOT:  # a trail's prefix above it may be called as CloudTrail's folders are
            break
        if parts[at] in _FOLDERS:
            return _below_folder(prefix, parts, at)
    if _ROOT not in parts:
        return Place("outside", prefix)
    below = parts[len(parts) - parts[::-1].index(_ROOT) :]
    if below and ORGANIZATION.fullmatch(below[0]):
        below = below[1:]
    if not below:
        return Place("accounts", prefix)
    if len(below) == 1 and ACCOUNT.fullmatch(below[0]):
        return Place("account", prefix, account=below[0])
    named_account = bool(ACCOUNT.fullmatch(below[0]))
    return Place("flat", prefix, account=below[0]) if named_account else Place("outside", prefix)


def _below_folder(prefix: str, parts: list[str], at: int) -> Place:
    account = parts[at - 1] if at and ACCOUNT.fullmatch(parts[at - 1]) else ""
    if at == len(parts) - 1:
        return Place("regions", prefix, account=account)
    region = parts[at + 1]
    if not REGION.fullmatch(region):
        return Place("flat", prefix, account=account)
    return Place("region", prefix, "/".join(parts[: at + 2]) + "/", account=account, region=region)


def step_down(place: Place, folder: str) -> Place | None:
    """The place of a folder that a listing found below a place; None for one that is known to hold something else."""
    name = folder.rstrip("/").rpartition("/")[2]
    if name == _ROOT:  # what lay above it was a trail's prefix, whatever it is called
        return Place("accounts", folder)
    if place.level == "accounts":
        return _below_root(folder, name)
    if place.level == "account":
        # A folder that nobody knows may hold logs of a layout like CloudTrail's, or any other.
        is_known = name in OTHERS or name.lower() in SERVICES
        return None if is_known else Place("regions", folder, account=place.account)
    if place.level == "regions":
        return _below_logs(place, folder, name)
    if place.level == "region":
        below = replace(place, prefix=folder)
        return below if below.day_part else Place("flat", folder, account=place.account)
    return _below_outside(place, folder, name)


def _below_root(folder: str, name: str) -> Place:
    if ORGANIZATION.fullmatch(name):
        return Place("accounts", folder)
    return Place("account", folder, account=name) if ACCOUNT.fullmatch(name) else Place("outside", folder, depth=1)


def _below_logs(place: Place, folder: str, name: str) -> Place | None:
    if REGION.fullmatch(name):
        return Place("region", folder, folder, account=place.account, region=name)
    if name in OTHERS:
        return None
    if name in (LOGS, DIGESTS) and place.name not in (LOGS, DIGESTS):
        return Place("regions", folder, account=place.account)
    if place.account or name.isdigit():
        return Place("flat", folder, account=place.account)
    return Place("outside", folder, depth=1)  # a trail's prefix that is called like a folder of logs


def _below_outside(place: Place, folder: str, name: str) -> Place:
    if name in (LOGS, DIGESTS):
        return Place("regions", folder, account=place.name if ACCOUNT.fullmatch(place.name) else "")
    return Place("outside", folder, depth=place.depth + 1)
