"""``rootforensics pack``."""

from __future__ import annotations

from typing import Any

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.manifest import (
    form_option,
    hash_to_keep,
    print_check,
    print_objects,
    public_key_option,
    sign_option,
)
from rootforensics.cli.options import make_s3, s3_options

_SIGNED_FILE = "SHA256SUMS"


@click.command("pack")
@click.argument("case", type=CaseFile(), required=False)
@click.option("--out", type=click.Path(), metavar="PATH", help="The zip file to write; with --check, the folder.")
@click.option(
    "--check",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Check this zip file. With --out, also unpack it to a new or empty folder if it is intact.",
)
@click.option(
    "--evidence",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Folder with the evidence, even if moved or renamed. Default: the original locations, including S3.",
)
@click.option(
    "--notebooks",
    type=click.Path(exists=True, file_okay=False),
    metavar="DIR",
    help="Folder of notebook --html: its notebooks, pages and index.html go along.",
)
@sign_option
@public_key_option
@form_option
@s3_options
def command(
    case: str | None,
    out: str | None,
    check: str | None,
    evidence: str | None,
    notebooks: str | None,
    sign: str | None,
    public_key: str | None,
    form: str,
    **options: Any,  # noqa: ANN401
) -> int:
    """Write CASE with its evidence, manifest and report to one zip file, or check such a file.

    The same case gives the same bytes. The file SHA256SUMS lists all hashes for sha256sum -c, and --sign signs it.
    --check compares every byte, signature, case, manifest and evidence before anything is unpacked. The exit status is
    3 if evidence is missing or changed and could not be packed, or if the check fails.

    \b
    Examples:
      rootforensics pack case.duckdb --out case.zip --sign ~/.ssh/id_ed25519
      rootforensics pack case.duckdb --out case.zip --evidence preserved/
      rootforensics pack case.duckdb --out case.zip --notebooks notebooks
      rootforensics pack --check case.zip --public-key id_ed25519.pub
      rootforensics pack --check case.zip --out unpacked
    """
    s3 = make_s3(options)
    if check is not None:
        if case or evidence or notebooks or sign:
            raise click.UsageError("--check reads only the zip file: omit CASE, --evidence, --notebooks and --sign.")
        return _check(check, out, public_key, form)
    if not case or not out:
        raise click.UsageError("Write a zip file with CASE and --out, or check one with --check.")
    if public_key:
        raise click.UsageError("--public-key belongs to --check.")
    from rootforensics import open_case
    from rootforensics.cli.talk import talk, talk_wrapped
    from rootforensics.cli.targets import check_target

    with open_case(case) as opened:
        check_target(opened, out)
        packed = opened.pack(out, evidence=evidence, notebooks=notebooks, sign=sign, s3=s3)
    print_objects(packed)
    talk(f"written: {out}")
    talk_wrapped(f"final hash of the chain of custody: {packed.head}")
    talk_wrapped(hash_to_keep(packed, _SIGNED_FILE))
    return 0 if packed.is_proven else 3


def _check(file: str, folder: str | None, public_key: str | None, form: str) -> int:
    from rootforensics import check_bundle
    from rootforensics.cli.talk import talk

    check = check_bundle(file, public_key, folder)
    print_check(check, form, _SIGNED_FILE)
    if folder is not None:
        talk("nothing was unpacked" if check.problems else f"unpacked to {folder}")
    return 0 if check.is_proven else 3
