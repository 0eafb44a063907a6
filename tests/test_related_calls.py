"""The list of calls that a load of what is related to root takes in whoever made them holds all that is read so."""

from __future__ import annotations

import re

import pytest

from rootforensics.analysis.verdict.ownership import CHANGES
from rootforensics.ingest.related import related_calls
from rootforensics.rules.entities import entity_rules
from tools.docs.catalogue import actions
from tools.docs.related_calls import CALLS, asks_for_names, calls_text, names_in, statements


@pytest.mark.heavy
def test_the_list_is_the_one_that_is_read() -> None:
    assert CALLS.read_text(encoding="utf-8") == calls_text()


@pytest.mark.heavy
def test_every_name_that_sql_reads_of_anybody_is_in_the_list() -> None:
    """Found in another way than the list is: by what stands in quotes beside the column."""
    compared = re.compile(r"eventName(?:, '')?\)? *(?:=|IN) *(\((?:\s*'[A-Za-z0-9]+',?)+\s*\)|'[A-Za-z0-9]+')")
    names = {
        (where, name)
        for where, sql in statements()
        if re.search(r"\b(FROM|JOIN)\s+(api_calls|events)\b", sql)
        for listed in compared.findall(sql)
        for name in re.findall(r"[A-Za-z0-9]+", listed)
    }
    missing = {(where, name) for where, name in names if name not in related_calls()}
    assert len(names) > 100
    assert missing == set()


@pytest.mark.heavy
def test_names_that_sql_takes_as_a_parameter_are_known() -> None:
    """Those of entities.toml, and the changes of ownership: the list is made from both.

    The names of ``later_writes`` are any: a call that it does not find leaves what it would answer for open.
    """
    asking = {where.partition(":")[0] for where, sql in statements() if asks_for_names(sql)}
    assert asking == {"identity_actions", "later_writes", "ownership_changes"}
    assert {*CHANGES} <= related_calls()


def test_every_call_that_ends_or_guards_something_is_in_the_list() -> None:
    told = {rule.event[1] for rule in entity_rules() if rule.effect in ("removes", "disables", "voids") or rule.renames}
    told |= {action.eventName for action in actions().values() if action.impairment}
    assert told <= related_calls()


def test_names_are_found_in_each_way_in_which_sql_compares_them() -> None:
    compared = {
        "eventName = 'OneCall'": {"OneCall"},
        "concat(eventName, '') IN ('OneCall', 'TwoCalls')": {"OneCall", "TwoCalls"},
        "concat(eventSource, ':', eventName) IN ('iam.amazonaws.com:OneCall')": {"OneCall"},
        "CASE eventName WHEN 'OneCall' THEN true END": {"OneCall"},
        "(eventSource, eventName) IN (VALUES ('iam.amazonaws.com', 'OneCall'))": {"OneCall"},
        "awsRegion = 'Elsewhere'": set(),
    }
    for condition, names in compared.items():
        assert names_in(f"SELECT * FROM api_calls WHERE {condition}") == names, condition
        assert names_in(f"SELECT * FROM root_events WHERE {condition}") == set(), condition
