"""Whether a call may impair what records, alerts or delivers, where the catalogue does not say what it does to it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

from rootforensics.rules.actions import action_rows, control_calls

#: Names of calls that add something, read or put tags, and of those that add what hides something.
_ADDS: Final = re.compile(
    r"(?:Batch)?(?:Accept|Acknowledge|Activate|AddTags|Check|Confirm|Create|Deliver|Enable|Estimate|Filter|Generate|Invite"
    r"|Query|Receive|Register|RemoveTags|Report|Select|Send|Start|Subscribe|Tag|Test|Unarchive|Untag|Validate|Verify)"
    r"(?![a-z])"
)
_HIDES: Final = re.compile(r"(?:Batch)?Create\w*(?:ArchiveRule|Exclusion|Filter|Mute|Suppress)")
#: Names of calls of any service that change or end what records or alerts.
_RECORDS: Final = re.compile(
    r"(?:Delete|Deregister|Disable|Disassociate|Modify|Put|Remove|Reset|Set|Stop|Update)\w*(?:AccessLog|ActivityStream|Alarm|Alert"
    r"|Audit(?!Events)|EventSubscription|EventTopic|KinesisStreamingDestination|LogConfig|LogDelivery|LogLevel|LogSubscription"
    r"|Logging|Notification|QueryLog)"
)
_DOMAIN: Final = ".amazonaws.com"


def may_impair(source: str | None, name: str | None) -> bool:
    """Whether a successful write may impair a detective control, and no rule says what it does to it.

    Args:
        source: the ``eventSource``.
        name: the ``eventName``.
    """
    service = (source or "").removesuffix(_DOMAIN)
    call = f"{service}:{name}"
    if call in _known():
        return False
    watching, harmless, calls = _lists()
    if not name or call in harmless:
        return False
    if call in calls or _RECORDS.match(name):
        return True
    return service in watching and (not _ADDS.match(name) or bool(_HIDES.match(name)))


@cache
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The services that watch, their harmless calls, and the calls of any service that may impair."""
    text = tomllib.loads(files(__package__).joinpath("watching.toml").read_text(encoding="utf-8"))
    return frozenset(text["services"]), frozenset(text["harmless"]), frozenset(text["calls"])


@cache
def _known() -> frozenset[str]:
    """The calls of which rules say what they do to a detective control."""
    calls = [(row["call_source"], row["call_name"]) for row in action_rows() if row["control"]]
    calls += [(row["call_source"], row["call_name"]) for row in control_calls()]
    return frozenset(f"{source.removesuffix(_DOMAIN)}:{name}" for source, name in calls)
