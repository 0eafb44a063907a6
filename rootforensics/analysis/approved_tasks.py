"""Whether what root did was a task of an approval."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.spelling import bare_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.queries import rows as of


#: Services whose name in IAM is not the first part of their eventSource.
_PREFIXES: Final = {"monitoring": "cloudwatch"}


def is_change(row: of.Done) -> bool:
    """Whether an event of a session has to be named as a task: a write, successful or attempted, that is no sign-in.

    So is one of which neither the record nor its name says whether it wrote.
    """
    return (row["eventSource"], row["eventName"]) not in _SIGN_INS and row["is_write"] is not False


def is_procedure(row: of.Done) -> bool:
    """Whether an event is a change of root's own password, which the procedure after a use asks for."""
    source, name = row["eventSource"], row["eventName"]
    return (source, name) in (("iam.amazonaws.com", "ChangePassword"), ("signin.amazonaws.com", "PasswordUpdated"))


#: Steps of signing in; what else the sign-in service records changes something. GetSessionToken is to a key what the
#: others are to a password.
_SIGN_INS: Final = (
    ("signin.amazonaws.com", "ConsoleLogin"),
    ("signin.amazonaws.com", "CreateOAuth2Token"),
    ("signin.amazonaws.com", "AuthorizeOAuth2Access"),
    ("signin.amazonaws.com", "CheckMfa"),
    ("signin.amazonaws.com", "GetSigninToken"),
    ("signin.amazonaws.com", "ExchangeOAuth2Token"),
    ("sts.amazonaws.com", "GetSessionToken"),
)


def is_task(row: of.Done | of.Kept, patterns: Iterable[str]) -> bool:
    """Whether an event matches one of the patterns ``service:Action``; case does not matter, as in IAM."""
    source, _, _ = (row["eventSource"] or "").partition(".amazonaws.com")
    calls = [f"{service}:{row['eventName'] or ''}" for service in {source, _PREFIXES.get(source, source)}]
    return any(_compiled(bare_name(pattern)).fullmatch(call) for pattern in patterns for call in calls)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", pattern)
    wild = {"*": ".*", "?": "."}
    return re.compile("".join(wild.get(part) or re.escape(part) for part in parts), re.IGNORECASE | re.DOTALL)
