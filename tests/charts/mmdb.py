"""Write a MaxMind file: a tree over the bits of addresses, then data, then what the file is.

The format is MaxMind's (maxmind.github.io/MaxMind-DB), version 2, with records of 32 bits and an IPv6 tree in which
IPv4 lies below ``::/96``.
"""

from __future__ import annotations

import ipaddress
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_MAP, _TEXT, _ARRAY = 7, 2, 11
#: Numbers of so many bytes are of this type.
_NUMBERS = {2: 5, 4: 6, 8: 9}


def _control(kind: int, size: int) -> bytes:
    assert size < 29
    return bytes([size, kind - 7]) if kind > 7 else bytes([kind << 5 | size])


def _value(value: Any) -> bytes:
    if isinstance(value, dict):
        return _control(_MAP, len(value)) + b"".join(_value(key) + _value(one) for key, one in value.items())
    if isinstance(value, list):
        return _control(_ARRAY, len(value)) + b"".join(map(_value, value))
    if isinstance(value, bytes):  # a number, spelled already
        return _control(_NUMBERS[len(value)], len(value)) + value
    text = value.encode()
    return _control(_TEXT, len(text)) + text


def write_mmdb(path: Path, networks: Mapping[str, Any]) -> Path:
    """Write a file with the data of each network; returns its path."""
    nodes: list[list[int | None]] = [[None, None]]
    leaves: dict[tuple[int, int], int] = {}
    data = b""
    for text, value in networks.items():
        network = ipaddress.ip_network(text)
        length = network.prefixlen + (96 if network.version == 4 else 0)
        node = 0
        for place in range(length):
            bit = int(network.network_address) >> (127 - place) & 1
            if place == length - 1:
                leaves[node, bit] = len(data)
            elif nodes[node][bit] is None:
                nodes[node][bit] = len(nodes)
                nodes.append([None, None])
            node = nodes[node][bit] or 0
        data += _value(value)
    count = len(nodes)
    tree = b""
    for number, pair in enumerate(nodes):
        for bit, child in enumerate(pair):
            leaf = leaves.get((number, bit))
            target = count + 16 + leaf if leaf is not None else count if child is None else child
            tree += struct.pack(">I", target)
    about = {
        "node_count": struct.pack(">I", count),
        "record_size": struct.pack(">H", 32),
        "ip_version": struct.pack(">H", 6),
        "database_type": "Test-Country",
        "languages": ["en"],
        "binary_format_major_version": struct.pack(">H", 2),
        "binary_format_minor_version": struct.pack(">H", 0),
        "build_epoch": struct.pack(">Q", 1_785_900_000),
        "description": {"en": "test"},
    }
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _value(about))
    return path
