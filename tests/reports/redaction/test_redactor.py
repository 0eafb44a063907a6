"""After redaction nothing that tells whose the case is stands in anything that was written of it."""

from __future__ import annotations

import gzip
import html
import ipaddress
import itertools
import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pyarrow as pa
import pypdfium2
import pytest

import rootforensics as rf
from rootforensics.queries.result import Result
from rootforensics.reports.html import render_report
from rootforensics.reports.markdown import markdown_of
from rootforensics.reports.pdf import pdf_of
from rootforensics.reports.redaction.redactor import Redactor
from rootforensics.telling.statement import Statement
from tests.builders import root_event, write_log
from tests.conftest import ROOT, SAMPLE_LOGS
from tests.reports.page import texts_of
from tests.reports.tab import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts_in(one)


def is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


@pytest.fixture(scope="session")
def originals() -> set[str]:
    """What the sample's logs say in a value of its own: accounts, keys, addresses, and people's addresses in any text."""
    found: set[str] = set()
    for path in SAMPLE_LOGS.rglob("*.json.gz"):
        try:
            texts = list(texts_in(json.loads(gzip.decompress(path.read_bytes()))))
        except (ValueError, EOFError, gzip.BadGzipFile):
            continue
        for text in texts:
            if re.fullmatch(r"\d{12}|A[KS]IA[A-Z0-9]{16}", text) or is_address(text):
                found.add(text)
            found |= {word.strip(".,;:") for word in re.split(r"[\s\"'/,;:<>()]", text) if re.fullmatch(r"\w[\w.+-]*@\w[\w.-]+\.\w+", word)}  # fmt: skip
    assert len(found) > 60
    return found


def leaks(text: str, values: set[str]) -> list[str]:
    """Values that stand in a text, whatever their case or spelling as HTML or URL."""
    seen = unquote(html.unescape(text)).lower()
    there = [value for value in values if value.lower() in seen]
    return [value for value in there if re.search(rf"(?<![\w.]){re.escape(value.lower())}(?!\w|\.\d)", seen)]


@dataclass
class Written:
    """The sample's report under one key file."""

    page: str
    key: Path
    redactor: Redactor


@pytest.fixture(scope="module")
def written(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Written:
    key = tmp_path_factory.mktemp("key") / "key.json"
    with rf.open_case(sample_path) as case:
        redactor = case.redactor(key)
        analysis = case.analysis(ROOT / "docs" / "examples" / "approvals.yaml")
        title = "Account 111122223333, for dr.w@clinic.example"
        page = render_report(analysis, title=title, investigator="m.rossi@example.com", redactor=redactor)
    redactor.save()
    return Written(page, key, redactor)


@pytest.mark.heavy
def test_the_page_and_its_markdown_hold_no_original(written: Written, originals: set[str]) -> None:
    people = {"dr.w@clinic.example", "m.rossi@example.com"}
    assert leaks(written.page, originals | people) == []
    assert leaks(markdown_of(written.page), originals | people) == []
    assert "<h1>Account account-" in written.page


@pytest.mark.heavy
def test_without_redaction_they_do(sample_source: str, originals: set[str]) -> None:
    assert len(leaks(sample_source, originals)) > 20


@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed")
def test_the_printed_page_holds_none(written: Written, originals: set[str]) -> None:
    # The sheets of the list of objects are left out: their text is that of the page.
    page = re.sub(r'<section id="evidence".*?</section>', "", written.page, flags=re.DOTALL)
    assert len(page) < len(written.page) - 300_000
    document = pypdfium2.PdfDocument(pdf_of(page))
    text = "\n".join(texts_of(document))
    assert leaks(text, originals) == []
    assert leaks(re.sub(r"\s", "", text), {value for value in originals if len(value) > 11}) == []
    assert leaks(str(document.get_metadata_dict()), originals) == []


@pytest.mark.heavy
def test_what_proves_the_case_stays(written: Written, sample_case: rf.Case, expected: dict[str, Any]) -> None:
    [digest] = sample_case.query("evidence_digest").rows
    assert digest["sha256"] in written.page
    assert all(row["sha256"] in written.page for row in sample_case.query("evidence").rows if row["sha256"])
    assert all(step["event_id"] in written.page for step in expected["story"])
    assert "Chrome/138.0.0.0" in written.page


@pytest.mark.heavy
def test_of_the_chain_of_custody_only_its_head_is_shown_not_who_acted(written: Written, sample_case: rf.Case) -> None:
    first = sample_case.custody().rows[0]
    assert (first["command"], first["custody_id"]) == ("load", 1)
    assert f"<code>{first['sha256']}</code>" in written.page
    assert 'id="q-custody_head"' in written.page
    assert 'id="q-custody"' not in written.page


def test_no_query_is_changed(written: Written, sample_case: rf.Case) -> None:
    seen = html.unescape(written.page)
    for name in ("root_timeline", "root_signins", "root_sessions", "logging_impairment"):
        assert sample_case.query(name).sql in seen


@pytest.mark.heavy
def test_tables_hold_none_and_keep_their_shape(written: Written, sample_case: rf.Case, originals: set[str]) -> None:
    whole = sample_case.timeline()
    masked = written.redactor.result(whole)
    assert masked.arrow().schema == whole.arrow().schema
    assert len(masked) == len(whole)
    assert [row["eventID"] for row in masked.rows] == [row["eventID"] for row in whole.rows]
    assert leaks(json.dumps(masked.rows, default=str), originals) == []
    for name in ("indicators", "root_signins", "evidence"):
        assert leaks(json.dumps(written.redactor.result(sample_case.query(name)).rows, default=str), originals) == []


def test_the_same_value_has_the_same_mask_in_every_run(written: Written, sample_case: rf.Case) -> None:
    again = sample_case.redactor(written.key)
    for text in ("111122223333", "203.0.113.77", "AKIA7P5O2MSTTEXAMPLE", "farid.haddad@example.com"):
        mask = again.text(text)
        assert mask == written.redactor.text(text) != text
        assert mask in written.page
    before = written.key.read_text(encoding="utf-8")
    again.save()
    assert written.key.read_text(encoding="utf-8") == before
    assert written.key.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::account-01:root"),
        ("s3://logs-111122223333/AWSLogs/111122223333_CloudTrail", "s3://logs-account-01/AWSLogs/account-01_CloudTrail"),
        ("1111-2222-3333 and %20111122223333", "account-01 and %20account-01"),
        ("AKIA7P5O2MSTTEXAMPLE%2F20260805, akia7p5o2msttexample", "key-01%2F20260805, key-01"),
        ("%2FASIA7P5O2MSTTEXAMPLE", "%2Fkey-01"),
        ("AROA7P5O2MSTTEXAMPLE:Maria.Ek@Example.com", "principal-01:user01@redacted.invalid"),
        ("to=maria.ek%40example.com&x", "to=user01@redacted.invalid&x"),
        ("from 203.0.113.77, 203.0.113.77. ::ffff:203.0.113.77", "from ip-01, ip-01. ip-01"),
        ("2001:DB8:0:0::5 2001:db8::5 2001%3Adb8%3A%3A5", "ip-01 ip-01 ip-01"),
        ("203.0.113.0/24 2001:db8:77::/48", "net-01/24 net-02/48"),
        ("203.0.113.7 203.000.113.007 203\u30020\u3002113\u30027", "ip-01 ip-01 ip-01"),
        ("maria.ek@example\u3002com maria.ek@example.com", "user01@redacted.invalid user01@redacted.invalid"),
        ("203.0.113.77/32 203.0.113.77", "ip-01/32 ip-01"),
        ("ec2-203-0-113-77.compute-1.amazonaws.com 203.0.113.77", "ec2-ip-01.compute-1.amazonaws.com ip-01"),
        ('{"user":"a@b.example","ip":"10.0.0.1"}', '{"user":"user01@redacted.invalid","ip":"ip-01"}'),
        ("x Chrome/138.0.0.0 at 01:21:53", "x Chrome/138.0.0.0 at 01:21:53"),
        ("s3://b/203.0.113.9/x", "s3://b/ip-01/x"),
        ("AWS::EC2::VPC arn:aws:s3:::b", "AWS::EC2::VPC arn:aws:s3:::b"),
        ("da632ef1-352d-4d10-8493-111122223333 i-0a111122223333bcd", "da632ef1-352d-4d10-8493-111122223333 i-0a111122223333bcd"),
        ("user02@redacted.invalid", "user02@redacted.invalid"),
        ("aws-cloudtrail-logs-111122223333-8f3ab2c1", "aws-cloudtrail-logs-account-01-8f3ab2c1"),
        ("backup-111122223333-2026", "backup-account-01-2026"),
        ("client 2001:db8:77:9::5: denied", "client ip-01: denied"),
        ("src:2001:db8:77:9::5 x 2001:db8:77:9::5:denied", "src:ip-01 x ip-01:denied"),
        ("198-18-77-41.isp.example c-198-18-77-41.isp.example", "ip-01.isp.example c-ip-01.isp.example"),
        ("release 1-2-3-4, 2026-08-05-10-11", "release 1-2-3-4, 2026-08-05-10-11"),
        ("to=maria.ek%2540example.com&x", "to=user01@redacted.invalid&x"),
        ("%2540111122223333 %252F203.0.113.77", "%2540account-01 %252Fip-01"),
        ("01:02:03:04:05:06 10:20:30", "01:02:03:04:05:06 10:20:30"),
        ("%22maria.ek%40example.com%22", "%22user01@redacted.invalid%22"),
        ("203%2E0%2E113%2E77 203%252e0.113.77 203.0.113.77", "ip-01 ip-01 ip-01"),
        ("maria.ek@example%2Ecom maria%2Eek@example.com", "user01@redacted.invalid user01@redacted.invalid"),
        ('"maria ek"@example.com and ["a","@example.com"]', 'user01@redacted.invalid and ["a","@example.com"]'),
        (r"{\u0022a\u0022:\u0022111122223333\u0022} 111122223333", r"{\u0022a\u0022:\u0022account-01\u0022} account-01"),
        (r"\u0022maria.ek\u0040example.com\u0022 maria.ek@example.com", r"\u0022user01@redacted.invalid\u0022 user01@redacted.invalid"),
        (r"\\u0022203.0.113.77\\u0022,203\u002E0\\\\u002e113.77", r"\\u0022ip-01\\u0022,ip-01"),
        (r"\u00222001:db8\u003a:5\u0022 2001:db8::5", r"\u0022ip-01\u0022 ip-01"),
        (r"\u0027AKIA7P5O2MSTTEXAMPLE\u0027 \u0022akia7p5o2msttexample", r"\u0027key-01\u0027 \u0022key-01"),
        (r"o\u0027neil@example.com o'neil@example.com", "user01@redacted.invalid user01@redacted.invalid"),
        (r"m\u00fcller@example.com müller@example.com", "user01@redacted.invalid user01@redacted.invalid"),
        (r"\nmaria.ek@example.com\tmaria.ek@example.com \n2001:db8::5", r"\nuser01@redacted.invalid\tuser01@redacted.invalid \nip-01"),
        (r'{\"m\":\"\\\"maria ek\\\"@example.com\"}', r'{\"m\":\"user01@redacted.invalid\"}'),
        (r"maria.ek\x40example.com \x22111122223333\x22", r"user01@redacted.invalid \x22account-01\x22"),
        (r"CORP\bob@example.com bob@example.com", r"CORP\user01@redacted.invalid user01@redacted.invalid"),
        (r"203.0.113.0\/24 Chrome\/138.0.0.0", r"net-01/24 Chrome\/138.0.0.0"),
        ("o!reilly@example.com o&excl;reilly@example.com", "user01@redacted.invalid user01@redacted.invalid"),
        ("'maria.ek@example.com' maria.ek@example.com", "'user01@redacted.invalid' user01@redacted.invalid"),
        (r"maria.ek\@example.com maria.ek@example.com", "user01@redacted.invalid user01@redacted.invalid"),
        ("to=maria.ek@example.com&x maria.ek@example.com", "to=user01@redacted.invalid&x user01@redacted.invalid"),
        ("мария@пример.рф мария&#64;пример&#46;рф", "user01@redacted.invalid user01@redacted.invalid"),
        ("maria.ek\uff20example\uff0ecom maria.ek@example.com", "user01@redacted.invalid user01@redacted.invalid"),
        ("1111&#50;222&#x33;333 \uff11111222233\uff133", "account-01 account-01"),
        ("fe80::1%eth0 [fe80::1%25eth0] FE80:0::1", "ip-01%eth0 [ip-01%25eth0] ip-01"),
        ("::ffff:203.0.113.77 ::FFFF:cb00:714d 203.0.113.77", "ip-01 ip-01 ip-01"),
        ("2001-db8--5.ipv6-literal.net fe80--1s4.ipv6-literal.net 2001:db8::5", "ip-01.ipv6-literal.net ip-02s4.ipv6-literal.net ip-01"),
        ("5." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa 2001:db8::5", "ip-01.ip6.arpa ip-01"),
        ("77.113.0.203.in-addr.arpa 203.0.113.77", "ip-01.in-addr.arpa ip-01"),
        ("100% of 20%, R&amp;D &unknown; &#99999999; %zz", "100% of 20%, R&amp;D &unknown; &#99999999; %zz"),
        (r"\u003cb\u003e keeps \u0026 all", r"\u003cb\u003e keeps \u0026 all"),
    ],
)  # fmt: skip
def test_values_are_found_in_all_their_spellings(tmp_path: Path, text: str, shown: str) -> None:
    redactor = Redactor(tmp_path / "key.json")
    assert redactor.text(text) == shown
    assert redactor.text(shown) == shown


def _each(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(ord(sign)) if not sign.isalnum() else sign for sign in text)


def _all(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(ord(sign)) for sign in text)


_NAMES = {"@": "&commat;", ".": "&period;", ":": "&colon;", "+": "&plus;", "_": "&lowbar;", "-": "-"}
DISGUISES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": lambda text: "".join(sign.upper() if sign != "ß" else sign for sign in text),
    "URL": _each("%{:02X}"),
    "URL, letters too": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "URL in URL": _each("%25{:02X}"),
    "HTML, decimal": _each("&#{};"),
    "HTML, hexadecimal": _all("&#x{:X};"),
    "HTML, named": lambda text: "".join(_NAMES.get(sign, sign) for sign in text),
    "HTML in HTML": _each("&amp;#{};"),
    "HTML in URL": _each("%26%23{}%3B"),
    "JSON": _each("\\u{:04x}"),
    "JSON, letters too": _all("\\u{:04X}"),
    "JSON in JSON": _each("\\\\u{:04x}"),
    "JSON in JSON, its backslash a number": _each("\\u005cu{:04x}"),
    "and that in JSON again": _each("\\\\u005Cu005cu{:04x}"),
    "JSON in HTML": _each("&bsol;u{:04x}"),
    "script": _each("\\x{:02x}"),
    "full width": lambda text: text.translate({ord("@"): "\uff20", ord("."): "\uff0e"}),
}


def bare(text: str) -> str:
    """A text without any disguise: each kind taken off, by other code than ours, until there is none."""
    for _ in range(9):
        text = unquote(html.unescape(text))
        text = re.sub(r"\\+u([0-9A-Fa-f]{4})|\\+x([0-9A-Fa-f]{2})", lambda one: chr(int(one[1] or one[2], 16)), text)
    return text.replace("\uff20", "@").replace("\uff0e", ".").lower()


@pytest.mark.quick(6)
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.heavy)])
@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_disguise_hides_an_original(tmp_path: Path, originals: set[str], disguise: str, step: int) -> None:
    """Each fifth value of the sample, or each."""
    redactor = Redactor(tmp_path / "key.json")
    arounds = ("{}", "of {}, then", '"{}"', "&quot;{}&quot;", "%22{}%22", "\\u0022{}\\u0022", "<{}>")
    for around, value in itertools.product(arounds, ["ma.ek@exämple.example", *sorted(originals)[::step]]):
        text = around.format(DISGUISES[disguise](value))
        assert value.lower() in bare(text)
        assert value.lower() not in bare(redactor.text(text)), text


#: What a search could begin with, again and again; those of one kind, or that take long, not in each run.
PIECES = ["a", "A1", "%40", "a@", "AKIA", "1.", "1-", "a:", "%25", "&#64;", "a!", r"\u005c", "\\", r"\"", '"a']
MORE_PIECES = [
    *("akia", "a.", ":", "0", "::1", "x…", "%3A", "1:", "1%2E", "&", "&amp;", "&#", "%u0040"),
    *(r"\u0022", r"\u0040", r"\x", r"\n", '"'),
]


@pytest.mark.quick(5)
@pytest.mark.parametrize("piece", [*PIECES, *(pytest.param(piece, marks=pytest.mark.heavy) for piece in MORE_PIECES)])
def test_long_texts_are_read_in_one_pass(tmp_path: Path, piece: str) -> None:
    redactor = Redactor(tmp_path / "key.json")
    text = piece * (100_000 // len(piece))
    assert redactor.text(f"{text} of 111122223333").endswith(" of account-01")


def test_an_address_of_the_case_is_no_version(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [root_event(sourceIPAddress="138.0.0.0")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert case.redactor(tmp_path / "key.json").text("Chrome/138.0.0.0") == "Chrome/ip-01"


#: Of a case with these accounts and addresses: what stands beside them, and what only looks like them.
BESIDE = [
    ("logs.v1.111122223333 backup-2026.111122223333", "logs.v1.account-01 backup-2026.account-01"),
    ("0.111122223333 x_1111_2222_3333 1111.2222.3333 9-1111-2222-3333-4", "0.account-01 x_account-01 account-01 9-account-01-4"),
    ("vps7-203-0-113-77.isp.example 9-203-0-113-77", "vps7-ip-01.isp.example 9-ip-01"),
    ("dhcp_203_0_113_77.isp.example ip_203_0_113_77", "dhcp_ip-01.isp.example ip_ip-01"),
    ("7.203.0.113.77.4 v203-0-113-77x 203.000.113.077", "7.ip-01.4 vip-01x ip-01"),
    ("host-203%2D0%2D113%2D77 dhcp%5f203%5f0%5f113%5f77", "host-ip-01 dhcp%5fip-01"),
    ("2001-db8-77--5.isp.example x2001_db8_77__5 9-2001-db8-77--5", "ip-01.isp.example xip-01 9-ip-01"),
    ("2001-0db8-0077-0-0-0-0-5.isp.example _2001:db8:77::5", "ip-01.isp.example _ip-01"),
    ("77.113.0.203.in-addr.arpa ip-203-0-113-77 203.0.113.77", "ip-01.in-addr.arpa ip-ip-01 ip-01"),
    ("2026-08-05T10:00:00.1Z 2026-08-05-10-00-00-01 20260805T100001Z", None),
    ("10:00:00:01 10.00.00.01 1-2-3-4-5 curl/8.10.1 Chrome/138.0.0.0", None),
    ("8111122223333 1111222233334 203.0.113.770 1203-0-113-77 1111-2222-33334", None),
    ("da632ef1-352d-4d10-8493-111122223333 i-0a111122223333bcd", None),
    ("0" * 52 + "111122223333 " + "2001" * 8 + " 20010db80077" + "0" * 19 + "5", None),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Boto3/1.35.10 cfg/retry-mode#legacy", None),
]  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    """A case with an account and addresses."""
    folder = tmp_path_factory.mktemp("known")
    sources = ("203.0.113.77", "2001:db8:77::5", "10.0.0.1", "AWS Internal")
    write_log(folder / "logs", "a.json", [root_event(sourceIPAddress=source) for source in sources])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        yield case


@pytest.mark.parametrize(("text", "shown"), BESIDE)
def test_what_the_case_knows_is_masked_whatever_stands_beside_it(
    known: rf.Case, tmp_path: Path, text: str, shown: str | None
) -> None:
    redactor = known.redactor(tmp_path / "key.json")
    assert redactor.text(text) == (text if shown is None else shown)
    assert redactor.text(redactor.text(text)) == redactor.text(text)


def test_the_beginning_of_a_value_that_was_cut_goes_too(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key.json")
    redactor.text("111122223333 203.0.113.77")
    assert redactor.text("arn:aws:iam::11112222… and 203.0.11…, and others…") == "arn:aws:iam::… and …, and others…"
    assert redactor.text(r"{\u0022a\u0022:\u002211112222…") == r"{\u0022a\u0022:\u0022…"


def test_whatever_may_hide_a_text_is_refused(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key.json")
    said = redactor.value({"111122223333": (Statement("of 111122223333", "bad", ("e",)), 1, None)})
    assert said == {"account-01": (Statement("of account-01", "bad", ("e",)), 1, None)}
    with pytest.raises(TypeError):
        redactor.value([b"111122223333"])
    nested = pa.table({"a": [{"b": ["111122223333"]}], "n": [7]})
    (row,) = redactor.result(Result(nested, name="x", sql="", parameters={})).rows
    assert row == {"a": {"b": ["account-01"]}, "n": 7}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"masks": {"ip": 7}}', "\udcff", "no json"])
def test_another_file_is_no_key_file(tmp_path: Path, content: str) -> None:
    key = tmp_path / "key.json"
    key.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(rf.ReportError, match="no key file"):
        Redactor(key)
    assert key.read_bytes() == content.encode("utf-8", "surrogateescape")


def test_a_pipe_is_no_key_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "key.json")
    with pytest.raises(rf.ReportError, match="a pipe, no key file"):
        Redactor(tmp_path / "key.json")


def test_two_redactions_at_once_give_no_mask_to_two_values(tmp_path: Path) -> None:
    first, second = Redactor(tmp_path / "key.json"), Redactor(tmp_path / "key.json")
    assert first.text("111122223333") == second.text("444455556666") == "account-01"
    first.save()
    with pytest.raises(rf.ReportError, match="another run has given masks by this key file"):
        second.save()
    again = Redactor(tmp_path / "key.json")
    assert again.text("444455556666 111122223333") == "account-02 account-01"
    again.save()


def test_what_another_run_wrote_stays_in_the_key_file(tmp_path: Path) -> None:
    first, second = Redactor(tmp_path / "key.json"), Redactor(tmp_path / "key.json")
    first.text("111122223333")
    second.text("root@example.com 111122223333")
    first.save()
    second.save()
    first.save()
    masks = json.loads((tmp_path / "key.json").read_text(encoding="utf-8"))["masks"]
    assert masks["account"] == {"111122223333": "account-01"}
    assert list(masks["user"]) == ["root@example.com"]


def test_a_key_file_with_one_mask_for_two_values_is_refused(tmp_path: Path) -> None:
    redactor = Redactor(tmp_path / "key.json")
    redactor.text("111122223333 444455556666")
    redactor.save()
    text = (tmp_path / "key.json").read_text(encoding="utf-8").replace("account-02", "account-01")
    (tmp_path / "key.json").write_text(text, encoding="utf-8")
    with pytest.raises(rf.ReportError, match="two values one mask"):
        Redactor(tmp_path / "key.json")
