"""``rootforensics demo``."""

from __future__ import annotations

from pathlib import Path

import click

from rootforensics.cli.talk import talk
from rootforensics.cli.triage import command as triage
from rootforensics.sources.sample import sample_file, sample_logs


@click.command("demo")
@click.argument("folder", metavar="[DIR]", default="rootforensics-demo", type=click.Path(file_okay=False))
@click.pass_context
def command(ctx: click.Context, folder: str) -> int:
    """Run triage and verify on the sample incident of this package, and write the results to DIR.

    DIR is rootforensics-demo if not given. The logs are invented. In five days the root user of one account is taken
    over, that of a second is used with approval, and that of a third is opened with AssumeRoot. DIR also gets the
    public keys of the digest files, a file of approvals, and answers from AWS.

    \b
    Examples:
      rootforensics demo
      rootforensics query rootforensics-demo/case.duckdb root-signins
    """
    logs, keys = sample_logs(Path(folder)), sample_file("public-keys.json", Path(folder))
    with triage.make_context("triage", [str(logs), "--out", folder, "--public-keys", str(keys)], parent=ctx) as own:
        status: int = triage.invoke(own)
    case, approvals = Path(folder) / "case.duckdb", sample_file("approvals.yaml", Path(folder))
    talk(f"open {Path(folder) / 'report.html'} in a browser, or go on with:")
    talk(f"  rootforensics query {case} root-signins")
    talk(f"  rootforensics verify {case} --public-keys {keys}")
    talk(f"  rootforensics approvals {case} {approvals}")
    talk(f"  rootforensics posture {case} --from {sample_file('posture', Path(folder))}")
    return status
