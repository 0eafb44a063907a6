"""``rootforensics pack``."""

from __future__ import annotations

from typing import Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.manifest import kept_elsewhere, print_objects, sign_option
from rootforensics.cli.options import make_s3, s3_options


@click.command("pack")
@case_argument
@click.option("--out", required=True, type=click.Path(dir_okay=False), metavar="FILE", help="The zip file to write.")
@click.option(
    "--evidence",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Where the evidence lies now, moved or renamed as may be. Default: where it was loaded from, S3 too.",
)
@sign_option
@s3_options
def command(case: str, out: str, evidence: str | None, sign: str | None, **options: Any) -> int:  # noqa: ANN401
    """Write CASE with its evidence, manifest and report as one zip file; the same case gives the same bytes.

    SHA256SUMS in it lists all hashes, as sha256sum -c checks them; it is what --sign signs. The exit status is 3 if any
    evidence could not be packed: it is missing or changed, and named.

    \b
    Examples:
      rootforensics pack case.duckdb --out case.zip --sign ~/.ssh/id_ed25519
      rootforensics pack case.duckdb --out case.zip --evidence preserved/
    """
    from rootforensics import open_case
    from rootforensics.cli.talk import talk, talk_wrapped
    from rootforensics.cli.targets import check_target

    with open_case(case) as opened:
        check_target(opened, out)
        found = opened.pack(out, evidence=evidence, sign=sign, s3=make_s3(options))
    print_objects(found)
    talk(f"written: {out}")
    talk_wrapped(f"head of the chain of custody: {found.head}")
    talk_wrapped(kept_elsewhere(found, "SHA256SUMS"))
    return 0 if found.is_proven else 3
