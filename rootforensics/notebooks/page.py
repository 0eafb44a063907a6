"""A notebook that was run, as one HTML file that needs no network."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: By this a file is known to be a run of a notebook.
MARK: Final = "rootforensics"
_LINK: Final = re.compile(r"\]\((\w+)\.ipynb\)")
#: nbconvert's page fetches require.js, MathJax and Mermaid from a network; none of them is needed here. The policy holds
#: whatever an output may try: the tables that sort bring their library as a blob.
_TEMPLATE: Final = """
{%%- extends 'index.html.j2' -%%}
{%%- block html_head_js -%%}
<!-- %(mark)s: %(name)s -->
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; font-src data:; style-src
 'unsafe-inline'; script-src 'unsafe-inline' blob:; base-uri 'none'; form-action 'none'">
{%%- endblock -%%}
{%%- block jupyter_widgets -%%}{%%- endblock -%%}
{%%- block html_head_js_mathjax -%%}{%%- endblock -%%}
{%%- block html_head_js_mermaidjs -%%}{%%- endblock -%%}
{%%- block html_head_css -%%}
<style>body.jp-Notebook main{max-width:1180px;margin:0 auto}</style>
{%%- endblock -%%}
"""


def as_page(content: dict[str, Any], name: str, title: str) -> str:
    """A notebook as the text of an HTML file.

    Args:
        content: the notebook, as JSON.
        name: of the notebook; the page bears it as its mark.
        title: of the page.
    """
    from nbconvert import HTMLExporter
    from nbformat import reads

    # The pages of the other notebooks lie beside this one.
    cells = [
        {**cell, "source": _LINK.sub(r"](\1.html)", "".join(cell["source"]))} if cell["cell_type"] == "markdown" else cell
        for cell in content["cells"]
    ]
    make: Callable[..., Any] = HTMLExporter  # these two have no types
    read: Callable[[str, int], Any] = reads
    exporter, notebook = make(raw_template=_TEMPLATE % {"mark": MARK, "name": name}), read(json.dumps({**content, "cells": cells}), 4)
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": title}})
    return str(page)
