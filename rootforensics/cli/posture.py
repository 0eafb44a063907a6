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

#: Up to how many accounts each control is listed; for more, only the matrix is shown.
_LISTED: Final = 5
#: How many missing items are listed; --format has all of them.
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
#: Width of the longest answer and a blank.
_ANSWER: Final = 15


@click.command("posture")
@click.argument("case", type=CaseFile(), required=False)
@click.option("--profile", default="", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--role-arn", default="", metavar="ARN", help="Role to assume.")
@click.option("--org", is_flag=True, help="Check all accounts of the organization; needs --member-role.")
@click.option("--member-role", default="", metavar="NAME", help="Role to assume in each account, for --org.")
@click.option(
    "--assume-root-audit",
    is_flag=True,
    help="With --org, read root's credentials in each member with AssumeRoot: a write that triggers alarms there.",
)
@click.option("--from", "folder", metavar="DIR", help="Read saved answers from this folder instead of asking AWS.")
@click.option("--our-networks", default="", metavar="CIDR,…", help="Networks from which you sign in.")
@click.option("--save", metavar="DIR", help="Write the answers from AWS into this new or empty folder.")
@format_option("table", "json", "csv", "asff", default="table", text="asff is for Security Hub.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file, not to stdout.")
@redact_option
@click.option("--print-policy", is_flag=True, help="Print the IAM policy that a live run needs, and exit.")
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
    """Check root's current controls and whether alarms notify anyone, live or from saved answers.

    A live run changes nothing, with two exceptions: it generates a credential report, and with --assume-root-audit it
    opens root sessions in members, to read root's credentials. It replaces an existing report only with --save, which
    saves that one first. With --from, it reads files that the AWS CLI wrote. With CASE, it also replays the deployed
    alarm on the case, and stores the answers in it. Remedies are printed and never run. The exit status is 3 if a
    control fails or is unknown.

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
        raise click.UsageError("Security Hub accepts no masked findings. Leave --redact out.")
    if folder is not None and (profile or role_arn or org or save is not None):
        raise click.UsageError("--from asks nothing of AWS. Leave --profile, --role-arn, --org and --save out.")
    if assume_root_audit:
        talk(
            "AssumeRoot opens a root session in each active member, only to read root's credentials. This is a write. "
            "It creates root events in the members and triggers their alarms on root."
        )
    bar = progress("accounts") if org else nullcontext(lambda *_: None)
    with open_case(case) if case else nullcontext() as opened:
        if opened:
            check_target(opened, output)
        check = opened.posture if opened else check_posture
        with bar as follow:
            posture = check(
                from_folder=folder,
                profile=profile,
                role_arn=role_arn,
                member_role=member_role,
                save=save,
                assume_root_audit=assume_root_audit,
                our_networks=tuple(part for part in our_networks.split(",") if part.strip()),
                progress=lambda done, total: follow(
                    done / total, f"{done:,} of {plural(total, 'other account')} checked"
                ),
            )
        if redact:
            posture = _masked(posture, opened, redact, output)
        for problem in posture.problems:
            talk(problem)
        _write(posture, form, output)
        if opened and output:
            log_written(opened)
    return 0 if posture.is_good else 3


def _masked(posture: Posture, case: Case | None, keyfile: str, output: str | None) -> Posture:
    """The answers as they are shown; the key file is written first."""
    from rootforensics.cli.targets import check_not_same
    from rootforensics.reports.redaction.redactor import Redactor

    check_not_same(output, keyfile)
    redactor = (open_redactor(case, keyfile, output) if case else None) or Redactor(keyfile)
    masked = replace(posture, answers=redactor.value(posture.answers), problems=redactor.value(posture.problems))
    redactor.save()
    return masked


def _write(posture: Posture, form: str, output: str | None) -> None:
    from rootforensics.cli.output import write_result, write_text
    from rootforensics.posture.forms import asff
    from rootforensics.queries.formats import visible

    if form == "table" and not output:
        _print(posture)
    elif form in ("csv", "table"):
        write_result(posture.result(), form, output)
    else:
        rows = asff(posture) if form == "asff" else [answer.as_dict() for answer in posture.answers]
        write_text(visible(json.dumps(rows, ensure_ascii=False, indent=2)) + "\n", output)


def _print(posture: Posture) -> None:
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.phrases import plural, some

    accounts = sorted({answer.account_id for answer in posture.answers})
    exposed: dict[str, list[str]] = {}
    for answer in posture.exposures:
        exposed.setdefault(answer.exposure, []).append(answer.account_id)
    unknown = posture.counts.get("unknown", 0)
    is_timed = all(saved.time for saved in posture.saved)
    if exposed:
        write_heading("Still open:" if is_timed else "Open when AWS was asked:")
    else:
        unchecked = f", but {plural(unknown, 'control')} could not be checked" if unknown else ""
        write_heading(f"No control failed{unchecked}.")
    for exposure, where in exposed.items():
        names = f" ({plural(len(where), 'account')}: {some(where, 3)})" if len(accounts) > 1 else ""
        write_sentence("- ", f"{exposure}{names}")
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in posture.counts.items())
    write_sentence("Controls: ", counts)
    if not is_timed:
        write_sentence("", "Some answers from AWS have no time, so later changes are unknown.")
    if len(accounts) > 1:
        _print_matrix(posture, accounts)
    for account in accounts if len(accounts) <= _LISTED else ():
        write_heading(f"Account {account or 'unknown'}")
        _print_answers([answer for answer in posture.answers if answer.account_id == account])


def _print_answers(answers: list[ControlAnswer]) -> None:
    """The answers of an account. Missing permissions are listed once, and unchecked controls in one paragraph."""
    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.phrases import plural, some
    from rootforensics.posture.posture import UNREAD
    from rootforensics.posture.saved import NOT_SAVED

    shown: set[str] = set()
    for answer in (answer for answer in answers if answer.why != UNREAD):
        lead = answer.answer.replace("_", " ").ljust(_ANSWER)
        write_sentence(lead, f"{answer.control.id}, {answer.control.severity}: {answer.why}")
        for missing in answer.missing:
            if missing not in shown:
                write_sentence(" " * _ANSWER + "missing: ", missing)
        shown.update(answer.missing)
        if answer.remedy and answer.answer in ("fail", "warn"):
            write_sentence(" " * _ANSWER + "do: ", answer.remedy)
    if unread := [answer for answer in answers if answer.why == UNREAD]:
        names = ", ".join(answer.control.id for answer in unread)
        write_sentence("unknown".ljust(_ANSWER), f"{plural(len(unread), 'control')} not checked: {names}")
        gaps = list(dict.fromkeys(missing for answer in unread for missing in answer.missing))
        unsaved = [gap.removesuffix(NOT_SAVED) for gap in gaps if gap.endswith(NOT_SAVED)]
        for gap in (gap for gap in gaps if not gap.endswith(NOT_SAVED)):
            write_sentence(" " * _ANSWER + "missing: ", gap)
        if unsaved:
            write_sentence(" " * _ANSWER + "missing: ", f"{some(unsaved, _MISSING)}{NOT_SAVED}")


def _print_matrix(posture: Posture, accounts: list[str]) -> None:
    """A row for each account, a letter for each control, and the controls by number with their counts."""
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.phrases import plural
    from rootforensics.posture.saved import SHUT

    answers = {(one.account_id, one.control.id): one.answer for one in posture.answers}
    names = list(dict.fromkeys(one.control.id for one in sorted(posture.answers, key=lambda one: one.control.rank)))
    write_heading("Accounts and controls")
    for digit in (0, 1):
        write_out(" " * 14 + _in_fives([f"{number:2}"[digit] for number in range(1, len(names) + 1)]))
    for account in accounts:
        write_out(f"{account or 'unknown':12}  {_in_fives([_LETTERS[answers[account, name]] for name in names])}")
    write_sentence("", ", ".join(f"{letter} {answer.replace('_', ' ')}" for answer, letter in _LETTERS.items()))
    for number, name in enumerate(names, 1):
        counts = Counter(answers[account, name] for account in accounts)
        text = ", ".join(f"{counts[answer]} {answer.replace('_', ' ')}" for answer in _LETTERS if counts[answer])
        write_sentence(f"{number:2}  ", f"{name}: {text}")
    shut = {
        one.account_id: next(missing for missing in one.missing if SHUT in missing)
        for one in posture.answers
        if SHUT in "".join(one.missing)
    }
    if shut:
        is_dark = all(answer == "unknown" for (account, _), answer in answers.items() if account in shut)
        unknown = ", so nothing is known about them" if is_dark else ""
        write_heading(f"{plural(len(shut), 'account')} could not be accessed{unknown}:")
    for account, why in shut.items():
        write_sentence("- ", f"{account}: {why}")


def _in_fives(letters: list[str]) -> str:
    return " ".join("".join(letters[first : first + 5]) for first in range(0, len(letters), 5))
