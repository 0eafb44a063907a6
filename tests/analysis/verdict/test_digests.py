"""A log that a digest lists and the case does not hold: what it may show is not denied."""

from __future__ import annotations

import gzip
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.limits import SIGN_IN_REGIONS
from tests.analysis.verdict.logs import ANOTHER
from tests.builders import ACCOUNT, event, root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.analysis.answer import Verdict

NO = ("password_changed", "mfa_removed", "money_spent", "ownership_changed", "record_tampered")


def log_name(region: str, time: str, mark: str = "0123456789abcdef") -> str:
    return f"{ACCOUNT}_CloudTrail_{region}_{time}_{mark}.json.gz"


def key_of(region: str, name: str) -> str:
    return f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/08/05/{name}"


def digest_of(listed: list[str]) -> dict[str, Any]:
    files = [{"s3Bucket": "b", "s3Object": key, "hashValue": "0" * 64, "hashAlgorithm": "SHA-256"} for key in listed]
    return {"digestEndTime": "2026-08-05T11:00:00Z", "logFiles": files}


def put_digest(folder: Path, listed: list[str], region: str = "us-east-1") -> Path:
    """The digest of the hour from ten to eleven of 5 August."""
    name = f"{ACCOUNT}_CloudTrail-Digest_{region}_main_us-east-1_20260805T110000Z.json"
    path = folder / f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{region}/2026/08/05/{name}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(digest_of(listed)), encoding="utf-8")
    return path


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """A log of each Region of sign-ins, as CloudTrail delivers them; root was active at ten."""
    folder = tmp_path / "logs"
    for region in SIGN_IN_REGIONS:
        records = [event(awsRegion=region), ANOTHER | {"awsRegion": region, "eventID": f"another-{region}"}]
        records += [root_event()] if region == "us-east-1" else []
        write_log(folder, key_of(region, log_name(region, "20260805T1005Z")), records)
    return folder


def tell(folder: Path, **load: Any) -> dict[str, Verdict]:
    with rf.open_case(folder.parent / "case.duckdb") as case:
        case.load(folder, **load)
        (told,) = case.verdict(account_id=ACCOUNT)
    return {one.name: one for one in told.answers}


LOST = log_name("us-east-1", "20260805T1030Z", "zzzzzzzzzzzzzzzz")


def test_a_log_that_a_digest_lists_and_the_case_lacks_leaves_unknown_what_it_may_show(logs: Path) -> None:
    held = log_name("us-east-1", "20260805T1005Z")
    put_digest(logs, [key_of("us-east-1", held), key_of("us-east-1", LOST)])
    answers = tell(logs)
    assert {answers[name].answer for name in NO} == {"unknown"}
    for name in NO:
        assert answers[name].missing == (
            "1 log of us-east-1 that a digest file lists and the case does not hold (delivered 2026-08-05 10:30)",
        )


@pytest.mark.parametrize(("delivered", "answer"), [("20260804T1030Z", "unknown"), ("20260804T0930Z", "no")])
def test_a_lost_log_counts_from_the_day_before_roots_first_act(delivered: str, answer: str, logs: Path) -> None:
    early = log_name("us-east-1", "20260804T0005Z")
    write_log(logs, key_of("us-east-1", early), [event(eventTime="2026-08-04T00:01:00Z")])
    put_digest(logs, [key_of("us-east-1", one) for one in (early, log_name("us-east-1", delivered))])
    answers = tell(logs)
    assert {answers[name].answer for name in NO} == {answer}


def test_a_lost_log_counts_from_a_change_of_roots_address_by_the_management_account(logs: Path) -> None:
    early = log_name("us-east-1", "20260804T0005Z")
    changed = event(
        eventTime="2026-08-04T00:01:00Z",
        eventSource="account.amazonaws.com",
        eventName="AcceptPrimaryEmailUpdate",
        requestParameters={"accountId": ACCOUNT},
        recipientAccountId="444455556666",
        readOnly=False,
    )
    write_log(logs, key_of("us-east-1", early), [changed, event(eventTime="2026-08-04T00:02:00Z")])
    put_digest(logs, [key_of("us-east-1", one) for one in (early, log_name("us-east-1", "20260804T0930Z"))])
    assert tell(logs)["mfa_removed"].answer == "unknown"


def test_a_digest_that_cannot_be_read_whole_tells_of_the_logs_in_its_first_part(logs: Path) -> None:
    """What stands behind it, or what is broken there, does not take away what it lists."""
    lost = [log_name("us-east-1", f"20260805T10{minute}Z", "y" * 16) for minute in range(20, 26)]
    path = put_digest(logs, [])
    whole = [json.dumps(digest_of([key_of("us-east-1", name)])).encode() for name in lost]
    another = gzip.compress(json.dumps(digest_of([])).encode())
    broken = bytearray(gzip.compress(whole[1]))
    broken[-6] ^= 255  # its checksum
    odd = {
        "two members": gzip.compress(whole[0]) + another,
        "checksum": bytes(broken),
        "junk": gzip.compress(whole[2]) + b"garbage",
        "half a member": gzip.compress(whole[3]) + another[:30],
        "an event behind it": gzip.compress(whole[4]) + gzip.compress(json.dumps({"Records": [event()]}).encode()),
        "two values": whole[5] + b"\n" + json.dumps(digest_of([])).encode(),
    }
    for hour, content in enumerate(odd.values(), 11):
        path.with_name(path.name.replace("T11", f"T{hour}")).write_bytes(content)
    answers = tell(logs)
    assert answers["mfa_removed"].answer == "unknown"
    told = [one for one in answers["mfa_removed"].missing if "digest" in one]
    listed = "6 logs of us-east-1 that digest files list and the case does not hold"
    assert told == [f"{listed} (delivered 2026-08-05 10:20 to 2026-08-05 10:25)"]
    with rf.open_case(logs.parent / "case.duckdb") as case:
        rows = case.sql("SELECT status, problem FROM evidence WHERE uri LIKE '%Digest%' ORDER BY uri").rows
    assert [row["status"] for row in rows] == ["digest", "damaged", "damaged", "damaged", "loaded", "digest"]
    assert all(row["problem"] for row in rows), rows


def test_a_lost_log_of_another_region_leaves_what_is_not_recorded_there(logs: Path) -> None:
    lost = [log_name("eu-west-1", f"20260805T10{minute}Z") for minute in (10, 20)]
    put_digest(logs, [key_of("eu-west-1", one) for one in lost], "eu-west-1")
    answers = tell(logs)
    assert {answers[name].answer for name in ("money_spent", "record_tampered")} == {"unknown"}
    (told,) = answers["money_spent"].missing
    assert told.startswith("2 logs of eu-west-1 that digest files list and the case does not hold")
    assert told.endswith("(delivered 2026-08-05 10:10 to 2026-08-05 10:20)")
    assert {answers[name].answer for name in ("password_changed", "mfa_removed", "ownership_changed")} == {"no"}


def as_delivered(folder: Path) -> None:
    """Nothing is done."""


def flat_and_inflated(folder: Path) -> None:
    """All logs in one folder, each inflated."""
    import gzip

    for path in sorted(folder.rglob("*_CloudTrail_*.json.gz")):
        (folder / path.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))
        path.unlink()


def zipped(folder: Path) -> None:
    """All in one archive."""
    archive = shutil.make_archive(str(folder.parent / "all"), "zip", folder)
    shutil.rmtree(folder)
    folder.mkdir()
    shutil.move(archive, folder / "all.zip")


@pytest.mark.parametrize("changed", [as_delivered, flat_and_inflated, zipped])
def test_logs_that_a_digest_lists_are_found_wherever_they_lie(changed: Callable[[Path], None], logs: Path) -> None:
    # Delivered in the evening before, so it lies in another day's folder.
    before = log_name("us-east-1", "20260804T2358Z")
    put_digest(logs, [key_of("us-east-1", one) for one in (log_name("us-east-1", "20260805T1005Z"), before)])
    changed(logs)
    answers = tell(logs)
    assert {answers[name].answer for name in NO} == {"no"}
    assert {answers[name].missing for name in NO} == {()}


def test_what_a_filter_left_out_is_not_lost(logs: Path) -> None:
    from rootforensics.ingest.filters import Filters, parse_time

    put_digest(logs, [key_of("us-east-1", LOST)])
    answers = tell(logs, filters=Filters(until=parse_time("2026-08-05T10:20:00Z")))
    assert [one[:37] for one in answers["money_spent"].missing] == ["what the filters of the load left out"]


def test_logs_of_other_names_are_not_compared_and_that_is_said(tmp_path: Path) -> None:
    records = [ANOTHER, root_event(), *(event(awsRegion=region) for region in SIGN_IN_REGIONS)]
    write_log(tmp_path / "logs", "merged.json", records)
    put_digest(tmp_path / "logs", [key_of("us-east-1", LOST)])
    answers = tell(tmp_path / "logs")
    assert {answers[name].answer for name in NO} == {"no"}
    assert answers["money_spent"].missing == (
        "all logs that the digest files list: those of the case do not bear the names that CloudTrail gives",
    )


def test_a_digest_of_a_quiet_hour_shows_that_no_log_is_missing(tmp_path: Path) -> None:
    """Five steady days, and one without a log of us-east-1 in the middle, of which there are digests."""
    folder = tmp_path / "logs"
    for region in SIGN_IN_REGIONS:
        for hour in range(120):
            day, clock = f"2026-08-{3 + hour // 24:02d}", f"{hour % 24:02d}"
            if region == "us-east-1" and day == "2026-08-05":
                name = f"{ACCOUNT}_CloudTrail-Digest_{region}_a_b_us-east-1_20260805T{clock}1504Z.json"
                path = folder / name
                path.write_text('{"digestEndTime":"x","logFiles":[]}', encoding="utf-8")
            else:
                who = ANOTHER["userIdentity"] if hour % 2 else {}
                records = [event(identity=who, awsRegion=region, eventTime=f"{day}T{clock}:01:00Z")]
                name = log_name(region, f"{day.replace('-', '')}T{clock}05Z")
                write_log(folder, name, records)
    write_log(folder, "used.json", [root_event(awsRegion="us-east-2", eventName="GetUser")])
    answers = tell(folder)
    assert {answers[name].answer for name in NO} == {"no"}
