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
from rootforensics.phrases import some

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics import Case
    from rootforensics.analysis.response.contained import Contained
    from rootforensics.queries import rows as of

_CITED: Final = 3
_WORST: Final = ("used", "still open")
_MEANINGS: Final = {
    "used": "Calls succeeded after containment. Use by the owner counts until you accept it",
    "still open": "The logs do not show that others removed or restored these",
    "unknown": "The logs do not show whether these were used after containment, or whether they still exist",
    "accepted": "An approval or a note covers these",
    "closed": "These expired before containment, or were removed or restored, and complete logs show no later use",
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
    (users, roles, sessions, instances, bucket policies and more), calls whose effects are unknown, and accounts outside
    the case that root's calls mention or gave access to. Accounts with failed checks come first. Of accounts without
    one, only what happened after containment is listed. To check one of them in full, use --account.

    \b
    used        calls succeeded after containment
    still open  the logs do not show that others removed or restored it
    unknown     logs, their digest files, the event history or your own check (a note with --tag contained) are missing
    accepted    covered by an approval, or by a note (note CASE --tag contained)
    closed      it expired, or others removed or restored it, and complete logs show no later use

    Use by the owner counts as use until it is accepted. The exit status is 0 if everything is closed or accepted, and 3
    if anything was used, is still open or is unknown.

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
    """Print what happened since containment, a sentence for equal rows of each answer, and last what is missing."""
    from rootforensics.analysis.response.contained import GAP, HOW, OPEN, ROOT
    from rootforensics.cli.paragraphs import explain_places, write_heading, write_sentence
    from rootforensics.evidence.cite import cite
    from rootforensics.phrases import accounts_text, at

    if not rows:
        write_heading("The logs contain no use of root, so there is nothing to check.")
        return
    since, until = rows[0]["since_time"], contained.until_time
    own = [row for row in rows if not row["is_other"]]
    checked = sorted({row["account_id"] for row in own if row["entity_kind"] == ROOT})
    whose = f" of {'account ' * (len(checked) == 1)}{accounts_text(checked)}" if checked else ""
    main = checked[0] if len(checked) == 1 else ""
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
        write_sentence("", _calls_since(own, main))
    else:
        write_sentence("", "The logs do not go on for two hours after that time. Load newer logs, and run this again.")
    shared = case.analysis().shared_ids
    missing = dict.fromkeys(line for row in rows for line in row["missing"])
    numbers = {line: number for number, line in enumerate(missing, 1)}

    def write_items(items: list[of.Contained], common: set[str]) -> None:
        for _, group in groupby(items, key=_sentence):
            alike = list(group)
            first = alike[0]
            before = max((row["before_time"] for row in alike if row["before_time"]), default=None)
            last = f". Last call before containment, successful or not: {at(before)}" if before else ""
            more = [line for line in first["missing"] if line not in common]
            text = f"{_name(alike, main)}: {first['because']}{last}{_numbered(more, numbers)}"
            cited = cite(first["eventIDs"], first["citations"], shared)
            mark = styled("! ", "bad") if first["answer"] in _WORST else "- "
            write_sentence(mark, text, f"[{some(cited, _CITED)}]" if cited else "")

    gaps = [row for row in rows if row["entity_kind"] == GAP]
    entities = groupby(
        (row for row in rows if row["entity_kind"] != GAP), key=lambda row: (row["is_other"], row["answer"])
    )
    was_other = False
    for (is_other, answer), group in entities:
        if is_other and not was_other:
            write_heading(f"Other accounts: what happened there after {at(since)}")
        was_other = is_other
        items = list(group)
        common = set.intersection(*(set(row["missing"]) for row in items))
        write_heading(f"{answer.capitalize()}: {len(items):,}. {_MEANINGS[answer]}{_numbered(common, numbers)}.")
        write_items(items, common)
    if still_open := next((row for row in rows if OPEN in row["missing"]), None):
        about = f"{_name([still_open], main)}: {next(iter(still_open['eventIDs']), 'EVENT_ID')}"
        write_sentence("", f"To accept an entry, add a note to the last call that created or changed it: {HOW}")
        write_sentence("", f"EVENT_ID is the eventID of that call, for example of {about}")
    if numbers:
        write_heading(f"Missing evidence: {len(numbers):,}")
        write_items(gaps, set())
    accounts = {row["account_id"] for row in own}
    for line, number in numbers.items():
        lacking = sorted({row["account_id"] for row in rows if line in row["missing"]})
        noun = "account" if len(lacking) == 1 else "accounts"
        where = f" ({noun} {', '.join(lacking)})" if {*lacking} != accounts else ""
        write_sentence(f"{number:>2}. ", f"{line}{where}")
    explain_places(place for row in rows for place in cite(row["eventIDs"], row["citations"], shared))


def _calls_since(rows: list[of.Contained], main: str) -> str:
    """What was used since containment, what only denied or failed calls used, and of what the logs do not show it."""
    used = some([_name([row], main) for row in rows if row["answer"] == "used"])
    refused = some([_name([row], main) for row in rows if row["refused_count"]])
    unclear = some([_name([row], main) for row in rows if row["unclear_count"]])
    where = f"account {main}" if main else "these accounts"
    no_use = f"The logs show no successful call by root of {where} or its follow-on activity after containment"
    return ". ".join((
        f"Used after containment: {used}" if used else no_use,
        *([f"Calls were denied or failed: {refused}"] if refused else ()),
        *([f"The logs do not show whether these were used: {unclear}"] if unclear else ()),
    )) + "."  # fmt: skip


def _numbered(lines: Iterable[str], numbers: dict[str, int]) -> str:
    """Where the list at the end names what is missing; text to append."""
    listed = ", ".join(str(number) for number in sorted(numbers[line] for line in lines))
    return f". Missing: {listed}" if listed else ""


def _sentence(row: of.Contained) -> tuple[object, ...]:
    """Key of rows that share a sentence: the same answer and gaps, and no use or citation of their own."""
    used = row["used_count"] or row["refused_count"] or row["unclear_count"] or row["before_time"] is None
    return row["account_id"], row["entity_kind"], row["because"], row["missing"], row["eventIDs"] if used else []


def _name(rows: list[of.Contained], main: str) -> str:
    """The entities of rows of one kind and account, as the brief names them; the main account is not repeated."""
    from rootforensics.rules.entities import entity_in_words
    from rootforensics.rules.wording import listed
    from rootforensics.telling.objects import object_named

    account = rows[0]["account_id"]
    named = [object_named(*entity_in_words(row["entity_kind"], row["entity_name"], account)) for row in rows]
    name = listed(named[0][0], [name for _, name in named])
    return name if account == main or account in name else f"{name} of account {account}"
