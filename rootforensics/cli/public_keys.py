"""``rootforensics public-keys``."""

from __future__ import annotations

import click

from rootforensics.cli.options import make_filters
from rootforensics.cli.talk import talk


@click.command("public-keys")
@click.option("--out", required=True, type=click.Path(dir_okay=False), metavar="FILE", help="The file to write.")
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--region", "regions", multiple=True, metavar="REGION", help="Ask this Region; repeatable. Default: all.")
@click.option("--since", metavar="TIME", help="Keys of this time and later. Default: a year ago.")
@click.option("--until", metavar="TIME", help="Keys of the time before. Default: now.")
def command(out: str, profile: str | None, regions: tuple[str, ...], since: str | None, until: str | None) -> int:
    """Fetch CloudTrail's public keys (ListPublicKeys) and write them to FILE, to verify logs with later, offline.

    \b
    Examples:
      rootforensics public-keys --out public-keys.json --profile victim
      rootforensics public-keys --out public-keys.json --region us-east-1 --since 2026-08-01
    """
    from rootforensics.integrity.fetch import fetch_keys
    from rootforensics.integrity.keys import keys_text
    from rootforensics.reports.files import replacing

    wanted = make_filters(since, until, (), ())
    fetched = fetch_keys(profile, regions, wanted.since, wanted.until)
    with replacing(out) as file:
        file.write(keys_text(fetched.keys, fetched.account_id))
    for region, problem in fetched.problems.items():
        talk(f"{region}: no public keys ({problem})")
    talk(f"{len(fetched.keys):,} public keys of {len(fetched.regions):,} Regions in {out}")
    return 3 if fetched.problems else 0
