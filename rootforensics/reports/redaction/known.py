"""Find what a case itself knows, its accounts and addresses, wherever the digits stand, in whatever company.

The forms of ``masks`` tell a value by its looks, so they leave what may be something else: twelve digits behind a full
stop, four numbers behind a fifth. What the case knows leaves no such doubt.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.reports.redaction.masks import KEPT, canonical, put_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rootforensics.reports.redaction.masks import Kind

    Found = tuple[int, int, Kind, str]

# Each of these is found at every place where it may begin: what stands before it may look like a part of it.
_ACCOUNT: Final = re.compile(r"(?<!\d)(?=(\d{12})(?!\d)|(\d{4}([-_. ])\d{4}\3\d{4})(?!\d))")
_V4: Final = re.compile(r"(?<!\d)(?=(\d{1,3}([-_.])\d{1,3}\2\d{1,3}\2\d{1,3})(?!\d))")
_V6: Final = re.compile(
    r"(?<![0-9A-Fa-f])(?=((?:[0-9A-Fa-f]{0,4}([-_:]))(?:[0-9A-Fa-f]{0,4}\2){1,6}[0-9A-Fa-f]{0,4})(?![0-9A-Fa-f]))"
)
_KEPT: Final = re.compile(KEPT)
_MAYBE: Final = re.compile(
    r"\d{12}|\d[-_.]\d{1,3}[-_.]\d{1,3}[-_.]\d|\d{4}[-_. ]\d{4}[-_. ]\d|[-_:]{2}|(?:[-_:][0-9A-Fa-f]{1,4}){7}|[\\%&]"
)
_PARTS_OF_V6: Final = 8
_FEWEST_PARTS: Final = 3


class Known:
    """What a case knows.

    Args:
        accounts: twelve digits each.
        addresses: as ``canonical`` spells them.
    """

    def __init__(self, accounts: Iterable[str] = (), addresses: Iterable[str] = ()) -> None:
        self.accounts = frozenset(accounts)
        self.addresses = frozenset(addresses)
        self._v6 = frozenset(address for address in self.addresses if ":" in address)

    def masked(self, text: str, mask: Callable[[Kind, str], str]) -> str:
        """A text with a mask in place of each account and address that is known, whatever stands beside it.

        Args:
            text: any, in which what looks like a value is masked already.
            mask: as for ``masks.masked``.
        """
        if not _MAYBE.search(text) or _KEPT.fullmatch(text):
            return text
        return put_in(text, lambda plain: self._places(plain, mask))

    def _places(self, plain: str, mask: Callable[[Kind, str], str]) -> Iterator[tuple[int, int, str]]:
        found = sorted([*self._accounts_in(plain), *self._v4_in(plain), *self._v6_in(plain)])
        if not found:
            return
        taken = [match.span() for match in _KEPT.finditer(plain)]
        done = 0
        for start, end, kind, value in found:
            if start >= done and not any(left <= start < right for left, right in taken):
                yield start, end, mask(kind, value)
                done = end

    def _accounts_in(self, plain: str) -> Iterator[Found]:
        for found in _ACCOUNT.finditer(plain) if self.accounts else ():
            written = found[1] or found[2]
            value = re.sub(r"[-_. ]", "", written)
            if value in self.accounts:
                yield found.start(), found.start() + len(written), "account", value

    def _v4_in(self, plain: str) -> Iterator[Found]:
        for found in _V4.finditer(plain) if self.addresses else ():
            parts = found[1].split(found[2])
            if all(len(part) == 3 for part in parts):  # 198.018.077.099
                parts = [str(int(part)) for part in parts]
            if (value := ".".join(parts)) in self.addresses:
                yield found.start(), found.start() + len(found[1]), "ip", value

    def _v6_in(self, plain: str) -> Iterator[Found]:
        for found in _V6.finditer(plain) if self._v6 else ():
            parts = found[1].split(found[2])
            for count in range(len(parts), _FEWEST_PARTS - 1, -1):
                if count < _PARTS_OF_V6 and "" not in parts[:count]:
                    continue
                value = canonical(":".join(parts[:count]))
                if value in self._v6:
                    yield found.start(), found.start() + len(found[2].join(parts[:count])), "ip", value
                    break
