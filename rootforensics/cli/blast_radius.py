"""``rootforensics blast-radius``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import approvals_option, make_filters, output_options, scope_options
from rootforensics.cli.talk import talk, tell_absence
from rootforensics.phrases import plural


@click.command("blast-radius")
@case_argument
@scope_options
@approvals_option
@click.option("--open", "only_open", is_flag=True, help="Show only what is still open at the end of the logs.")
@output_options
def command(
    case: str,
    account_id: str,
    since: str | None,
    until: str | None,
    approvals: str | None,
    only_open: bool,
    form: str,
    output: str | None,
) -> None:
    """List everything root created or changed, everything that in turn created or changed, and what remains.

    The command follows users, keys, roles, sessions, instances, functions and identity providers that root created,
    and everything they created. Each line is one entity, from its creation to its removal. A user with the same name
    that was created later is another entity. Entities that existed before and only received access or permissions
    (a user's policy, a role's trust, a console password, an old key, a function's code) are followed as "possible".

    Still open means that someone has to end or revert it: it is active or may be, was changed without a recorded
    revert, is a root key that was used, or is a disabled detective control. The verdict, the handover and contained use
    the same list. Entities that an approval covers, or a note with the tag contained on their last event, are listed
    last, with who accepted them and when. --since and --until select the entities that existed in that time, in their
    state at the end of the logs.

    \b
    Examples:
      rootforensics blast-radius case.duckdb
      rootforensics blast-radius case.duckdb --open --format csv -o undo.csv
    """
    from rootforensics.analysis.lineage.blast_radius import MISSES
    from rootforensics.cli.output import tell_rows, write_result
    from rootforensics.cli.targets import answering
    from rootforensics.queries.within import result_within

    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        radius = opened.blast_radius(approvals, account_id=account_id)
        result = result_within(radius.result(only_open=only_open), wanted.since, wanted.until)
        later(write_result, result, form, output)
        tell_absence(opened, account_id, len(result), wanted, later)
        if radius.cut_off:
            later(talk, "The chain of identities is too long: actions of the last ones were not followed.")
        later(tell_rows, plural(len(result), "entity"), MISSES)
