"""``rootforensics handover``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import approvals_option, make_filters, name_options, scope_options
from rootforensics.cli.redact import open_redactor, redact_option
from rootforensics.cli.talk import talk, tell_unlogged
from rootforensics.cli.targets import check_not_same


@click.command("handover")
@case_argument
@click.option("--out", required=True, type=click.Path(file_okay=False), help="Folder for the files.")
@click.option("--known-at", metavar="TIME", help="When the organization first knew (UTC if without offset).")
@approvals_option
@scope_options
@name_options
@redact_option
@click.pass_context
def command(
    context: click.Context,
    case: str,
    out: str,
    known_at: str | None,
    approvals: str | None,
    account_id: str,
    since: str | None,
    until: str | None,
    title: str,
    investigator: str,
    redact: str | None,
) -> None:
    """Write three texts to hand over: steps.md, support-case.txt and facts.md.

    steps.md lists the containment steps in order, what not to do until they are done, and what to rotate.
    support-case.txt is a text for AWS Support. facts.md is for counsel: the data that was touched, the times, and
    what the logs show and do not show. Each finding cites its events. Fill in the text between ⟦ and ⟧, which the
    logs do not show. A file that you filled in is never overwritten. With --since or --until the steps are still
    about all logs. The exit status is 3 if a text names an account without logs in the case.

    \b
    Examples:
      rootforensics handover case.duckdb --out handover/
      rootforensics handover case.duckdb --out handover/ --known-at 2026-08-05T09:00Z --account-id 111122223333
    """
    from rootforensics import open_case

    known, wanted = make_filters(known_at, None).since, make_filters(since, until)
    check_not_same(out, approvals)
    with open_case(case) as opened:
        written = opened.handover(
            out, approvals, known_at=known, title=title, investigator=investigator, account_id=account_id,
            since=wanted.since, until=wanted.until, redactor=open_redactor(opened, redact, folder=out),
        )  # fmt: skip
        status = tell_unlogged(opened, opened.analysis(approvals, account_id=account_id))
    talk(f"written to {out}: {', '.join(path.name for path in written)}; fill in the text between ⟦ and ⟧")
    context.exit(status)
