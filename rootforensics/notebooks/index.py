"""The page that lists the saved notebooks of a folder, so that the folder reads like a report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.notebooks.page import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootforensics.notebooks.shipped import Shipped

INDEX: Final = "index.html"
_FIRST: Final = "00_start"
_LINK: Final = re.compile(r"\]\((\w+)\.ipynb\): (.+)")
_TEMPLATE: Final = """<!DOCTYPE html>
<!-- {{ mark }}: index {{ custody_hash }} -->
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }}</title>
<style>
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color: #1c2126; }
dt { color: #57606a; } dd { margin: 0 0 0.5rem; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid #d3d9df; padding: 0.4rem 1rem 0.4rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; } .failed { color: #a3140c; }
</style>
</head>
<body>
<h1>{{ title }}</h1>
<dl>
{% for name, value in facts.items() %}
<dt>{{ name }}</dt><dd>{{ value }}</dd>
{% endfor %}
</dl>
<table>
<thead><tr><th scope="col">Notebook</th><th scope="col">Question</th><th scope="col">Run</th></tr></thead>
<tbody>
{% for notebook, failure in runs %}
<tr><th scope="row"><a href="{{ notebook.name }}.html">{{ notebook.title }}</a></th><td>{{ questions.get(notebook.name, "") }}</td>
<td>{% if failure %}<span class="failed">Not complete. {{ failure }}</span>{% else %}Complete{% endif %}</td></tr>
{% endfor %}
</tbody>
</table>
{% if earlier %}
<h2>From earlier runs</h2>
<p>These pages are in the folder too. The facts above are not about them.</p>
<ul>
{% for notebook in earlier %}
<li><a href="{{ notebook.name }}.html">{{ notebook.title }}</a>. {{ questions.get(notebook.name, "") }}</li>
{% endfor %}
</ul>
{% endif %}
</body>
</html>
"""


def index_page(
    title: str,
    custody_hash: str,
    facts: Mapping[str, str],
    runs: list[tuple[Shipped, str]],
    earlier: list[Shipped],
    known: Mapping[str, Shipped],
) -> str:
    """The page as the text of an HTML file.

    Args:
        title: the name of the case.
        custody_hash: the last hash of the chain of custody before the run. By it ``pack`` knows the case.
        facts: name and value of each fact above the list.
        runs: each notebook of this run, with the reason why it did not run to its end; empty if it did.
        earlier: notebooks with a page from an earlier run.
        known: all notebooks by name. The first lists the questions of the others.
    """
    from jinja2 import Environment

    first = known.get(_FIRST)
    text = "".join("".join(cell["source"]) for cell in first.content["cells"]) if first else ""
    questions = {name: question[:1].upper() + question[1:] for name, question in _LINK.findall(text)}
    template = Environment(autoescape=True, trim_blocks=True).from_string(_TEMPLATE)
    return template.render(
        mark=MARK, custody_hash=custody_hash, title=title, facts=facts, runs=runs, earlier=earlier, questions=questions
    )
