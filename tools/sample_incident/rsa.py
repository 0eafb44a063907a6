"""A 2048-bit RSA key from the seed, and PKCS #1 v1.5 signatures.

The key signs invented digests only; anybody can compute it again, so it protects nothing.
"""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import dataclass
from functools import cached_property

_EXPONENT = 65537
_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
_SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2))]


@dataclass(frozen=True)
class Key:
    """An RSA key by its two primes."""

    p: int
    q: int

    @property
    def modulus(self) -> int:
        """The number that both halves of the key share."""
        return self.p * self.q

    @cached_property
    def _private(self) -> tuple[int, int, int]:
        d = pow(_EXPONENT, -1, math.lcm(self.p - 1, self.q - 1))
        return d % (self.p - 1), d % (self.q - 1), pow(self.q, -1, self.p)

    def sign(self, message: bytes) -> bytes:
        """Return the SHA256withRSA signature (PKCS #1 v1.5, RFC 8017 section 8.2)."""
        tail = _SHA256_PREFIX + hashlib.sha256(message).digest()
        padded = b"\x00\x01" + b"\xff" * (256 - 3 - len(tail)) + b"\x00" + tail
        value, (dp, dq, inverse) = int.from_bytes(padded, "big"), self._private
        first, second = pow(value, dp, self.p), pow(value, dq, self.q)
        return (second + (first - second) * inverse % self.p * self.q).to_bytes(256, "big")

    def public_der(self) -> bytes:
        """Return the public key as DER of PKCS #1, the form that ListPublicKeys gives."""
        return _tagged(0x30, _integer(self.modulus) + _integer(_EXPONENT))

    def fingerprint(self) -> str:
        """Return the MD5 of the DER form, as CloudTrail names its keys."""
        return hashlib.md5(self.public_der(), usedforsecurity=False).hexdigest()


def make_key(seed: str) -> Key:
    """Return the key that belongs to a seed."""
    source = random.Random(seed)
    return Key(_prime(source), _prime(source))


def _prime(source: random.Random) -> int:
    while True:
        candidate = source.getrandbits(1024) | (3 << 1022) | 1
        if (candidate - 1) % _EXPONENT and _is_prime(candidate, source):
            return candidate


def _is_prime(number: int, source: random.Random) -> bool:
    """Return the answer of trial division and 32 rounds of Miller-Rabin."""
    if any(number % prime == 0 for prime in _SMALL_PRIMES):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, source.randrange(2, number - 1), odd, twos) for _ in range(32))


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    value = pow(base, odd, number)
    if value in (1, number - 1):
        return True
    for _ in range(twos - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def _integer(value: int) -> bytes:
    return _tagged(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content
