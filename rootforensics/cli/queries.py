"""``rootforensics queries``."""

from __future__ import annotations

import click

from rootforensics.cli.talk import write_out


@click.command("queries")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the queries of the catalogue, or describe the one called NAME.

    \b
    Examples:
      rootforensics queries
      rootforensics queries root-signins
    """
    from rootforensics.cli.paragraphs import sentence_lines, write_sentence
    from rootforensics.cli.terminal import write_lines
    from rootforensics.queries.catalogue import question, questions

    if name is None:
        width = max(len(query.command_name) for query in questions().values())
        write_lines(
            [
                line
                for query in questions().values()
                for line in sentence_lines(f"{query.command_name.ljust(width)}  ", query.question)
            ]
        )
        return
    query = question(name, listed=True)
    write_out(f"{query.title}\n")
    write_sentence("", query.question)
    write_out()
    write_sentence("Does not see: ", query.misses)
    write_sentence("Source: ", query.source)
    if query.attack:
        write_out(f"ATT&CK: {', '.join(query.attack)}")
    for heading, entries in (
        ("Parameters", [(f"--{p.name.replace('_', '-')}", p.type, p.help) for p in query.parameters]),
        ("Columns", [(c.name, c.type, c.note) for c in query.columns]),
    ):
        if entries:
            write_out(f"\n{heading}:")
            for entry_name, kind, note in entries:
                write_sentence(f"  {entry_name}  {kind}  " if note else "  ", note or f"{entry_name}  {kind}")
    write_out(f"\nSQL:\n{query.sql}")
