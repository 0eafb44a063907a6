"""``rootforensics help``."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("words", nargs=-1, metavar="[COMMAND]")
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> None:
    """Show the help of COMMAND, or list all commands.

    \b
    Examples:
      rootforensics help triage
      rootforensics help query root-signins
    """
    shown = context.find_root()
    for word in words:
        if not isinstance(shown.command, click.Group):
            raise click.UsageError(f"{shown.command_path} has no command {word!r}.")
        name, found, _ = shown.command.resolve_command(shown, [word])
        assert found is not None  # noqa: S101 - an unknown name is refused
        shown = click.Context(found, parent=shown, info_name=name)
    click.echo(shown.get_help())
