"""Ask the person at the terminal."""

from __future__ import annotations

import getpass
import re
import sys
from typing import Final

from rootforensics.cli.talk import printable, set_aside, talk
from rootforensics.errors import SourceError

_CODE: Final = re.compile(r"[0-9]{6}")
_TRIES: Final = 3


def ask_code(serial: str) -> str:
    """The code that an MFA device shows; what is typed is not shown.

    Raises:
        SourceError: there is no terminal, or nothing that could be a code was typed.
    """
    if not sys.stdin.isatty():
        raise SourceError(
            f"a code of the MFA device {serial} is needed, and there is no terminal to ask for it",
            hint="Run the command in a terminal, or sign in first and give it the AWS_ variables of the session",
        )
    with set_aside():
        for _ in range(_TRIES):
            try:
                typed = getpass.getpass(f"Code of the MFA device {printable(serial)}: ", stream=sys.stderr)
            except EOFError:
                break
            if _CODE.fullmatch(code := "".join(typed.split())):
                return code
            talk("a code has six digits")
    raise SourceError(f"no code of the MFA device {serial} was given")
