"""docs/charts.md, written from the charts themselves."""

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
sessions_chart(rows, account_id="111122223333")
```

- All times are UTC. A figure has a description in words as its label, which an SVG carries as its title.
- `ax=` draws into axes of your own, on white, and nothing leaves them. Axes that are too small get the title and the
  size that the chart needs for these rows; the description in words is complete all the same. That of a figure with
  several charts tells them one after another. Nothing is shown by itself.
- `account_id=` names the account that the rows were asked for where there are none; `chart` says on stderr if the case
  has no events of it. Charts whose rows are counts of many events say “all accounts” or name the one asked for.
- A style of matplotlib that you set (`rcParams`) changes nothing in a chart.
- `--out` ends with `.svg` or `.png`, or has no ending and `--format` decides; what contradicts itself is refused.
- What has no room is counted in words: no row is lost without a word.
- Over time, long stretches without any event are cut short: a gray band, with its length below the axis.
- Text of the logs is drawn as it stands: `$x^2$` is no formula. What does not show, or has no letter in the font, stands
  as its escape (`\\x1b`, `\\u202e`). Long names are cut in the middle.
- The same case gives the same bytes, as SVG and as PNG with the same version of matplotlib. A picture loads nothing.
- Each color means the same in all charts, and differs in lightness from what it stands beside. Of 255 grays, severities
  take 49 (critical), 95, 147, 197 and 234 (info); neighbours of one shape in a key are at least 30 apart.
- Countries (`sources --geoip FILE`) need a MaxMind file of yours and `pip install "rootforensics[geoip]"`.

The pictures show the [sample incident](sample-incident.md); `make pictures` draws them.
"""


def charts_page(note: str) -> str:
    """The text of docs/charts.md."""
    lines = [note, _HEAD.rstrip()]
    for chart in charts().values():
        lines += [
            "",
            f"## {chart.name}",
            "",
            f"**{chart.title}.** {chart.tells}",
            "",
            f"- Does not show: {chart.misses}",
            f"- Rows: `{chart.name}_data(case{''.join(f', {one}=' for one in ('account_id', *chart.options))})`",
            "",
            f"![{chart.title}](pictures/{chart.name}.png)",
        ]
    return "\n".join(lines) + "\n"
