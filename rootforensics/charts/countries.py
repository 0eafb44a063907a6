"""Countries of addresses, as a MaxMind file has them."""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import ChartError

if TYPE_CHECKING:
    from collections.abc import Iterable

_HINT: Final = "Name a .mmdb file with countries or cities"


def country_of(addresses: Iterable[str], path: str | os.PathLike[str]) -> dict[str, str | None]:
    """The countries of addresses; what is no address or not in the file is left out.

    Args:
        addresses: as recorded.
        path: a MaxMind file (``.mmdb``) with countries or cities.

    Raises:
        ChartError: the file cannot be read as one, or the library for it is missing.
    """
    try:
        import maxminddb
    except ModuleNotFoundError as error:
        raise ChartError(
            "countries need the library maxminddb",
            where=os.fspath(path),
            hint="Install it: pip install 'rootforensics[geoip]'",
        ) from error
    try:
        with maxminddb.open_database(path) as reader:
            found = {address: _name(reader.get(address)) for address in addresses if _is_address(address)}
    except FileNotFoundError as error:
        raise ChartError("there is no such file", where=os.fspath(path), hint=_HINT) from error
    except OSError as error:
        raise ChartError(f"cannot read ({error.strerror or error})", where=os.fspath(path), hint=_HINT) from error
    except (maxminddb.InvalidDatabaseError, ValueError) as error:
        raise ChartError(
            f"no MaxMind file that can be read ({error})",
            where=os.fspath(path),
            hint=_HINT,
        ) from error
    return {address: name for address, name in found.items() if name}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text  # a zone, which the library does not take


def _name(record: Any) -> str | None:  # noqa: ANN401 - whatever the file holds
    """The country's English name, or its code."""
    if not isinstance(record, dict):
        return None
    country = record.get("country") or record.get("registered_country")
    if isinstance(country, dict):
        names = country.get("names")
        country = (names.get("en") if isinstance(names, dict) else None) or country.get("iso_code")
    return country if isinstance(country, str) else None
