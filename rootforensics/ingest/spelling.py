"""How AWS spells the service and the name of a call, whatever a record makes of them.

Tools fold case, cut the domain off or pad with blanks, and some services append the version of their API to the name of
a call. Rules read ``service`` and ``action``, which are derived once at load; ``eventSource`` and ``eventName`` stay as
the record has them.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

#: Names of calls that rules read, and the sources that have such a call: written by ``make docs`` from the catalogue
#: and the models of AWS.
SOURCES_FILE: Final = "sources.json"
_BLANKS: Final = " \t\n\r\u00a0\ufeff"
_BLANKS_SQL: Final = " || ".join(f"chr({ord(blank)})" for blank in _BLANKS)
DOMAIN: Final = ".amazonaws.com"
#: A service alone, or in another domain: that of China (``amazonaws.com.cn``), of the European cloud, or ``aws``.
SHORT: Final = r"^([a-z0-9-]+)([.](amazonaws|aws)([.][a-z.]*)?)?$"
#: The version of an API at the end of a name: ``CreateFunction20150331``, ``UpdateFunctionCode20150331v2``,
#: ``CreateDistribution2020_05_31``. No operation in the models of AWS ends so. Python,
#: DuckDB, Trino and Spark read it alike.
VERSION: Final = r"\B_?20[0-9][0-9]_?[01][0-9]_?[0-3][0-9]([vV][0-9]+)?$"

#: An ARN that only root bears.
ROOT_ARN: Final = "^arn:aws[a-z-]*:iam::[0-9]{12}:root$"
_TRIMMED: Final = f"lower(trim(eventSource, {_BLANKS_SQL}))"


#: What tools make of an account ID, which has 12 digits: those that take it for a number drop the zeros that it begins
#: with. DuckDB, Trino, Spark and Python read it alike.
_ACCOUNT: Final = "^ *([0-9]{1,12})([.]0)? *$"
_PADDED: Final = (
    f"lpad(nullif(regexp_extract({{}}, '{_ACCOUNT.replace('{', '{{').replace('}', '}}')}', 1), ''), 12, '0')"
)


def account_sql(*texts: str) -> str:
    """The account ID that the first text with one stands for, in SQL; NULL if all are words such as ``null``."""
    return f"coalesce({', '.join(_PADDED.format(text) for text in texts)})"


#: The columns ``service``, ``action`` and ``account_id`` of an event. The account is the one that recorded the event.
#: ``derived.spell_actions`` gives the action the case that AWS gives it.
SPELLED: Final = f"""
CASE WHEN regexp_full_match(eventSource, '[a-z0-9.-]+[.]amazonaws[.]com') THEN eventSource
    WHEN ends_with({_TRIMMED}, '{DOMAIN}') THEN {_TRIMMED}
    ELSE nullif(regexp_replace({_TRIMMED}, '{SHORT}', '\\1{DOMAIN}'), '') END AS service,
CASE WHEN regexp_full_match(eventName, '[A-Za-z]+') THEN eventName
    ELSE nullif(regexp_replace(trim(eventName, {_BLANKS_SQL}), '{VERSION}', ''), '') END AS action,
CASE WHEN regexp_full_match(recipientAccountId, '[0-9]{{12}}') THEN recipientAccountId ELSE
    {account_sql("recipientAccountId", "userIdentity.accountId", "accountId", "split_part(userIdentity.arn, ':', 5)")}
END AS account_id
"""


def recording_account(*fields: str | None, arn: str | None = None) -> str | None:
    """The account of a record, as the column ``account_id`` has it.

    Args:
        fields: from which it is derived, in order.
        arn: of who acted.
    """
    texts = (*fields, *(arn or "").split(":")[4:5])
    found = (re.fullmatch(_ACCOUNT, text) for text in texts if text)
    return next((one[1].zfill(12) for one in found if one), None)


@lru_cache(4096)
def spelled_service(source: str | None) -> str | None:
    """The service of an ``eventSource``, as the column ``service`` has it."""
    text = (source or "").strip(_BLANKS).lower()
    return (text if text.endswith(DOMAIN) else re.sub(SHORT, rf"\1{DOMAIN}", text)) or None


def bare_name(name: str) -> str:
    """The name of a call without the version of the API."""
    return re.sub(VERSION, "", name)


@lru_cache(65_536)
def spelled_action(name: str | None, service: str | None = None) -> str | None:
    """The action of an ``eventName``, as the column ``action`` has it."""
    text = bare_name((name or "").strip(_BLANKS))
    known = _known_names().get(text.lower(), ())
    if text in known or not known:
        return text or None
    return next((one for one in known if service in sources_by_name()[one]), known[0])


@cache
def sources_by_name() -> dict[str, list[str]]:
    """The sources of each call that a rule reads, by the name of the call."""
    text = files(__package__).joinpath(SOURCES_FILE).read_text(encoding="utf-8")
    held: dict[str, list[str]] = json.loads(text)
    return held


@cache
def _known_names() -> dict[str, list[str]]:
    """Names of calls that rules read, by the name in small letters."""
    known: dict[str, list[str]] = {}
    for name in sources_by_name():
        known.setdefault(name.lower(), []).append(name)
    return known
