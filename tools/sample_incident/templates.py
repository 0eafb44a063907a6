"""Fill call templates: `{word}` in a string becomes a value that fits the account and Region."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.sample_incident.ids import Ids, stable
from tools.sample_incident.people import BUCKETS, FUNCTIONS, REPOSITORIES, TABLES, USERS

if TYPE_CHECKING:
    from collections.abc import Callable

_PLACEHOLDER = re.compile(r"\{([a-z]+)(\d*)\}")


@dataclass(frozen=True)
class Many:
    """A list of between `low` and `high` copies of a template, each filled anew."""

    template: Any
    low: int
    high: int


@dataclass(frozen=True)
class Call:
    """A kind of API call: what it asks, what it answers, how it may fail."""

    name: str
    read_only: bool = True
    request: Any = None
    response: Any = None
    resources: Any = None
    extra: Any = None
    error: tuple[str, str] | None = None


@dataclass(frozen=True)
class Place:
    """Where a template is filled: decides names and ARNs."""

    ids: Ids
    account: str
    region: str

    def fill(self, template: Any) -> Any:
        """Return the template with every placeholder replaced, lists of `Many` unrolled."""
        if isinstance(template, Many):
            count = self.ids.random.randint(template.low, template.high)
            return [self.fill(template.template) for _ in range(count)]
        if isinstance(template, dict):
            return {key: self.fill(value) for key, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value) for value in template]
        if isinstance(template, str):
            return _PLACEHOLDER.sub(self._value, template)
        return template

    def _value(self, match: re.Match[str]) -> str:
        word, number = match.groups()
        if word == "hex":
            return self.ids.hexes(int(number))
        if word in _POOLED:
            return self._pooled(word, int(number or 12))
        return _WORDS[word](self)

    def _pooled(self, word: str, size: int) -> str:
        """Return one of the account's own resources, so that the same names come again."""
        chosen = f"{self.account}{self.region}{word}{self.ids.random.randrange(size)}"
        return f"{_POOLED[word]}-0{stable('', chosen).lower()[:16].translate(_TO_HEX)}"


_TO_HEX = str.maketrans("ghijklmnopqrstuvwxyz", "01234567890123456789")
_POOLED = {
    "instance": "i",
    "volume": "vol",
    "subnet": "subnet",
    "vpc": "vpc",
    "group": "sg",
    "snapshot": "snap",
    "image": "ami",
    "interface": "eni",
}


def _choice(names: tuple[str, ...]) -> Callable[[Place], str]:
    return lambda place: place.ids.random.choice(names)


_WORDS: dict[str, Callable[[Place], str]] = {
    "account": lambda place: place.account,
    "region": lambda place: place.region,
    "uuid": lambda place: place.ids.uuid(),
    "key": lambda place: f"arn:aws:kms:{place.region}:{place.account}:key/" + _key_id(place),
    "bucket": lambda place: place.ids.random.choice(BUCKETS[place.account]),
    "function": lambda place: place.ids.random.choice(FUNCTIONS[place.account]),
    "table": lambda place: place.ids.random.choice(TABLES[place.account]),
    "repo": _choice(REPOSITORIES),
    "user": _choice(USERS),
    "role": _choice(("ecs-task-checkout", "lambda-basic", "deploy", "backup-operator", "glue-etl")),
    "number": lambda place: str(place.ids.random.randint(100, 99999)),
    "octet": lambda place: str(place.ids.random.randint(2, 250)),
    "ms": lambda place: str(1785715200000 + place.ids.random.randrange(432_000_000)),
    "service": _choice(("checkout", "storefront", "billing-jobs")),
    "word": _choice(("größe", "naïve", "日本語", "emoji 🚀", 'quote " and \\ slash', "tab\tinside")),
}


def _key_id(place: Place) -> str:
    number = place.ids.random.randrange(4)
    hexes = stable("", f"{place.account}{place.region}kms{number}").lower().translate(_TO_HEX) + "0" * 11
    return f"{hexes[:8]}-{hexes[8:12]}-4{hexes[12:15]}-8{hexes[15:18]}-{hexes[18:30]}"
