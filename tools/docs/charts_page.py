"""docs/reference/charts.md, written from the charts themselves."""

from __future__ import annotations

from rootforensics.charts.catalogue import charts

_HEAD = """\
# Charts

Each chart is a pair of functions: one asks the case and returns rows, one draws them.

```bash
rootforensics chart case.duckdb incident --out incident.svg
rootforensics chart case.duckdb all --out charts --format png --account-id 111122223333
```

```python
from rootforensics.charts import sessions_chart, sessions_data

rows = sessions_data(case, account_id="111122223333")
sessions_chart(rows, account_id="111122223333", tz="Europe/Berlin", figsize=(12, 6))
```

- Every function with `_data` takes `account_id=`, `since=` and `until=` (ISO 8601 text or a datetime, UTC without an
  offset; what has no time stays). Every function with `_chart` takes them, too, and says on the chart what it is of.
- Every chart takes `title=`, `figsize=` (width and height in inches), `dpi=` and `tz=` (UTC if not given; the chart
  names its zone). On the command line they are `--title`, `--figsize 12 6`, `--dpi` and `--tz`.
- A figure has a description in words as its label, which an SVG carries as its title. A notebook shows a figure once,
  without `%matplotlib inline`.
- In JupyterLab, Notebook 7 and VS Code, `case.chart("incident", interactive=True)` is the incident in which one zooms
  and moves, and whose marks tell their events. Vega-Lite, which they bring along, draws it without the network; its
  `spec` is a dict that `altair.Chart.from_dict` takes, too.
- A size that is too small is refused with the one that these rows need.
- `ax=` draws into axes of your own, on white, and nothing leaves them; it returns the axes. Axes that are too small get
  the title and the size that the chart needs. The label of a figure with several charts tells them one after another.
- `account_id=` names the account that the rows were asked for where there are none; `chart` says on stderr if the case
  has no events of it. Charts whose rows are counts of many events say “all accounts” or name the one asked for.
- A style of matplotlib that you set (`rcParams`) changes nothing in a chart.
- `--out` ends with `.svg` or `.png`, or has no ending and `--format` decides; what contradicts itself is refused.
- What has no room is counted in words: no row is lost without a word.
- Over time, stretches without any event are cut short: a gray band, with its length below the axis. Charts of points
  give each piece between two cuts a scale of its own, so that a night has room beside a year; the sessions have one.
- An SVG tells the events of a mark where the pointer rests on it. In the report marks lead to their events, by keyboard
  as well, and are filtered by account, row and severity.
- Text of the logs is drawn as it stands: `$x^2$` is no formula. What does not show, or has no letter in the font, stands
  as its escape (`\\x1b`, `\\u202e`). Long names are cut in the middle.
- The same case gives the same bytes, as SVG and as PNG with the same version of matplotlib. A picture loads nothing.
- Each color means the same in all charts, and differs in lightness from what it stands beside. Of 255 grays, severities
  take 49 (critical), 95, 147, 197 and 234 (info); neighbours of one shape in a key are at least 30 apart.
- Countries (`sources --geoip FILE`) need a MaxMind file of yours and `pip install "rootforensics[geoip]"`.

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
