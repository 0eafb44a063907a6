"""The acts of the catalogue as sentences have them: done, or tried, with the objects that a record names.

An act is an infinitive phrase that begins with a verb: ``delete the policy of {bucket}``. Braces hold the kind of its
object; ``(s)`` behind it says that one call may act on several: ``launch {instance(s)}``. ``{receiver}`` stands for
whoever gains from the act: ``share {snapshot} with {receiver}``. A part in brackets is left out where the record names
nobody, or nothing, for its braces: ``put a policy on {bucket}[ that gives {receiver} access]``.

>>> past("delete the policy of {bucket}", [("bucket", "acme-logs")])
'deleted the policy of bucket acme-logs'
>>> attempt("delete the policy of {bucket}")
'tried to delete the policy of a bucket'
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.phrases import plural, plural_of, short, some

if TYPE_CHECKING:
    from collections.abc import Iterable

_BRACES: Final = re.compile(r"\{([^{}]+)\}")
_OPTIONAL: Final = re.compile(r"\[([^{}\[\]]*\{([^{}]+)\}[^{}\[\]]*)\]")
_SEVERAL: Final = "(s)"
#: The past tense of verbs that do not follow the rules.
_IRREGULAR: Final = {
    "begin": "began", "buy": "bought", "get": "got", "give": "gave", "hide": "hid", "leave": "left", "let": "let",
    "make": "made", "overwrite": "overwrote", "put": "put", "read": "read", "reset": "reset", "run": "ran",
    "sell": "sold", "send": "sent", "set": "set", "take": "took", "withdraw": "withdrew", "write": "wrote",
}  # fmt: skip
#: Verbs that double their last letter.
_DOUBLED: Final = frozenset({"permit", "stop", "submit", "tag", "transfer"})
#: A word whose letters are spelled out; those that sound like a vowel take "an".
_ACRONYM: Final = re.compile(r"[A-Z0-9]{2,}s?\b")
_SPOKEN: Final = ("NAT", "SAML")
_SPELLED_LIKE_A_VOWEL: Final = "AEFHILMNORSX8"
_VOWEL: Final = re.compile(r"(?!uni|use|usage|US|U2F|Euro|one)[aeiouAEIOU]")


def past(act: str, objects: Iterable[tuple[str, str]] = (), receiver: str = "") -> str:
    """What was done, as ``stopped trail prod-trail``.

    Args:
        act: of the catalogue.
        objects: kind and name of what was touched; of a kind that the act does not name they are left out.
        receiver: whoever gains from the act, such as ``account 999988887777``; others, if that is not known.
    """
    verb, blank, other_words = infinitive(act, objects, receiver).partition(" ")
    return f"{past_tense(verb)}{blank}{other_words}"


def attempt(act: str, objects: Iterable[tuple[str, str]] = (), receiver: str = "") -> str:
    """What was tried without success, as ``tried to stop trail prod-trail``; arguments as ``past`` has them."""
    return f"tried to {infinitive(act, objects, receiver)}"


def infinitive(act: str, objects: Iterable[tuple[str, str]] = (), receiver: str = "") -> str:
    """The act without a tense, as ``stop trail prod-trail``; arguments as ``past`` has them."""
    objects = tuple(objects)

    def is_known(braced: str) -> bool:
        return bool(receiver if braced == "receiver" else _names(braced, objects))

    act = _OPTIONAL.sub(lambda part: part[1] if is_known(part[2]) else "", act)
    return _BRACES.sub(
        lambda braces: receiver or "others" if braces[1] == "receiver" else _object(braces[1], objects), act
    )


def past_tense(verb: str) -> str:
    """The past tense of a verb."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1] if verb in _DOUBLED else ''}ed"


def with_article(noun: str) -> str:
    """The noun after ``a`` or ``an``."""
    if _ACRONYM.match(noun) and not noun.startswith(_SPOKEN):
        return f"{'an' if noun[0] in _SPELLED_LIKE_A_VOWEL else 'a'} {noun}"
    return f"{'an' if _VOWEL.match(noun) else 'a'} {noun}"


def kind_of_object(act: str) -> str:
    """The noun in the braces of an act; empty if it has no object that a record could name."""
    return next((noun.removesuffix(_SEVERAL) for noun in _BRACES.findall(act) if noun != "receiver"), "")


def _object(braced: str, objects: tuple[tuple[str, str], ...]) -> str:
    noun, names = braced.removesuffix(_SEVERAL), _names(braced, objects)
    if names:
        return listed(noun, names)
    return plural_of(noun) if noun != braced else with_article(noun)


def listed(noun: str, names: list[str]) -> str:
    """A noun with its name, or of several their number and the first names: ``2 instances (i-1, i-2)``."""
    return f"{plural(len(names), noun)} ({some(names)})" if len(names) > 1 else f"{noun} {names[0]}"


def _names(braced: str, objects: tuple[tuple[str, str], ...]) -> list[str]:
    noun = braced.removesuffix(_SEVERAL)
    return [short(name) for name in dict.fromkeys(name for kind, name in objects if name and is_kind(noun, kind))]


def is_kind(noun: str, kind: str) -> bool:
    """Whether a noun is of a kind of entities: an ``IAM user`` is a ``user``."""
    return f" {noun}".lower().endswith(f" {kind}".lower())
