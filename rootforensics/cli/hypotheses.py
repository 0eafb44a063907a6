"""``rootforensics hypotheses``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, output_options
from rootforensics.cli.redact import redact_option, redacted

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.analysis.response.hypotheses import Hypothesis

_MISSING: Final = 3


@click.command("hypotheses")
@case_argument
@click.option("--approvals", type=click.Path(dir_okay=False), help="Approvals of root's use (CSV or YAML).")
@account_option("Only root of this account.")
@redact_option
@output_options
def command(
    case: str, approvals: str | None, account_id: str, redact: str | None, form: str, output: str | None
) -> None:
    """How may they have come in as root? Each way with what speaks for it and against it in the logs.

    Stands on the verdict, the findings, sign-ins and sessions, and says where to look beside the logs. No way is
    excluded, and none has a percentage: what is missing to know more is named.

    \b
    Examples:
      rootforensics hypotheses case.duckdb --account-id 111122223333
      rootforensics hypotheses case.duckdb --approvals approvals.yaml --format json -o ways.json
    """
    from rootforensics import open_case
    from rootforensics.cli.output import write_result
    from rootforensics.cli.talk import tell_absence
    from rootforensics.cli.targets import writing_to

    with open_case(case) as opened:
        analysis = opened.analysis(approvals, account_id=account_id)
        told = opened.hypotheses(approvals, account_id=account_id)
        with writing_to(opened, output):
            if form == "table" and not output and not redact:
                _print(told, analysis.shared_ids)
            else:
                write_result(redacted(opened, told.result(), redact, output), form, output)
        tell_absence(opened, account_id, len(told))


def _print(told: Collection[Hypothesis], shared: Collection[str]) -> None:
    from rootforensics.cli.paragraphs import explain_places, write_heading, write_sentence
    from rootforensics.evidence.cite import cite
    from rootforensics.phrases import some

    account = None
    for one in told:
        if one.account_id != account:
            write_heading(f"How they may have come in as the root user of account {one.account_id}")
            account = one.account_id
        write_sentence("", f"{one.title}: {_STANDING[one.standing]}")
        for mark, statements in (("  + ", one.speaks_for), ("  - ", one.speaks_against)):
            for said in statements:
                cited = cite(said.event_ids, said.proofs, shared)
                write_sentence(mark, said.text, f"[{some(cited)}]" if cited else "")
        if one.missing:
            write_sentence("  missing: ", some(one.missing, _MISSING, "; "))
        write_sentence("  look at: ", one.outside)
    every = (said for one in told for said in (*one.speaks_for, *one.speaks_against))
    explain_places(found for said in every for found in cite(said.event_ids, said.proofs, shared))


_STANDING: Final = {
    "for": "the logs speak for it",
    "for and against": "the logs speak for it and against it",
    "open": "the logs speak neither for it nor against it",
    "against": "the logs speak against it, and do not exclude it",
}
