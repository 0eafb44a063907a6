"""The site: Sphinx and MyST make it from docs/ as it stands, with a theme that loads nothing from a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import rootforensics

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "rootforensics"
release = rootforensics.__version__
extensions = ["myst_parser"]
myst_heading_anchors = 6
# Our SQL has parameters ($account_id), which the highlighter does not know.
suppress_warnings = ["misc.highlighting_failure"]
html_theme = "alabaster"
pygments_style = "default"
html_theme_options = {
    "description": "What did the AWS root user do?",
    "page_width": "1180px",
    "sidebar_width": "250px",
    "font_family": "system-ui, sans-serif",
    "head_font_family": "system-ui, sans-serif",
    "show_powered_by": False,
}
html_sidebars = {"**": ["about.html", "searchbox.html", "navigation.html"]}
html_copy_source = False
html_show_copyright = False

#: The tree of pages, which the index on GitHub tells in tables.
_TREE: Final = """
```{{toctree}}
:hidden:
:glob:
:caption: {caption}

{pages}
```
"""
_PARTS: Final = {
    "Start": "tutorial\nbackground\nsample-incident",
    "How to": "how-to/*",
    "Reference": "reference/*",
}


def _add_tree(app: Sphinx, name: str, source: list[str]) -> None:  # noqa: ARG001 - an event's signature
    if name == "index":
        source[0] += "".join(_TREE.format(caption=caption, pages=pages) for caption, pages in _PARTS.items())


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", _add_tree)
