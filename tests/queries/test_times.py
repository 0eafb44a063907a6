"""Times that a record holds as text: both ISO forms are read, and one that is absurd spoils nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

import rootforensics as rf
from rootforensics.ingest.filters import Filters, parse_time
from rootforensics.queries.catalogue import questions
from tests.builders import ACCOUNT, root_event, write_log
from tests.queries.test_root import sign_in
from tests.queries.test_summaries import aggregated
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CaseOf = Callable[..., rf.Case]


BEGUN = "2026-08-05T10:00:00Z"
ABSURD = (
    *("infinity", "-infinity", "epoch", "0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "99991231T235959Z"),
    *("1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2026-13-45T10:00:00Z", "20261345T100000Z", "290000-01-01", ""),
)


def in_session(created: str, key: str = "ASIAONE", **fields: Any) -> dict[str, Any]:
    """A call of a session that was created at some time."""
    attributes = {"creationDate": created, "mfaAuthenticated": "true"}
    return root_event(identity={"accessKeyId": key, "sessionContext": {"attributes": attributes}}, **fields)


@pytest.mark.parametrize(
    "spelled",
    [BEGUN, "20260805T100000Z", "2026-08-05T10:00:00", "2026-08-05 10:00:00.000", "2026-08-05T12:00:00+02:00"],
)
async def test_a_session_is_found_by_its_creation_however_it_is_spelled(spelled: str) -> None:
    case = await part_of(sign_in(mfa="No", eventTime=BEGUN), in_session(spelled, eventTime="2026-08-05T10:05:00Z"))
    (session,) = case.query("root_sessions").rows
    assert session["session_id"] == f"{ACCOUNT}/console_sign_in/{BEGUN}"
    assert (session["event_count"], session["mfa_used"]) == (2, False)
    assert {row["key_kind"] for row in case.query("root_api_calls").rows} == {"none", "console_session"}


def test_a_time_without_an_offset_is_utc_in_any_client(case_of: CaseOf) -> None:
    case = case_of(in_session("2026-08-05T10:00:00"))
    case.close()
    with duckdb.connect(str(case.path), read_only=True) as client:
        client.execute("SET TimeZone = 'America/New_York'")
        told = client.execute("SELECT epoch(session_created_time) FROM root_events").fetchall()
    assert told == [(1785924000.0,)]


@pytest.mark.heavy
def test_an_absurd_creation_is_none_and_every_answer_is_given(case_of: CaseOf) -> None:
    keys = [f"ASIA{place:04}" for place in range(len(ABSURD))]
    windows = ({"windowStart": one, "windowEnd": one, "windowSize": "PT5M"} for one in ABSURD)
    case = case_of(
        *(in_session(one, key, eventTime="2026-08-05T10:05:00Z") for one, key in zip(ABSURD, keys, strict=True)),
        *(aggregated(timeWindow=window) for window in windows),
    )
    _ask_everything(case)
    assert {row["session_id"] for row in case.query("root_sessions").rows} == {
        *(f"{ACCOUNT}/unknown/2026-08-05T10:05:00Z/{key}" for key in keys)
    }
    assert {row["from_time"] for row in case.query("cloudtrail_summaries").rows} == {None}
    assert [row["kind"] for row in case.query("evidence_problems").rows] == ["no_event_time"] * len(ABSURD)


@pytest.mark.heavy
def test_an_absurd_event_time_is_none_and_every_answer_is_given(case_of: CaseOf) -> None:
    case = case_of(*(root_event(eventTime=one) for one in ABSURD), sign_in(eventTime="infinity"))
    _ask_everything(case)
    assert {row["eventTime"] for row in case.query("root_events").rows} == {None}


def _ask_everything(case: rf.Case) -> None:
    analysis = case.analysis()
    assert all(isinstance(case.query(name).rows, list) for name in questions())
    assert isinstance(case.findings().rows, list)
    assert analysis.verdicts[0]
    assert isinstance(analysis.radius.result().rows, list)


@pytest.mark.parametrize("filters", [Filters(since=parse_time("2026-08-01")), Filters(until=parse_time("2026-08-09"))])
def test_a_filter_leaves_no_summary_out_for_an_absurd_window(filters: Filters, tmp_path: Path) -> None:
    absurd = ("infinity", "-infinity", "2200-01-01T00:00:00Z", "epoch", "nonsense")
    for spelled in absurd:
        window = {"windowStart": spelled, "windowEnd": spelled, "windowSize": "PT5M"}
        write_log(tmp_path / "logs", f"{spelled[:5]}.json.gz", [aggregated(timeWindow=window)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        assert case.load(tmp_path / "logs", filters=filters).new_count == len(absurd)


def test_a_filter_reads_a_window_in_basic_form(tmp_path: Path) -> None:
    window = {"windowStart": "20260805T100000Z", "windowEnd": "20260805T100500Z", "windowSize": "PT5M"}
    write_log(tmp_path / "logs", "a.json.gz", [aggregated(timeWindow=window)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        assert case.load(tmp_path / "logs", filters=Filters(since=parse_time("2026-08-06"))).filtered_count == 1


@pytest.mark.parametrize("mfas", [("Yes", "No"), ("No", "Yes"), ("Yes", None), (None, "Yes")])
async def test_of_two_sign_ins_in_one_second_the_one_without_mfa_speaks(mfas: tuple[str | None, str | None]) -> None:
    weaker = sign_in(mfa=mfas[0], eventTime=BEGUN, eventID="00000000-0000-4000-8000-00000000000f")
    other = sign_in(mfa=mfas[1], eventTime=BEGUN, eventID="00000000-0000-4000-8000-000000000000")
    (session,) = (await part_of(weaker, other, in_session(BEGUN))).query("root_sessions").rows
    cited = next(one for one in (weaker, other) if one["additionalEventData"]["MFAUsed"] != "Yes")
    assert session["opener_eventID"] == cited["eventID"]
    said = {"No": False, None: True}[cited["additionalEventData"]["MFAUsed"]]
    assert session["mfa_used"] is said  # where no sign-in says it, its calls do


async def test_calls_of_one_session_that_differ_in_mfa_do_not_prove_it() -> None:
    weak = in_session(BEGUN)
    weak["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] = "False"
    (session,) = (await part_of(in_session(BEGUN), weak)).query("root_sessions").rows
    assert session["mfa_used"] is not True
