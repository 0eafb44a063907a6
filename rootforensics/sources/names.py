"""Names and folders as CloudTrail makes them."""

from __future__ import annotations

import json
import re
from typing import Final

#: 111122223333_CloudTrail_us-east-1_20260803T0105Z_0123456789abcdef.json.gz, the last underscore missing before 2015.
LOG_NAME: Final = re.compile(
    r"(?P<account>\d{12})_CloudTrail(?:-\w+)?_(?P<region>[a-z0-9-]+)_(?P<time>\d{8}T\d{4}Z)_?\w{16}\.json"
)
#: An account's folder, an organization's folder, a Region's folder, and the path of a day below it.
ACCOUNT: Final = re.compile(r"\d{12}")
ORGANIZATION: Final = re.compile(r"o-[a-z0-9]{10,32}")
REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")
DAY: Final = re.compile(r"(\d{4}/\d{2}/\d{2})/")
#: Folders of an account: the logs, the digests, and others of CloudTrail, which hold other things than logs.
LOGS: Final = "CloudTrail"
DIGESTS: Final = "CloudTrail-Digest"
#: Folders that other services make in an account's folder.
SERVICES: Final = frozenset(
    (
        *("config", "elasticloadbalancing", "vpcflowlogs", "vpcdnsquerylogs", "waflogs", "guardduty", "route53"),
        *("network-firewall", "redshift", "s3", "securityhub", "vpclattice", "transitgateway", "verifiedaccess"),
        *("cloudfront", "eks", "wafv2", "ssm", "vpn", "inspector2", "macie", "redshiftauditlogs", "globalaccelerator"),
    )
)
OTHERS: Final = ("CloudTrail-Insight", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated", "CloudTrail-Lake")

#: Beside an object that was preserved from S3 lies what S3 says of it; it begins with the mark, and is no evidence.
SIDECAR_SUFFIX: Final = ".s3.json"
SIDECAR_MARK: Final = "rootforensics_sidecar"
SIDECAR_HEAD_BYTES: Final = 64
#: What is being fetched has such a name until it is whole; a kill leaves it.
UNFINISHED_SUFFIX: Final = ".rootforensics-unfinished"
#: Beside the files that an engine gave for some days of an extraction.
SLICE: Final = "slice.json"
SLICE_HEAD: Final = b'{"sql_sha256":'
UNFINISHED: Final = "a download that was stopped before its end: fetch it again, or name this file itself"


def metadata_in(sidecar: bytes) -> dict[str, str]:
    """What S3 kept with an object, as the sidecar beside it says; nothing if it is no sidecar or says none."""
    try:
        metadata = json.loads(sidecar)["metadata"] if begins_like_sidecar(sidecar) else {}
    except (ValueError, KeyError, RecursionError):
        return {}
    texts = metadata.items() if isinstance(metadata, dict) else ()
    return {name: text for name, text in texts if isinstance(text, str)}


def begins_like_sidecar(head: bytes) -> bool:
    """True for the first bytes of what ``--preserve`` wrote beside an object."""
    return head[:SIDECAR_HEAD_BYTES].lstrip(b"{ \n").startswith(f'"{SIDECAR_MARK}"'.encode())
