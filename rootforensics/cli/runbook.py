"""``rootforensics runbook``."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.talk import write_out

if TYPE_CHECKING:
    from rootforensics.case import Case
    from rootforensics.reports.runbook import Known

_ORGANIZATION: Final = "organizations:DescribeOrganization"


@click.command("runbook")
@click.argument("case", type=CaseFile(), required=False)
@click.option("--from", "folder", metavar="DIR", help="Saved answers of AWS, instead of those that CASE keeps.")
@click.option(
    "--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write a new runbook here; without it, print it."
)
@click.option("--check", metavar="FILE", type=click.Path(dir_okay=False), help="See what this one lacks.")
def command(case: str | None, folder: str | None, out: str | None, check: str | None) -> int:
    """Write a runbook for the use of root and for its misuse (Markdown), or check one.

    It says where passwords and MFA devices are kept, who may use root, what justifies that, how it is recorded, what is
    done afterwards, and what to do if nobody approved it. Accounts and what is open come from the answers that CASE
    keeps, or from a folder; what nobody can know is marked to fill in. With --check each line that is to fill in, each
    section and point that is missing, and each account that is not named is a line, and the exit status is 3.

    \b
    Examples:
      rootforensics runbook --out runbook.md
      rootforensics runbook case.duckdb
      rootforensics runbook case.duckdb --out runbook.md
      rootforensics runbook case.duckdb --check runbook.md
    """
    from rootforensics import __version__, open_case
    from rootforensics.cli.talk import talk
    from rootforensics.errors import StorageError
    from rootforensics.reports.files import replacing
    from rootforensics.reports.runbook import lacking, runbook

    if out is not None and check is not None:
        raise click.UsageError("Give --out to write a runbook, or --check to see what one lacks.")
    with open_case(case) if case else nullcontext() as opened:
        known = _known(opened, folder)
        if out is not None:
            if Path(out).exists():
                raise StorageError("there is a file already; nothing that was filled in is written over", where=out)
            with replacing(out) as file:
                file.write(runbook(known, __version__))
            talk(f"written: {out}")
            if opened:
                opened.log_act("runbook", out=out)
            return 0
        if check is None:
            write_out(runbook(known, __version__))
            return 0
    found = lacking(_text(str(check)), known.accounts)
    for one in found:
        write_out(f"{check}:{one.line}: {one.what}" if one.line else f"{check}: {one.what}")
    if not found:
        talk("nothing is missing")
    return 3 if found else 0


def _text(path: str) -> str:
    from rootforensics.errors import SourceError

    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("this file cannot be read as text in UTF-8", where=path) from error


def _known(case: Case | None, folder: str | None) -> Known:
    """Answers to the controls, and what AWS says of the organization."""
    import msgspec

    from rootforensics.posture.calls import MEMBERS
    from rootforensics.posture.posture import check_posture
    from rootforensics.posture.saved import Saved
    from rootforensics.reports.runbook import Known

    if folder is not None:
        told = check_posture(case, from_folder=folder)
        rows: list[dict[str, Any]] = [{**one.as_dict(), "control_id": one.control.id} for one in told.answers]
        saved = list(told.saved)
    elif case is not None:
        rows = [dict(row) for row in case.query("posture").rows]
        held = [row for row in case.query("aws_answers").rows if row["call"] in (MEMBERS, _ORGANIZATION)]
        saved = [
            Saved(row["call"] or "", time=str(row["asked_time"] or ""), body=msgspec.json.decode(row["body"] or "{}"))
            for row in held
            if not row["code"]
        ]
    else:
        return Known()
    names = {member.Id: member.Name for one in saved if one.call == MEMBERS for member in one.told() or ()}
    above = {told.MasterAccountId for one in saved if one.call == _ORGANIZATION and (told := one.told())}
    checked = max((one.time for one in saved), default="")[:10]
    return Known(tuple(rows), names, above.pop() if len(above) == 1 else "", checked)
