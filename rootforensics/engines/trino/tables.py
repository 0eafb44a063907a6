"""``UNNEST`` and the names of tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import sqlglot
from sqlglot import exp

from rootforensics.engines.trino.build import fill, refusal
from rootforensics.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Collection

#: Athena's table has these; the case's column has a field more, which would take the place of the ordinal.
_RESOURCE_FIELDS: Final = ("ARN", "accountId", "type")
_LOGS: Final = "cloudtrail_logs"


def unnest(node: exp.Unnest) -> exp.Expr:
    """``UNNEST``, as a subquery: an array of rows becomes a column for each field, a map becomes keys and values."""
    alias = node.args.get("alias")
    names = [column.name for column in alias.columns] if alias else []
    ordinal, arrays = node.args.get("offset"), node.expressions
    if isinstance(ordinal, exp.Identifier):  # sqlglot takes the last name away for it
        names.append(ordinal.name)
    wanted = len(names) - bool(ordinal)
    inner = [f"unnest(l{at}) AS v{at}" for at in range(len(arrays))]
    outer = [f"v{at}" for at in range(len(arrays))]
    if len(arrays) == 1 and wanted != 1:
        outer = [_fields(arrays[0])]
    elif len(arrays) > 1 and wanted != len(arrays):
        raise refusal("UNNEST of several arrays with rows in them", "Unnest one array after another")
    if ordinal:
        inner.append(
            "unnest(range(1, greatest(" + ", ".join(f"len(l{at})" for at in range(len(arrays))) + ") + 1)) AS o"
        )
        outer.append("o")
    held = ", ".join(f":a{at} AS l{at}" for at in range(len(arrays)))
    table = f"SELECT {', '.join(outer)} FROM (SELECT {', '.join(inner)} FROM (SELECT {held}) AS held) AS one"  # noqa: S608 - our own names only
    values = {f"a{at}": _listed(one) for at, one in enumerate(arrays)}
    named = exp.TableAlias(
        this=exp.to_identifier(alias.name if alias and alias.name else "unnested", quoted=True),
        columns=[exp.to_identifier(name, quoted=True) for name in names],
    )
    return exp.Lateral(this=exp.Subquery(this=fill(table, **values)), alias=named)


def _listed(array: exp.Expr) -> exp.Expr:
    is_map = isinstance(array, exp.Cast) and array.args["to"].this is exp.DataType.Type.MAP
    return fill("map_entries(:x)", x=array) if is_map else array


def _fields(array: exp.Expr) -> str:
    if array.name.lower() == "resources":
        return ", ".join(f"v0.{field}" for field in _RESOURCE_FIELDS)
    return "v0.*"


def rename_tables(statement: exp.Expr, relations: Collection[str]) -> None:
    """Let every name that published queries have for CloudTrail's table mean ``cloudtrail_logs``.

    Raises:
        QueryError: a table is none of the case's, and no CloudTrail table by its name.
    """
    known = {name.lower() for name in relations}
    common = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    for table in list(statement.find_all(exp.Table)):
        name, place = table.name.lower(), f"{table.catalog}.{table.db}".lower()
        if not isinstance(table.this, exp.Identifier) or place == ".information_schema":
            continue
        if place == "." and (name in common or name in known):
            continue
        if name in known and "cloudtrail" not in place:
            meant = name
        elif "cloudtrail" in name or "cloudtrail" in place:
            meant = _LOGS
        else:
            hint = f"CloudTrail's table is {_LOGS} here, and a table with cloudtrail in its name means it too"
            raise QueryError(f"the case has no table {table.name!r}", where="sql", hint=hint)
        new = sqlglot.exp.Table(this=exp.to_identifier(meant))
        for key, arg in table.args.items():
            if key not in ("this", "db", "catalog", "alias"):
                new.set(key, arg)
        new.set("alias", table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
        table.replace(new)
