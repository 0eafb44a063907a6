"""Kinds of identities that descend from root: ``rules/kinds.toml`` names those that the views follow, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlglot
from sqlglot import exp

import rootforensics
from rootforensics.rules.entities import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable

VIEWS: Final = Path(rootforensics.__file__).parent / "queries" / "views"
#: Keys are told apart by the call that made them (``effects.descendant_key``): an access key, or a session.
DESCENDANTS: Final = {"access_key", *(kind.descendant for kind in KINDS if kind.descendant)}


def _tree(name: str) -> exp.Expression:
    return sqlglot.parse_one((VIEWS / f"{name}.sql").read_text(encoding="utf-8"), read="duckdb")


def _texts(values: Iterable[exp.Expression]) -> set[str]:
    """The texts that some expressions are, or that a ``CASE`` gives."""
    found: set[str] = set()
    for value in (one.unalias() for one in values):
        if isinstance(value, exp.Case):
            found |= _texts([*(arg.args["true"] for arg in value.args["ifs"]), value.args.get("default") or exp.null()])
        elif isinstance(value, exp.Literal) and value.is_string:
            found.add(value.this)
    return found


def _column(tree: exp.Expression, place: int) -> set[str]:
    """The texts that a column of any branch of a union is."""
    return _texts(one.expressions[place] for one in tree.find_all(exp.Select) if len(one.expressions) > place)


DESCENT: Final = {one.alias: one.this for one in _tree("root_descendants").find_all(exp.CTE)}


def test_a_kind_is_made_or_opened_by_some_call() -> None:
    by_case = (one for tree in DESCENT.values() for one in tree.find_all(exp.Alias) if one.alias == "identity_kind")
    assert _texts(by_case) | _column(DESCENT["effects"], 9) == DESCENDANTS


def test_of_a_kind_the_view_tells_how_long_it_lasts() -> None:
    assert {text for held in DESCENT["lasting"].find_all(exp.In) for text in _texts(held.expressions)} == DESCENDANTS


def test_a_kind_acts_under_a_name() -> None:
    assert (
        _column(_tree("acting_names"), 5) | _column(_tree("provider_names"), 5) | _column(_tree("delegate_names"), 5)
        == DESCENDANTS
    )


def test_a_kind_has_its_place_where_an_event_has_several_names() -> None:
    (order,) = _tree("descendant_acts").find_all(exp.StrPosition)
    assert set(order.this.this.split()) == DESCENDANTS
