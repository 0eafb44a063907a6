"""``rootforensics queries``."""

from __future__ import annotations

import click


@click.command("queries")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the catalogue of questions, or tell all about one: NAME.

    \b
    Examples:
      rootforensics queries
      rootforensics queries root-signins
    """
    from rootforensics.queries.catalogue import question, questions

    if name is None:
        width = max(len(query.command_name) for query in questions().values())
        for query in questions().values():
            click.echo(f"{query.command_name.ljust(width)}  {query.question}")
        return
    query = question(name, listed=True)
    click.echo(f"{query.title}\n\n{query.question}\n\nDoes not see: {query.misses}\nSource: {query.source}")
    if query.attack:
        click.echo(f"ATT&CK: {', '.join(query.attack)}")
    for heading, entries in (
        ("Parameters", [(f"--{p.name.replace('_', '-')}", p.type, p.help) for p in query.parameters]),
        ("Columns", [(c.name, c.type, c.note) for c in query.columns]),
    ):
        if entries:
            click.echo(f"\n{heading}:")
            for entry in entries:
                click.echo("  " + "  ".join(part for part in entry if part))
    click.echo(f"\nSQL:\n{query.sql}")
