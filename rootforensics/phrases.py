"""Times, numbers and names as sentences have them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

_NAMES_SHOWN: Final = 4
#: Of several accounts, so many are named; up to so many get a sentence each.
ACCOUNTS_NAMED: Final = 3
#: A name in a sentence is no longer than this; whoever wrote the log chose its length.
_NAME_SHOWN: Final = 120
#: The role that IAM Identity Center makes for a permission set in each account, before the user's name.
_IDENTITY_CENTER: Final = re.compile("^AWSReservedSSO_.+_[0-9a-f]{16}/")
#: No word of a sentence has so many characters; names, ARNs and addresses may.
_WORD: Final = 40
#: How a session of root began.
SESSION_KINDS: Final = {
    "console_sign_in": "a console sign-in",
    "aws_login": "aws login on a command line",
    "long_term_key": "a long-term access key",
    "get_session_token": "temporary credentials (GetSessionToken)",
    "get_federation_token": "a federated session (GetFederationToken)",
    "assume_root": "a privileged session (AssumeRoot)",
    "unknown": "a session of unknown kind",
}


def at(moment: datetime | None) -> str:
    """A moment, in UTC, to the second."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "an unknown time"


def sortable(moment: datetime | None) -> float:
    """A moment as a number; what has none comes last."""
    return moment.timestamp() if moment else float("inf")


def sentences(first: str, *more: str) -> str:
    """Texts as sentences, without the last full stop."""
    return ". ".join((first, *(f"{text[:1].upper()}{text[1:]}" for text in more)))


def how_often(count: int) -> str:
    """How often, in words."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def plural_of(noun: str) -> str:
    """The noun for several, as ``entities``."""
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"


def plural(number: int, one: str, many: str = "") -> str:
    """A number and its noun, as ``1 event`` or ``2,000 events``."""
    return f"{number:,} {one if number == 1 else many or plural_of(one)}"


def was_or_were(count: int) -> str:
    """The verb for a number."""
    return "was" if count == 1 else "were"


def enumerated(parts: Sequence[str]) -> str:
    """Clauses in one sentence: ``a and b``, ``a, b, and c``; between semicolons where a comma would mislead."""
    if len(parts) < 3:
        return ("; and " if any("," in part for part in parts[:-1]) else " and ").join(parts)
    mark = ";" if any("," in part for part in parts) else ","
    return f"{f'{mark} '.join(parts[:-1])}{mark} and {parts[-1]}"


def some_of(names: Iterable[str | None]) -> str:
    """The most frequent names, and how many more there are."""
    counted = [name for name, _ in Counter(name for name in names if name).most_common()]
    return some([*map(short, counted)], _NAMES_SHOWN) or "unknown"


def addresses(sources: Iterable[str | None]) -> str:
    """The addresses of most events, and how many more there are."""
    known = [source for source in sources if source]
    return some_of(known) if known else "an unknown address"


def some(names: Sequence[str], shown: int = 3, by: str = ", ") -> str:
    """The first names, and how many more there are."""
    return " ".join(filter(None, (by.join(names[:shown]), and_more(len(names) - shown))))


def and_more(count: int) -> str:
    """That there are so many more; empty if there are none."""
    return f"and {count:,} more" if count > 0 else ""


def short(name: str, length: int = _NAME_SHOWN) -> str:
    """A name or a sentence of so many characters at the most; what is cut off are words, if they are not long."""
    if len(name) <= length:
        return name
    words, blank, last = name[:length].rpartition(" ")
    return f"{(words if blank and len(last) < _WORD else name[: length - 1]).rstrip(' ,')}…"


def service_of(source: str | None) -> str:
    """A service's short name: ``iam`` for ``iam.amazonaws.com``; empty where none is recorded."""
    return (source or "").removesuffix(".amazonaws.com")


def session_text(kind: str, begun: datetime | None) -> str:
    """A session of root by how it began and its first event's time."""
    return f"{SESSION_KINDS.get(kind, kind)} ({at(begun)})"


def between(first: datetime | None, last: datetime | None) -> str:
    """From when to when."""
    if first is None or last is None:
        return "at an unknown time"
    return f"at {at(first)}" if first == last else f"from {at(first)} to {clock(last, first)}"


def clock(moment: datetime | None, before: datetime | None) -> str:
    """A moment; only its time if it is of the same day as another one."""
    return f"{moment:%H:%M:%S}" if moment and before and moment.date() == before.date() else at(moment)


def dated(moment: datetime | None, text: str, before: datetime | None = None) -> str:
    """A sentence with its time before it; of the same day as the sentence before the time alone."""
    return f"{clock(moment, before) if moment else 'At an unknown time'}: {text}"


def when(moments: Iterable[datetime | None]) -> str:
    """From when to when some events were, and how many of them have no time."""
    every = list(moments)
    known = [moment for moment in every if moment]
    untimed = len(every) - len(known)
    told = between(min(known, default=None), max(known, default=None))
    return f"{told} ({untimed:,} of them without a time)" if known and untimed else told


def accounts_text(named: Sequence[str]) -> str:
    """Accounts by their number and the first of them, one by its ID alone."""
    if len(named) == 1:
        return named[0]
    more = len(named) - ACCOUNTS_NAMED
    listed = ", ".join(named[:ACCOUNTS_NAMED]) + (", …" if more > 0 else "")
    return f"{len(named):,} accounts ({listed})"


def iso(moment: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC, to the second or as fine as it is."""
    if moment is None:
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%S" + (".%f" if moment.microsecond else "") + "Z")


def short_actor(arn: str | None) -> str:
    """Who acted, by the end of the ARN that tells people apart; a user of IAM Identity Center by name."""
    name = (arn or "an unknown identity").rsplit(":", 1)[-1].removeprefix("assumed-role/")
    return _IDENTITY_CENTER.sub("", name)
