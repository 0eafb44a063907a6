"""Charts of what was done: services and sources, counted by hand from records made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.charts.services import services_chart, services_data
from rootforensics.charts.sources import network_of, sources_chart, sources_data
from rootforensics.errors import ChartError
from tests.builders import ABSENT, root_event, write_log
from tests.charts.mmdb import write_mmdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

S3 = "s3.amazonaws.com"
#: Two addresses of one network, one of another, one that is a name.
HOME, NEXT, AWAY = "203.0.113.7", "203.0.113.99", "2001:db8:77:1::5"


@pytest.fixture
def case(tmp_path: Path) -> Iterator[rf.Case]:
    """One change, three reads, one failure and one event that does not tell, beside noise."""
    write_log(
        tmp_path,
        "log.json",
        [
            root_event(eventName="CreateUser", readOnly=False, sourceIPAddress=HOME),
            root_event(sourceIPAddress=HOME),
            root_event(sourceIPAddress=NEXT),
            root_event(eventSource=S3, eventName="ListBuckets", sourceIPAddress=AWAY),
            root_event(
                eventSource=S3,
                eventName="PutBucketPolicy",
                readOnly=False,
                errorCode="AccessDenied",
                sourceIPAddress=AWAY,
            ),
            root_event(eventSource=S3, eventName="OldCall", readOnly=ABSENT, sourceIPAddress=AWAY),
            root_event(
                eventSource=S3, identity={"invokedBy": "backup.amazonaws.com"}, sourceIPAddress="backup.amazonaws.com"
            ),
        ],
    )
    with rf.open_case(tmp_path / "case.duckdb") as opened:
        opened.load(tmp_path / "log.json")
        yield opened


def counts(row: dict[str, Any]) -> list[int]:
    """Events, then changes, reads, failures and what is not told."""
    return [row[f"{name}_count"] for name in ("event", "change", "read", "failed", "unknown")]


def test_services_by_what_was_done(case: rf.Case) -> None:
    rows = services_data(case)
    assert {row["eventSource"]: counts(row) for row in rows} == {
        "iam.amazonaws.com": [3, 1, 2, 0, 0],
        S3: [3, 0, 1, 1, 1],
    }
    figure = services_chart(rows)
    assert str(figure.get_label()) == (
        "Services that people used as root: 6 events. Most: iam 3 (1 change); s3 3 (0 changes)."
    )
    (panel,) = figure.axes[0].child_axes
    drawn = [bar.get_gid() for bar in panel.patches]
    assert drawn == ["change_count", "read_count", "read_count", "failed_count", "unknown_count"]
    widths = [bar.get_width() for bar in panel.patches]
    assert widths[1] == pytest.approx(2 * widths[0])


def test_sources_by_network(case: rf.Case) -> None:
    rows = sources_data(case)
    found = {row["sourceIPAddress"]: (row["network"], row["country"], counts(row)) for row in rows}
    assert found == {
        HOME: ("203.0.113.0/24", None, [2, 1, 1, 0, 0]),
        NEXT: ("203.0.113.0/24", None, [1, 0, 1, 0, 0]),
        AWAY: ("2001:db8:77::/48", None, [3, 0, 1, 1, 1]),
    }
    label = str(sources_chart(rows).get_label())
    assert label == (
        "Where root was used from, by network: 6 events. Most: 2001:db8:77::/48 3 (0 changes); "
        "203.0.113.0/24 3 (1 change)."
    )


def test_sources_by_country(case: rf.Case, tmp_path: Path) -> None:
    path = write_mmdb(
        tmp_path / "c.mmdb", {"203.0.113.0/25": {"country": {"iso_code": "NL", "names": {"en": "Netherlands"}}}}
    )
    rows = sources_data(case, geoip=path)
    assert {row["sourceIPAddress"]: row["country"] for row in rows} == {
        HOME: "Netherlands",
        NEXT: "Netherlands",
        AWAY: "country not known",
    }
    figure = sources_chart(rows)
    assert figure.axes[0].get_title(loc="left") == "Where root was used from, by country"
    assert [text.get_text() for text in figure.axes[0].texts if "address" in text.get_text()] == [
        "6 events of root activity from 3 addresses in 1 known country, 1 address of no known country, account 111122223333"
    ]
    assert "Netherlands 3 (1 change)" in str(figure.get_label())


def test_what_is_not_known_is_no_country_among_those_without_room() -> None:
    row = {"account_id": "1", "network": "n", "kind": "", "read_count": 1, "failed_count": 0, "unknown_count": 0}
    rows = [
        row | {"country": f"Country {n:02}", "sourceIPAddress": f"192.0.2.{n}", "event_count": 2, "change_count": 1}
        for n in range(60)
    ]
    rows.append(row | {"country": "country not known", "sourceIPAddress": None, "event_count": 1, "change_count": 0})
    figure = sources_chart(rows)
    (panel,) = figure.axes[0].child_axes
    shown = sum(text.get_text().startswith("Country ") for text in panel.texts)
    (more,) = [text.get_text() for text in panel.texts if "more countr" in text.get_text()]
    assert more.startswith(f"{60 - shown} more countries and country not known: ")
    assert any("in 60 known countries" in text.get_text() for text in figure.axes[0].texts)


def test_a_file_that_is_no_mmdb(case: rf.Case, tmp_path: Path) -> None:
    (tmp_path / "no.mmdb").write_bytes(b"not a database" * 100)
    with pytest.raises(ChartError, match="no MaxMind file that can be read"):
        sources_data(case, geoip=tmp_path / "no.mmdb")
    with pytest.raises(ChartError, match=r"absent.mmdb: there is no such file. Name a .mmdb file") as absent:
        sources_data(case, geoip=tmp_path / "absent.mmdb")
    assert "Errno" not in str(absent.value)


@pytest.mark.parametrize(
    ("source", "network", "kind"),
    [
        ("203.0.113.200", "203.0.113.0/24", ""),
        ("10.1.2.3", "10.1.2.0/24", "private"),
        ("fd00::1", "fd00::/48", "private"),
        ("100.127.8.67", "100.127.8.0/24", "shared by carrier"),
        ("::ffff:10.1.2.3", "10.1.2.0/24", "private"),
        ("cloudformation.amazonaws.com", "cloudformation.amazonaws.com", "no address"),
        ("", "not recorded", ""),
        (None, "not recorded", ""),
        ("fe80::1%eth0", "fe80::/48", "of the machine"),
    ],
)
def test_networks(source: str | None, network: str, kind: str) -> None:
    assert network_of(source) == (network, kind)


def test_of_the_sample(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    for rows in (services_data(sample_case), sources_data(sample_case)):
        assert sum(row["event_count"] for row in rows) == expected["root"]["activity"]
        assert all(row["event_count"] == sum(counts(row)[1:]) for row in rows)


def test_the_accounts_of_a_bar_are_told_if_there_are_several(sample_case: rf.Case) -> None:
    """docs/sample-incident.md: 192.0.2.10 is the office, from which two accounts were used."""
    (panel,) = sources_chart(sources_data(sample_case)).axes[0].child_axes
    said = [text.get_text() for text in panel.texts]
    assert "192.0.2.10; 444455556666: 11, 777788889999: 4" in said
    one = sources_chart(sources_data(sample_case, account_id="444455556666"), account_id="444455556666")
    assert not any("444455556666" in text.get_text() for text in one.axes[0].child_axes[0].texts)
    (panel,) = services_chart(services_data(sample_case)).axes[0].child_axes
    assert "111122223333: 12, 444455556666: 1" in [text.get_text() for text in panel.texts]
