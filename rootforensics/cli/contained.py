"""``rootforensics contained``."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, cast

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, approvals_option, make_filters, output_options
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.style import styled
from rootforensics.cli.view import View, asked_view

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics import Case
    from rootforensics.analysis.response.contained import Contained
    from rootforensics.queries import rows as of

_CITED: Final = 3
_NAMES_SHOWN: Final = 3
_NOTE: Final = "a note that says so"
_WORST: Final = ("used", "still there")
_MEANINGS: Final = {
    "used": "Calls succeeded after containment. Use by the owner counts until you accept it",
    "still there": "The logs do not show that these were removed, disabled or changed back",
    "unknown": "The logs cannot show whether these were used since, or are still there",
    "accepted": "An approval or a note covers these",
    "holds": "These expired and cannot be used, or they were removed and complete logs show no use since",
}


@click.command("contained")
@case_argument
@click.option(
    "--contained-at", metavar="TIME", required=True, help="When containment was finished (UTC if without offset)."
)
@click.option(
    "--until",
    metavar="TIME",
    help="Time until which logs must be complete. Default: two hours before the end of the last hour in the logs.",
)
@approvals_option
@account_option
@redact_option
@output_options
@click.pass_context
def command(
    context: click.Context,
    case: str,
    contained_at: str,
    until: str | None,
    approvals: str | None,
    account_id: str,
    redact: str | None,
    form: str,
    output: str | None,
) -> None:
    """Check that containment is effective: what is left of root's changes, and what was used after containment.

    First load the newest logs into CASE. The command checks root, its access keys, everything root created or opened
    (users, roles, sessions, instances, bucket policies and more), calls whose effects are unknown, and other accounts
    that root named or gave access to. Accounts with failed checks come first. Of other accounts, only what happened
    after containment is listed. To check one of them in full, use --account.

    \b
    used         calls succeeded after containment
    still there  the logs do not show that it was removed, disabled or changed back
    holds        it expired, or was removed and not used since, and the logs are complete
    unknown      logs, their digest files, the event history or a check by you are missing
    accepted     covered by an approval, or by a note (note CASE --tag contained)

    Use by the owner counts as use until it is accepted. The exit status is 0 if everything holds or was accepted, and 3
    if anything was used, is still there or is unknown.

    \b
    Examples:
      rootforensics load case.duckdb s3://bucket/AWSLogs/
      rootforensics contained case.duckdb --contained-at 2026-08-05T09:30:00Z
    """
    from rootforensics.cli.output import write_result
    from rootforensics.cli.talk import tell_absence
    from rootforensics.cli.targets import answering
    from rootforensics.errors import FilterError

    since, end = cast("datetime", make_filters(contained_at, None).since), make_filters(None, until).until
    with answering(case, output) as (opened, later):
        try:
            contained = opened.contained(since, end, approvals, account_id=account_id)
        except FilterError as error:
            raise click.UsageError(str(error)) from error
        result = redacted(opened, contained.result(), redact, output)
        if form == "table" and not output and asked_view() == View():
            _print(opened, contained, result.rows, is_until_given=until is not None)
        else:
            later(write_result, result, form, output)
        tell_absence(opened, account_id, len(result), later=later)
    context.exit(0 if contained.holds else 3)


def _print(case: Case, contained: Contained, rows: list[of.Contained], *, is_until_given: bool) -> None:
    """Print each answer with its meaning, what is missing for a better one, and a sentence for equal rows.

    What is missing has a number and is printed once.
    """
    from rootforensics.analysis.response.contained import HOW, KEPT, ROOT
    from rootforensics.cli.paragraphs import explain_places, write_heading, write_sentence
    from rootforensics.evidence.cite import cite
    from rootforensics.phrases import at, plural, some

    if not rows:
        write_heading("The logs contain no use of root, so there is nothing to check.")
        return
    since, until = rows[0]["since_time"], contained.until_time
    checked = sorted({row["account_id"] for row in rows if row["entity_kind"] == ROOT and not row["is_other"]})
    whose = (
        f" of {plural(len(checked), 'account')} {some(checked)}"
        if len(checked) > 1
        else f" of account {''.join(checked)}"
        if checked
        else ""
    )
    write_heading(
        f"Containment{whose} since {at(since)}: {'effective' if contained.holds else 'not shown to be effective'}"
    )
    if until and until > since:
        why = (
            ""
            if is_until_given
            else ", two hours before the end of their last hour, because CloudTrail may still deliver newer files"
        )
        write_sentence("", f"The logs were checked until {at(until)}{why}.")
    else:
        write_sentence("", "The logs do not go on for two hours after that time. Load newer logs, and run this again.")
    shared = case.analysis().shared_ids
    numbers: dict[str, int] = {}
    accounts = {row["account_id"] for row in rows if not row["is_other"]}
    lacking: dict[str, set[str]] = {}
    for row in rows:
        for line in row["missing"]:
            lacking.setdefault(line, set()).add(row["account_id"])
    answers = groupby(rows, key=lambda row: (row["is_other"], row["answer"]))
    was_other = False
    for (is_other, answer), of_answer in ((key, list(group)) for key, group in answers):
        if is_other and not was_other:
            write_heading(f"Other accounts: what happened there after {at(since)}")
        was_other = is_other
        write_heading(f"{answer.capitalize()}: {len(of_answer):,}. {_MEANINGS[answer]}.")
        label = "Not shown" if answer in KEPT else "Missing"
        for line in dict.fromkeys(line for row in of_answer for line in row["missing"] if line not in numbers):
            numbers[line] = len(numbers) + 1
            noun = "account" if len(lacking[line]) == 1 else "accounts"
            whose = f" ({noun} {', '.join(sorted(lacking[line]))})" if lacking[line] != accounts else ""
            write_sentence("  ", f"{label} {numbers[line]}{whose}: {line}")
        for _, group in groupby(of_answer, key=_sentence):
            alike = list(group)
            one = alike[0]
            name = some([row["entity_name"] for row in alike], _NAMES_SHOWN)
            name = f"of account {name}" if name == one["account_id"] else name
            where = "" if one["account_id"] in name else f" of {one['account_id']}"
            before = max((row["before_time"] for row in alike if row["before_time"]), default=None)
            last = f". Last call before containment: {at(before)}" if before else ""
            lacks = ", ".join(str(numbers[line]) for line in one["missing"])
            numbered = f". {label}: {lacks}" if lacks else ""
            cited = cite(one["eventIDs"], one["citations"], shared)
            text = f"{_kind_of(one['entity_kind'], len(alike))} {name}{where}: {one['because']}{last}{numbered}"
            mark = styled("! ", "bad") if answer in _WORST else "- "
            write_sentence(mark, text, f"[{some(cited, _CITED)}]" if cited else "")
    if any(_NOTE in line for line in numbers):
        open_row = next(row for row in rows if any(_NOTE in line for line in row["missing"]))
        about = f"{open_row['entity_kind']} {open_row['entity_name']}: {next(iter(open_row['eventIDs']), 'EVENT_ID')}"
        write_sentence("", f"To close an entry, add a note to the last call that created or changed it: {HOW}")
        write_sentence("", f"EVENT_ID is the eventID of that call, for example of {about}")
    explain_places(found for row in rows for found in cite(row["eventIDs"], row["citations"], shared))


def _sentence(row: of.Contained) -> tuple[object, ...]:
    """Key of rows that share a sentence: the same answer and gaps, and no use or citation of their own."""
    used = row["used_count"] or row["refused_count"] or row["unclear_count"] or row["before_time"] is None
    return row["account_id"], row["entity_kind"], row["because"], row["missing"], row["eventIDs"] if used else []


def _kind_of(kind: str, count: int) -> str:
    """The kind, with the number if there are several."""
    from rootforensics.phrases import plural

    return kind if count == 1 else plural(count, kind)
