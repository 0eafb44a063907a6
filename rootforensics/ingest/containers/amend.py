"""Cells as tools left them on their way: in quotes, with a word for null, account numbers taken for numbers.

Only what was put together from a table is put right; a record stays as CloudTrail wrote it. What cannot be put right
is kept under ``NOT_TAKEN``, from where the decoder tells it.

Source: AWS CloudTrail User Guide, "CloudTrail userIdentity element"; AWS account IDs have 12 digits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.scalars import NOT_TAKEN
from rootforensics.ingest.spelling import ROOT_ARN
from rootforensics.schema import EVENT_FIELDS, FREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.schema import Field

#: How pandas, SQL, Python, R and spreadsheets spell that there is no value.
_NOTHING: Final = frozenset(
    (
        *("", "-", "null", "NULL", "Null", "None", "nan", "NaN", "NAN", "NaT", "NA", "<NA>", "N/A", "n/a"),
        *("#N/A", r"\N"),
    )
)
#: What callers write, and AWS in sentences; quotes in it mean something.
_FREE_TEXTS: Final = frozenset(("userAgent", "errorMessage"))
_QUOTES: Final = ('"', "'")
IDENTITY_TYPES: Final = frozenset(
    (
        *("Root", "IAMUser", "AssumedRole", "Role", "FederatedUser", "Directory", "AWSAccount", "AWSService"),
        *("SAMLUser", "WebIdentityUser", "IdentityCenterUser", "Unknown"),
    )
)
_FREE_FORM: Final = tuple(name for name, field in EVENT_FIELDS.items() if field == FREE)
_TYPES: Final = frozenset(name.lower() for name in IDENTITY_TYPES)
_UNKNOWN: Final = "unknown"
_TYPE: Final = "userIdentity.type"
_ARN_ACCOUNT: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):")
_ACCOUNT: Final = re.compile(r"\d{12}")
_SHORT: Final = re.compile(r"\d{1,7}(?:[.,]0*)?")
_DIGITS: Final = 12
_NUMBER: Final = re.compile(r"(\d{1,12})(?:[.,]0*)?")
#: An account number as a spreadsheet saves it: most of its digits may be gone.
_SHORTENED: Final = re.compile(r"\d(?:[.,]\d+)?[eE]\+?(?:0?[89]|1[01])")
#: Fields with an account number; the principal of root is its account.
_ACCOUNTS: Final = ("accountId", "recipientAccountId", "vpcEndpointAccountId", "principalId")


def says_nothing(text: str) -> bool:
    """True for a text that stands for no value."""
    return text.strip() in _NOTHING


def without_quotes(name: str, text: str) -> str:
    """A text without blanks and quotes around it, which CloudTrail writes around no name.

    Args:
        name: of the field.
        text: of the cell.
    """
    if name in _FREE_TEXTS:
        return text
    bare = text.strip()
    return bare[1:-1].strip() if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in _QUOTES else bare


def amend(event: dict[str, Any]) -> None:
    """Put right what was put together from a row.

    Args:
        event: as far as the row gives it; its values are changed in place.
    """
    _tidy(event, EVENT_FIELDS)
    left: dict[str, str] = {}
    identity = event.get("userIdentity")
    if isinstance(identity, dict) and isinstance(told := identity.get("type"), str) and _is_no_type(told, identity):
        left[_TYPE] = identity.pop("type")
    places = list(_places(event, ""))
    holders = (
        [identity, *(holder for holder, _, _ in places)] if isinstance(identity, dict) else [one[0] for one in places]
    )
    arns = [str(holder.get(name)) for holder in holders for name in ("arn", "ARN")]
    known = {found[1] for arn in arns if (found := _ARN_ACCOUNT.match(arn))}
    known.update(filter(_ACCOUNT.fullmatch, (held for one, name, _ in places if isinstance(held := one[name], str))))
    for holder, name, path in places:
        number = _digits(holder[name])
        if number is None:
            continue
        found = _NUMBER.fullmatch(number)
        account = found[1].zfill(_DIGITS) if found else ""  # a leading zero is lost in a number
        if found and (len(found[1]) == _DIGITS or account in known):
            holder[name] = account
        elif not _SHORT.fullmatch(number):  # a small number was never an account's
            del holder[name]
            left[path] = number
    left.update(_unopened(event))
    if left:
        event[NOT_TAKEN] = left


def _unopened(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The free-form fields that a tool printed as objects or lists and that could not be opened; they are texts."""
    for name in _FREE_FORM:
        value = event.get(name)
        text = value.get("text") if isinstance(value, dict) and len(value) == 1 else None
        if isinstance(text, str) and text.strip()[:1] in ("{", "["):
            yield name, text


def _tidy(value: dict[str, Any], fields: dict[str, Field]) -> None:
    for name, part in list(value.items()):
        field = fields.get(name)
        if isinstance(field, dict) and isinstance(part, dict):
            _tidy(part, field)
        elif isinstance(field, str) and isinstance(part, str):
            value[name] = without_quotes(name, part)
            if value[name] and says_nothing(value[name]):  # an empty text is what a typed row says
                del value[name]


def _is_no_type(told: str, identity: dict[str, Any]) -> bool:
    """True for a word that is no type of an identity, and for ``Unknown`` beside an ARN that only root bears."""
    arn = identity.get("arn")
    is_root = isinstance(arn, str) and re.fullmatch(ROOT_ARN, arn) is not None
    return told.lower() not in _TYPES or (is_root and told.lower() == _UNKNOWN)


def _places(value: dict[str, Any], path: str) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Where account numbers stand: the object, the name in it, and the path."""
    for name, part in value.items():
        if name in _ACCOUNTS:
            yield value, name, f"{path}{name}"
        elif isinstance(part, dict) and (path or name == "userIdentity"):
            yield from _places(part, f"{path}{name}.")
        elif isinstance(part, list) and name == "resources":
            for place, item in enumerate(part):
                yield from _places(item, f"resources.{place}.") if isinstance(item, dict) else ()


def _digits(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """What stands for an account and was taken for a number by some tool; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value) if isinstance(value, int | float | str) else ""
    if _ACCOUNT.fullmatch(text):
        return None if isinstance(value, str) else text
    return text if _NUMBER.fullmatch(text) or _SHORTENED.fullmatch(text) else None
