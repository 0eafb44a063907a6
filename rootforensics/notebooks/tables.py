"""Tables that can be sorted and searched, where itables is installed; all that they need stands in the notebook."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from rootforensics.queries.result import Result
from rootforensics.queries.table import STYLE, Shown

if TYPE_CHECKING:
    from collections.abc import Callable

#: Rows of a table that sorts: the browser holds all of them.
_ROWS_SHOWN: Final = 1000
_PAGE_ROWS: Final = 25


def sort_tables(shell: Any) -> None:  # noqa: ANN401 - IPython's
    """Have results shown as tables that can be sorted and searched; without itables they stay as they are.

    The library that does it is put into the output of this cell, 1 MB, so that nothing is fetched from a network.

    Args:
        shell: of IPython; only that of a notebook can show them.
    """
    if find_spec("itables") is None or not hasattr(shell, "kernel"):
        return
    from itables import init_notebook_mode

    init_notebook_mode(all_interactive=False, connected=False)
    formatter = shell.display_formatter.formatters["text/html"]
    formatter.for_type(Result, lambda result: interactive_html(Shown(result)))
    formatter.for_type(Shown, interactive_html)


def interactive_html(shown: Shown) -> str:
    """A table that can be sorted and searched; where scripts are not run, its first rows as they are."""
    import pandas as pd
    from itables import to_html_datatable

    full = Shown(shown.result, shown.local, shown.asked_rows or _ROWS_SHOWN)
    cells = full.cells()
    if not cells:
        return shown._repr_html_()
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
    )
    return f'{STYLE}<div class="rf-box">{table}</div>{full.foot}'
