"""Names of members that the models of AWS mark as sensitive: a file of the package that ``make docs`` writes."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from botocore.model import ListShape, MapShape, StructureShape

from tools.docs.aws_models import models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

#: Names of credentials. The models mark names, addresses and keys of encryption, too, which a report has to show.
_CREDENTIAL: Final = re.compile(
    ".*(password|passphrase|secret|token|credentials?|assertion|plaintext|[a-z]pin"
    "|(access|api|auth|customer|host|private|secret|shared)_?key)(value|body|hash)?"
)
#: Names that say nothing: what they hold is a secret where the model says so.
_PLAIN: Final = frozenset(
    [
        "code",
        "command",
        "commands",
        "content",
        "environment",
        "environmentvariables",
        "input",
        "parameters",
        "payload",
        "script",
        "token",
        "value",
        "variables",
        "zipfile",
    ]
)


def sensitive_text() -> str:
    """JSON: names that hold credentials wherever they stand, and by call those that hold secrets there alone."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    marked: defaultdict[str, set[str]] = defaultdict(set)
    calls: defaultdict[str, set[str]] = defaultdict(set)
    for source, model in models():
        for operation in model.operation_names:
            for name, shape in _members(model.operation_model(operation).input_shape, set()):
                known[name].add(source)
                if shape.metadata.get("sensitive"):
                    marked[name].add(source)
                    if name in _PLAIN:
                        calls[f"{source}:{operation}"].add(name)
    usual = (name for name in sorted(marked) if 3 * len(marked[name]) >= 2 * len(known[name]))
    names = [name for name in usual if _CREDENTIAL.fullmatch(name)]
    rows = ",\n".join(f"{json.dumps(call)}: {json.dumps(sorted(calls[call]))}" for call in sorted(calls))
    listed = ",\n".join(map(json.dumps, names))
    return f'{{"names": [\n{listed}\n],\n"calls": {{\n{rows}\n}}}}\n'


def _members(shape: Shape | None, walked: set[str]) -> Iterator[tuple[str, Shape]]:
    """Every member of a shape at any depth, by its name in small letters; shapes that were walked are left out."""
    if shape is None or shape.name in walked:
        return
    walked.add(shape.name)
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield name.lower(), member
            yield from _members(member, walked)
    elif isinstance(shape, ListShape):
        yield from _members(shape.member, walked)
    elif isinstance(shape, MapShape):
        yield from _members(shape.value, walked)
