"""Which things that were there before root opened: not made by it, and yet a way in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    Row = dict[str, Any]

#: A trust policy has a principal, a policy of rights has none.
_TRUSTS: Final = re.compile(r'"Principal"\s*:(?P<whom>.*)', re.DOTALL)
_ANYBODY: Final = re.compile(r'"\*"|"Federated"\s*:')
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


def was_opened(row: Row) -> bool:
    """Whether a thing of the blast radius that was only changed lets somebody in who could not come in before.

    A password that was set anew, a provider whose keys or clients were; a role that trusts another account, anybody or
    another directory.
    """
    if row["state"] != "changed":
        return False
    if row["thing_kind"] == "role":
        told = _TRUSTS.search(row["detail"] or "")
        return bool(told and (_ANYBODY.search(told["whom"]) or {*_ACCOUNT.findall(told["whom"])} - {row["account_id"]}))
    return row["thing_kind"] in ("console password", "identity provider")
