"""``IPADDRESS``, as the number that it is: addresses are compared, and never shown."""

from __future__ import annotations

import ipaddress
from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.build import around, fill, refusal

#: IPv4 lies behind ``::ffff:`` among the addresses of IPv6, so that all are compared as one kind.
_IPV4: Final = 0xFFFF << 32
_COMPARED: Final = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is, exp.ArrayContains)
_BYTE: Final = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_GROUP: Final = "[0-9A-Fa-f]{1,4}"
_GROUPS: Final = f"({_GROUP}(:{_GROUP})*)?"
# Of IPv6, zeros are filled in where :: stands, so that there are eight groups.
_ADDRESS: Final = f"""
CASE WHEN regexp_full_match(:x, '(::[Ff]{{4}}:)?{_BYTE}([.]{_BYTE}){{3}}')
    THEN {_IPV4}::UHUGEINT + list_reduce(
        list_transform(regexp_extract_all(:x, '[0-9]+'), lambda part: CAST(part AS UHUGEINT)),
        lambda whole, part: whole * 256 + part)
    WHEN regexp_full_match(:x, '({_GROUP}:){{7}}{_GROUP}')
        OR (regexp_full_match(:x, '{_GROUPS}::{_GROUPS}') AND len(regexp_extract_all(:x, '{_GROUP}')) < 8)
    THEN list_reduce(
        list_transform(
            string_split(replace(:x, '::', ':' || repeat('0:', 9 - len(string_split(:x, ':')))), ':'),
            lambda part: CAST('0x' || coalesce(nullif(part, ''), '0') AS UHUGEINT)),
        lambda whole, part: whole * 65536 + part)
    WHEN :x IS NOT NULL THEN :otherwise END
"""


def address(node: exp.Expr, otherwise: str) -> exp.Expr:
    """``CAST`` to ``IPADDRESS``.

    Args:
        node: the cast.
        otherwise: what a value that is none gives, in DuckDB's SQL.

    Raises:
        QueryError: the address is not compared, or a literal is none.
    """
    over = around(node)
    while isinstance(over, exp.Try):
        over = around(over)
    if not isinstance(over, _COMPARED):
        raise refusal("an IPADDRESS that is shown", "Compare addresses as IPADDRESS and show them as they are")
    if not isinstance(node.this, exp.Literal):
        return fill(_ADDRESS.replace(":otherwise", otherwise), x=node.this)
    try:
        return _number(ipaddress.ip_address(node.this.name))
    except ValueError as error:
        raise refusal(f"the address {node.this.name!r}", "Write it as 192.0.2.1 or 2001:db8::1") from error


def contains(node: exp.Expr) -> exp.Expr | None:
    """``contains(network, address)``; None for an array.

    Raises:
        QueryError: the text is no network.
    """
    if not isinstance(node.this, exp.Literal):
        return None
    try:
        network = ipaddress.ip_network(node.this.name, strict=False)
    except ValueError as error:
        raise refusal(f"the network {node.this.name!r}", "Write it as 192.0.2.0/24 or 2001:db8::/32") from error
    return fill(":x BETWEEN :first AND :last", x=node.expression, first=_number(network[0]), last=_number(network[-1]))


def _number(one: ipaddress.IPv4Address | ipaddress.IPv6Address) -> exp.Expr:
    return fill("CAST(:n AS UHUGEINT)", n=str(int(one) + (_IPV4 if isinstance(one, ipaddress.IPv4Address) else 0)))
