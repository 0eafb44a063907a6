"""``rootforensics blast-radius``."""

from __future__ import annotations

from functools import partial

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, approvals_option, make_filters, output_options, time_options
from rootforensics.cli.talk import talk, talk_wrapped, tell_absence
from rootforensics.phrases import plural


@click.command("blast-radius")
@case_argument
@account_option
@time_options
@approvals_option
@click.option("--open", "only_open", is_flag=True, help="Only what is still open at the end of the logs.")
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
    """What did root make and change, what did that make and change in turn, and what of it is still there?

    Users, keys, roles, sessions, instances, functions and identity providers that root made are followed: what they
    did counts too, and what those made that they made. One line is one entity, from its making to its removal: a user
    of the same name that was made later is another. What existed before and was only opened to others or given rights
    (a user's policy, a role's trust, a console password, an old key, a function's code) is followed as "possible".
    Still open is what somebody has to end or put back: what is active, or may be, what was changed and not seen changed
    back, a key of root's own that was used, and a detective control that is off. The verdict, the handover and
    contained read the same list. What an approval covers, or a note with the tag contained about the last event that
    reached it, stays in it, last, with who accepted it and when. With --since and --until it has the entities that
    were there in that time, in the state at the end of the logs.

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
        tell_absence(opened, account_id, len(result), wanted, partial(later, talk_wrapped))
        if radius.cut_off:
            later(talk, "The chain of identities is too long: what the last of them did was not followed.")
        later(tell_rows, plural(len(result), "entity"), MISSES)
