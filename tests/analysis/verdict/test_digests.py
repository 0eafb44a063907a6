"""A log that a digest lists and the case does not hold: what it may show is not denied."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.places import SIGN_IN_REGIONS
from tests.analysis.verdict.logs import ANOTHER
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.stories import Names, Story

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.analysis.verdict.question import Answer

Files = dict[str, "list[dict[str, Any]] | str | bytes"]

NO = ("password_changed", "mfa_removed", "money_spent", "ownership_changed", "logging_impaired")


def log_name(region: str, time: str, mark: str = "0123456789abcdef") -> str:
    return f"{ACCOUNT}_CloudTrail_{region}_{time}_{mark}.json.gz"


def key_of(region: str, name: str) -> str:
    return f"AWSLogs/{ACCOUNT}/CloudTrail/{region}/2026/08/05/{name}"


def hash_of(key: str) -> str:
    """What stands in a digest for the hash of a log, until that is written."""
    return sha256(key.rpartition("/")[2].removesuffix(".gz").encode()).hexdigest()


def digest_of(listed: list[str], key: str = "") -> dict[str, Any]:
    files = [
        {"s3Bucket": "b", "s3Object": one, "hashValue": hash_of(one), "hashAlgorithm": "SHA-256"} for one in listed
    ]
    return {
        "awsAccountId": ACCOUNT,
        "digestStartTime": "2026-08-05T10:00:00Z",
        "digestEndTime": "2026-08-05T11:00:00Z",
        "digestS3Bucket": "b",
        "digestS3Object": key,
        "digestPublicKeyFingerprint": "ab",
        "digestSignatureAlgorithm": "SHA256withRSA",
        "logFiles": files,
    }


def digest(listed: list[str], region: str = "us-east-1") -> Files:
    """The digest of the hour from ten to eleven of 5 August."""
    name = f"{ACCOUNT}_CloudTrail-Digest_{region}_main_us-east-1_20260805T110000Z.json"
    key = f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{region}/2026/08/05/{name}"
    return {key: json.dumps(digest_of(listed, f"{key}.gz"))}


def logs() -> Files:
    """A log of each Region of sign-ins, as CloudTrail delivers them; root was active at ten."""
    files: Files = {}
    for region in SIGN_IN_REGIONS:
        records = [event(awsRegion=region), ANOTHER | {"awsRegion": region, "eventID": f"another-{region}"}]
        records += [root_event()] if region == "us-east-1" else []
        files[key_of(region, log_name(region, "20260805T1005Z"))] = records
    return files


def put(folder: Path, files: Files) -> Path:
    """Write files for a case of their own, the logs first, whose hashes the digests then have."""
    hashes = {}
    for name, held in sorted(files.items(), key=lambda file: isinstance(file[1], str)):
        if isinstance(held, list):
            content = write_log(folder, name, held).read_bytes()
            hashes[hash_of(name)] = sha256(gzip.decompress(content) if name.endswith(".gz") else content).hexdigest()
        else:
            text = re.sub("[0-9a-f]{64}", lambda found: hashes.get(found[0], found[0]), held)
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
    return folder


def tell_of(folder: Path) -> dict[str, Answer]:
    """The answers on the account, of a folder."""
    with rf.open_case(folder.parent / "case.duckdb") as case:
        case.load(folder)
        (told,) = case.verdict(account_id=ACCOUNT)
    return {answer.name: answer for answer in told.answers}


def tell(files: Files, **load: Any) -> Story:
    """The answers on the account, of files beside others."""

    def ask(analysis: Any, names: Names) -> Any:
        return {answer.name: answer for answer in analysis.verdict_of(names.in_case(ACCOUNT)).answers}

    return Story([], ask, load, files=dict(files))


LOST = log_name("us-east-1", "20260805T1030Z", "zzzzzzzzzzzzzzzz")


@pytest.mark.heavy
def test_a_log_that_a_digest_lists_and_the_case_lacks_leaves_unknown_what_it_may_show(tmp_path: Path) -> None:
    held = log_name("us-east-1", "20260805T1005Z")
    answers = tell_of(put(tmp_path / "logs", logs() | digest([key_of("us-east-1", held), key_of("us-east-1", LOST)])))
    assert {answers[name].answer for name in NO} == {"unknown"}
    for name in NO:
        assert answers[name].missing == (
            "1 log file from us-east-1 listed in digest files but not in the case (delivered 2026-08-05 10:30)",
        )


@pytest.mark.quick(1)
@pytest.mark.parametrize("delivered", ["20260804T1030Z", "20260804T0930Z"])
def test_a_lost_log_counts_however_long_before_roots_first_known_act(delivered: str, tmp_path: Path) -> None:
    """It may hold an act before that one."""
    early = log_name("us-east-1", "20260804T0005Z")
    before: Files = {key_of("us-east-1", early): [event(eventTime="2026-08-04T00:01:00Z")]}
    listed = [key_of("us-east-1", one) for one in (early, log_name("us-east-1", delivered))]
    answers = tell_of(put(tmp_path / "logs", logs() | before | digest(listed)))
    assert {answers[name].answer for name in NO} == {"unknown"}


@pytest.mark.heavy
def test_a_digest_that_cannot_be_read_whole_tells_of_the_logs_in_its_first_part(tmp_path: Path) -> None:
    """What stands behind it, or what is broken there, does not take away what it lists."""
    lost = [log_name("us-east-1", f"20260805T10{minute}Z", "y" * 16) for minute in range(20, 26)]
    folder = put(tmp_path / "logs", logs() | digest([]))
    path = folder / next(iter(digest([])))
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
    answers = tell_of(folder)
    assert answers["mfa_removed"].answer == "unknown"
    told = [one for one in answers["mfa_removed"].missing if "digest" in one]
    listed = "6 log files from us-east-1 listed in digest files but not in the case"
    assert told == [f"{listed} (delivered 2026-08-05 10:20 to 2026-08-05 10:25)"]
    with rf.open_case(tmp_path / "case.duckdb") as case:
        rows = case.sql("SELECT status, problem FROM evidence WHERE uri LIKE '%Digest%' ORDER BY uri").rows
    assert [row["status"] for row in rows] == ["digest", "damaged", "damaged", "damaged", "loaded", "digest"]
    assert all(row["problem"] for row in rows), rows


async def test_a_lost_log_of_another_region_leaves_what_is_not_recorded_there() -> None:
    lost = [log_name("eu-west-1", f"20260805T10{minute}Z") for minute in (10, 20)]
    answers = await tell(logs() | digest([key_of("eu-west-1", one) for one in lost], "eu-west-1"))
    assert {answers[name].answer for name in ("money_spent", "logging_impaired")} == {"unknown"}
    told, *others = answers["money_spent"].missing
    assert told.startswith("2 log files from eu-west-1 listed in digest files but not in the case")
    # The trail has digest files of another Region than its home, so it records all of them.
    assert others[-1].startswith("logs from ap-northeast-1, ap-northeast-2, ")
    assert told.endswith("(delivered 2026-08-05 10:10 to 2026-08-05 10:20)")
    assert {answers[name].answer for name in ("password_changed", "mfa_removed", "ownership_changed")} == {"no"}


# Delivered in the evening before, so it lies in another day's folder.
BEFORE = log_name("us-east-1", "20260804T2358Z")
BOTH = digest([key_of("us-east-1", one) for one in (log_name("us-east-1", "20260805T1005Z"), BEFORE)])


def as_delivered(files: Files) -> Files:
    """Nothing is done."""
    return files


def flat_and_inflated(files: Files) -> Files:
    """All logs in one folder, each inflated."""
    return {
        name.rpartition("/")[2].removesuffix(".gz") if "/CloudTrail/" in name else name: held
        for name, held in files.items()
    }


@pytest.mark.quick(1)
@pytest.mark.parametrize("changed", [as_delivered, flat_and_inflated])
def test_logs_that_a_digest_lists_are_found_wherever_they_lie(
    changed: Callable[[Files], Files], tmp_path: Path
) -> None:
    answers = tell_of(put(tmp_path / "logs", changed(logs() | BOTH)))
    assert {answers[name].answer for name in NO} == {"no"}
    assert all(one.startswith("digest files of ") for name in NO for one in answers[name].missing)


@pytest.mark.heavy
def test_logs_that_a_digest_lists_are_found_in_an_archive(tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "zipped" / "all"), "zip", put(tmp_path / "logs", logs() | BOTH))
    answers = tell_of(tmp_path / "zipped")
    assert {answers[name].answer for name in NO} == {"no"}
    assert all(one.startswith("digest files of ") for name in NO for one in answers[name].missing)


async def test_what_a_filter_left_out_is_not_lost() -> None:
    from rootforensics.ingest.filters import Filters, parse_time

    filters = Filters(until=parse_time("2026-08-05T10:20:00Z"))
    answers = await tell(logs() | digest([key_of("us-east-1", LOST)]), filters=filters)
    assert [one[:35] for one in answers["money_spent"].missing] == ["the events that the load filtered out"[:35]]


async def test_logs_of_other_names_are_not_compared_and_that_is_said() -> None:
    records = [ANOTHER, root_event(), *(event(awsRegion=region) for region in SIGN_IN_REGIONS)]
    merged: Files = {"merged.json": records}
    answers = await tell(merged | digest([key_of("us-east-1", LOST)]))
    assert {answers[name].answer for name in NO} == {"no"}
    told = "all logs that the digest files list: the case does not have all of them under CloudTrail's names"
    assert {answers[name].missing[0] for name in NO} == {told}


async def test_a_digest_of_a_quiet_hour_shows_that_no_log_is_missing() -> None:
    """Five steady days, and one without a log of us-east-1 in the middle, of which there are digests."""
    files: Files = {}
    for region in SIGN_IN_REGIONS:
        for hour in range(120):
            day, clock = f"2026-08-{3 + hour // 24:02d}", f"{hour % 24:02d}"
            if region == "us-east-1" and day == "2026-08-05":
                name = f"{ACCOUNT}_CloudTrail-Digest_{region}_a_b_us-east-1_20260805T{clock}1504Z.json"
                begin = f"2026-08-{4 + (hour > 48):02d}T{(hour - 1) % 24:02d}:15:04Z"
                times = {"digestStartTime": begin, "digestEndTime": f"{day}T{clock}:15:04Z"}
                files[name] = json.dumps(digest_of([], f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/{region}/{name}") | times)
            else:
                who = ANOTHER["userIdentity"] if hour % 2 else {}
                records = [event(identity=who, awsRegion=region, eventTime=f"{day}T{clock}:01:00Z")]
                name = log_name(region, f"{day.replace('-', '')}T{clock}05Z")
                files[name] = records
    files["used.json"] = [root_event(awsRegion="us-east-2", eventName="GetUser")]
    answers = await tell(files)
    assert {answers[name].answer for name in NO} == {"no"}
