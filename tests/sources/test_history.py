"""The event history: all pages of all Regions, and what is said about those that do not answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from rootforensics.sources.history import HistoryError
from rootforensics.sources.history_aws import explain
from tests.builders import ACCOUNT, event, root_event
from tests.stand_ins.clock import NOW, iso, spread
from tests.stand_ins.cloudtrail_api import ARN, CloudTrailApi, kept_ids, no_credentials

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.conftest import Fetch


def seconds(moment: datetime) -> float:
    return moment.timestamp()


def test_every_event_of_every_region_is_kept_once(fetch: Fetch, tmp_path: Path) -> None:
    events = {"us-east-1": spread(120), "eu-west-1": spread(50), "ap-south-1": spread(51), "sa-east-1": []}
    events["us-east-1"] += spread(70, NOW - timedelta(days=1))
    with CloudTrailApi(events) as api:
        result = fetch(api)
        assert kept_ids(tmp_path / "pages") == {region: api.ids(region) for region in events}
        assert len(api.asked) == 5 + 2 + 3 + 2
    assert [(one.region, one.slice_count, one.event_count, one.problem) for one in result.regions] == [
        ("ap-south-1", 2, 51, ""),
        ("eu-west-1", 2, 50, ""),
        ("sa-east-1", 2, 0, ""),
        ("us-east-1", 2, 190, ""),
    ]
    assert set(api.answered_pages().values()) == {1}
    assert result.missing == ()


def test_a_slice_holds_the_answers_as_they_came(fetch: Fetch, tmp_path: Path) -> None:
    odd = event(eventTime="2026-08-09T10:00:07Z", userAgent='ü \U0001f600 "quoted" \x1b[2J', errorMessage="<a\u2028b>")
    with CloudTrailApi({"us-east-1": [odd, *spread(50, NOW - timedelta(days=1, hours=6))]}) as api:
        fetch(api, regions=["us-east-1"])
        asked = [one.body for one in api.asked]
    folder = tmp_path / "pages" / ACCOUNT / "us-east-1" / "all"
    assert sorted(path.name for path in folder.iterdir()) == [
        "20260809T000000Z-20260810T000000Z-asked-20260810T120000Z.jsonl",
        "20260810T000000Z-20260811T000000Z-asked-20260810T120000Z.jsonl",
    ]
    first, last = map(json.loads, min(folder.iterdir()).read_text().splitlines())
    assert first["Events"][0] == {
        "EventId": odd["eventID"],
        "EventName": "DescribeInstances",
        "ReadOnly": "true",
        "AccessKeyId": "ASIAEXAMPLEKEY000000",
        "EventTime": datetime(2026, 8, 9, 10, 0, 7, tzinfo=UTC).timestamp(),
        "EventSource": "ec2.amazonaws.com",
        "Username": "deploy",
        "Resources": [{"ResourceType": "AWS::EC2::VPC", "ResourceName": odd["resources"][0]["ARN"]}],
        "CloudTrailEvent": json.dumps(odd, separators=(",", ":"), ensure_ascii=False),
    }
    assert first["NextToken"] == asked[-1]["NextToken"]
    assert "NextToken" not in last


def test_the_requests_ask_for_full_pages_of_each_of_ninety_days(fetch: Fetch) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        fetch(api, since=None)
    newest, *_, oldest = (one.body for one in api.asked)
    midnight = NOW.replace(hour=0)
    assert len(api.asked) == 91, "eighty-nine days, and parts of the first and of today"
    assert newest == {"StartTime": seconds(midnight), "EndTime": seconds(NOW), "MaxResults": 50}
    assert oldest == {
        "StartTime": seconds(NOW - timedelta(days=90)),
        "EndTime": seconds(midnight - timedelta(days=89, seconds=1)),
        "MaxResults": 50,
    }


def test_a_window_takes_its_beginning_in_and_leaves_its_end_out(fetch: Fetch, tmp_path: Path) -> None:
    since, until = datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 8, 2, tzinfo=UTC)
    before, first, last, after = (
        event(eventTime=time)
        for time in ("2026-07-31T23:59:59Z", "2026-08-01T00:00:00Z", "2026-08-01T23:59:59Z", "2026-08-02T00:00:00Z")
    )
    with CloudTrailApi({"us-east-1": [before, first, last, after]}) as api:
        fetch(api, since=since, until=until)
    assert kept_ids(tmp_path / "pages") == {"us-east-1": [last["eventID"], first["eventID"]]}


def test_a_part_of_a_day_is_a_slice_of_its_own(fetch: Fetch, tmp_path: Path) -> None:
    since, until = datetime(2026, 8, 8, 22, 0, 0, 1, tzinfo=UTC), datetime(2026, 8, 9, 2, tzinfo=UTC)
    times = ("2026-08-08T22:00:00Z", "2026-08-08T22:00:01Z", "2026-08-09T01:59:59Z", "2026-08-09T02:00:00Z")
    events = [event(eventTime=time) for time in times]
    with CloudTrailApi({"us-east-1": events}) as api:
        fetch(api, since=since, until=until)
    assert kept_ids(tmp_path / "pages") == {"us-east-1": [events[2]["eventID"], events[1]["eventID"]]}
    assert sorted(path.name.partition("-asked")[0] for path in (tmp_path / "pages").rglob("*.jsonl")) == [
        "20260808T220001Z-20260809T000000Z",
        "20260809T000000Z-20260809T020000Z",
    ]


def test_since_beyond_ninety_days_is_clamped_and_said(fetch: Fetch, said: list[str]) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        fetch(api, since=NOW - timedelta(days=200))
    assert api.asked[-1].body["StartTime"] == seconds(NOW - timedelta(days=90))
    assert any("beyond the API's 90 days: taken as 2026-05-12T12:00:00Z" in line for line in said)


def test_since_within_ninety_days_is_not_clamped(fetch: Fetch, said: list[str]) -> None:
    since = NOW - timedelta(days=89)
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        fetch(api, since=since)
    assert api.asked[-1].body["StartTime"] == seconds(since)
    assert not any("beyond" in line for line in said)


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"until": NOW - timedelta(days=91)}, "reaches back to 2026-05-12T12:00:00Z only"),
        ({"since": NOW - timedelta(days=2), "until": NOW - timedelta(days=3)}, "no time between"),
        ({"since": NOW + timedelta(days=1)}, "not yet here"),
    ],
)
def test_an_empty_window_is_refused_before_anything_is_asked(fetch: Fetch, window: dict[str, Any], words: str) -> None:
    with CloudTrailApi({"us-east-1": []}) as api, pytest.raises(HistoryError, match=words):
        fetch(api, **window)
    assert not api.calls


def test_it_says_whose_history_it_is_and_what_is_not_in_it(fetch: Fetch, said: list[str]) -> None:
    with CloudTrailApi({"us-east-1": [], "eu-west-1": []}) as api:
        assert fetch(api).account == ACCOUNT
    text = "\n".join(said)
    assert f"account {ACCOUNT}, asked as {ARN}" in text
    assert "enabled for the account: 2 Regions" in text
    assert "management events, reads included, of the last 90 days" in text
    assert "data events, network activity events and Insights events are not in it" in text
    assert "root-named" not in text


def test_named_regions_are_asked_and_no_other(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(1), "eu-west-1": spread(1)}, regions_error="UnauthorizedOperation") as api:
        fetch(api, regions=["eu-west-1", "eu-west-1"])
        assert kept_ids(tmp_path / "pages") == {"eu-west-1": api.ids("eu-west-1")}
    assert api.calls == {"GetCallerIdentity": 1, "LookupEvents": 2}


def test_a_region_that_refuses_does_not_stop_the_rest(fetch: Fetch, said: list[str], tmp_path: Path) -> None:
    events = {"us-east-1": spread(60), "eu-west-1": spread(1), "me-south-1": spread(1)}
    refusals = {"eu-west-1": ["AccessDeniedException!"], "me-south-1": ["UnrecognizedClientException!"]}
    with CloudTrailApi(events, refusals) as api:
        result = fetch(api)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert [one.region for one in result.missing] == ["eu-west-1", "me-south-1"]
    assert any(
        line.startswith("eu-west-1: 0 days (0 new), 0 new events; MISSING: 2 of 2 days (2026-08-10: ")
        and "access denied" in line
        for line in said
    )
    assert any(line.startswith("me-south-1:") and "is the Region enabled" in line for line in said)
    assert len([one for one in api.asked if one.region == "eu-west-1"]) == 1, "a denial is not asked again"


@pytest.mark.heavy
def test_without_the_list_of_regions_all_known_ones_are_asked(fetch: Fetch, said: list[str], tmp_path: Path) -> None:
    events = {"us-east-1": spread(2), "eu-north-1": spread(1)}
    with CloudTrailApi(events, regions_error="UnauthorizedOperation") as api:
        result = fetch(api)
        expected = {region: api.ids(region) for region in events}
    assert {region: ids for region, ids in kept_ids(tmp_path / "pages").items() if ids} == expected
    assert {"us-east-1", "eu-north-1", "ap-northeast-1"} <= {one.region for one in api.asked}
    assert not [one.region for one in api.asked if one.region.startswith(("cn-", "us-gov-"))], "another partition"
    assert any("cannot be listed (access denied (UnauthorizedOperation" in line for line in said)
    assert len(result.regions) > 15


def test_root_named_asks_for_the_user_name_and_says_what_that_misses(
    fetch: Fetch, said: list[str], tmp_path: Path
) -> None:
    time = iso(NOW - timedelta(days=1))
    root = root_event(eventTime=time)
    namesake = event(eventTime=time, identity={"type": "IAMUser", "userName": "root"})
    alias = root_event(eventTime=time, identity={"userName": "AWS ROOT USER"})
    other = event(eventTime=time)
    with CloudTrailApi({"us-east-1": [root, namesake, alias, other]}) as api:
        fetch(api, root_named=True)
    assert set(kept_ids(tmp_path / "pages")["us-east-1"]) == {root["eventID"], namesake["eventID"]}
    assert api.asked[0].body["LookupAttributes"] == [{"AttributeKey": "Username", "AttributeValue": "root"}]
    text = "\n".join(said)
    assert "misses AssumeRoot calls" in text
    assert "user name is missing or another" in text
    assert "events of IAM users named root come with them, and stay in the files" in text


def test_all_and_root_named_are_two_queries(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        fetch(api, root_named=True)
        fetch(api)
    assert {path.name for path in (tmp_path / "pages" / ACCOUNT / "us-east-1").iterdir()} == {"all", "root"}


def test_an_account_that_is_not_said_is_unknown(fetch: Fetch, said: list[str], tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(3)}, caller_error="AccessDenied") as api:
        assert fetch(api).account == "unknown"
        assert kept_ids(tmp_path / "pages" / "unknown") == {"us-east-1": api.ids("us-east-1")}
    assert any("did not say which account this is (access denied" in line for line in said)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("ExpiredToken", "the credentials have expired"),
        ("InvalidClientTokenId", "the keys are not accepted"),
        ("SignatureDoesNotMatch", "the keys are not accepted"),
    ],
)
def test_credentials_that_sts_refuses_end_it_at_once(fetch: Fetch, error: str, words: str) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}, caller_error=error) as api, pytest.raises(HistoryError, match=words):
        fetch(api)
    assert api.calls["LookupEvents"] == 0


def test_a_wrong_clock_is_told_from_a_wrong_secret() -> None:
    said = "Signature expired: 20260805T100000Z is now earlier than 20260805T111500Z (20260805T113000Z - 15 min.)"
    for message, words in ((said, "the clock of this computer"), ("", "the keys are not accepted: the secret")):
        answer: Any = {"Error": {"Code": "SignatureDoesNotMatch", "Message": message}}
        assert explain(ClientError(answer, "GetCallerIdentity")).words.startswith(words)


def test_without_credentials_nothing_is_asked(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        monkeypatch.setattr(api, "environment", no_credentials)
        with pytest.raises(HistoryError, match=r"there are no AWS credentials\. Name a --profile"):
            fetch(api)
    assert not api.calls


def test_a_profile_that_does_not_exist_is_told(fetch: Fetch) -> None:
    with CloudTrailApi({}) as api, pytest.raises(HistoryError, match=r"profile \(nobody\) could not be found"):
        fetch(api, profile="nobody")


@pytest.mark.parametrize("region", ["../../etc", "US-EAST-1", "us_east_1", "", "us-east-1/.."])
def test_a_region_that_is_none_is_refused(fetch: Fetch, region: str) -> None:
    with CloudTrailApi({}) as api, pytest.raises(HistoryError, match="is not a Region"):
        fetch(api, regions=[region])
    assert not api.calls


def test_an_endpoint_of_ones_own_is_asked(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(2)}) as api, CloudTrailApi({"us-east-1": spread(5)}) as other:
        fetch(api, endpoint_url=other.url)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": other.ids("us-east-1")}
    assert api.calls == {"GetCallerIdentity": 1, "DescribeRegions": 1}
