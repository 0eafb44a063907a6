"""The code of the how-to pages on other tools runs with these tools, in an environment of their own (`make test-deep`)."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from tests.pages import ROOT, read

if TYPE_CHECKING:
    from pathlib import Path

TOOLS: Final = ROOT / ".cache" / "tools"

pytestmark = pytest.mark.deep(TOOLS / ".made")

#: What is true of the sample (EXPECTED.toml, docs/sample-incident.md) after the code of a page. A block in which
#: msticpy has no provider ends in its error.
FACTS: Final = {
    "msticpy": """
import pandas as pd
from msticpy.context.tiproviders.result_severity import ResultSeverity
from msticpy.context.tiproviders.ti_provider_base import TIProvider

assert errors == ["MsticpyUserConfigError: No Threat Intel Provider configuration found."], errors
marks = [source for source in plot.select({"type": ColumnDataSource}) if "eventID" in source.data]
shown = {eventID for source in marks for eventID in source.data["eventID"]}
assert shown == set(events["eventID"]), (len(shown), len(events))
assert "203.0.113.77" in set(addresses["value"]) and "192.0.2.10" not in set(addresses["value"])

class Local(TIProvider):
    _QUERIES = {"ipv4": None, "ipv6": None}
    def lookup_ioc(self, ioc, ioc_type=None, query_type=None, **_):
        answer = self._check_ioc_type(ioc=ioc, ioc_type=ioc_type, query_subtype=query_type)
        return pd.DataFrame([answer | {"Result": True, "Details": "known", "RawResult": "", "Reference": ""}])
    def parse_results(self, response):
        return True, ResultSeverity.high, ""

lookup = TILookup()
lookup.add_provider(Local(), name="Local")
public = pd.concat([addresses.iloc[:1].assign(value="8.8.8.8", kind="ipv4"), addresses])
asked = dict(ioc_col="value", ioc_type_col="kind", providers=["Local"], progress=False)
assert list(lookup.lookup_iocs(public, **asked)["Ioc"]) == ["8.8.8.8"]
assert len(lookup.lookup_iocs(addresses, **asked)) == 0
""",
    "polars-ibis": """
from collections import Counter
import duckdb, pytest
assert activity.equals(case.query("root_activity").pl())
assert by_address["events"].sum() == 175
rows = case.query("root_activity").rows
assert dict(by_address.group_by("sourceIPAddress").agg(pl.col("events").sum()).iter_rows()) == Counter(
    row["sourceIPAddress"] for row in rows)
assert by_address.schema["first_time"].time_zone == "UTC"
assert dict(zip(*names.to_pydict().values())) == Counter(row["eventName"] for row in rows)
assert sum(severities["findings"].to_pylist()) == len(case.findings())
refused = ibis.duckdb.connect("incident/case.duckdb", read_only=True)
with pytest.raises(duckdb.Error, match="read-only"):
    refused.raw_sql("CREATE TABLE t (a INT)")
""",
    "own-charts": """
import datetime, pytest
spec = chart.to_dict()
(drawn,) = spec["datasets"].values()
assert len(drawn) == 175 and {row["eventID"] for row in drawn} == set(rows["eventID"])
# A browser reads a time without a zone as local.
assert all(row["eventTime"].endswith(("Z", "+00:00")) for row in drawn), drawn[0]
from matplotlib.image import imread
assert imread("activity.png").std() > 0
assert sum(bar.get_height() for bar in axes.patches) == sum(
    account == "111122223333" for account in case.query("root_activity")["account_id"])
other = Figure().subplots()
case.chart("activity", ax=other)
assert other.has_data()
many = case.sql("SELECT range AS n FROM range(5001)")
with pytest.raises(alt.MaxRowsError):
    alt.Chart(many.df()).mark_tick().encode(x="n:Q").to_dict()
""",
}
_BLOCK: Final = re.compile(r"^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
#: Runs each block as a cell; the network is off.
_RUN: Final = """
import socket, sys
from bokeh.models import ColumnDataSource
def refuse(*_, **__): raise AssertionError("the code asks a network")
socket.getaddrinfo = socket.socket.connect = refuse
names = {"errors": [], "ColumnDataSource": ColumnDataSource}
*blocks, facts = sys.stdin.read().split("\\0")
for block in blocks:
    try:
        exec(compile(block, "block", "exec"), names)
    except Exception as error:
        if type(error).__name__ != "MsticpyUserConfigError": raise
        names["errors"].append(f"{type(error).__name__}: {error.args[0]}")
exec(compile(facts, "facts", "exec"), names)
"""


@pytest.mark.parametrize("name", FACTS)
def test_the_code_of_a_page_runs(name: str, sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "incident").mkdir()
    (tmp_path / "incident" / "case.duckdb").symlink_to(sample_path)
    blocks = [found["code"] for found in _BLOCK.finditer(read(ROOT / "docs" / "how-to" / f"{name}.md"))]
    assert len(blocks) > 1
    ran = subprocess.run(
        [TOOLS / "bin" / "python", "-c", _RUN],
        input="\0".join([*blocks, FACTS[name]]),
        text=True,
        capture_output=True,
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            "MSTICPYCONFIG": str(tmp_path / "none.yaml"),
        },
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
