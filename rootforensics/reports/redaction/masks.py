"""Find in a text what tells whose it is: account IDs, access keys, addresses, e-mail addresses.

What is found goes by its form, so it is found in ARNs, paths, user agents, free text and JSON alike, in upper and lower
case, and with any of its letters and signs written as in a URL (``%40``), in JSON within JSON (``\\u0040``,
``\\\\u0040``) or in HTML (``&#64;``, ``&commat;``), one within another too.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal
from unicodedata import normalize
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Kind = Literal["account", "key", "principal", "ip", "net", "user"]
KINDS: Final[tuple[Kind, ...]] = ("account", "key", "principal", "ip", "net", "user")
#: Addresses of masked people end so; what ends so is a mask already.
DOMAIN: Final = "redacted.invalid"

#: Full stops and @ signs that programs take for the usual ones.
_DOT: Final = "[.\u3002\uff0e\uff61]"
_AT: Final = "[@\ufe6b\uff20]"
_V4: Final = rf"(?:\d{{1,3}}{_DOT}){{3}}\d{{1,3}}"
_BEGIN: Final = "(?<![0-9A-Za-z])"
#: What a name before an @ may hold, but for what also parts values (``to=a@b.example&x``, ``/a@b.example``).
_NAME: Final = r"\w[\w.+%'!#$*^~-]{0,63}"
#: Stays: eventIDs, hashes, IDs of resources; digits in them are no account.
KEPT: Final = (
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}|[0-9a-f]{64}|[0-9a-f]{40}"
    r"|[0-9a-f]{32}|(?<=-)[0-9a-f]{17})(?![0-9A-Za-z])"
)
#: Nothing here may grow without bound: a text may have megabytes on purpose.
_FORMS: Final = {
    "kept": KEPT,
    "user": rf"(?:{_NAME}|\"\w[^\"]{{0,62}}\")\\{{0,4}}{_AT}(?:[\w%-]{{1,63}}{_DOT}){{1,9}}[^\W\d_][\w-]{{1,62}}",
    "key": r"(?:AKIA|ASIA)(?:[A-Z0-9]{16}(?![A-Z0-9])|(?=[A-Z]{0,123}\d)[A-Z0-9]{12,124})"
    rf"|{_BEGIN}(?i:AKIA|ASIA)(?=[A-Za-z]{{0,123}}\d)[A-Za-z0-9]{{12,124}}",
    "principal": r"(?:AIDA|AROA|AGPA|ANPA|AIPA|ANVA|ASCA|APKA|ABIA|ACCA)[A-Z0-9]{16,17}(?![A-Z0-9])"
    rf"|{_BEGIN}(?i:AIDA|AROA)(?=[A-Za-z]{{0,123}}\d)[A-Za-z0-9]{{16,17}}(?![A-Za-z0-9])",
    "arpa": rf"{_BEGIN}(?:[0-9A-Fa-f]\.){{32}}(?i:ip6\.arpa)",
    "literal": r"(?<![0-9A-Za-z-])[0-9A-Fa-f]{1,4}(?:-[0-9A-Fa-f]{0,4}){2,7}(?=(?:s\w{1,16})?\.(?i:ipv6-literal))",
    "v6": r"(?:(?<![^\W_])(?<![:.%])|(?<=:)(?=[0-9A-Fa-f]))"
    rf"(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}(?:{_V4}|[0-9A-Fa-f]{{0,4}})(?!\w)(?:/\d{{1,3}}(?!\d))?",
    "v4": rf"(?<!\d)(?<!\d\.){_V4}(?!\d|\.\d)(?:/\d{{1,2}}(?!\d|\.))?",
    "host": r"(?<![0-9A-Za-z])(?<!\d-)(?:(?i:ec2|ip)-)?\d{1,3}(?:-\d{1,3}){3}(?!\d|-\d)",
    "account": r"(?<!\d)(?<!\d\.)(?:\d{12}(?!\d)|\d{4}-\d{4}-\d{4}(?!\d|-\d))",
}
_ANY: Final = re.compile("|".join(f"(?P<{name}>{form})" for name, form in _FORMS.items()))
#: Without one of these a text holds nothing of the kind; most texts do not.
_MAYBE: Final = re.compile(
    rf"\d{{12}}|\d{{4}}-\d{{4}}-|{_DOT}\d|{_AT}|:|%(?:u|[0-7])[0-9A-Fa-f]|[0-9]-\d|\\[ux\\][0-9A-Fa-f]|&#|ip(?:6\.|v6-)"
    r"|&[A-Za-z]{2,7};|(?i:A[KSIRGNPVCB][IODPVKC]A[A-Z0-9]{8})"
)
#: An eventID or a hash, and nothing else: every row has some.
_ID: Final = re.compile("[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{64}")
_REVERSED: Final = re.compile(r"\.(?i:in-addr\.arpa)")
_DOMAIN: Final = re.compile(r"\.[A-Za-z]")
_NAMED: Final = {
    "commat": "@", "colon": ":", "period": ".", "sol": "/", "bsol": "\\", "percnt": "%", "quot": '"', "apos": "'",
    "lt": "<", "gt": ">", "amp": "&", "lowbar": "_", "plus": "+", "nbsp": " ", "num": "#", "excl": "!",
}  # fmt: skip
#: A sign as JSON and scripts, URLs and HTML write it, however often it was written so again. Not ``\\b`` and ``\\f``:
#: those are rather the begin of a name (``CORP\\bob``) than a backspace.
_ESCAPE: Final = re.compile(
    r"(?<!\\)\\+(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([nrt\"/]))"
    r"|%(?:25)*(?:u([0-9A-Fa-f]{4})|([0-7][0-9A-Fa-f]))"
    rf"|&(?:amp;)*(?:#[xX]([0-9A-Fa-f]{{1,6}});?|#([0-9]{{1,7}});?|({'|'.join(_NAMED)});)"
)
_MAY_ESCAPE: Final = re.compile(r"[\\%&]")
#: Escapes of one kind within those of another.
_KINDS_WITHIN: Final = 8
_BLANKS: Final = {"n": "\n", "r": "\r", "t": "\t"}
#: A time of day has fewer.
_LEAST_COLONS: Final = 3
#: Some logs fill the numbers of an IPv4 address up: 203.000.113.007.
_ZEROS: Final = re.compile(r"(?<!\d)0(?=\d\d(?!\d))0?")
#: A product's version looks like an address: Chrome/138.0.0.0.
_PRODUCT: Final = re.compile(r"(?:^|[\s(;,\[\"'])[A-Za-z][\w.+-]*/$")


def masked(text: str, mask: Callable[[Kind, str], str], is_address: Callable[[str], bool]) -> str:
    """A text with a mask in place of each value.

    Args:
        text: any.
        mask: gives the mask of a value, which is spelled in one way whatever the text's: digits alone, upper-case keys,
            lower-case e-mail, addresses as ``ipaddress`` writes them.
        is_address: whether the case knows an address that may be a version by its place (``Chrome/138.0.0.0``).
    """
    if not _MAYBE.search(text) or _ID.fullmatch(text):
        return text

    def replaced(found: re.Match[str]) -> str:
        value = normalize("NFKC", found[0]).replace("\u3002", ".")
        shown = shown_for(found, value)
        return found[0] if shown == value else shown

    def shown_for(found: re.Match[str], value: str) -> str:
        kind, plain = found.lastgroup, found.string
        if kind == "account":
            return mask("account", value.replace("-", ""))
        if kind in ("key", "principal"):
            return mask("key" if kind == "key" else "principal", value.upper())
        if kind in _SPECIAL:
            return _SPECIAL[kind](value, mask)
        if kind == "host":
            return _masked_host(value, plain[found.end() : found.end() + 2], mask, is_address)
        is_version = kind == "v4" and _PRODUCT.search(plain, max(0, found.start() - 60), found.start())
        if kind == "kept" or (is_version and not is_address(value)):
            return value
        is_reversed = kind == "v4" and _REVERSED.match(plain, found.end())
        return _masked_address(value, ".".join(reversed(value.split("."))) if is_reversed else value, mask)

    return substituted(_ANY, replaced, text)


def substituted(form: re.Pattern[str], replaced: Callable[[re.Match[str]], str], text: str) -> str:
    """A text in which a form is replaced, though its signs be escaped; what is not replaced stays as it was written."""
    return put_in(text, lambda plain: ((*found.span(), replaced(found)) for found in form.finditer(plain)))


def put_in(text: str, find: Callable[[str], Iterable[tuple[int, int, str]]]) -> str:
    """A text in which others stand for parts of it.

    Args:
        text: any.
        find: gives, of the text with its escaped signs as they are, the begin and end of each part and what stands for
            it, in order and apart from each other.
    """
    plain, place = _unescaped(text)
    parts, done = [], 0
    for start, end, shown in find(plain):
        if shown != plain[start:end]:
            parts += [text[done : place(start)], shown]
            done = place(end)
    return "".join([*parts, text[done:]])


def _unescaped(text: str) -> tuple[str, Callable[[int], int]]:
    """A text with its escaped signs as they are, and where each of its places lies in the text as it is."""
    places: list[Callable[[int], int]] = []
    plain = text
    for _ in range(_KINDS_WITHIN):
        escapes = list(_ESCAPE.finditer(plain)) if _MAY_ESCAPE.search(plain) else []
        if not escapes:
            break
        places.append(_place_before(escapes))
        plain = _ESCAPE.sub(_sign, plain)

    def place_of(place: int) -> int:
        for before in reversed(places):
            place = before(place)
        return place

    return plain, place_of


def _place_before(escapes: list[re.Match[str]]) -> Callable[[int], int]:
    longer = [0, *accumulate(len(found[0]) - 1 for found in escapes)]
    signs = [found.start() - before for found, before in zip(escapes, longer, strict=False)]
    return lambda place: place + longer[bisect_left(signs, place)]


def _sign(found: re.Match[str]) -> str:
    """The one sign that an escape stands for."""
    hexadecimal = found[1] or found[2] or found[4] or found[5] or found[6]
    if hexadecimal or found[7]:
        number = int(hexadecimal, 16) if hexadecimal else int(found[7])
        return chr(number) if number <= sys.maxunicode else "\ufffd"
    return _NAMED[found[8]] if found[8] else _BLANKS.get(found[3], found[3])


def _masked_user(value: str, mask: Callable[[Kind, str], str]) -> str:
    if value.endswith(f"@{DOMAIN}"):
        return value
    return mask("user", re.sub(r'["\\]', "", unquote(value).lower()))


def _masked_host(value: str, after: str, mask: Callable[[Kind, str], str], is_address: Callable[[str], bool]) -> str:
    """Four numbers alone may be anything; in the name of a host they are its address."""
    name = value[: value.index("-") + 1] if value[0].isalpha() else ""
    address = value[len(name) :].replace("-", ".")
    is_host = name or _DOMAIN.match(after) or is_address(address)
    return _masked_address(value, address, mask, name) if is_host else value


def _masked_name_of_v6(value: str, mask: Callable[[Kind, str], str]) -> str:
    """A name that spells an IPv6 address: its digits backwards (``ip6.arpa``), or hyphens for colons."""
    if value.lower().endswith(".arpa"):
        digits = "".join(value[:63].split("."))[::-1]
        end, value = value[63:], ":".join(digits[start : start + 4] for start in range(0, 32, 4))
        return _masked_address(value, value, mask) + end
    return _masked_address(value, value.replace("-", ":"), mask)


def _masked_v6(value: str, mask: Callable[[Kind, str], str]) -> str:
    """The longest address in a run of numbers and colons; a colon may stand beside it (``client ::1: denied``)."""
    run, slash, prefix = value.partition("/")
    if canonical(run) is not None or (run.count(":") < _LEAST_COLONS and "::" not in run):
        return _masked_address(value, value, mask)
    colons = [place for place, sign in enumerate(run) if sign == ":"]
    starts, ends = [0, *(place + 1 for place in colons)], [*colons, len(run)]
    within = [(start, end) for start in starts for end in ends if canonical(run[start:end]) is not None]
    start, end = max(within, key=lambda one: one[1] - one[0], default=(0, 0))
    if end - start < len("::1"):
        return value
    length = f"{slash}{prefix}" if end == len(run) else ""
    masked_part = _masked_address(run[start:end], run[start:end] + length, mask)
    return run[:start] + masked_part + run[end:] + ("" if length else f"{slash}{prefix}")


def _masked_address(value: str, plain: str, mask: Callable[[Kind, str], str], before: str = "") -> str:
    address, _, prefix = plain.partition("/")
    spelled = canonical(address)
    if spelled is None or spelled in ("::", "0.0.0.0"):  # noqa: S104 - every address, nobody's
        return value
    if prefix:
        try:
            network = ipaddress.ip_network(plain, strict=False)
        except ValueError:  # a number behind it that is no length of a prefix
            return f"{mask('ip', spelled)}/{prefix}"
        return f"{mask('ip', spelled) if network.num_addresses == 1 else mask('net', str(network))}/{prefix}"
    return before + mask("ip", spelled)


def canonical(text: str) -> str | None:
    """An address in its one spelling, an IPv4 address in IPv6 as itself; None if it is none."""
    try:
        address = ipaddress.ip_address(_ZEROS.sub("", text) if ":" not in text else text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


_SPECIAL: Final[dict[str | None, Callable[[str, Callable[[Kind, str], str]], str]]] = {
    "user": _masked_user,
    "v6": _masked_v6,
    "arpa": _masked_name_of_v6,
    "literal": _masked_name_of_v6,
}
