"""Whether a signature of a digest fits: SHA256withRSA (PKCS #1 v1.5), and nothing else.

Source: AWS CloudTrail User Guide, "Custom implementations of CloudTrail log file integrity validation".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from rootforensics.sources.digests import Digest

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})+")


def signed_text(digest: Digest) -> bytes:
    """What CloudTrail signs of a digest: its end, its place, its hash and the signature before it, verbatim."""
    previous = digest.previous.signature if digest.previous else "null"
    place = f"{digest.place.bucket}/{digest.place.key}"
    return "\n".join((digest.end_text, place, digest.sha256, previous)).encode()


def fits(digest: Digest, signature: str, key: RSAPublicKey) -> bool:
    """Whether a signature is of this digest and by this key.

    Args:
        digest: what was signed.
        signature: hexadecimal.
        key: the public key.
    """
    if not _HEX.fullmatch(signature) or len(signature) * 4 != key.key_size:
        return False
    try:
        key.verify(bytes.fromhex(signature), signed_text(digest), PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True
