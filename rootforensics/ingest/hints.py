"""Say what a JSON value that is no CloudTrail event looks like, so that a reader knows what to do with it."""

from __future__ import annotations

from typing import Final

import msgspec

# (keys that tell it, what it is); the first that fits wins. Source: the services' own documentation.
_SHAPES: Final = (
    (("digestEndTime", "logFiles"), "digest"),
    (("s3Bucket", "s3ObjectKey"), "CloudTrail's SNS message, which names log files but holds no events"),
    (("QueryResultRows",), "CloudTrail Lake query results without the columns of events"),
    (("ResultSet",), "Athena query results without the columns of events"),
    (("configurationItems",), "an AWS Config snapshot"),
    (("s3", "eventSource"), "an S3 notification, which names log files but holds no events"),
)

_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ocsf_decoder: Final = msgspec.json.Decoder()


def hint_at(value: bytes) -> str:
    """Name the container that the value's keys point to; empty if none does.

    Args:
        value: one JSON value.
    """
    try:
        keys = _decoder.decode(value).keys()
        if "class_uid" in keys and "metadata" in keys:
            from rootforensics.ingest.containers.ocsf import origin_of

            return f"an OCSF record of {origin_of(_ocsf_decoder.decode(value))}"
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""
    return next((name for told_by, name in _SHAPES if all(key in keys for key in told_by)), "")
