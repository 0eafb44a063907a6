"""Bytes flipped, cut and added anywhere in logs and digests: what is verified still says what was signed."""

from __future__ import annotations

import gzip
import random
import zlib
from dataclasses import replace

from tests.integrity.bucket import Chain, Stored
from tests.integrity.conftest import Bench


def spoilt(chance: random.Random, stored: Stored) -> Stored:
    """The object with a few bytes changed, inside its gzip or around its text."""
    inside = chance.random() < 0.5
    data = bytearray(stored.body if inside else stored.packed)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : at + chance.randint(1, 9)]
            case 2:
                data[at:at] = chance.randbytes(chance.randint(1, 9))
            case _:
                data += chance.randbytes(chance.randint(1, 9))
    return replace(stored, packed=gzip.compress(bytes(data), mtime=0) if inside else bytes(data))


def is_same(stored: Stored, now: Stored) -> bool:
    """Whether the file still holds the signed text in one gzip member, with nothing behind it."""
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        text = reader.decompress(now.packed) + reader.flush()
    except zlib.error:
        return False
    return text == stored.body and reader.eof and not reader.unused_data


def test_no_change_goes_unnoticed(bench: Bench) -> None:
    chance = random.Random(20)
    chain = Chain(60)
    now = {one.name: spoilt(chance, one) if chance.random() < 0.7 else one for one in chain.stored}
    bench.verify(now.values())
    verified = {one.name for one in chain.stored if bench.verdict(one) == "verified"}
    same = {one.name for one in chain.stored if is_same(one, now[one.name])}
    assert verified <= same
    # And what is the same is verified, digests by their own signatures, logs if their digest is.
    for log, digest in zip(chain.logs, chain.digests, strict=True):
        assert (digest.name in verified) == (digest.name in same)
        if {log.name, digest.name} <= same:
            assert log.name in verified
        elif digest.name in same:
            assert bench.verdict(log) in {"modified", "missing"}
        else:
            assert bench.verdict(log) in {"chain_broken", "key_unknown", "no_digest"}
    assert 10 < len(same) < 110
    assert not bench.found.is_proven
