"""Deterministic identifiers and times."""

from __future__ import annotations

import hashlib
import random
import uuid
from datetime import UTC, datetime, timedelta

from tools.sample_incident.people import SEED

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def at(day: int, clock: str) -> datetime:
    """Return a UTC time in August 2026 from a day of the month and `HH:MM:SS`."""
    hour, minute, second = (int(part) for part in clock.split(":"))
    return datetime(2026, 8, day, hour, minute, second, tzinfo=UTC)


def later(when: datetime, seconds: float) -> datetime:
    """Return the whole second that lies `seconds` after `when`."""
    return when + timedelta(seconds=int(seconds))


def stamp(when: datetime) -> str:
    """Return a time as CloudTrail writes it: `2026-08-03T09:00:00Z`."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def stable(prefix: str, name: str) -> str:
    """Return a 21-character principal ID (AROA…, AIDA…) that depends only on the name."""
    digest = hashlib.sha256(name.encode()).digest()
    return prefix + "".join(_BASE32[byte % 32] for byte in digest[: 21 - len(prefix)])


class Ids:
    """One stream of random values; each part of the generator has its own."""

    def __init__(self, part: str) -> None:
        self.random = random.Random(f"{SEED}/{part}")

    def uuid(self) -> str:
        """Return a random version 4 UUID."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def hexes(self, length: int) -> str:
        """Return `length` lower-case hexadecimal digits."""
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def access_key(self, prefix: str = "ASIA") -> str:
        """Return a 20-character access key ID that ends in EXAMPLE, as in AWS documentation."""
        return prefix + "".join(self.random.choices(_BASE32, k=9)) + "EXAMPLE"

    def request_id(self, service: str) -> str:
        """Return a request ID in the manner of the service: S3 16 capitals, DynamoDB 52, the rest UUIDs."""
        if service == "s3":
            return "".join(self.random.choices("ABCDEFGHJKMNPQRSTVWXYZ0123456789", k=16))
        if service == "dynamodb":
            return "".join(self.random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=52))
        return self.uuid()

    def unique(self) -> str:
        """Return the 16 characters that end a log file name."""
        return "".join(self.random.choices(_BASE62, k=16))
