"""What the AWS CLI gets wrong, and what it gets right: each way to spoil a bucket has its verdicts.

The expected verdicts are those of the rules of the User Guide and of what a responder must be told, not of any output.
"""

from __future__ import annotations

import gzip
import json
import os
import zipfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import hashes

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.errors import IntegrityError
from tests.builders import event
from tests.integrity.bucket import (
    BUCKET,
    HOUR,
    Chain,
    Stored,
    edited,
    entry,
    fingerprint,
    key,
    sign,
    write,
    write_keys,
)
from tests.integrity.chains import follows
from tests.integrity.conftest import Bench

VERIFIED = "verified"


def without(stored: list[Stored], *gone: Stored) -> list[Stored]:
    return [one for one in stored if all(one is not other for other in gone)]


def swapped(stored: list[Stored], old: Stored, new: Stored) -> list[Stored]:
    return [new if one is old else one for one in stored]


def chains_of_own_accounts(hours: int, count: int) -> list[Chain]:
    """Chains that lie side by side in one bucket, none of which says anything of another."""
    return [Chain(hours, account=f"{number:012}") for number in range(1, count + 1)]


def test_intact(bench: Bench) -> None:
    chain = Chain()
    bench.verify(chain.stored)
    assert bench.counts == {("digest", VERIFIED): 6, ("log", VERIFIED): 6}
    assert bench.breaks == []
    assert bench.found.is_proven
    [told] = bench.found.chains.rows
    assert (told["from_time"], told["until_time"]) == (chain.begin(0), chain.begin(6))
    assert (told["digest_count"], told["verified_count"]) == (6, 6)


def test_log_changed_deleted_added(bench: Bench) -> None:
    chain, other = Chain(), Chain(count=1, trail="other", first=2)
    changed = replace(chain.logs[1], body=chain.logs[0].body, packed=b"")
    stored = swapped(without(chain.stored, chain.logs[3]), chain.logs[1], changed)
    bench.verify([*stored, other.logs[0]])
    assert bench.verdict(chain.logs[1]) == "modified"
    assert bench.verdict(chain.logs[3]) == "missing"
    assert bench.verdict(other.logs[0]) == "unlisted"
    assert bench.verdicts(chain.digests) == [VERIFIED] * 6
    assert not bench.found.is_proven


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "behind", [b"more", gzip.compress(b'{"Records":[]}'), gzip.compress(b"")], ids=["bytes", "member", "empty"]
)
def test_bytes_behind_the_end(bench: Bench, behind: bytes) -> None:
    """The AWS CLI calls both digests valid."""
    chain = Chain()
    log, digest = chain.logs[1], chain.digests[3]
    longer = replace(digest, packed=digest.packed + behind)
    stored = swapped(swapped(chain.stored, digest, longer), log, replace(log, packed=log.packed + behind))
    bench.verify(stored)
    assert bench.verdict(log) == "modified"
    assert bench.verdict(digest) == "modified"
    assert bench.verdict(chain.logs[3]) == "chain_broken"
    assert bench.breaks == [("digest_unproven", chain.begin(3), chain.begin(4))]


def test_log_cut_at_its_trailer(bench: Bench) -> None:
    chain = Chain()
    bench.verify(swapped(chain.stored, chain.logs[2], replace(chain.logs[2], packed=chain.logs[2].packed[:-4])))
    assert bench.verdict(chain.logs[2]) == "modified"


def _edit(_: Chain, digest: Stored) -> Stored:
    return edited(digest, lambda fields: fields.update(logFiles=[]))


def _foreign(_: Chain, digest: Stored) -> Stored:
    return sign(json.loads(digest.body) | {"logFiles": []}, key(1))


def _foreign_named(_: Chain, digest: Stored) -> Stored:
    return sign(json.loads(digest.body) | {"digestPublicKeyFingerprint": fingerprint(key(1))}, key(1))


def _replayed(chain: Chain, digest: Stored) -> Stored:
    return replace(chain.digests[1], key=digest.key)


def _no_json(_: Chain, digest: Stored) -> Stored:
    return replace(digest, body=digest.body[:-9], packed=b"")


def _empty(_: Chain, digest: Stored) -> Stored:
    return replace(digest, body=b"", packed=b"")


def test_digest_replaced(bench: Bench, subtests: pytest.Subtests) -> None:
    """The AWS CLI says INVALID and never mentions the logs of that hour."""
    spoiling = (_edit, _foreign, _foreign_named, _replayed, _no_json, _empty)
    chains = chains_of_own_accounts(6, len(spoiling))
    bench.verify(
        one
        for chain, spoil in zip(chains, spoiling, strict=True)
        for one in swapped(chain.stored, chain.digests[3], spoil(chain, chain.digests[3]))
    )
    for chain, spoil in zip(chains, spoiling, strict=True):
        with subtests.test(spoil.__name__):
            digest = chain.digests[3]
            assert bench.verdict(digest) == "modified"
            assert bench.verdict(chain.logs[3]) in {"chain_broken", "key_unknown"}
            assert bench.verdicts(without(chain.stored, digest, chain.logs[3])) == [VERIFIED] * 10
            assert bench.breaks_of(chain.account) == [("digest_unproven", chain.begin(3), chain.begin(4))]
    assert len(bench.breaks) == len(spoiling)
    assert not bench.found.is_proven


@pytest.mark.quick(1)
@pytest.mark.parametrize("gone", [1, 2, 3])
def test_adjacent_digests_deleted(bench: Bench, gone: int) -> None:
    chain = Chain(8)
    bench.verify(without(chain.stored, *chain.digests[2 : 2 + gone]))
    assert bench.breaks == [("digest_missing", chain.begin(2), chain.begin(2 + gone))]
    assert bench.verdicts(chain.logs) == [VERIFIED] * 2 + ["chain_broken"] * gone + [VERIFIED] * (6 - gone)
    assert bench.verdict(chain.digests[1 + gone]) == "missing"
    [log] = [row for row in bench.found.objects.rows if row["verdict"] == "chain_broken"][:1]
    assert (log["from_time"], log["until_time"]) == (chain.begin(2), chain.begin(2 + gone))


def test_newest_digests_deleted(bench: Bench) -> None:
    """Nothing in the chain itself tells; another Region's does."""
    chain, other = Chain(), Chain(region="eu-west-1")
    bench.verify([*without(chain.stored, *chain.digests[3:]), *other.stored])
    assert bench.breaks == [("ends_early", chain.begin(3), chain.begin(6))]
    assert bench.verdicts(chain.logs[3:]) == ["no_digest"] * 3
    assert not bench.found.is_proven


@pytest.mark.heavy
def test_the_end_of_a_chain_is_told_with_the_time_of_its_copy(bench: Bench) -> None:
    """A copy ends when it was made: whether it was made then, these times tell."""
    chain, other = Chain(), Chain(region="eu-west-1")
    write(bench.folder / "logs", [*chain.logs, *chain.digests[:3], *other.stored])
    copied = (chain.begin(3) + HOUR).timestamp()
    for file in (bench.folder / "logs").rglob("*_CloudTrail-Digest_us-east-1_*"):
        os.utime(file, (copied, copied))
    bench.verify_written()
    others, own = bench.found.chains.rows
    assert (own["region"], own["until_time"], own["modified_time"]) == ("us-east-1", chain.begin(3), chain.begin(4))
    assert others["modified_time"] > own["modified_time"]
    assert own["loaded_time"] > own["modified_time"]
    told = CliRunner().invoke(
        cli, ["verify", str(bench.folder / "case.duckdb"), "--public-keys", str(bench.folder / "keys.json")]
    )
    end, copied = f"{chain.begin(3):%Y-%m-%dT%H:%M:%SZ}", f"{chain.begin(4):%Y-%m-%dT%H:%M:%SZ}"
    assert f"to {end}. Newest file {copied}, loaded 20" in " ".join(told.stdout.split())


@pytest.mark.heavy
def test_a_forged_digest_of_the_future_says_nothing_of_other_chains(bench: Bench) -> None:
    """Nobody signed it: that other chains end before it is no wonder."""
    forger = key(9)
    chain, forged = Chain(), Chain(1, region="eu-west-1", first=2_000, signer=forger)
    bench.verify([*chain.stored, *forged.digests])
    assert [cause for cause, *_ in bench.breaks] == ["digest_unproven"]
    assert bench.verdicts(forged.digests) == ["key_unknown"]
    assert bench.verdicts(chain.stored) == [VERIFIED] * 12


def test_all_digests_of_a_region_deleted(bench: Bench) -> None:
    chain, other = Chain(), Chain(region="eu-west-1")
    bench.verify([*chain.stored, *other.logs])
    assert bench.verdicts(other.logs) == ["no_digest"] * 6
    assert not bench.found.is_proven


def test_restarted(bench: Bench) -> None:
    """Hours between two chains are unknown: never is it said that nothing was delivered."""
    before, after = Chain(3), Chain(3, first=5)
    between = Chain(1, first=3, trail="other").logs
    bench.verify([*before.stored, *after.stored, *between])
    assert bench.breaks == [("restarted", before.begin(3), after.begin(0))]
    assert bench.verdicts(between) == ["chain_broken"]
    assert not bench.found.is_proven
    assert "delivered" not in bench.found.breaks[0]["reason"]


def test_chain_starts_late(bench: Bench) -> None:
    chain = Chain()
    bench.verify(without(chain.stored, *chain.digests[:2], *chain.logs[:2]))
    assert bench.breaks == [("digest_missing", None, chain.begin(2))]
    [row] = [row for row in bench.found.objects.rows if row["verdict"] == "missing"]
    assert row["uri"] == f"s3://{BUCKET}/{chain.digests[1].key}"
    assert "deleted" in row["reason"]
    assert "never copied" in row["reason"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("field", ["previousDigestHashValue", "previousDigestSignature"])
def test_signed_link_that_is_wrong(bench: Bench, field: str) -> None:
    def edit(number: int, fields: dict) -> None:
        if number == 3:
            fields[field] = "ab" * (len(fields[field]) // 2)

    chain = Chain(edit=edit)
    bench.verify(chain.stored)
    assert bench.breaks == [("link_mismatch", chain.begin(3), chain.begin(3))]
    assert not bench.found.is_proven


@pytest.mark.heavy
def test_minutes_between_linked_digests(bench: Bench) -> None:
    def edit(number: int, fields: dict) -> None:
        if number == 3:
            fields["digestStartTime"] = "2026-08-04T11:51:21Z"

    chain = Chain(edit=edit)
    bench.verify(chain.stored)
    assert bench.breaks == [("time_gap", chain.begin(3), chain.begin(3) + timedelta(minutes=10))]


@pytest.mark.heavy
def test_sha1(bench: Bench) -> None:
    chain = Chain(2, hash_with=hashes.SHA1())
    bench.verify(chain.stored)
    assert bench.verdicts(chain.digests) == ["modified"] * 2
    assert bench.verdicts(chain.logs) == ["chain_broken"] * 2


@pytest.mark.heavy
def test_other_algorithm_named(bench: Bench) -> None:
    chain = Chain(2, edit=lambda _, fields: fields.update(digestSignatureAlgorithm="SHA1withRSA"))
    bench.verify(chain.stored)
    assert bench.verdicts(chain.digests) == ["modified"] * 2


def test_metadata_lost(bench: Bench) -> None:
    """Only the newest of each chain has its signature nowhere else."""
    chain = Chain()
    bench.verify(chain.stored, metadata=False)
    assert bench.verdicts(chain.digests) == [VERIFIED] * 5 + ["unsigned"]
    assert bench.verdicts(chain.logs) == [VERIFIED] * 5 + ["unsigned"]
    assert bench.breaks == [("newest_unsigned", chain.begin(5), chain.begin(6))]


@pytest.mark.heavy
def test_metadata_altered(bench: Bench) -> None:
    chain = Chain()
    bench.verify(swapped(chain.stored, chain.digests[2], replace(chain.digests[2], signature="ab" * 256)))
    assert bench.verdicts(chain.digests) == [VERIFIED] * 6
    [row] = [row for row in bench.found.objects.rows if row["kind"] == "digest" and row["reason"]]
    assert "metadata" in row["reason"]


def test_odd_signatures(bench: Bench, subtests: pytest.Subtests) -> None:
    signatures = ("", "zz" * 256, "ab" * 255, " " + "ab" * 256, "AB" * 256)
    chains = chains_of_own_accounts(2, len(signatures))
    bench.verify(
        one
        for chain, signature in zip(chains, signatures, strict=True)
        for one in swapped(chain.stored, chain.digests[1], replace(chain.digests[1], signature=signature))
    )
    for chain, signature in zip(chains, signatures, strict=True):
        with subtests.test(signature[:3]):
            assert bench.verdict(chain.digests[1]) == ("modified" if signature else "unsigned")


@pytest.mark.heavy
def test_flat_copied_unpacked_renamed(bench: Bench) -> None:
    chain = Chain()
    logs = bench.folder / "logs"
    write(logs / "flat", chain.stored, flat=True)
    write(logs / "copy", chain.stored)
    unpacked = logs / "unpacked"
    unpacked.mkdir()
    for number, one in enumerate(chain.stored):
        (unpacked / one.name.removesuffix(".gz")).write_bytes(one.body)
        (unpacked / f"renamed-{number}.json").write_bytes(one.body)
    bench.verify_written()
    assert bench.counts == {("digest", VERIFIED): 24, ("log", VERIFIED): 24}
    assert bench.breaks == []


@pytest.mark.heavy
def test_only_renamed(bench: Bench) -> None:
    chain = Chain()
    bench.verify([replace(one, key=f"renamed/{number}.json.gz") for number, one in enumerate(chain.stored)])
    assert bench.counts == {("digest", VERIFIED): 6, ("log", VERIFIED): 6}
    assert bench.breaks == []


def test_a_log_under_the_name_of_another(bench: Bench) -> None:
    """Its content is another log's, and what it should be is gone."""
    chain = Chain()
    bench.verify(swapped(chain.stored, chain.logs[2], replace(chain.logs[1], key=chain.logs[2].key)))
    assert bench.verdict(chain.logs[2]) == "modified"


@pytest.mark.heavy
def test_a_copy_that_was_changed(bench: Bench) -> None:
    chain = Chain()
    write(bench.folder / "logs" / "copy", [replace(chain.logs[2], body=chain.logs[0].body, packed=b"")])
    bench.verify(chain.stored)
    assert bench.verdict(chain.logs[2]) == "modified verified"


@pytest.mark.heavy
def test_archive(bench: Bench) -> None:
    import shutil

    chain = Chain()
    write(bench.folder / "in", chain.stored, metadata=False)
    (bench.folder / "logs").mkdir()
    shutil.make_archive(str(bench.folder / "logs" / "bucket"), "gztar", bench.folder / "in")
    bench.verify_written()
    assert bench.verdicts(chain.logs) == [VERIFIED] * 5 + ["unsigned"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("last_first", [False, True])
def test_metadata_beside_members_of_an_archive(bench: Bench, last_first: bool) -> None:
    """The sidecar of an object lies before it or behind it."""
    chain = Chain()
    write(bench.folder / "in", chain.stored)
    (bench.folder / "logs").mkdir()
    files = sorted((path for path in (bench.folder / "in").rglob("*") if path.is_file()), reverse=last_first)
    with zipfile.ZipFile(bench.folder / "logs" / "bucket.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            packed.write(file, file.relative_to(bench.folder))
    bench.verify_written()
    assert bench.counts == {("digest", VERIFIED): 6, ("log", VERIFIED): 6}
    assert bench.breaks == []


@pytest.mark.quick(1)
@pytest.mark.parametrize("spki", [False, True])
def test_forms_of_keys(bench: Bench, spki: bool) -> None:
    chain = Chain(2, spki=spki)
    bench.verify(chain.stored, keys=write_keys(bench.folder / "keys.json", [key()], spki=spki))
    assert bench.found.is_proven


@pytest.mark.heavy
def test_key_rotated(bench: Bench) -> None:
    """The first digest by the new key names one by the old."""
    old = Chain(3)
    chain = Chain(3, first=3, signer=key(1), edit=follows(old.digests[-1]))
    bench.signers = [key(), key(1)]
    bench.verify([*old.stored, *chain.stored])
    assert bench.found.is_proven
    bench.signers = [key()]
    bench.verify_written()
    assert bench.verdicts(chain.digests) == ["key_unknown"] * 3
    assert bench.verdicts(chain.logs) == ["key_unknown"] * 3


@pytest.mark.heavy
def test_outside_the_time_of_the_key(bench: Bench) -> None:
    chain = Chain(2)
    keys = write_keys(bench.folder / "keys.json", [key()], ValidityEndTime="2026-08-04T09:50:00Z")
    bench.verify(chain.stored, keys=keys)
    assert bench.verdicts(chain.digests) == [VERIFIED] * 2
    told = [row["reason"] for row in bench.found.objects.rows if row["kind"] == "digest"]
    assert [bool(one) for one in told] == [False, True]


@pytest.mark.heavy
def test_a_backfill_digest_is_signed_later_than_its_hour(bench: Bench) -> None:
    """By a key of that time, of which nothing is to be said."""
    late = Chain(2, suffix="_backfill")
    keys = write_keys(bench.folder / "late.json", bench.signers, ValidityStartTime="2026-08-20T00:00:00Z")
    bench.verify(late.stored, keys=keys)
    assert bench.verdicts(late.digests) == [VERIFIED] * 2
    assert {row["reason"] for row in bench.found.objects.rows if row["kind"] == "digest"} == {None}


@pytest.mark.heavy
def test_key_of_another_region(bench: Bench) -> None:
    chain = Chain(2)
    keys = write_keys(bench.folder / "keys.json", [key()], Region="eu-west-1")
    bench.verify(chain.stored, keys=keys)
    assert bench.verdicts(chain.digests) == ["key_unknown"] * 2


def test_no_keys(bench: Bench) -> None:
    chain = Chain(2)
    write(bench.folder / "logs", chain.stored)
    with rf.open_case(bench.folder / "case.duckdb") as case:
        case.load(bench.folder / "logs")
        assert case.verify().counts() == {("digest", "key_unknown"): 2, ("log", "key_unknown"): 2}


def test_key_among_the_evidence_counts_for_nothing(bench: Bench) -> None:
    chain = Chain(2, signer=key(1))
    write(bench.folder / "logs", chain.stored)
    write_keys(bench.folder / "logs" / "public-keys.json", [key(1)])
    bench.verify_written()
    assert bench.verdicts(chain.digests) == ["key_unknown"] * 2


@pytest.mark.heavy
def test_exact_names_of_trails(bench: Bench) -> None:
    """The AWS CLI takes the digests of ``main_us-east-1_x`` for those of ``main``."""
    chain, other = Chain(), Chain(trail="main_us-east-1_x")
    bench.verify([*chain.stored, *other.stored])
    assert bench.found.is_proven
    assert [row["trail"] for row in bench.found.chains.rows] == ["main", "main_us-east-1_x"]


@pytest.mark.heavy
def test_organization_and_backfill(bench: Bench) -> None:
    member = Chain(folder="o-abcdefghij/", account="444455556666")
    late = Chain(2, first=1, suffix="_backfill")
    bench.verify([*Chain().stored, *member.stored, *late.stored])
    assert bench.found.is_proven
    assert [row["is_backfill"] for row in bench.found.chains.rows] == [False, True, False]


def test_odd_names(bench: Bench) -> None:
    names = ["../../etc/passwd", "a\0b", "x" * 2000, "", "\u202e.json.gz", "%2e%2e/ä.json"]

    def edit(number: int, fields: dict) -> None:
        if number == 1:
            fields["logFiles"] += [entry(Stored(name, b"none")) for name in names]

    chain = Chain(3, edit=edit)
    bench.verify(chain.stored)
    assert bench.verdicts(chain.stored) == [VERIFIED] * 6
    odd = [row for row in bench.found.objects.rows if row["verdict"] != VERIFIED]
    assert {(row["kind"], row["verdict"]) for row in odd} == {("log", "missing")}
    assert sorted(row["uri"] for row in odd) == sorted(f"s3://{BUCKET}/{name}" for name in names)


@pytest.mark.heavy
def test_digests_that_disagree(bench: Bench) -> None:
    chain = Chain(3)

    def edit(_: int, fields: dict) -> None:
        fields["logFiles"].append(entry(chain.logs[0], hashValue="ab" * 32))

    other = Chain(1, trail="other", edit=edit)
    bench.verify([*chain.stored, *other.stored])
    assert bench.verdict(chain.logs[0]) == "modified"
    [row] = [row for row in bench.found.objects.rows if row["kind"] == "log" and row["reason"]]
    assert row["reason"] == "verified digests list different hashes for it"
    assert not bench.found.is_proven


def test_odd_digests(bench: Bench, subtests: pytest.Subtests) -> None:
    file = {"s3Bucket": "b", "s3Object": "k"}
    changes: list[dict[str, Any]] = [
        {"awsAccountId": 7},
        {"awsAccountId": "999999999999"},
        {"digestS3Object": "a.json"},
        {"digestS3Bucket": None},
        {"digestEndTime": "yesterday"},
        {"digestEndTime": "2026-08-04T07:41:21Z"},
        {"previousDigestSignature": None},
        {"logFiles": {}},
        {"logFiles": [None]},
        {"logFiles": [file | {"hashValue": 1, "hashAlgorithm": "SHA-256"}]},
        {"logFiles": [file | {"hashValue": "00", "hashAlgorithm": "MD5"}]},
    ]
    chains = chains_of_own_accounts(4, len(changes))
    bench.verify(
        one
        for chain, change in zip(chains, changes, strict=True)
        for one in swapped(
            chain.stored,
            chain.digests[2],
            edited(chain.digests[2], lambda fields, change=change: fields.update(change)),
        )
    )
    for chain, change in zip(chains, changes, strict=True):
        with subtests.test(str(change)):
            assert bench.verdict(chain.digests[2]) == "modified"
            assert bench.verdict(chain.logs[2]) == "chain_broken"
            assert bench.breaks_of(chain.account) == [("digest_unproven", chain.begin(2), chain.begin(3))]
    assert len(bench.breaks) == len(changes)


@pytest.mark.heavy
def test_a_loop(bench: Bench) -> None:
    """A digest that names itself: it cannot know its own hash."""

    def edit(_: int, fields: dict) -> None:
        fields |= {"previousDigestS3Bucket": BUCKET, "previousDigestS3Object": fields["digestS3Object"]}
        fields |= {"previousDigestHashValue": "ab" * 32, "previousDigestHashAlgorithm": "SHA-256"}
        fields["previousDigestSignature"] = "ab" * 256

    chain = Chain(1, edit=edit)
    bench.verify(chain.stored)
    assert bench.verdicts(chain.digests) == [VERIFIED]
    assert [cause for cause, *_ in bench.breaks] == ["link_mismatch"]


@pytest.mark.heavy
def test_a_file_that_is_no_log_of_a_trail(bench: Bench) -> None:
    chain = Chain(1)
    (bench.folder / "logs").mkdir()
    (bench.folder / "logs" / "export.json").write_text(json.dumps({"Records": [event()]}))
    bench.verify(chain.stored)
    assert bench.counts[("log", "no_digest")] == 1


@pytest.mark.heavy
def test_times_choose_verdicts(bench: Bench) -> None:
    chain = Chain()
    bench.verify(chain.stored)
    with rf.open_case(bench.folder / "case.duckdb") as case:
        found = case.verify(bench.folder / "keys.json", since=chain.begin(2) + HOUR / 2, until=chain.begin(4))
    assert found.counts() == {("digest", VERIFIED): 2, ("log", VERIFIED): 2}


def test_verdicts_stay_in_the_case_until_it_is_loaded_again(bench: Bench) -> None:
    chain = Chain(2)
    bench.verify(chain.stored)
    asked = "SELECT verdict, count(*) AS count FROM events JOIN integrity USING (evidence_id) GROUP BY ALL"
    with rf.open_case(bench.folder / "case.duckdb") as case:
        assert case.sql(asked).rows == [{"verdict": VERIFIED, "count": 2}]
        write(bench.folder / "logs", Chain(1, region="eu-west-1").stored)
        case.load(bench.folder / "logs")
        assert case.sql(asked).rows == []


@pytest.mark.heavy
def test_logs_of_digests_that_are_spoiled_are_named(bench: Bench) -> None:
    """A byte behind a digest, or another name of it, hides no log that it lists."""
    longer, renamed = Chain(4), Chain(4, account="444455556666")
    byte = replace(longer.digests[1], packed=longer.digests[1].packed + b"x")
    moved = replace(renamed.digests[1], key=renamed.digests[1].key.replace("T104121Z", "T104122Z"))
    gone = [longer.digests[1], longer.logs[1], renamed.digests[1], renamed.logs[1]]
    bench.verify([*without([*longer.stored, *renamed.stored], *gone), byte, moved])
    assert bench.verdicts([longer.logs[1], renamed.logs[1]]) == ["missing"] * 2
    assert bench.counts["digest", "modified"] == 2


@pytest.mark.heavy
def test_a_file_excuses_one_log_of_its_content(bench: Bench) -> None:
    """Logs without events are all alike."""
    chain = Chain(4)
    for number in range(3):
        chain.logs[number] = replace(chain.logs[number], body=b'{"Records":[]}', packed=b"")
    alike = Chain(4, edit=lambda number, fields: fields.update(logFiles=[entry(chain.logs[number])]))
    bench.verify([*alike.digests, chain.logs[3], replace(chain.logs[0], key="a/readme.json.gz")])
    assert bench.counts == {("digest", VERIFIED): 4, ("log", VERIFIED): 2, ("log", "missing"): 2}


def test_a_forged_newest_digest_hides_no_end(bench: Bench) -> None:
    """It lists nothing and is signed by nobody known; the hours before it were deleted."""
    chain, other = Chain(8), Chain(8, region="eu-west-1")
    fields = json.loads(chain.digests[7].body) | {"digestPublicKeyFingerprint": fingerprint(key(9)), "logFiles": []}
    bench.verify([*chain.stored[:4], *chain.digests[:4], sign(fields, key(9)), *other.stored])
    assert bench.verdict(chain.digests[7]) == "key_unknown"
    assert ("ends_early", chain.begin(4), chain.begin(8)) in bench.breaks
    with rf.open_case(bench.folder / "case.duckdb") as case:
        found = {row["finding"]: row["severity"] for row in case.query("integrity_findings").rows}
    assert found == {"digest_key_unknown": "high", "chain_ends_early": "medium"}


@pytest.mark.quick(2)
@pytest.mark.parametrize("text", ["", "[]", "{}", '{"PublicKeyList":[{"Value":"AA=="}]}', '{"PublicKeyList":7}', "\0"])
def test_no_file_of_keys(bench: Bench, text: str) -> None:
    chain = Chain(1)
    write(bench.folder / "logs", chain.stored)
    (bench.folder / "keys.json").write_text(text)
    with rf.open_case(bench.folder / "case.duckdb") as case:
        case.load(bench.folder / "logs")
        with pytest.raises(IntegrityError):
            case.verify(bench.folder / "keys.json")
        with pytest.raises(IntegrityError):
            case.verify(Path("nowhere"))
