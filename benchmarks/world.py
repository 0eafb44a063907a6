"""What exists in the made-up AWS accounts: names, identifiers, keys, and the tokens that pick from them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_WORD_TEXT = """
    billing orders payments ledger search catalog inventory shipping gateway edge auth session
    profile media thumbnail export import archive metrics audit report invoice webhook notifier
    mailer scheduler worker ingest parser stream batch replica primary staging canary blue green
    legacy nightly fraud risk pricing
"""
_WORDS = _WORD_TEXT.split()
_STAGES = ("prod", "prod", "stage", "dev", "test", "sandbox", "shared")
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-2", "us-east-2")
ACCOUNTS = ("111122223333", "444455556666", "777788889999", "123456789012", "210987654321", "345678901234")


class World:
    """The resources of one account in one Region, and the randomness of one log file.

    The resources depend on account and Region alone, so that files of one account name the same buckets,
    instances and roles; everything else depends on the seed of the file.
    """

    def __init__(self, account: str, region: str, seed: str) -> None:
        """Makes the world.

        Args:
            account: Account ID, 12 digits.
            region: Region name.
            seed: Seed of the file.
        """
        self.account = account
        self.region = region
        self.time = "2026-01-01T00:00:00Z"
        self.chosen: dict[str, str] = {}
        self.rng = random.Random(f"{account}/{region}")
        self.words: list[str] = [f"{self.pick(_STAGES)}-{a}-{self.pick(_WORDS)}" for a in _WORDS for _ in range(3)]
        self.buckets = [f"{word}-{account[:6]}-{region}" for word in self.words[:60]]
        self.roles = [f"{word.title().replace('-', '')}Role" for word in self.words[:70]]
        self.users = [f"{word}.{self.pick(_WORDS)}" for word in _WORDS[:30]]
        self.hosts: dict[str, list[str]] = {
            prefix: [prefix + self.hexes(17) for _ in range(size)] for prefix, size in _POOLS.items()
        }
        self.kms_keys: list[str] = [self.uuid() for _ in range(25)]
        self.addresses: list[str] = [self.ip() for _ in range(90)]
        self.rng = random.Random(seed)

    def pick(self, pool: Sequence[str]) -> str:
        """Returns one of `pool`, the first ones far more often than the last."""
        draw = self.rng.random()
        return pool[int(draw * draw * len(pool))]

    def begin(self, time: str) -> None:
        """Begins the next record, which happened at `time`."""
        self.time = time
        self.chosen.clear()

    def same(self, name: str, pool: Sequence[str]) -> str:
        """Returns one of `pool`, the same one in the whole record: a record tells one bucket, one role."""
        if name not in self.chosen:
            self.chosen[name] = self.pick(pool)
        return self.chosen[name]

    def hexes(self, digits: int) -> str:
        """Returns that many random hexadecimal digits."""
        return f"{self.rng.getrandbits(4 * digits):0{digits}x}"

    def uuid(self) -> str:
        """Returns a random UUID, version 4."""
        text = f"{self.rng.getrandbits(128):032x}"
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def letters(self, alphabet: str, count: int) -> str:
        """Returns that many random characters out of `alphabet`."""
        return "".join(self.rng.choices(alphabet, k=count))

    def key_id(self, prefix: str) -> str:
        """Returns an access key ID or unique ID: the prefix and 16 characters."""
        return prefix + self.letters(_BASE32, 16)

    def ip(self) -> str:
        """Returns a public IPv4 address."""
        bits = self.rng.getrandbits(32)
        return f"{(bits >> 24) % 180 + 12}.{bits >> 16 & 255}.{bits >> 8 & 255}.{bits & 255}"

    def number(self, top: int) -> str:
        """Returns a whole number from 1 to `top` as text."""
        return str(int(self.rng.random() * top) + 1)

    def object_key(self) -> str:
        """Returns the key of an object in S3."""
        return f"{self.pick(self.words)}/2026/{self.number(12)}/part-{self.number(9999):0>5}.parquet"

    def many(self, form: str, values: Callable[[], str], least: int, most: int) -> str:
        """Returns a JSON list's inside: between `least` and `most` items of `form` filled with values."""
        return ",".join([form % values() for _ in range(self.rng.randint(least, most))])


_POOLS = {
    "i-": 120,
    "vpc-": 6,
    "subnet-": 24,
    "sg-": 40,
    "ami-": 20,
    "vol-": 90,
    "eni-": 60,
    "snap-": 60,
    "rtb-": 12,
    "igw-": 4,
    "nat-": 5,
    "fs-": 6,
    "lt-": 15,
}


def _host(prefix: str) -> Callable[[World], str]:
    return lambda world: world.pick(world.hosts[prefix])


def _number(top: int) -> Callable[[World], str]:
    return lambda world: world.number(top)


def _base64(count: int) -> Callable[[World], str]:
    return lambda world: world.letters(_BASE64, count)


def _statements(world: World) -> str:
    """Returns many statements of an IAM policy, escaped as in a JSON string: a record of 30 kB and more."""
    form = r"{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"],\"Resource\":\"arn:aws:s3:::%s/*\"}"
    return world.many(form, world.object_key, 220, 420)


TOKENS: dict[str, Callable[[World], str]] = {
    "account": lambda world: world.account,
    "region": lambda world: world.region,
    "time": lambda world: world.time,
    "uuid": lambda world: world.uuid(),
    "ip": lambda world: world.pick(world.addresses),
    "word": lambda world: world.pick(world.words),
    "bucket": lambda world: world.same("bucket", world.buckets),
    "key": lambda world: world.same("key", (world.object_key(),)),
    "role": lambda world: world.same("role", world.roles),
    "user": lambda world: world.same("user", world.users),
    "kms": lambda world: world.same("kms", world.kms_keys),
    "akia": lambda world: world.key_id("AKIA"),
    "asia": lambda world: world.key_id("ASIA"),
    "aroa": lambda world: world.key_id("AROA"),
    "aida": lambda world: world.key_id("AIDA"),
    "anpa": lambda world: world.key_id("ANPA"),
    "hex8": lambda world: world.hexes(8),
    "hex17": lambda world: world.hexes(17),
    "hex32": lambda world: world.hexes(32),
    "hex64": lambda world: world.hexes(64),
    "b64_28": _base64(28),
    "b64_76": _base64(76),
    "b64_180": _base64(180),
    "n9": _number(9),
    "n100": _number(100),
    "n1000": _number(1000),
    "n65k": _number(65535),
    "n1m": _number(1_000_000),
    "n9m": _number(9_999_999),
    "epoch": lambda world: str(1_767_000_000 + int(world.rng.random() * 15_000_000)),
    "instance": _host("i-"),
    "vpc": _host("vpc-"),
    "subnet": _host("subnet-"),
    "sg": _host("sg-"),
    "ami": _host("ami-"),
    "volume": _host("vol-"),
    "eni": _host("eni-"),
    "snap": _host("snap-"),
    "rtb": _host("rtb-"),
    "igw": _host("igw-"),
    "nat": _host("nat-"),
    "fs": _host("fs-"),
    "lt": _host("lt-"),
    "few_instances": lambda world: world.many('{"instanceId":"%s"}', lambda: world.pick(world.hosts["i-"]), 1, 12),
    "many_instances": lambda world: world.many('{"instanceId":"%s"}', lambda: "i-" + world.hexes(17), 800, 1600),
    "few_keys": lambda world: world.many('{"key":"%s"}', world.object_key, 1, 25),
    "statements": _statements,
}
