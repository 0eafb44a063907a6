"""What the lifecycle rules in a request of PutBucketLifecycle do.

Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration and LifecycleRule. CloudTrail records the XML as JSON:
an element that occurs once is an object, one that occurs several times a list of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.exposure.policies import unpacked
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.exposure.conditions import Object

#: Names of rules' prefixes and storage classes that sentences can have as they are.
_PLAIN: Final = re.compile(r"[A-Za-z0-9!_.*'()/=:-]{1,80}")
#: Parts of a filter other than the prefix.
_LIMITS: Final = ("Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNT: Final = re.compile(r"[0-9]{1,9}")


def lifecycle_effects(request: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """What each rule does, as ``deletes every object after 1 day``; empty if the request does not show that of each.

    Args:
        request: ``requestParameters``, or the text of it.
    """
    asked = unpacked(request)
    configuration = asked.get("LifecycleConfiguration") if isinstance(asked, dict) else None
    rules = _objects(configuration.get("Rule")) if isinstance(configuration, dict) else []
    effects = ["is disabled" if rule.get("Status") == "Disabled" else " and ".join(_effects(rule)) for rule in rules]
    return list(dict.fromkeys(effects)) if all(effects) else []


def _objects(value: Any) -> list[Object]:  # noqa: ANN401 - any JSON
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]


def _effects(rule: Object) -> Iterator[str]:
    """What a rule does, action by action."""
    objects = _covered(rule)
    for action in _objects(rule.get("Expiration")):
        if when := _when(action, "Days"):
            yield f"deletes {objects} {when}"
        if action.get("ExpiredObjectDeleteMarker") in (True, "true"):
            yield f"removes expired delete markers of {objects}"
    for action in _objects(rule.get("NoncurrentVersionExpiration")):
        if when := _when(action, "NoncurrentDays"):
            newest = str(action.get("NewerNoncurrentVersions", ""))
            but = f", except the newest {newest}" if _COUNT.fullmatch(newest) and newest != "0" else ""
            yield f"deletes noncurrent versions of {objects} {when}{but}"
    for name, moved, days in (
        ("Transition", "", "Days"),
        ("NoncurrentVersionTransition", "noncurrent versions of ", "NoncurrentDays"),
    ):
        for action in _objects(rule.get(name)):
            storage = str(action.get("StorageClass"))
            if (when := _when(action, days)) and _PLAIN.fullmatch(storage):
                yield f"moves {moved}{objects} to {storage} {when}"
    for action in _objects(rule.get("AbortIncompleteMultipartUpload")):
        if when := _when(action, "DaysAfterInitiation"):
            yield f"aborts incomplete uploads of {objects} {when}"


def _when(action: Object, days: str) -> str:
    """After how many days, or on what date, an action is taken; empty if it does not say."""
    count, date = str(action.get(days, "")), _DATE.match(str(action.get("Date", "")))
    return f"after {plural(int(count), 'day')}" if _COUNT.fullmatch(count) else f"on {date[0]}" if date else ""


def _covered(rule: Object) -> str:
    """The objects that a rule is about; rules of the first version of the API have a prefix and no filter."""
    where = next(iter(_objects(rule.get("Filter"))), {}) or rule
    where = next(iter(_objects(where.get("And"))), where)
    prefix, is_limited = where.get("Prefix") or "", any(where.get(name) for name in _LIMITS)
    if not prefix and not is_limited:
        return "every object"
    named = f"the prefix {prefix}" if _PLAIN.fullmatch(str(prefix)) else "a certain prefix"
    return f"objects{f' with {named}' if prefix else ''}{' that match its filter' if is_limited else ''}"
