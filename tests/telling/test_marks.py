"""Marks: a statement shows what investigators think of it, and nothing else in the case changes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.builders import root_event, write_log
from tests.queries.test_root import sign_in

if TYPE_CHECKING:
    from rootforensics.queries import rows as of

SIGN_IN = "3a2e6324-2b14-460a-9801-9b63f0ffdb7d"
KEY = "8b05f338-81cf-44aa-93a6-35a1fa005e3b"
LONG = "vault-" + "0123456789" * 30


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A case in which root signs in, creates an access key and deletes a secret with a long name."""
    secret = {"eventSource": "secretsmanager.amazonaws.com", "requestParameters": {"secretId": LONG}}
    records = [
        sign_in(eventID=SIGN_IN, eventTime="2026-08-05T10:00:00Z"),
        root_event(
            eventName="CreateAccessKey", eventID=KEY, eventTime="2026-08-05T10:05:00Z", eventSource="iam.amazonaws.com"
        ),
        root_event(eventName="DeleteSecret", eventTime="2026-08-05T10:10:00Z", **secret),
    ]
    write_log(tmp_path, "logs/a.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    return tmp_path / "case.duckdb"


def step_of(case: rf.Case, event_id: str) -> of.Story:
    """The single step of the story that cites an event first."""
    [row] = [row for row in case.story().rows if row["detail"] and row["eventIDs"][:1] == [event_id]]
    return row


def unmarked(rows: list[Any]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name != "mark"} for row in rows]


def test_the_story_and_the_brief_show_a_mark_with_author_and_time(path: Path) -> None:
    with rf.open_case(path) as case:
        case.mark(step_of(case, SIGN_IN), "doubted", "the laptop\nwas hers", author="maria")
        [note] = case.notes("doubted").rows
        words = f"doubted by maria at {note['written_time']:%Y-%m-%d %H:%M:%S}: the laptop was hers"
        assert note["eventID"] == SIGN_IN
        assert [row["eventIDs"][0] for row in case.story().rows if row["mark"] == words] == [SIGN_IN]
        brief = case.brief()
        [line] = [row for row in brief.result().rows if row["mark"]]
        assert (line["section"].partition(",")[0], line["mark"]) == ("Timeline", words)
        assert f"{line['text']} ({words})" in brief._repr_html_()
        assert words in case.brief_text("md")
        assert words in re.sub(r"<[^>]+>", "", case.brief_text("html"))


@pytest.mark.heavy
def test_no_answer_and_no_count_changes(path: Path) -> None:
    with rf.open_case(path) as case:
        before = (case.story().rows, case.brief().result().rows)
        answers = (
            dict(case.summary()),
            case.verdict().result().rows,
            case.findings().rows,
            case.blast_radius().result().rows,
        )
        for row in [row for rows in before for row in rows if row["citations"]]:
            case.mark(row, "refuted", author="maria")
        assert answers == (
            dict(case.summary()), case.verdict().result().rows, case.findings().rows, case.blast_radius().result().rows
        )  # fmt: skip
        after = (case.story().rows, case.brief().result().rows)
        assert [unmarked(rows) for rows in after] == [unmarked(rows) for rows in before]
        assert all(bool(row["mark"]) == bool(row["citations"]) for rows in after for row in rows)


def test_the_latest_mark_of_each_author_counts(path: Path) -> None:
    with rf.open_case(path) as case:
        row = step_of(case, KEY)
        case.mark(row, "doubted", author="maria")
        case.mark(row, "refuted", "key is ours", author="ben")
        case.mark(row, "confirmed", author="maria")
        shown = step_of(case, KEY)["mark"] or ""
        assert re.sub(r" at [0-9: -]{19}", "", shown) == "confirmed by maria; refuted by ben: key is ours"
        assert len(case.notes()) == 3


def test_a_mark_from_the_brief_shows_in_the_story_although_the_brief_cuts_the_line(path: Path) -> None:
    with rf.open_case(path) as case:
        [line] = [
            row for row in case.brief().result().rows if "vault-0" in row["text"] and "Timeline" in row["section"]
        ]
        assert line["text"].endswith("…")
        case.mark(line, "confirmed", author="maria")
        marked = [row for row in case.story().rows if row["mark"]]
        assert [(row["eventIDs"][0], len(row["text"]) > len(line["text"])) for row in marked] == [(KEY, True)]


def test_a_statement_with_another_wording_has_no_mark_and_the_note_stays(path: Path) -> None:
    with rf.open_case(path) as case:
        summary = next(row for row in case.story().rows if not row["detail"] and "3 events" in row["text"])
        key = step_of(case, KEY)
        case.mark(summary, "confirmed", author="maria")
        case.mark(key, "doubted", author="maria")
        more = [root_event(eventName="DeleteBucket", eventTime="2026-08-05T11:00:00Z", eventSource="s3.amazonaws.com")]
        write_log(path.parent, "more/b.json", more)
        case.load(path.parent / "more")
        rows = case.story().rows
        assert summary["text"] not in [row["text"] for row in rows]
        assert [row["text"] for row in rows if row["mark"]] == [key["text"]]
        notes = case.incident_timeline().where(line_type="note").rows
        assert sorted(row["text"] for row in notes) == [
            f'maria: confirmed: "{summary["text"]}"',
            f'maria: doubted: "{key["text"]}"',
        ]


def test_a_mark_stays_at_its_statement_in_a_merged_case(path: Path) -> None:
    write_log(path.parent, "first/b.json", [root_event(eventName="ListUsers", eventTime="2026-08-05T09:00:00Z")])
    with rf.open_case(path.parent / "first.duckdb") as first:
        first.load(path.parent / "first")
    with rf.open_case(path) as case:
        key = step_of(case, KEY)
        case.mark(key, "doubted", author="maria")
    rf.merge(path.parent / "merged.duckdb", [path.parent / "first.duckdb", path])
    with rf.open_case(path.parent / "merged.duckdb") as merged:
        assert [row["text"] for row in merged.story().rows if row["mark"]] == [key["text"]]


def test_what_cannot_be_marked_is_refused(path: Path) -> None:
    with rf.open_case(path) as case:
        rows = case.story().rows
        without = next(row for row in rows if not row["citations"])
        line: Any = case.incident_timeline()[0]
        maybe: Any = "maybe"
        other: Any = {**step_of(case, KEY), "citations": ["1:0"]}
        for row, mark, problem in [
            (without, "doubted", "the statement cites no event, so it cannot be marked"),
            (rows[0], maybe, "unknown mark 'maybe'. Use confirmed, doubted or refuted"),
            (line, "doubted", "this is not a row of case.story"),
            (other, "doubted", f"the event {KEY} is not at 1:0 in this case"),
        ]:
            with pytest.raises(rf.NoteError, match=re.escape(problem)):
                case.mark(row, mark)
        assert len(case.notes()) == 0
