"""``rootforensics posture``."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.arguments import CaseFile

if TYPE_CHECKING:
    from rootforensics.posture.posture import Posture

#: Letters for the longest answer and a blank.
_ANSWER: Final = 15


@click.command("posture")
@click.argument("case", type=CaseFile(), required=False)
@click.option("--profile", default="", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--role-arn", default="", metavar="ARN", help="Role to take on.")
@click.option("--from", "folder", metavar="DIR", help="Read saved answers from this folder, and do not ask AWS.")
@click.option("--save", metavar="DIR", help="Write the answers of AWS into this folder, which is new or empty.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("table", "json", "csv", "asff")),
    default="table",
    show_default=True,
    help="How to write the answers; asff is for Security Hub.",
)
@click.option("--print-policy", is_flag=True, help="Print the IAM policy that a live run needs, and end.")
def command(
    case: str | None,
    profile: str,
    role_arn: str,
    folder: str | None,
    save: str | None,
    form: str,
    *,
    print_policy: bool,
) -> int:
    """What can root do now, and would anybody be told? Answer controls on the root user, live or from saved answers.

    A live run asks AWS and changes nothing; it has a credential report made, and keeps the older one first. With --from
    it reads files that the AWS CLI wrote. With CASE the deployed alarm is replayed on the events of the case, which
    keeps the answers. Commands of the column remedy are printed and never run. The exit status is 3 if a control fails
    or is unknown.

    \b
    Examples:
      rootforensics posture --print-policy
      rootforensics posture case.duckdb --profile audit --save answers/
      rootforensics posture case.duckdb --from answers/ --format json
    """
    from rootforensics import open_case
    from rootforensics.cli.talk import talk
    from rootforensics.posture.posture import check_posture

    if print_policy:
        from rootforensics.posture.forms import least_policy

        click.echo(json.dumps(least_policy(), indent=2))
        return 0
    if folder is not None and (profile or role_arn or save is not None):
        raise click.UsageError("--from asks nothing of AWS; leave --profile, --role-arn and --save out.")
    with open_case(case) if case else nullcontext() as opened:
        check = opened.posture if opened else check_posture
        told = check(from_folder=folder, profile=profile, role_arn=role_arn, save=save)
    for problem in told.problems:
        talk(problem)
    _write(told, form)
    return 0 if told.is_good else 3


def _write(told: Posture, form: str) -> None:
    from rootforensics.cli.output import write_result
    from rootforensics.cli.talk import escaped
    from rootforensics.posture.forms import asff

    if form == "csv":
        write_result(told.result(), form, None)
    elif form == "table":
        _print(told)
    else:
        rows = asff(told) if form == "asff" else [one.as_dict() for one in told.answers]
        click.echo(escaped(json.dumps(rows, ensure_ascii=False, indent=2)))


def _print(told: Posture) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.phrases import plural

    accounts = sorted({one.account_id for one in told.answers})
    exposures = [f"{one.account_id}: " * (len(accounts) > 1) + one.control.exposure for one in told.exposures]
    unknown = told.counts.get("unknown", 0)
    beside = f" {plural(unknown, 'control')} could not be answered." if unknown else ""
    write_heading("Still open:" if exposures else f"Nothing open in what was read.{beside}")
    for exposure in exposures:
        write_sentence("- ", exposure)
    counts = ", ".join(f"{count} {answer.replace('_', ' ')}" for answer, count in told.counts.items())
    write_sentence("Controls: ", counts)
    for account in accounts:
        write_heading(f"Account {account or 'unknown'}")
        for one in (one for one in told.answers if one.account_id == account):
            lead = one.answer.replace("_", " ").ljust(_ANSWER)
            write_sentence(lead, f"{one.control.title} ({one.control.id}, {one.control.severity})")
            write_sentence(" " * _ANSWER, one.why)
            for what in one.missing:
                write_sentence(" " * _ANSWER + "missing: ", what)
            if one.answer in ("fail", "warn"):
                write_sentence(" " * _ANSWER + "do: ", one.control.remedy)
