"""How digests of two chains hang together."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from tests.integrity import bucket
from tests.integrity.bucket import Stored


def follows(last: Stored) -> Callable[[int, dict[str, Any]], None]:
    """Has the first digest of a chain name the last of another as the one before."""

    def edit(number: int, fields: dict[str, Any]) -> None:
        if number == 0:
            fields |= {
                "previousDigestS3Bucket": bucket.BUCKET,
                "previousDigestS3Object": last.key,
                "previousDigestHashValue": hashlib.sha256(last.body).hexdigest(),
                "previousDigestHashAlgorithm": "SHA-256",
                "previousDigestSignature": last.signature,
            }

    return edit
