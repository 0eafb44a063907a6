"""Files of approvals: what is right is read as it stands, what is wrong is told at once, by line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

import rootforensics as rf
from rootforensics.analysis.approval import FIELDS
from rootforensics.analysis.approvals.read import MAX_BYTES, read_approvals, schema, template
from tests.conftest import ROOT

GOOD = {
    "ticket": "T-1",
    "who": "maria",
    "account": "012345678901",
    "from": "2026-08-06T12:00:00+02:00",
    "until": "2026-08-07",
    "reason": "locked out, everybody; really",
    "networks": "192.0.2.0/24 2001:db8::/32",
    "tasks": "s3:DeleteBucketPolicy iam:*",
}


def csv_of(*rows: dict[str, str], separator: str = ",", columns: tuple[str, ...] = FIELDS) -> str:
    lines = [separator.join(columns)]
    lines += [separator.join('"' + row[name].replace('"', '""') + '"' for name in columns) for row in rows]
    return "\n".join(lines) + "\n"


def yaml_of(*rows: dict[str, Any]) -> str:
    return "".join(
        "".join(f"{'- ' if not place else '  '}{name}: {json.dumps(value)}\n" for place, (name, value) in enumerate(row.items()))
        for row in rows
    )  # fmt: skip


def written(folder: Path, text: str | bytes, form: str = "csv") -> Path:
    path = folder / f"approvals.{form}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def errors_of(folder: Path, text: str | bytes, form: str = "csv") -> tuple[str, ...]:
    with pytest.raises(rf.ApprovalsError) as caught:
        read_approvals(written(folder, text, form))
    assert str(caught.value).startswith(f"{folder / 'approvals'}.{form}: ")
    for error in caught.value.errors:
        assert f"{folder / 'approvals'}.{form}:{error}" in str(caught.value)
    return caught.value.errors


FORMS = {
    "commas": csv_of(GOOD),
    "semicolons": csv_of(GOOD, separator=";"),
    "other order": csv_of(GOOD, columns=FIELDS[::-1]),
    "byte order mark": "\ufeff" + csv_of(GOOD),
    "carriage returns": csv_of(GOOD).replace("\n", "\r\n"),
    "comments and empty lines": '# "a comment, with a quote\n\n# more\n' + csv_of(GOOD).replace("\n", "\n\n", 1) + ",,,,,,,\n",
    "tabs": csv_of(GOOD, separator="\t"),
    "sep=;": "sep=;\n" + csv_of(GOOD, separator=";"),
    "sep=|": "# of a spreadsheet\r\nsep=|\r\n" + csv_of(GOOD, separator="|").replace("\n", "\r\n"),
    "upper case header": csv_of(GOOD).replace("ticket,who", "Ticket, Who"),
}  # fmt: skip


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_of_csv_gives_the_same_approval(text: str, tmp_path: Path) -> None:
    (approval,) = read_approvals(written(tmp_path, text)).approvals
    assert (approval.ticket, approval.who, approval.account, approval.reason) == (
        "T-1",
        "maria",
        "012345678901",
        "locked out, everybody; really",
    )
    assert approval.from_time == datetime(2026, 8, 6, 10, tzinfo=UTC)
    assert approval.until_time == datetime(2026, 8, 7, 23, 59, 59, 999999, tzinfo=UTC)
    assert approval.networks == (ip_network("192.0.2.0/24"), ip_network("2001:db8::/32"))
    assert approval.tasks == ("s3:DeleteBucketPolicy", "iam:*")


def test_yaml_gives_the_same_approval_as_csv(tmp_path: Path) -> None:
    (from_csv,) = read_approvals(written(tmp_path, csv_of(GOOD))).approvals
    lists = {**GOOD, "networks": GOOD["networks"].split(), "tasks": GOOD["tasks"].split()}
    for text in (yaml_of(GOOD), yaml_of(lists), "\ufeff" + yaml_of(lists)):
        read = read_approvals(written(tmp_path, text, "yaml"))
        (from_yaml,) = read.approvals
        assert (from_yaml.line, from_csv.line) == (1, 2)
        assert [getattr(from_yaml, name) for name in ("ticket", "account", "from_time", "until_time", "networks", "tasks")] == [
            getattr(from_csv, name) for name in ("ticket", "account", "from_time", "until_time", "networks", "tasks")
        ]  # fmt: skip


def test_times_of_yaml_need_no_quotes(tmp_path: Path) -> None:
    text = (
        yaml_of(GOOD)
        .replace('"2026-08-06T12:00:00+02:00"', "2026-08-06T12:00:00+02:00")
        .replace('"2026-08-07"', "2026-08-07")
    )
    (approval,) = read_approvals(written(tmp_path, text, "yml")).approvals
    assert approval.from_time == datetime(2026, 8, 6, 10, tzinfo=UTC)


@pytest.mark.parametrize("quoted", [True, False])
def test_a_ticket_that_begins_with_a_number_sign_is_no_comment(quoted: bool, tmp_path: Path) -> None:
    text = csv_of({**GOOD, "ticket": "#1042"}, {**GOOD, "ticket": "#1043"})
    text = text if quoted else text.replace('"#1042"', "#1042")
    found = read_approvals(written(tmp_path, text)).approvals
    assert [(one.ticket, one.line) for one in found] == [("#1042", 2), ("#1043", 3)]


def test_networks_of_ipv4_in_ipv6_and_with_a_mask_are_read(tmp_path: Path) -> None:
    text = "::ffff:192.0.2.7 ::ffff:198.51.100.0/120 203.0.113.0/255.255.255.0"
    (approval,) = read_approvals(written(tmp_path, csv_of({**GOOD, "networks": text}))).approvals
    assert list(map(str, approval.networks)) == ["192.0.2.7/32", "198.51.100.0/24", "203.0.113.0/24"]
    assert [approval.has_source(one) for one in ("::ffff:192.0.2.7", "192.0.2.7", "::ffff:192.0.2.8")] == [
        True,
        True,
        False,
    ]


def test_any_network_and_no_task(tmp_path: Path) -> None:
    (approval,) = read_approvals(written(tmp_path, csv_of({**GOOD, "networks": "*", "tasks": "None"}))).approvals
    assert (approval.networks, approval.tasks) == ((), ())
    assert approval.has_source("203.0.113.1")


WRONG = {
    "short account": ({"account": "12345678901"}, "account: '12345678901' has 11 digits; expected 12. If leading zeros were lost: '012345678901'"),
    "rounded account": ({"account": "4.44E+11"}, "rounded by a spreadsheet"),
    "no account": ({"account": "prod"}, "'prod' is not an account ID"),
    "empty account": ({"account": ""}, "account: empty; expected 12 digits"),
    "naive time": ({"from": "2026-08-06T10:00:00"}, "from: '2026-08-06T10:00:00' has no time zone; add Z for UTC"),
    "no time": ({"until": "tomorrow"}, "until: 'tomorrow' is not a time"),
    "no such day": ({"until": "2026-02-30"}, "is not a time"),
    "far time": ({"until": "9999-12-31T23:59:59-12:00"}, "is not a time"),
    "mistyped year": ({"until": "2206-08-07"}, "is outside the years 2000 to 2099"),
    "until first": ({"until": "2026-08-06T09:59:59Z"}, "until: 2026-08-06T09:59:59Z is before from (2026-08-06T12:00:00+02:00)"),
    "host bits": ({"networks": "192.0.2.10/24"}, "networks: '192.0.2.10/24' names a host in a network; expected 192.0.2.0/24"),
    "no network": ({"networks": "office"}, "'office' is not a network"),
    "wildcard mask": ({"networks": "192.0.2.0/0.0.0.255"}, "has no length after its slash; expected one like /24"),
    "zone": ({"networks": "fe80::1%eth0"}, "has a zone (%), which no log records"),
    "empty networks": ({"networks": " "}, "networks: empty; expected addresses or networks"),
    "any network and one": ({"networks": "* 192.0.2.1"}, "* with other values"),
    "no task": ({"tasks": "DeleteBucketPolicy"}, "'DeleteBucketPolicy' is not a task; expected service:Action"),
    "none and a task": ({"tasks": "none iam:*"}, "none with other values"),
    "no reason": ({"reason": ""}, "reason: empty; expected why root was needed"),
    "long": ({"who": "x" * 2001}, "who: 2,001 characters; expected at most 2,000"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_each_wrong_value_is_told_with_its_line(changes: dict[str, str], words: str, form: str, tmp_path: Path) -> None:
    row = {**GOOD, **changes}
    if form == "csv":
        (error,) = errors_of(tmp_path, csv_of({**GOOD, "ticket": "T-0"}, row))
        column = FIELDS.index(next(iter(changes))) + 1
        assert error.startswith(f"3:{column}: ")
    else:
        (error,) = errors_of(tmp_path, yaml_of({**GOOD, "ticket": "T-0"}, row), "yaml")
        line = len(FIELDS) + 1 + list(row).index(next(iter(changes)))
        assert error.startswith(f"{line}:")
    assert words in error


def test_all_errors_are_told_at_once(tmp_path: Path) -> None:
    errors = errors_of(tmp_path, csv_of({**GOOD, "account": "1", "from": "x"}, GOOD, GOOD))
    assert [error.split(":")[0] for error in errors] == ["2", "2", "3", "4"]
    assert ["line 2 already has" in error for error in errors] == [False, False, True, True]


def test_a_thousand_errors_are_counted_and_not_all_printed(tmp_path: Path) -> None:
    rows = [{**GOOD, "ticket": f"T-{number}", "account": "1"} for number in range(1_000)]
    with pytest.raises(rf.ApprovalsError) as caught:
        read_approvals(written(tmp_path, csv_of(*rows)))
    assert len(caught.value.errors) == 1_000
    assert "1,000 errors" in str(caught.value)
    assert "and 900 more" in str(caught.value)


def test_tickets_that_differ_in_case_alone_are_the_same(tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, csv_of(GOOD, {**GOOD, "ticket": "t-1"}))
    assert error == "3:1: ticket: line 2 already has 't-1'; expected a unique ticket"


def test_columns_are_told_by_name(tmp_path: Path) -> None:
    errors = errors_of(tmp_path, "ticket,who,account,from,untill,reason,tasks,tasks\n")
    text = "\n".join(errors)
    assert "1:5: there is no column 'untill'; did you mean until?" in text
    assert "1:8: the column tasks appears twice" in text
    assert "missing columns: until, networks" in text


def test_keys_of_yaml_are_told_by_name(tmp_path: Path) -> None:
    row = {name: value for name, value in GOOD.items() if name != "networks"}
    text = yaml_of({**row, "network": "192.0.2.0/24"}) + "  who: again\n"
    errors = "\n".join(errors_of(tmp_path, text, "yaml"))
    assert "8:3: there is no column 'network'; did you mean networks?" in errors
    assert "9:3: who appears twice in this approval" in errors
    assert "1:3: this approval lacks networks" in errors


ACCOUNTS = {
    "444455556666": "is a number to YAML; put it in quotes",
    "012345670123": "is a number to YAML; put it in quotes",
    "12345678901": "has 11 digits",
    "4.44455556e+11": "rounded by a spreadsheet",
    "true": "as bool, not as text",
    "[a]": "a list; expected one value",
    "{a: b}": "a mapping; expected text or a list",
    "~": "empty; expected 12 digits",
    "2026-08-06": "as timestamp, not as text",
}


@pytest.mark.parametrize(("value", "words"), ACCOUNTS.items())
def test_an_account_that_is_no_text_to_yaml_is_told(value: str, words: str, tmp_path: Path) -> None:
    (error,) = errors_of(tmp_path, yaml_of(GOOD).replace('"012345678901"', value), "yaml")
    assert error.startswith("3:12: account: ")
    assert words in error


BROKEN_YAML = {
    "a list of text": ("- a\n", "1:3: this is a single value; expected a list of approvals"),
    "a mapping": ("ticket: a\n", "1:1: this is a mapping; expected a list of approvals"),
    "text": ("hello\n", "expected a list of approvals"),
    "no yaml": ("- ticket: [a\n", "this is not valid YAML"),
    "a tab": ("- a: b\n\tc: d\n", "this is not valid YAML"),
    "a control character": ("- a: b\n- c: \x01\n", "2: this is not valid YAML"),
    "two documents": ("- {}\n---\n- {}\n", "2:1: a second document begins here"),
    "an anchor": ("- &a {}\n", "anchors and aliases"),
    "a star without quotes": (yaml_of(GOOD).replace(json.dumps(GOOD["networks"]), "*"), "in quotes|not valid YAML"),
    "an object": ("- !!python/object/apply:os.system ['true']\n", "expected a list of approvals"),
    "nothing": ("", "1: there is no approval in this file"),
    "comments": ("# nothing yet\n", "1: there is no approval in this file"),
    "an empty list": ("[]\n", "1: there is no approval in this file"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN_YAML.values(), ids=BROKEN_YAML)
def test_yaml_of_another_form_is_told(text: str, words: str, tmp_path: Path) -> None:
    errors = "\n".join(errors_of(tmp_path, text, "yaml"))
    assert any(word in errors for word in words.split("|"))


def test_a_bomb_of_aliases_and_one_of_depth_are_refused(tmp_path: Path) -> None:
    bomb = "- &a [x,x]\n" + "".join(f"- &a{n} [*a{n - 1 or ''},*a{n - 1 or ''}]\n" for n in range(1, 60))
    assert "anchors and aliases" in errors_of(tmp_path, bomb, "yaml")[0]
    assert "nested too deeply" in errors_of(tmp_path, "[" * 100_000, "yaml")[0]


BROKEN_CSV = {
    "empty": ("", "1: there is no approval in this file"),
    "header alone": (csv_of(), "1: there is no approval in this file"),
    "too many fields": (csv_of(GOOD).rstrip() + ",x\n", "2: 9 fields; the header names 8"),
    "too few fields": (csv_of(GOOD) + "T-2,maria\n", "3: 2 fields; the header names 8"),
    "comment among the rows": (csv_of(GOOD) + "# more\n", "3: 1 fields; the header names 8. Comments"),
    "open quotation": (csv_of(GOOD) + '"T-2,maria\n', "3: this is not valid CSV"),
    "no UTF-8": (csv_of(GOOD).encode() + "Jörg,,,,,,,\n".encode("latin-1"), "3: a byte that is no UTF-8"),
}


@pytest.mark.parametrize(("text", "words"), BROKEN_CSV.values(), ids=BROKEN_CSV)
def test_broken_csv_is_told(text: str | bytes, words: str, tmp_path: Path) -> None:
    assert words in "\n".join(errors_of(tmp_path, text))


def test_a_line_break_within_quotes_does_not_shift_the_lines(tmp_path: Path) -> None:
    text = csv_of({**GOOD, "reason": "one\n# two\nthree"}, {**GOOD, "ticket": "T-2", "account": "1"})
    assert errors_of(tmp_path, text)[0].startswith("5:3: account")
    (first,) = read_approvals(written(tmp_path, csv_of({**GOOD, "reason": "one\n# two\nthree"}))).approvals
    assert first.reason == "one\n# two\nthree"


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    utf16, large = tmp_path / "utf16.csv", tmp_path / "large.csv"
    utf16.write_bytes(csv_of(GOOD).encode("utf-16"))
    large.write_bytes(b"#" * (MAX_BYTES + 1))
    for path, words in (
        (tmp_path / "nowhere.csv", "cannot be read"),
        (tmp_path, "cannot be read"),
        ("111122223333", "account_id='111122223333'"),
        (written(tmp_path, "x", "json"), "CSV or YAML"),
        (utf16, "UTF-16; expected UTF-8"),
        (large, "larger than"),
        ("a\0.csv", "cannot be read"),
    ):
        with pytest.raises(rf.ApprovalsError, match=words):
            read_approvals(path)


@pytest.mark.parametrize("form", ["csv", "yaml"])
def test_the_template_is_a_right_file_with_comments(form: str, tmp_path: Path) -> None:
    assert template(form).startswith("# ")
    (approval,) = read_approvals(written(tmp_path, template(form), form)).approvals
    assert (approval.ticket, approval.account) == ("EXAMPLE-1", "111122223333")
    assert approval.tasks == ("s3:DeleteBucketPolicy", "iam:*MFADevice")


def test_the_schema_takes_what_is_right_and_refuses_what_is_wrong() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(json.loads(schema()))
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))
    assert not list(check.iter_errors([GOOD, {**GOOD, "networks": ["*"], "tasks": ["none"]}]))
    for name in ("short account", "rounded account", "naive time", "no time", "empty account", "no reason", "long"):
        assert list(check.iter_errors([{**GOOD, **WRONG[name][0]}])), name
    assert list(check.iter_errors([{**GOOD, "account": 444455556666}]))
    assert list(check.iter_errors([{**GOOD, "network": "192.0.2.0/24"}]))
    assert list(check.iter_errors([{**GOOD, "tasks": ["DeleteBucketPolicy"]}]))
    assert list(check.iter_errors([]))


def test_the_schema_of_the_docs_is_the_one_of_the_package() -> None:
    assert (ROOT / "docs" / "approvals.schema.json").read_text(encoding="utf-8") == schema()
