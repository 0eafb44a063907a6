"""The notebooks that come with the package, by name."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rootforensics.errors import NotebookError

_HERE: Final = Path(__file__).resolve().parent
#: Where they are: in an installed package inside it, in a checkout at the top.
_FOLDERS: Final = (_HERE / "shipped", _HERE.parent.parent / "notebooks")


@dataclass(frozen=True, slots=True)
class Shipped:
    """One notebook.

    Attributes:
        path: where it is.
        content: it, as JSON.
    """

    path: Path
    content: dict[str, Any]

    @property
    def name(self) -> str:
        """Such as ``01_triage``."""
        return self.path.stem

    @property
    def title(self) -> str:
        """Its heading."""
        first = "".join(self.content["cells"][0]["source"])
        return first.split("\n")[0].removeprefix("# ")

    @property
    def parameters(self) -> list[str]:
        """The variables of the cell that is tagged ``parameters``."""
        cells = [one for one in self.content["cells"] if "parameters" in one["metadata"].get("tags", ())]
        lines = "".join(line for cell in cells for line in cell["source"]).split("\n")
        return [line.partition(" = ")[0] for line in lines if " = " in line]

    @property
    def shows_whole_case(self) -> bool:
        """True if some of it, or all, is of the whole case whatever account is asked for; a tagged cell says what."""
        return any("whole-case" in one["metadata"].get("tags", ()) for one in self.content["cells"])


def notebooks() -> dict[str, Shipped]:
    """Every notebook by its name, in working order.

    Raises:
        NotebookError: they did not come with this installation.
    """
    found = next((sorted(folder.glob("*.ipynb")) for folder in _FOLDERS if folder.is_dir()), [])
    if not found:
        raise NotebookError("the notebooks are not here", where=str(_FOLDERS[0]), hint="Install the package again")
    return {path.stem: Shipped(path, json.loads(path.read_text(encoding="utf-8"))) for path in found}


def named(name: str) -> Shipped:
    """The notebook of a name, such as ``02_sessions_and_signins``, ``sessions-and-signins``, ``02`` or ``2``.

    Raises:
        NotebookError: there is none.
    """
    known = notebooks()
    wanted = name.replace("-", "_").lower()
    for one in known.values():
        number, _, words = one.name.partition("_")
        if wanted in (one.name, words, number, number.lstrip("0")):
            return one
    close = difflib.get_close_matches(wanted, [*known, *(one.partition("_")[2] for one in known), "all"], 1)
    hint = f"Did you mean {close[0]}?" if close else f"There are {', '.join(known)}, and all"
    raise NotebookError("there is no such notebook", where=name, hint=hint)
