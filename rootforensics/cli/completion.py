"""``rootforensics completion``."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      rootforensics completion bash >> ~/.bashrc
      rootforensics completion fish > ~/.config/fish/completions/rootforensics.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - the choice above names shells that click knows
    click.echo(kind(ctx.find_root().command, {}, "rootforensics", "_ROOTFORENSICS_COMPLETE").source())
