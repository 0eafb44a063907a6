"""``rootforensics manifest``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import format_option, make_s3, s3_options
from rootforensics.cli.talk import write_out

if TYPE_CHECKING:
    from rootforensics.custody.check import EvidenceCheck

#: Of each state so many are named; JSON has all.
_MOST: Final = 20
#: What each state says.
_TOLD: Final = {
    "changed": "changed: here under its name, with other content",
    "missing": "missing: listed and not here",
    "unsigned": "unsigned: here, without what S3 kept with it, its signature (….s3.json)",
    "extra": "extra: here and not listed",
    "unread": "unread: cannot be compared",
}

public_key_option = click.option(
    "--public-key",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="This key must have signed it: a line of OpenSSH (id_ed25519.pub), or PEM.",
)
form_option = format_option("text", "json", default="text", text="For --check.")
sign_option = click.option(
    "--sign",
    type=click.Path(dir_okay=False),
    metavar="KEY",
    help="Sign with this private key: Ed25519 or RSA, of OpenSSH or PEM, without a passphrase.",
)


@click.command("manifest")
@click.argument("place", required=False, metavar="[CASE|DIR]")
@click.option("--out", type=click.Path(dir_okay=False), metavar="FILE", help="Write the manifest of CASE to this file.")
@sign_option
@click.option("--check", type=click.Path(dir_okay=False), metavar="FILE", help="Check this manifest.")
@public_key_option
@form_option
@s3_options
def command(
    place: str | None,
    out: str | None,
    sign: str | None,
    check: str | None,
    public_key: str | None,
    form: str,
    **options: Any,  # noqa: ANN401
) -> int:
    """Write the manifest of CASE: all evidence with size, hash and verdict, and the chain of custody. Or check one.

    With --sign the signature lies beside it (FILE.sig), as ssh-keygen -Y sign -n file makes it. --check looks at
    signature, hash and chain, and at the evidence: by content below DIR, moved or renamed as may be; without DIR where
    it was loaded from, S3 too. The exit status is then 0 if all is the same, and 3 if not.

    \b
    Examples:
      rootforensics manifest case.duckdb --out manifest.json --sign ~/.ssh/id_ed25519
      rootforensics manifest --check manifest.json copied/ --public-key id_ed25519.pub
    """
    if (out is None) == (check is None):
        raise click.UsageError("Write a manifest with --out, or check one with --check.")
    if check is None:
        if place is None or out is None:
            raise click.UsageError("Name the case.")
        _write(str(CaseFile().convert(place, None, click.get_current_context())), out, sign)
        return 0
    if sign:
        raise click.UsageError("--sign belongs to --out.")
    from rootforensics.custody.check import check_manifest

    found = check_manifest(check, place, public_key, make_s3(options))
    print_check(found, form, "the manifest")
    moved = sum(one.state == "same" and one.place != one.uri for one in found.objects)
    if moved and form == "text":
        write_out(f"{moved:,} of those that are the same lie at another place or under another name.")
    return 0 if found.is_proven else 3


def _write(case: str, out: str, sign: str | None) -> None:
    from rootforensics import open_case
    from rootforensics.cli.talk import talk, talk_wrapped
    from rootforensics.cli.targets import check_target

    with open_case(case) as opened:
        check_target(opened, out)
        check_target(opened, f"{out}.sig")
        manifest = opened.manifest(out, sign=sign)
    talk(f"written: {out}{f' and {out}.sig' if sign else ''}")
    talk_wrapped(f"head of the chain of custody: {manifest.head}")


def print_check(found: EvidenceCheck, form: str, signed_file: str) -> None:
    """What a check found, on stdout: in sentences, or all of it as JSON."""
    from dataclasses import asdict

    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.cli.talk import escaped

    if form == "json":
        told = {"is_proven": found.is_proven, **asdict(found)}
        write_out(escaped(json.dumps(told, ensure_ascii=False, indent=2)))
        return
    print_objects(found)
    if found.is_signer_known:
        signed = f"Signed by the given key, {found.signer}."
    elif found.signer:
        signed = f"Signed by {found.signer}. Whose key that is was not checked: give it with --public-key."
    else:
        signed = "Not signed: whoever can write the file can write all of it anew."
    write_sentence("", signed)
    verdicts = ", ".join(f"{number:,} {verdict}" for verdict, number in found.verdicts.items())
    write_sentence(
        "",
        f"Verdicts of verify in it, on digest files and logs: {verdicts}."
        if verdicts
        else "No verdicts in it: verify was not run.",
    )
    for text in found.not_compared:
        write_sentence("", f"Not compared: {text}.")
    write_sentence("", f"Head of the chain of custody: {found.head or 'none'}")
    write_sentence("", kept_elsewhere(found, signed_file))


def kept_elsewhere(found: EvidenceCheck, signed_file: str) -> str:
    """What to keep of a file, so that one written anew can be told from it."""
    return f"Keep the SHA-256 of {signed_file} elsewhere, as whoever writes the file anew has another: {found.sha256}"


def print_objects(found: EvidenceCheck) -> None:
    """How many objects are the same; what is wrong, and the objects that are not, by their names."""
    from rootforensics.cli.paragraphs import write_heading, write_sentence

    counts = found.counts()
    write_heading("; ".join(f"{state}: {number:,}" for state, number in counts.items()) or "No object was compared.")
    for problem in (*found.problems, *found.skipped):
        write_sentence("- ", problem)
    for state, told in _TOLD.items():
        of_it = [one for one in found.objects if one.state == state]
        if of_it:
            write_heading(told)
        for one in of_it[:_MOST]:
            write_sentence("- ", f"{one.uri}{f': {one.reason}' if one.reason else ''}")
        if len(of_it) > _MOST:
            write_sentence("  ", f"and {len(of_it) - _MOST:,} more")
