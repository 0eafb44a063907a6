"""docs/reference/charts.md, written from the charts themselves."""

from __future__ import annotations

from rootforensics.charts.catalogue import charts

_HEAD = """\
# Charts

Each chart has two functions: one queries the case and returns rows, the other draws them.

```bash
rootforensics chart case.duckdb incident --out incident.svg
rootforensics chart case.duckdb all --out charts --format png --account-id 111122223333
```

```python
from rootforensics.charts import sessions_chart, sessions_data

rows = sessions_data(case, account_id="111122223333")
sessions_chart(rows, account_id="111122223333", tz="Europe/Berlin", figsize=(12, 6))
```

**Parameters**

- `_data` functions take `account_id=`, `since=` and `until=` (ISO 8601 text or a datetime, UTC without an offset). Rows
  without a time always stay. `_chart` functions take them too, and state them on the chart.
- Every chart takes `title=`, `figsize=` (inches), `dpi=` and `tz=` (UTC by default, and named on the chart). On the
  command line these are `--title`, `--figsize 12 6`, `--dpi` and `--tz`.
- `ax=` draws into your own axes, on white, and returns them. Axes that are too small get only the title and the size
  that the chart needs. A `figsize=` that is too small is refused, with the size that these rows need.
- `--out` ends in `.svg` or `.png`, or has no extension and `--format` decides. A contradiction is refused.
- Countries (`sources --geoip FILE`) need your own MaxMind file and `pip install "rootforensics[geoip]"`.

**What is drawn**

- If an account has no rows, the chart still names it, and `chart` says on stderr if the case has no events of it.
  Charts of counts say “all accounts” or name the one you chose.
- A note counts what has no room, so no row is dropped silently.
- Stretches of time without events are shortened: a gray band, with its length below the axis. In charts of points, each
  piece between two bands has its own scale, so a night stays visible next to a year. Sessions have one scale.
- Log text is drawn as is: `$x^2$` is no formula. Characters that are invisible or missing in the font are escaped
  (`\\x1b`, `\\u202e`). Long names are cut in the middle.
- A color means the same in all charts and differs in lightness from its neighbors. Of 255 grays, severities are 49
  (critical), 95, 147, 197 and 234 (info). Neighbors of one shape in a key are at least 30 apart.

**Files and notebooks**

- A figure has a description as its label; in an SVG it is the title. A figure with several charts describes each in
  turn. A notebook shows a figure once, without `%matplotlib inline`.
- Your own matplotlib style (`rcParams`) does not affect a chart.
- The same case gives the same bytes, for PNG with the same version of matplotlib. A picture loads nothing.
- An SVG shows the events of a mark under the pointer. In the report, marks link to their events (also by keyboard) and
  can be filtered by account, row and severity.
- In JupyterLab, Notebook 7 and VS Code, `case.chart("incident", interactive=True)` lets you zoom, move and point at
  marks. Vega-Lite draws it without a network. Its `spec` is a dict that `altair.Chart.from_dict` accepts. A viewer
  without scripts shows the picture.

The pictures show the [sample incident](../sample-incident.md); `make pictures` draws them.
"""


def charts_page(note: str) -> str:
    """The text of docs/reference/charts.md."""
    lines = [note, _HEAD.rstrip()]
    for chart in charts().values():
        lines += [
            "",
            f"## {chart.name}",
            "",
            f"**{chart.title}.** {chart.tells}",
            "",
            f"- Does not show: {chart.misses}",
            f"- Rows: `{chart.name}_data(case{''.join(f', {one}=' for one in ('account_id', 'since', 'until', *chart.options))})`",
            "",
            f"![{chart.title}](../pictures/{chart.name}.png)",
        ]
    return "\n".join(lines) + "\n"
