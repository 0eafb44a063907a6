"""Source networks of root activity, or countries where a MaxMind file is given."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any, Final

from rootforensics.charts.action_counts import COUNTS, by_account, count_actions
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.bars import DONE, Bar, draw_bars, inches_of
from rootforensics.charts.drawing.look import Sheet, accounts_in
from rootforensics.charts.drawing.view import View, drawn
from rootforensics.phrases import plural, some

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries.asking import Asks

#: What counts as one network: what a provider gives to one customer or line.
_PREFIX: Final = {4: 24, 6: 48}
#: Addresses that say nothing of where somebody sat.
_SPECIAL: Final = {
    name: tuple(map(ipaddress.ip_network, networks))
    for name, networks in {
        "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
        "shared by carrier": ("100.64.0.0/10",),
        "of the machine": ("127.0.0.0/8", "169.254.0.0/16", "::1/128", "fe80::/10"),
    }.items()
}
UNKNOWN_COUNTRY: Final = "country not known"


def sources_data(
    case: Asks,
    account_id: str = "",
    geoip: str | os.PathLike[str] | None = None,
    *,
    since: Moment = None,
    until: Moment = None,
) -> list[dict[str, Any]]:
    """Root activity by source address, with its network and, if there is a file for it, its country.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only what is at or after this time, aware or ISO 8601 text (UTC without offset); what has no time stays.
        until: only what is before this time.
        geoip: a MaxMind file (``.mmdb``) with countries or cities.

    Returns:
        One row an account and address, the most events first: ``account_id``, ``sourceIPAddress`` (as recorded),
        ``network`` (the /24 or /48 of an address, else what is recorded), ``kind`` (``private`` and the like; empty
        for a public address), ``country`` (None without a file), ``event_count``, and what adds up to it:
        ``change_count``, ``read_count``, ``failed_count``, ``unknown_count``.

    Raises:
        ChartError: the file cannot be read as one, or the library for it is missing.
    """
    rows = count_actions(case, account_id, "sourceIPAddress", since=since, until=until)
    countries: dict[str, str | None] = {}
    if geoip is not None:
        from rootforensics.charts.countries import country_of

        countries = country_of({row["sourceIPAddress"] or "" for row in rows}, geoip)
    for row in rows:
        row["network"], row["kind"] = network_of(row["sourceIPAddress"])
        row["country"] = countries.get(row["sourceIPAddress"] or "", UNKNOWN_COUNTRY) if geoip is not None else None
    return rows


def network_of(source: str | None) -> tuple[str, str]:
    """The network of a source, and what kind it is if it is not a public address."""
    if not source:
        return "not recorded", ""
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source, "no address"
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    address = mapped or address
    network = ipaddress.ip_network(f"{address}/{_PREFIX[address.version]}", strict=False)
    return str(network), _kind(address)


def _kind(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    for name, networks in _SPECIAL.items():
        if any(address in network for network in networks if network.version == address.version):
            return name
    return ""


@drawn
def sources_chart(rows: Sequence[dict[str, Any]], view: View) -> Figure:
    """Draw one bar a network, or a country if the rows have them."""
    by_country = any(row["country"] is not None for row in rows)
    title = f"Where root was used from, by {'country' if by_country else 'network'}"
    bars = _bars(rows, "country" if by_country else "network")
    sheet = Sheet(view, title, inches_of(bars))
    if not rows:
        return sheet.nothing("No root activity")
    total, addresses = sum(bar.total for bar in bars), len({row["sourceIPAddress"] for row in rows})
    many = _countries(rows) if by_country else plural(len(bars), "network")
    told = (
        f"{plural(total, 'event')} of root activity from {plural(addresses, 'address', 'addresses')} in {many}, "
        f"{accounts_in(rows)}"
    )
    draw_bars(sheet, told, bars, DONE, _more_countries if by_country else _more_networks)
    named = "; ".join(f"{bar.name} {bar.total:,} ({plural(bar.counts['change_count'], 'change')})" for bar in bars[:10])
    return sheet.finish(f"{sheet.title}: {plural(total, 'event')}. Most: {named}.")


def _countries(rows: Sequence[dict[str, Any]]) -> str:
    """How many countries are known, and of how many addresses none is."""
    known = {row["country"] for row in rows} - {UNKNOWN_COUNTRY}
    unknown = {row["sourceIPAddress"] for row in rows if row["country"] == UNKNOWN_COUNTRY}
    told = plural(len(known), "known country", "known countries")
    return f"{told}, {plural(len(unknown), 'address', 'addresses')} of no known country" if unknown else told


def _more_networks(rest: Sequence[Bar]) -> str:
    return plural(len(rest), "more network")


def _more_countries(rest: Sequence[Bar]) -> str:
    known = sum(bar.name != UNKNOWN_COUNTRY for bar in rest)
    unknown = f" and {UNKNOWN_COUNTRY}" if known < len(rest) else ""
    return plural(known, "more country") + unknown


def _bars(rows: Sequence[dict[str, Any]], key: str) -> list[Bar]:
    counts: dict[str, dict[str, int]] = {}
    sources: dict[str, dict[str, None]] = {}
    accounts, first = (by_account(rows, lambda row: str(row[key]), shown) for shown in (3, 1))
    kinds = {row[key]: row["kind"] for row in rows}
    for row in rows:
        counted = counts.setdefault(row[key], dict.fromkeys(COUNTS, 0))
        for name in COUNTS:
            counted[name] += row[name]
        sources.setdefault(row[key], {})[row["sourceIPAddress"] or "not recorded"] = None
    bars = []
    for name, counted in counts.items():
        found, bar = list(sources[name]), str(name)
        number = plural(len(found), "address", "addresses") if len(found) > 1 else ""
        note = "; ".join(filter(None, (_addresses(found, bar), accounts.get(bar))))
        short = "; ".join(filter(None, (number, first.get(bar))))
        bars.append(Bar(bar, counted, note, short, kinds[name] if key == "network" else ""))
    return sorted(bars, key=lambda bar: (-bar.total, bar.name))


def _addresses(found: list[str], name: str) -> str:
    """The addresses of a bar, the busiest first."""
    if found == [name]:
        return ""
    return ", ".join(found) if len(found) <= 3 else some(found, 2)


CHART = Chart(
    "sources",
    "Where root was used from",
    "One bar per network (the /24 of an IPv4 address, the /48 of an IPv6 address), or per country if you give a "
    "MaxMind file. On the right are the addresses, the busiest first, and the accounts with their events if there"
    " are several. The segments of a bar are services.",
    "The location of the person: an address is where the request left the network, possibly a proxy, a VPN or a "
    "cloud machine. A country is what the MaxMind file reports today, not at the time of the event.",
    sources_data,
    sources_chart,
    ("geoip",),
)
