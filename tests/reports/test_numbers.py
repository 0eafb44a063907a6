"""The report of the sample says what the sample's plan says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.conftest import SAMPLE_LOGS
from tests.reports.page import words

if TYPE_CHECKING:
    from tests.reports.page import Page

    Plan = dict[str, Any]


def test_activity_and_noise_add_up(sample_page: Page, expected: Plan) -> None:
    root = expected["root"]
    rows = {row[0]: row for row in sample_page.table("Root events by origin")}
    assert rows["Root activity"][1:3] == [str(root["activity"]), "161"]
    assert rows["Service activity"][1] == str(root["noise"])
    assert rows["All root events"][1:3] == [str(root["total"]), str(root["cis_match"])]
    assert f"{root['activity']} by people" in words(sample_page.part("numbers"))


def test_origins(sample_page: Page, expected: Plan) -> None:
    rows = {row[0].replace(" ", "_"): row[2] for row in sample_page.table("Root events by origin") if len(row) == 6}
    assert rows == {name: str(number) for name, number in expected["root"]["by_origin"].items()}


def test_accounts(sample_page: Page, expected: Plan) -> None:
    rows = {row[0]: row[1:] for row in sample_page.table("Root events by account")}
    total = rows.pop("All accounts")
    assert total == ["175", "146", "321"]
    assert rows == {
        name: [str(numbers["activity"]), str(numbers["noise"]), str(numbers["total"])]
        for name, numbers in expected["root"]["by_account"].items()
    }


def test_noise_by_service_adds_up(sample_page: Page, expected: Plan) -> None:
    *services, total = (int(row[-1]) for row in sample_page.table("What AWS services did as root, by service question"))
    assert total == sum(services) == expected["root"]["noise"]
    assert sum(int(row[4]) for row in sample_page.table("What AWS services did as root, by service, call")) == total


def test_unmarked_noise_is_listed_one_by_one(sample_page: Page, expected: Plan) -> None:
    rows = sample_page.table("Unmarked service activity")
    assert sum(int(row[3]) for row in rows) == expected["root"]["by_origin"]["aws_internal"]


def test_sign_ins(sample_page: Page, expected: Plan) -> None:
    rows = [row for row in sample_page.table("Sign-ins, recoveries") if row[2].startswith("ConsoleLogin")]
    plan = expected["root"]["console_sign_ins"]
    assert sum(row[3].startswith("success") for row in rows) == plan["success"]
    assert sum(row[3].startswith("failure") for row in rows) == plan["failure"]
    assert sum(row[3].startswith("success") and row[4] == "no" for row in rows) == 1
    assert "Console sign-ins: 3 succeeded, 5 failed" in words(sample_page.part("signins"))


def test_keys(sample_page: Page, expected: Plan) -> None:
    totals: dict[str, int] = {}
    for row in sample_page.table("Access keys that root used"):
        totals[row[1]] = totals.get(row[1], 0) + int(row[3])
    plan = expected["root"]["api_calls"]
    assert totals == {
        "console session": plan["console_session"],
        "long-term key": plan["long_term_key"],
        "temporary": plan["temporary"],
        "no key": plan["none"],
    }


def test_addresses_and_agents_cover_all_activity(sample_page: Page, expected: Plan) -> None:
    for caption in ("Source addresses of root", "User agents of root"):
        assert sum(int(row[2]) for row in sample_page.table(caption)) == expected["root"]["activity"]


def test_changes_and_errors(sample_page: Page, expected: Plan) -> None:
    text = words(sample_page.part("changes"))
    writes = sample_page.table("What root changed")
    assert f"{expected['query']['root_writes']} events of root activity count as changes" in text
    assert len(writes) == expected["query"]["root_writes"] - sum(expected["root"]["console_sign_ins"].values())
    assert len(sample_page.table("Failed root calls")) == expected["query"]["root_errors"]


def test_evidence(sample_page: Page, expected: Plan) -> None:
    plan, text = expected["evidence"], words(sample_page.part("evidence"))
    rows = {row[0]: int(row[-1].replace(",", "")) for row in sample_page.table("Files by status")}
    assert rows.pop("All files") == plan["objects"]
    assert rows == {name: number for name, number in plan.items() if name != "objects"}
    assert f"{expected['query']['records_in_files']:,} records: 7,295 distinct events, 1,060 duplicates" in text
    assert len(_addresses(sample_page)) == plan["objects"]


def _addresses(page: Page) -> list[str]:
    """The objects that the page lists, each the line of its folder and its own name put together."""
    found: list[str] = []
    folder = ""
    for cells in page.table("Evidence files"):
        if len(cells) == 1:
            folder = cells[0]
        else:
            found.append(folder + cells[2].split()[0])
    return found


def test_objects_stand_under_their_folders(sample_page: Page) -> None:
    files = [path for path in SAMPLE_LOGS.rglob("*") if path.is_file() and not path.name.endswith(".s3.json")]
    here = {path.absolute().as_uri() for path in files}
    assert set(_addresses(sample_page)) == here


def test_coverage_counts_every_event(sample_page: Page, expected: Plan) -> None:
    counted: dict[str, int] = {}
    for account, _, number, *_ in sample_page.table("Accounts, Regions and times"):
        counted[account] = counted.get(account, 0) + int(number.replace(",", ""))
    assert counted == expected["query"]["events_by_account"]


def test_timeline_holds_every_root_event_of_the_story(sample_page: Page, expected: Plan) -> None:
    timeline = sample_page.part("timeline")
    lines = [row for row in timeline.all("tr") if row.attributes.get("id", "").startswith("e-")]
    assert len(lines) == expected["root"]["total"] + 1  # and the AssumeRoot call
    shown = {code.text for line in lines for code in line.all("code")}
    for event in expected["story"]:
        if "no root event" not in event["note"] or event["event_name"] == "AssumeRoot":
            assert event["event_id"] in shown, event["note"]
    folded = [row for fold in timeline.all("details") for row in fold.all("tr") if "id" in row.attributes]
    assert len(folded) == expected["root"]["noise"]


def test_head(sample_page: Page) -> None:
    (head,) = sample_page.root.all("header")
    text = words(head)
    assert "Sample incident" in text
    assert "2026-08-03 00:00:06 to 2026-08-07 23:31:27" in text
    assert "2026-09-01 12:00:00 by rootforensics 1.2.3" in text
    assert "All times in this report are UTC." in text
    assert "111122223333, 444455556666, 777788889999" in text
