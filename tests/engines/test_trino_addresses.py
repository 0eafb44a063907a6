"""Addresses in Trino's SQL, held against Python's standard library, which knows them, too."""

from __future__ import annotations

import ipaddress
import random

import pytest

import rootforensics as rf


@pytest.mark.parametrize(
    "condition",
    [
        "CAST(a AS IPADDRESS) > IPADDRESS '10.0.0.0' AND CAST(a AS IPADDRESS) < IPADDRESS '10.255.255.255'",
        "CAST(a AS IPADDRESS) BETWEEN IPADDRESS '2001:db8::' AND IPADDRESS '2001:db8::ffff'",
        "CAST(a AS IPADDRESS) = IPADDRESS '2001:db8:0:0::1'",
        "CAST(a AS IPADDRESS) IN (IPADDRESS '192.0.2.7', IPADDRESS '::1')",
        "CAST(a AS IPADDRESS) >= IPADDRESS '::'",
        "contains('10.0.0.0/8', CAST(a AS IPADDRESS)) OR contains('2001:db8::/112', CAST(a AS IPADDRESS))",
    ],
)
def test_addresses_are_compared_as_such(condition: str, sample_case: rf.Case) -> None:
    """The Python standard library knows addresses, too."""
    given = ["9.255.255.255", "10.0.0.0", "10.9.8.7", "10.10.10.10", "11.0.0.0", "192.0.2.7", "::", "::1", "1::",
             "2001:db8::1", "2001:DB8::", "2001:db8:0:0:0:0:0:ffff", "2001:db8::1:0", "fe80::1:2:3", "::ffff:10.0.0.9"]  # fmt: skip

    def number(text: str) -> int:
        one = ipaddress.ip_address(text)
        return int(one) + (0xFFFF << 32 if one.version == 4 else 0)

    def holds(text: str) -> bool:
        n = number(text)
        return {
            "CAST(a AS IPADDRESS) > IPA": number("10.0.0.0") < n < number("10.255.255.255"),
            "CAST(a AS IPADDRESS) BETWE": number("2001:db8::") <= n <= number("2001:db8::ffff"),
            "CAST(a AS IPADDRESS) = IPA": n == number("2001:db8::1"),
            "CAST(a AS IPADDRESS) IN (I": n in (number("192.0.2.7"), 1),
            "CAST(a AS IPADDRESS) >= IP": True,
            "contains('10.0.0.0/8', CAS": n >> 24 == number("10.0.0.0") >> 24
            or number("2001:db8::") <= n <= number("2001:db8::ffff"),
        }[condition[:26]]

    values = ", ".join(f"('{one}')" for one in given)
    found = sample_case.sql(f"SELECT a FROM (VALUES {values}) AS t (a) WHERE {condition}", dialect="athena").rows
    assert [row["a"] for row in found] == [one for one in given if holds(one)]


def test_what_is_no_address_is_an_error_or_null(sample_case: rf.Case) -> None:
    for text in ("iam.amazonaws.com", "1.2.3.999", "1.2.3", "AWS Internal", "1:2", ""):
        condition = f"FROM (VALUES ('{text}')) AS t (a) WHERE"
        with pytest.raises(rf.QueryError, match="CAST AS IPADDRESS fails; TRY_CAST gives NULL"):
            sample_case.sql(f"SELECT a {condition} CAST(a AS IPADDRESS) > IPADDRESS '::'", dialect="athena")
    with pytest.raises(rf.QueryError, match="an IPADDRESS that is shown"):
        sample_case.sql("SELECT CAST(sourceipaddress AS IPADDRESS) FROM cloudtrail_logs", dialect="athena")


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "tried", ["TRY(CAST(a AS IPADDRESS))", "TRY((CAST(a AS IPADDRESS)))", "TRY_CAST(a AS IPADDRESS)"]
)
def test_an_address_is_told_from_what_is_none(tried: str, sample_case: rf.Case) -> None:
    """The Python standard library knows which texts are; here they are made up of what addresses are made of."""
    chance = random.Random(18)
    given = {":::", "1:2:3", ":1:2:3:4:5:6:7", "1::2::3", "1:2:3:4:5:6:7::8", "1:2:3:4:5:6:7::", "::ffff:1.2.3.4"}
    given |= {"iam.amazonaws.com", "1.2.3.999", "1.2.3", "AWS Internal", "1:2", "", "01.2.3.4", "255.255.255.255"}
    for parts, most in (((":", "::", "0", "ab", "FFFF", "12345"), 16), ((".", "0", "9", "25", "256"), 8)):
        given |= {"".join(chance.choices(parts, k=chance.randint(1, most))) for _ in range(2000)}
    for _ in range(500):
        text = str(ipaddress.IPv6Address(chance.getrandbits(128) & chance.getrandbits(128) & chance.getrandbits(128)))
        given |= {text, text.upper(), text + ":", text.replace(":", "::", 1)}

    def is_one(text: str) -> bool:
        try:
            return bool(ipaddress.ip_address(text))
        except ValueError:
            return False

    values = ", ".join(f"('{one}')" for one in sorted(given))
    statement = f"SELECT a FROM (VALUES {values}) AS t (a) WHERE {tried} IS NOT NULL ORDER BY a"
    found = sample_case.sql(statement, dialect="athena").rows
    assert [row["a"] for row in found] == sorted(filter(is_one, given))
