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
@click.option("--from", "folder", metavar="DIR", help="Saved answers from AWS, instead of those in CASE.")
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write the runbook to this new file instead of stdout.",
)
@click.option("--check", metavar="FILE", type=click.Path(dir_okay=False), help="List what this runbook lacks.")
def command(case: str | None, folder: str | None, out: str | None, check: str | None) -> int:
    """Write a runbook for the use of root and for its misuse (Markdown), or check one.

    It covers where passwords and MFA devices are kept, who may use root and why, and how a use is recorded. It also has
    the steps after a use, and the steps if no one approved it. Accounts and open risks come from CASE or a folder. The
    rest is marked to fill in. --check lists what is still to fill in, and missing sections, points and accounts. The
    exit status is then 3.

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
        raise click.UsageError("Use either --out to write a runbook, or --check to list what one lacks.")
    with open_case(case) if case else nullcontext() as opened:
        known = _known(opened, folder)
        if out is not None:
            if Path(out).exists():
                raise StorageError("this file exists and is not overwritten", where=out)
            with replacing(out) as file:
                file.write(runbook(known, __version__))
            talk(f"written: {out}")
            if opened:
                opened.log_act("runbook", out=out)
            return 0
        if check is None:
            write_out(runbook(known, __version__))
            return 0
    gaps = lacking(_text(str(check)), known.accounts)
    for gap in gaps:
        write_out(f"{check}:{gap.line}: {gap.what}" if gap.line else f"{check}: {gap.what}")
    if not gaps:
        talk("nothing is missing")
    return 3 if gaps else 0


def _text(path: str) -> str:
    from rootforensics.errors import SourceError

    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("this file is not UTF-8 text, or cannot be read", where=path) from error


def _known(case: Case | None, folder: str | None) -> Known:
    """Results of the controls, and what AWS reports about the organization."""
    import msgspec

    from rootforensics.posture.calls import MEMBERS
    from rootforensics.posture.posture import check_posture
    from rootforensics.posture.saved import Saved
    from rootforensics.reports.runbook import Known

    if folder is not None:
        posture = check_posture(case, from_folder=folder)
        rows: list[dict[str, Any]] = [{**one.as_dict(), "control_id": one.control.id} for one in posture.answers]
        saved = list(posture.saved)
    elif case is not None:
        rows = [dict(row) for row in case.query("posture").rows]
        answers = [row for row in case.query("aws_answers").rows if row["call"] in (MEMBERS, _ORGANIZATION)]
        saved = [
            Saved(row["call"] or "", time=str(row["asked_time"] or ""), body=msgspec.json.decode(row["body"] or "{}"))
            for row in answers
            if not row["code"]
        ]
    else:
        return Known()
    names = {member.Id: member.Name for one in saved if one.call == MEMBERS for member in one.told() or ()}
    above = {answer.MasterAccountId for one in saved if one.call == _ORGANIZATION and (answer := one.told())}
    checked = max((one.time for one in saved), default="")[:10]
    return Known(tuple(rows), names, above.pop() if len(above) == 1 else "", checked)
