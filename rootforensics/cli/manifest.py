"""``rootforensics manifest``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from rootforensics.cli.arguments import CaseFile
from rootforensics.cli.options import format_option, make_s3, s3_options
from rootforensics.cli.talk import write_out
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from rootforensics.custody.check import EvidenceCheck

#: The most files named for each state; JSON has all.
_MOST: Final = 20
#: The meaning of each state.
_MEANINGS: Final = {
    "changed": "changed: the content differs",
    "missing": "missing: in the manifest, but not found",
    "unsigned": "unsigned: found without the signature that S3 stored with it (….s3.json)",
    "extra": "extra: found, but not in the manifest",
    "unread": "unread: could not be compared",
}

public_key_option = click.option(
    "--public-key",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Require a signature by this key: an OpenSSH public key (id_ed25519.pub) or PEM.",
)
form_option = format_option("text", "json", default="text", text="Only with --check.")
sign_option = click.option(
    "--sign",
    type=click.Path(dir_okay=False),
    metavar="KEY",
    help="Sign with this private key: Ed25519 or RSA, OpenSSH or PEM, without a passphrase.",
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
    """Write the manifest of CASE (all evidence with size, hash and verify result; the custody chain), or check one.

    --sign writes the signature to FILE.sig, in the format of ssh-keygen -Y sign -n file. --check compares signature,
    hash, chain and evidence. It finds evidence below DIR by its content, even if moved or renamed. Without DIR it reads
    the original locations, including S3. The exit status is then 0 if everything matches, and 3 if not.

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

    checked = check_manifest(check, place, public_key, make_s3(options))
    print_check(checked, form, "the manifest")
    moved = sum(entry.state == "same" and entry.place != entry.uri for entry in checked.objects)
    if moved and form == "text":
        write_out(f"{plural(moved, 'unchanged file was', 'unchanged files were')} moved or renamed.")
    return 0 if checked.is_proven else 3


def _write(case: str, out: str, sign: str | None) -> None:
    from rootforensics import open_case
    from rootforensics.cli.talk import talk, talk_wrapped
    from rootforensics.cli.targets import check_target

    with open_case(case) as opened:
        check_target(opened, out)
        check_target(opened, f"{out}.sig")
        manifest = opened.manifest(out, sign=sign)
    talk(f"written: {out}{f' and {out}.sig' if sign else ''}")
    talk_wrapped(f"final hash of the chain of custody: {manifest.head}")


def print_check(check: EvidenceCheck, form: str, signed_file: str) -> None:
    """Print the result of a check on stdout: in sentences, or as JSON."""
    from dataclasses import asdict

    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.cli.talk import escaped

    if form == "json":
        result = {"is_proven": check.is_proven, **asdict(check)}
        write_out(escaped(json.dumps(result, ensure_ascii=False, indent=2)))
        return
    print_objects(check)
    if check.is_signer_known:
        signed = f"Signed by the given key, {check.signer}."
    elif check.signer:
        signed = f"Signed by {check.signer}. The owner of this key was not checked: name the key with --public-key."
    else:
        signed = "Not signed: anyone who can write the file can replace it."
    write_sentence("", signed)
    verdicts = ", ".join(f"{number:,} {verdict}" for verdict, number in check.verdicts.items())
    write_sentence(
        "",
        f"Results of verify for digest files and logs: {verdicts}." if verdicts else "Verify was not run.",
    )
    for text in check.not_compared:
        write_sentence("", f"Not compared: {text}.")
    write_sentence("", f"Final hash of the chain of custody: {check.head or 'none'}")
    write_sentence("", hash_to_keep(check, signed_file))


def hash_to_keep(check: EvidenceCheck, signed_file: str) -> str:
    """Advice to keep the hash of a file elsewhere, so that a replaced file can be recognized."""
    return f"Keep this SHA-256 of {signed_file} elsewhere. A replaced file has a different one: {check.sha256}"


def print_objects(check: EvidenceCheck) -> None:
    """Print how many files are unchanged, the problems, and the names of the other files."""
    from rootforensics.cli.paragraphs import write_heading, write_sentence

    counts = check.counts()
    write_heading("; ".join(f"{state}: {number:,}" for state, number in counts.items()) or "No file was compared.")
    for problem in (*check.problems, *check.skipped):
        write_sentence("- ", problem)
    for state, meaning in _MEANINGS.items():
        files = [entry for entry in check.objects if entry.state == state]
        if files:
            write_heading(meaning)
        for entry in files[:_MOST]:
            write_sentence("- ", f"{entry.uri}{f': {entry.reason}' if entry.reason else ''}")
        if len(files) > _MOST:
            write_sentence("  ", f"and {len(files) - _MOST:,} more")
