"""``rootforensics unpack``."""

from __future__ import annotations

import click

from rootforensics.cli.manifest import form_option, print_check, public_key_option


@click.command("unpack")
@click.argument("file", metavar="ZIP", type=click.Path(dir_okay=False))
@click.option("--check", is_flag=True, help="Check it, and unpack nothing unless --out is given.")
@click.option("--out", type=click.Path(file_okay=False), metavar="DIR", help="Unpack to this folder, new or empty.")
@public_key_option
@form_option
def command(file: str, check: bool, out: str | None, public_key: str | None, form: str) -> int:
    """Check a zip file of pack: every byte, signature, case, manifest and evidence. Unpack it if it is whole.

    It is checked in any case, before anything is unpacked; nothing that pack would not write is taken. The exit status
    is 0 if all is the same, and 3 if not.

    \b
    Examples:
      rootforensics unpack --check case.zip
      rootforensics unpack case.zip --out unpacked --public-key id_ed25519.pub
    """
    from rootforensics import check_bundle
    from rootforensics.cli.talk import talk

    if not check and out is None:
        raise click.UsageError("Name a folder with --out, or check the file with --check.")
    found = check_bundle(file, public_key, out)
    print_check(found, form, "SHA256SUMS")
    if out is not None:
        talk("nothing was unpacked" if found.problems else f"unpacked to {out}")
    return 0 if found.is_proven else 3
