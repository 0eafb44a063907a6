"""The sample incident: its log that was deleted, the one that was changed, and where its chains break."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rootforensics as rf
from tests.conftest import ROOT, SAMPLE_LOGS

KEYS = ROOT / "docs" / "examples" / "public-keys.json"


def test_the_plan_is_found(sample_path: Path, tmp_path: Path, expected: dict[str, Any]) -> None:
    case_path = shutil.copy(sample_path, tmp_path)
    found = rf.open_case(case_path).verify(KEYS)
    named = {
        verdict: [
            row["uri"].removeprefix(f"{SAMPLE_LOGS.as_uri()}/")
            for row in found.objects.rows
            if row["verdict"] == verdict
        ]
        for verdict in ("modified", "missing", "unlisted", "unsigned", "key_unknown")
    }
    digests = expected["integrity"]
    assert named["modified"] == [digests["modified_log"]]
    assert named["missing"] == [f"s3://acme-cloudtrail-111122223333/{digests['deleted_log']}"]
    assert named["unlisted"] == named["unsigned"] == named["key_unknown"] == []
    assert found.counts()[("digest", "verified")] == digests["digests"]
    restarted = [row for row in found.breaks.rows if row["cause"] == "restarted"]
    # Logging of the main trail stopped at 04:58:30; the digest of that hour is the last of its chain.
    assert {(row["region"], row["from_time"], row["until_time"]) for row in restarted} == {
        ("us-east-1", datetime(2026, 8, 5, 5, 41, 21, tzinfo=UTC), datetime(2026, 8, 5, 7, 41, 21, tzinfo=UTC)),
        ("eu-central-1", datetime(2026, 8, 5, 5, 36, 5, tzinfo=UTC), datetime(2026, 8, 5, 7, 36, 5, tzinfo=UTC)),
    }
