"""Tables that can be sorted and searched, where itables is installed; all that they need stands in the notebook."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from rootforensics.queries.result import Tabular
from rootforensics.queries.table import STYLE, Shown, plain_table

if TYPE_CHECKING:
    from collections.abc import Callable

#: What a shell remembers: the number of the cell that the library was last put under.
_SENT_IN: Final = "rootforensics_tables_sent_in"
#: Without scripts or without the library, the plain table stays visible. The script of itables hides it.
_UNSORTED: Final = (
    "<style>"
    '.rf-box:not(:has(.dt-container))>[id$="_fallback"]{display:block!important}'
    # A plain table without rows is a child of the box, too.
    '.rf-box:not(:has(.dt-container))>table[id^="itables_"]{display:none!important}'
    # One box scrolls in both directions. With a second one in it, the header leaves with the first rows, and the bar to
    # move sideways is below the last row.
    ".rf-box div.dt-layout-table>div{overflow:visible;max-width:none}"
    # Of the colors of a theme that itables knows nothing of.
    ".rf-box div.dt-container{background:transparent;color:inherit}"
    "</style>"
)
#: A chart or a text that is higher than the window scrolls in a box of its own; on paper every output is whole. The style
#: itself marks the notebooks for which this is so: JupyterLab shows all open notebooks in one page.
_BOXES: Final = (
    '<style class="rf-boxes">'
    ".jp-Notebook:has(.rf-boxes) :is(.jp-RenderedImage,.jp-RenderedVegaCommon5,.jp-RenderedText),"
    # A saved page lays outputs out as cells of a table, which have no maximum height.
    "#notebook-container .output_subarea{display:block;max-height:80vh;overflow:auto}"
    "@media print{:is(.jp-Notebook:has(.rf-boxes) .jp-OutputArea-output,#notebook-container .output_subarea),"
    ":is(.jp-Notebook:has(.rf-boxes) .jp-OutputArea-output,#notebook-container .output_subarea) div"
    "{max-height:none!important;overflow:visible!important}}"
    "</style>"
)
#: Rows of a table that sorts: the browser holds all of them.
_ROWS_SHOWN: Final = 1000
_PAGE_ROWS: Final = 25


def sort_tables(shell: Any) -> None:  # noqa: ANN401 - IPython's
    """Have results shown as tables that can be sorted and searched; without itables they stay as they are.

    Args:
        shell: of IPython; only that of a notebook can show them.
    """
    if not _can_sort(shell):
        return
    send_library(shell)
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type(Tabular, _html_of)
    formatter.for_type(Shown, interactive_html)


def _html_of(table: Tabular) -> str:
    """A table that can be sorted. A brief or a triage shows its text instead."""
    is_table = type(table)._repr_html_ is Tabular._repr_html_
    return interactive_html(table.show()) if is_table else table._repr_html_()


def send_library(shell: Any) -> None:  # noqa: ANN401 - as above
    """Put what sorts and searches, 1 MB, into the output of the cell that runs, so that no network is needed for it.

    Under one cell it stands once, whoever asks for it.

    Args:
        shell: as for ``sort_tables``.
    """
    if not _can_sort(shell) or getattr(shell, _SENT_IN, None) == shell.execution_count:
        return
    from IPython.utils.capture import RichOutput, capture_output
    from itables import init_notebook_mode

    setattr(shell, _SENT_IN, shell.execution_count)
    with capture_output() as captured:
        init_notebook_mode(all_interactive=False, connected=False)
    # It shows a script that asks for the library before the library.
    make: Any = RichOutput  # it has no types
    for output in (*reversed(captured.outputs), make({"text/html": _BOXES})):
        output.display()


def _can_sort(shell: Any) -> bool:  # noqa: ANN401 - as above
    return find_spec("itables") is not None and hasattr(shell, "kernel")


def interactive_html(shown: Shown) -> str:
    """A table that can be sorted and searched; without scripts, the same rows as a plain table."""
    import pandas as pd
    from itables import to_html_datatable

    full = Shown(shown.result, shown.local, shown.asked_rows or _ROWS_SHOWN)
    cells = full.cells()
    if not cells:
        return shown._repr_html_()
    # itables shows a line feed as a backslash and an n, which breaks a command that somebody copies.
    cells = [[cell.replace("\n", "&#10;") if isinstance(cell, str) else cell for cell in row] for row in cells]
    # Columns of numbers stay numbers; all else is text, and pandas is kept from finding types in it.
    frame = pd.DataFrame(cells, columns=full.heads, dtype=object)
    convert: Callable[..., str] = to_html_datatable
    table = convert(
        frame,
        connected=False,
        allow_html=True,  # every cell and head was escaped
        showIndex=False,
        maxBytes=0,
        maxRows=0,
        maxColumns=0,
        classes="rf compact",
        style="width:auto;margin:0",
        pageLength=_PAGE_ROWS,
        lengthMenu=[_PAGE_ROWS, 100, _ROWS_SHOWN],
        order=[],
        display_logo_when_loading=False,
        text_in_header_can_be_selected=False,  # or only its arrows would sort
    )
    # The preview of itables has only the rows of the first page.
    plain = plain_table(full.heads, cells)
    table = re.sub(
        r'(<div id="\w+_fallback">).*?</table>(?=</div><script>)', lambda match: match[1] + plain, table, 1, re.DOTALL
    )
    return f'{STYLE}{_UNSORTED}<div class="rf-box">{table}</div>{full.foot}'
