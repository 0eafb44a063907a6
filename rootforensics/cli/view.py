"""How rows are wanted: which columns, all of them, or a block for each row; kept with the command that runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import click

_VIEW: Final = "rootforensics.cli.view"


@dataclass(frozen=True, slots=True)
class View:
    """What was asked for: names of columns, all of them, a block for each row, the zone of times."""

    columns: tuple[str, ...] = ()
    wide: bool = False
    expanded: bool = False
    tz: str = ""


def keep_view(context: click.Context, parameter: click.Parameter, value: object) -> object:
    """Keep an option of the view with the command that runs."""
    name = parameter.name or ""
    if name == "columns":
        value = tuple(part.strip() for part in str(value or "").split(",") if part.strip())
    context.meta.setdefault(_VIEW, {})[name] = value
    return value


def asked_view() -> View:
    """What the options of the command that runs ask for."""
    context = click.get_current_context(silent=True)
    return View(**context.meta.get(_VIEW, {})) if context else View()
