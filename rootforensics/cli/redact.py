"""``--redact``: masks in what is written, and the key file that undoes them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rootforensics.cli.talk import talk
from rootforensics.cli.targets import check_not_same, check_target

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from rootforensics.case import Case
    from rootforensics.queries.result import Result
    from rootforensics.reports.redaction.redactor import Redactor

    Command = Callable[..., Any]


def redact_option(command: Command) -> Command:
    """A key file, by which everything that is handed out can be masked."""
    return click.option(
        "--redact",
        "redact",
        metavar="KEYFILE",
        type=click.Path(dir_okay=False),
        help="Mask account IDs, access keys, identity IDs, IP and e-mail addresses. KEYFILE lists the masks; it is "
        "created if missing. With the same KEYFILE a value gets the same mask.",
    )(command)


def open_redactor(
    case: Case,
    keyfile: str | None,
    *outputs: str | os.PathLike[str] | None,
    folder: str | os.PathLike[str] | None = None,
) -> Redactor | None:
    """What masks the results of a case; None if nothing is to be masked.

    Args:
        case: whose results are written.
        keyfile: as ``--redact`` names it.
        outputs: files to be written; None for stdout.
        folder: whose whole content is to be written.

    Raises:
        ReportError: the file is no key file.
        StorageError: the key file is an output, a case or evidence, or cannot be read.
    """
    if keyfile is None:
        return None
    check_target(case, keyfile)
    for output in outputs:
        check_not_same(output, keyfile)
    beside = Path(os.path.realpath(keyfile)).parent
    places = [Path(os.path.realpath(output)).parent for output in outputs if output is not None]
    inside = folder is not None and beside.is_relative_to(os.path.realpath(folder))
    if inside or beside in places:
        talk(f"careful: {keyfile} undoes the masks, and lies with what is masked; hand it to nobody")
    return case.redactor(keyfile)


def redacted(case: Case, result: Result, keyfile: str | None, output: str | None) -> Result:
    """A result, masked if that was asked for; the key file is written first.

    Raises:
        ReportError: the file is no key file.
        StorageError: the key file is an output, a case or evidence, or cannot be read or written.
    """
    redactor = open_redactor(case, keyfile, output)
    if redactor is None:
        return result
    masked = redactor.result(result)
    redactor.save()
    return masked
