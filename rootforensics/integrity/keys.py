"""CloudTrail's public keys: from a file that was named, or from ListPublicKeys; never from the evidence.

The file is that of ``rootforensics verify --fetch-keys``, or the answer of ``aws cloudtrail list-public-keys``, which
does not say of which Region its keys are.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from rootforensics.errors import IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from os import PathLike

KEYS_MARK: Final = "rootforensics_public_keys"
_MOST_SECONDS: Final = 253_402_300_799  # of the year 9999
_HINT: Final = "Make it with rootforensics verify --fetch-keys, or with aws cloudtrail list-public-keys --output json"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One public key.

    Attributes:
        region: in which it signs; empty if its file does not say.
        fingerprint: as CloudTrail names it; MD5 of ``value``, hexadecimal.
        value: DER, of PKCS #1 or SubjectPublicKeyInfo.
        begin: of its time; None if its file does not say.
        end: of its time.
    """

    region: str
    fingerprint: str
    value: bytes
    begin: datetime | None = None
    end: datetime | None = None

    def is_of(self, time: datetime) -> bool:
        """Whether its time holds a moment."""
        return (self.begin is None or self.begin <= time) and (self.end is None or time <= self.end)

    def as_dict(self) -> dict[str, Any]:
        """As the file of keys has it."""
        return {
            "region": self.region,
            "fingerprint": self.fingerprint,
            "value": base64.b64encode(self.value).decode(),
            "validity_start_time": self.begin.isoformat() if self.begin else None,
            "validity_end_time": self.end.isoformat() if self.end else None,
        }


class PublicKeys:
    """Public keys by Region and fingerprint; times may overlap.

    Args:
        keys: of any Regions.

    Raises:
        IntegrityError: one is no RSA key.
    """

    def __init__(self, keys: Iterable[PublicKey] = ()) -> None:
        self._keys: dict[str, list[tuple[PublicKey, RSAPublicKey]]] = defaultdict(list)
        for key in keys:
            self._keys[key.fingerprint].append((key, _loaded(key)))

    def find(self, region: str, fingerprint: str) -> Sequence[tuple[PublicKey, RSAPublicKey]]:
        """The keys of a Region that bear a fingerprint; a key whose Region is not known may be of any."""
        held = self._keys.get(fingerprint, ())
        return [(told, key) for told, key in held if told.region in ("", region)]

    @property
    def fingerprints(self) -> list[str]:
        """Of all keys, in order."""
        return sorted(self._keys)

    def __len__(self) -> int:
        return sum(map(len, self._keys.values()))


def _loaded(one: PublicKey) -> RSAPublicKey:
    try:
        key = load_der_public_key(one.value)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise IntegrityError(f"the public key {one.fingerprint} cannot be read", hint=_HINT) from error
    if not isinstance(key, RSAPublicKey):
        raise IntegrityError(f"the public key {one.fingerprint} is not an RSA key", hint=_HINT)
    return key


def read_keys(path: str | PathLike[str]) -> PublicKeys:
    """The public keys of a file.

    Raises:
        IntegrityError: it cannot be read, or is no file of public keys.
    """
    try:
        told = json.loads(Path(path).read_bytes())
        held = told["keys"] if KEYS_MARK in told else told["PublicKeyList"]
        return PublicKeys([_key(one) for one in held])
    except OSError as error:
        raise IntegrityError(f"cannot read the public keys ({error.strerror})", where=str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IntegrityError("this file does not list public keys", where=str(path), hint=_HINT) from error
    except IntegrityError as error:
        raise IntegrityError(error.problem, where=str(path), hint=error.hint) from error


def _key(told: dict[str, Any]) -> PublicKey:
    """A key in our spelling or in that of AWS."""
    named = {name.replace("_", "").lower(): value for name, value in told.items()}
    value = base64.b64decode(named["value"], validate=True)
    fingerprint = named.get("fingerprint") or md5(value, usedforsecurity=False).hexdigest()
    begin, end = _time(named.get("validitystarttime")), _time(named.get("validityendtime"))
    return PublicKey(str(named.get("region", "")), str(fingerprint), value, begin, end)


def _time(told: str | float | None) -> datetime | None:
    """A time in ISO 8601 or in seconds since 1970."""
    if told is None:
        return None
    if isinstance(told, int | float):
        if not 0 <= told <= _MOST_SECONDS:
            raise ValueError(told)
        return datetime.fromtimestamp(told, UTC)
    time = datetime.fromisoformat(told)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def keys_text(keys: Iterable[PublicKey], account_id: str) -> str:
    """The file of public keys.

    Args:
        keys: what ListPublicKeys answered.
        account_id: of those who asked.
    """
    told = {
        KEYS_MARK: 1,
        "fetched_time": datetime.now(UTC).isoformat(timespec="seconds"),
        "account_id": account_id,
        "keys": [key.as_dict() for key in keys],
    }
    return json.dumps(told, indent=1) + "\n"
