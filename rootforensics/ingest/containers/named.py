"""What the resources of a row name, at the places at which the request and the answer of a record name it.

The console's event history and the entries of LookupEvents say which resources a call spoke of, and nothing else of its
request and answer. ``resources.toml`` says where a record would have them.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.containers.cells import plain_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

#: Under this an event says which places were filled so: no record held these values there.
BY_RESOURCES: Final = "namedByResources"
#: IDs that IAM gives beside names; a resource is listed under each of its names.
_IAM_ID: Final = re.compile(r"A(IDA|ROA|GPA|NPA|IPA)[A-Z0-9]{12,}")
_ARN: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:(?:.*[/:])?([^/:]+)")


@cache
def places_of_types() -> dict[str, tuple[str, ...]]:
    """The places of each type of resource in a record."""
    text = files(__package__).joinpath("resources.toml").read_text(encoding="utf-8")
    return {kind: tuple(places) for kind, places in tomllib.loads(text).items()}


def name_by_resources(event: dict[str, Any], paths: Collection[str]) -> None:
    """Name in an event what its resources name, if its table has no column for request and answer.

    Args:
        event: as its row gives it; it is changed in place.
        paths: the fields that the columns of its table hold. Where none tells of errors, nothing tells of an answer.
    """
    if "requestParameters" in paths or "responseElements" in paths:
        return
    answered = "errorCode" in paths and not event.get("errorCode")
    named: defaultdict[str, list[str]] = defaultdict(list)
    told = [*_told(event)]
    if told and "resources" not in event:
        event["resources"] = [{"type": kind} for kind, _ in told]
    for kind, name in told:
        for place in places_of_types().get(kind, ()):
            if answered or place.startswith("request"):
                named[place].append(name)
    filled = {place: names for place, held in named.items() if (names := _fitting(place, held))}
    for place, names in filled.items():
        _merge(event, _nested(place.split("."), names))
    if filled:
        event[BY_RESOURCES] = sorted(filled)


def _told(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Type and name of each resource: out of the list, or out of two columns."""
    held = event.get("resources")
    alone = {plain_name(name): value for name, value in event.items()}
    for one in [*(held if isinstance(held, list) else ()), alone]:
        if isinstance(one, dict):
            plain = {plain_name(name): value for name, value in one.items()}
            kind, name = plain.get("type", plain.get("resourcetype")), plain.get("resourcename", plain.get("arn"))
            if isinstance(kind, str) and isinstance(name, str) and name:
                yield kind, name


def _fitting(place: str, told: list[str]) -> list[str]:
    """The names that can stand at a place, each resource once."""
    arns = [name for name in told if _ARN.fullmatch(name)]
    if place.endswith(("Arn", "ARN")):
        return list(dict.fromkeys(arns))
    names = [name for name in told if name not in arns]
    names = [name for name in names if not _IAM_ID.fullmatch(name)] or (names if not arns else [])
    tails = {arn: _ARN.sub(r"\1", arn) for arn in arns}
    names += [tail if place.endswith("Name") else arn for arn, tail in tails.items() if tail not in names]
    return list(dict.fromkeys(names))


def _nested(steps: list[str], names: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Names at the end of a path: one as a text, several as a list."""
    if not steps:
        return names[0] if len(names) == 1 else names
    step, *rest = steps
    if step.endswith("[*]"):
        return {step.removesuffix("[*]"): [_nested(rest, [name]) for name in names]}
    return {step: _nested(rest, names)}


def _merge(event: dict[str, Any], more: dict[str, Any]) -> None:
    for name, value in more.items():
        held = event.setdefault(name, value)
        if held is not value and isinstance(held, dict):
            _merge(held, value)
