"""Which things that were there before root opened: not made by it, and yet a way in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    Row = dict[str, Any]

#: A trust policy has a principal, a policy of rights has none.
_TRUSTS: Final = re.compile(r'"(?:Not)?Principal"\s*:(?P<whom>.*)', re.DOTALL | re.IGNORECASE)
_ANYBODY: Final = re.compile(r'"\*"|"Federated"\s*:')
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


def was_opened(row: Row) -> bool:
    """Whether a thing of the blast radius that was only changed lets somebody in who could not come in before.

    A password that was set anew, a provider whose keys or clients were; a role that trusts another account, anybody or
    another directory. Whom a role trusts, its principals say: an account in a condition is let in by nobody.
    """
    if row["state"] != "changed":
        return False
    if row["thing_kind"] == "role":
        return _trusts_others(row["detail"] or "", row["account_id"])
    return row["thing_kind"] in ("console password", "identity provider", "Identity Center password", "identity source")


def _trusts_others(detail: str, own_account: str | None) -> bool:
    """Whether a policy told of a role lets others in; of one that cannot be read all that it names counts."""
    policies = list(_objects(detail))
    if not any(map(statements_of, policies)):
        told = _TRUSTS.search(detail)
        return bool(told and (_ANYBODY.search(told["whom"]) or {*_ACCOUNT.findall(told["whom"])} - {own_account}))
    return any(_lets_in(one, own_account) for policy in policies for one in statements_of(policy))


def _objects(text: str) -> Iterator[Row]:
    """The JSON objects in a text, from left to right; what is between them is passed over."""
    decoder, place = json.JSONDecoder(parse_int=str, parse_float=str), 0
    while (place := text.find("{", place)) >= 0:
        try:
            found, place = decoder.raw_decode(text, place)
        except ValueError:  # no JSON begins here
            place += 1
            continue
        except RecursionError:  # nested beyond what a policy may be
            return
        yield found


def statements_of(policy: Row) -> list[Row]:
    """The statements of a policy, with names in small letters: IAM minds no case in them."""
    told = lowered(policy).get("statement")
    return [lowered(one) for one in (told if isinstance(told, list) else [told]) if isinstance(one, dict)]


def lowered(held: Row) -> Row:
    """An object with its names in small letters."""
    return {name.lower(): value for name, value in held.items()}


def _lets_in(statement: Row, own_account: str | None) -> bool:
    """Whether a statement lets in anybody, somebody of a directory, or somebody of another account."""
    if str(statement.get("effect")).lower() != "allow":
        return False
    if "notprincipal" in statement:  # all but these
        return True
    whom = statement.get("principal")
    if not isinstance(whom, dict):
        return whom == "*"
    by_kind = lowered(whom)
    named = by_kind.get("aws")
    named = [one for one in (named if isinstance(named, list) else [named]) if isinstance(one, str)]
    accounts = {account for one in named for account in _ACCOUNT.findall(one)}
    return bool(by_kind.get("federated")) or "*" in named or bool(accounts - {own_account})
