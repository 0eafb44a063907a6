"""``rootforensics posture``."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import format_option
from rootforensics.cli.redact import open_redactor, redact_option
from rootforensics.cli.talk import write_out

if TYPE_CHECKING:
    from rootforensics.case import Case
    from rootforensics.posture.judged import Answer
    from rootforensics.posture.posture import ControlAnswer, Posture

#: Of so many accounts each control is listed; of more there is the matrix alone.
_LISTED: Final = 5
#: Of what is missing for answers, so much is named at once; --format has all.
_MISSING: Final = 10
#: How the matrix shows an answer.
_LETTERS: Final[dict[Answer, str]] = {
    "fail": "F",
    "unknown": "?",
    "warn": "w",
    "info": "i",
    "pass": ".",
    "not_applicable": "-",
}
#: Letters for the longest answer and a blank.
_ANSWER: Final = 15


@click.command("posture")
@click.argument("case", type=CaseFile(), required=False)
@click.option("--profile", default="", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--role-arn", default="", metavar="ARN", help="Role to take on.")
@click.option("--org", is_flag=True, help="Check all accounts of the organization; needs --member-role.")
@click.option("--member-role", default="", metavar="NAME", help="Role to take on in each account, for --org.")
@click.option(
    "--assume-root-audit",
    is_flag=True,
    help="With --org, look at root's credentials in each member by AssumeRoot: a write, which alarms there tell of.",
)
@click.option("--from", "folder", metavar="DIR", help="Read saved answers from this folder, and do not ask AWS.")
@click.option("--our-networks", default="", metavar="CIDR,…", help="Networks from which you sign in.")
@click.option("--save", metavar="DIR", help="Write the answers of AWS into this folder, which is new or empty.")
@format_option("table", "json", "csv", "asff", default="table", text="asff is for Security Hub.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file, not to stdout.")
@redact_option
@click.option("--print-policy", is_flag=True, help="Print the IAM policy that a live run needs, and end.")
def command(
    case: str | None,
    profile: str,
    role_arn: str,
    folder: str | None,
    our_networks: str,
    save: str | None,
    form: str,
    output: str | None,
    member_role: str,
    redact: str | None,
    *,
    org: bool,
    assume_root_audit: bool,
    print_policy: bool,
) -> int:
    """What can root do now, and would anybody be told? Answer controls on the root user, live or from saved answers.

    A live run asks AWS and changes nothing, but that it has a credential report made; an older one only with --save,
    which keeps that first. Only with --assume-root-audit are sessions of root opened in members, to read its
    credentials. With --from it reads files that the AWS CLI wrote. With CASE the deployed alarm is replayed
    on the events of the case, which keeps the answers. Commands of the column remedy are printed and never run. The
    exit status is 3 if a control fails or is unknown.

    \b
    Examples:
      rootforensics posture --print-policy
      rootforensics posture case.duckdb --profile audit --save answers/
      rootforensics posture case.duckdb --from answers/ --format json
      rootforensics posture --org --member-role SecurityAudit --profile management --save answers/
    """
    from rootforensics import open_case
    from rootforensics.cli.progress import progress
    from rootforensics.cli.talk import talk
    from rootforensics.cli.targets import check_target, log_written
    from rootforensics.phrases import plural
    from rootforensics.posture.posture import check_posture

    if org != bool(member_role):
        raise click.UsageError("--org and --member-role need each other.")
    if assume_root_audit and not org:
        raise click.UsageError("--assume-root-audit needs --org and --member-role.")
    if print_policy:
        from rootforensics.posture.forms import WHOSE, least_policy

        policy = least_policy(member_role, role_arn, assume_root_audit=assume_root_audit)
        write_out(json.dumps(policy, indent=2))
        for statement in policy["Statement"]:
            talk(f"{statement['Sid']} is for {WHOSE[statement['Sid']]}")
        return 0
    if redact and form == "asff":
        raise click.UsageError("Security Hub takes no masked findings; leave --redact out.")
    if folder is not None and (profile or role_arn or org or save is not None):
        raise click.UsageError("--from asks nothing of AWS; leave --profile, --role-arn, --org and --save out.")
    if assume_root_audit:
        talk(
            "AssumeRoot opens a session of root in each active member, for reading its credentials alone. It is a "
            "write: it leaves events of root in the members, and sets off their alarms on root."
        )
    shown = progress("accounts") if org else nullcontext(lambda *_: None)
    with open_case(case) if case else nullcontext() as opened:
        if opened:
            check_target(opened, output)
        check = opened.posture if opened else check_posture
        with shown as follow:
            told = check(
                from_folder=folder,
                profile=profile,
                role_arn=role_arn,
                member_role=member_role,
                save=save,
                assume_root_audit=assume_root_audit,
                our_networks=tuple(one for one in our_networks.split(",") if one.strip()),
                progress=lambda done, total: follow(
                    done / total, f"{done:,} of {plural(total, 'other account')} asked"
                ),
            )
        if redact:
            told = _masked(told, opened, redact, output)
        for problem in told.problems:
            talk(problem)
        _write(told, form, output)
        if opened and output:
            log_written(opened)
    return 0 if told.is_good else 3


def _masked(told: Posture, case: Case | None, keyfile: str, output: str | None) -> Posture:
    """The answers as they are shown; the key file is written first."""
    from rootforensics.cli.targets import check_not_same
    from rootforensics.reports.redaction.redactor import Redactor

    check_not_same(output, keyfile)
    redactor = (open_redactor(case, keyfile, output) if case else None) or Redactor(keyfile)
    masked = replace(told, answers=redactor.value(told.answers), problems=redactor.value(told.problems))
    redactor.save()
    return masked


def _write(told: Posture, form: str, output: str | None) -> None:
    from rootforensics.cli.output import write_result, write_text
    from rootforensics.posture.forms import asff
    from rootforensics.reports.timeline import visible

    if form == "table" and not output:
        _print(told)
    elif form in ("csv", "table"):
        write_result(told.result(), form, output)
    else:
        rows = asff(told) if form == "asff" else [one.as_dict() for one in told.answers]
        write_text(visible(json.dumps(rows, ensure_ascii=False, indent=2)) + "\n", output)


def _print(told: Posture) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.phrases import plural, some

    accounts = sorted({one.account_id for one in told.answers})
    open_in: dict[str, list[str]] = {}
    for one in told.exposures:
        open_in.setdefault(one.exposure, []).append(one.account_id)
    unknown = told.counts.get("unknown", 0)
    beside = f", but {plural(unknown, 'control')} could not be answered" if unknown else ""
    is_timed = all(one.time for one in told.saved)
    still = "Still open:" if is_timed else "Open when AWS was asked, and not all answers tell when that was:"
    write_heading(still if open_in else f"Nothing open in what was read{beside}.")
    for exposure, where in open_in.items():
        named = f" ({plural(len(where), 'account')}: {some(where, 3)})" if len(accounts) > 1 else ""
        write_sentence("- ", f"{exposure}{named}")
    counts = ", ".join(f"{count} {answer.replace('_', ' ')}" for answer, count in told.counts.items())
    write_sentence("Controls: ", counts)
    if not is_timed:
        write_sentence("", "Not all of the answers tell when AWS gave them, so what was changed since is not known.")
    if len(accounts) > 1:
        _print_matrix(told, accounts)
    for account in accounts if len(accounts) <= _LISTED else ():
        write_heading(f"Account {account or 'unknown'}")
        _print_answers([one for one in told.answers if one.account_id == account])


def _print_answers(own: list[ControlAnswer]) -> None:
    """The answers on an account; what is missing is told once, and controls that were not read are one paragraph."""
    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.phrases import plural, some
    from rootforensics.posture.posture import UNREAD

    shown: set[str] = set()
    for one in (one for one in own if one.why != UNREAD):
        lead = one.answer.replace("_", " ").ljust(_ANSWER)
        write_sentence(lead, f"{one.control.id}, {one.control.severity}: {one.why}")
        for what in one.missing:
            if what not in shown:
                write_sentence(" " * _ANSWER + "missing: ", what)
        shown.update(one.missing)
        if one.remedy and one.answer in ("fail", "warn"):
            write_sentence(" " * _ANSWER + "do: ", one.remedy)
    if unread := [one for one in own if one.why == UNREAD]:
        write_sentence(
            "unknown".ljust(_ANSWER),
            f"{plural(len(unread), 'control')} not read: {', '.join(one.control.id for one in unread)}",
        )
        missing = list(dict.fromkeys(what for one in unread for what in one.missing))
        write_sentence(" " * _ANSWER + "missing: ", some(missing, _MISSING, "; "))


def _print_matrix(told: Posture, accounts: list[str]) -> None:
    """A row for each account, a letter for each control, and the controls by number with their counts."""
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.phrases import plural
    from rootforensics.posture.saved import SHUT

    answers = {(one.account_id, one.control.id): one.answer for one in told.answers}
    named = list(dict.fromkeys(one.control.id for one in sorted(told.answers, key=lambda one: one.control.rank)))
    write_heading("Accounts and controls")
    for place in (0, 1):
        write_out(" " * 14 + _in_fives([f"{number:2}"[place] for number in range(1, len(named) + 1)]))
    for account in accounts:
        write_out(f"{account or 'unknown':12}  {_in_fives([_LETTERS[answers[account, one]] for one in named])}")
    write_sentence("", ", ".join(f"{letter} {answer.replace('_', ' ')}" for answer, letter in _LETTERS.items()))
    for number, one in enumerate(named, 1):
        counts = Counter(answers[account, one] for account in accounts)
        counted = ", ".join(f"{counts[answer]} {answer.replace('_', ' ')}" for answer in _LETTERS if counts[answer])
        write_sentence(f"{number:2}  ", f"{one}: {counted}")
    shut = {
        one.account_id: next(what for what in one.missing if SHUT in what)
        for one in told.answers
        if SHUT in "".join(one.missing)
    }
    if shut:
        is_dark = all(answer == "unknown" for (account, _), answer in answers.items() if account in shut)
        beside = "; nothing is known of them" if is_dark else ""
        write_heading(f"{plural(len(shut), 'account')} could not be entered{beside}:")
    for account, why in shut.items():
        write_sentence("- ", f"{account}: {why}")


def _in_fives(letters: list[str]) -> str:
    return " ".join("".join(letters[first : first + 5]) for first in range(0, len(letters), 5))
