"""What identities did that do not descend from root, in sentences; none of it is attributed to root."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

from rootforensics.analysis.places import account_of
from rootforensics.phrases import between, plural, short, some, was_or_were
from rootforensics.telling.acts import ended_by_others
from rootforensics.telling.statement import Statement, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of
    from rootforensics.telling.statement import Level

#: Identities that get a line of their own.
_SHOWN: Final = 1
#: A line is no longer than this before its citation; names of calls may be anything.
_WIDTH: Final = 400
#: A person of IAM Identity Center, by the role of a permission set and the session.
_PERSON: Final = re.compile("AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}/(?P<name>[^/]+)")
#: An ARN of a user or of a role session; of a user, what precedes the name is its path.
_ARN: Final = re.compile("::(?P<account>[0-9]+):[a-z-]+/(?:(?P<role>.+)/)?(?P<last>[^/]+)$")
_KINDS: Final = {"user": "IAM user", "federated_user": "federated user", "unknown": "identity"}
#: Kind of the row for calls that were counted and not loaded.
_NOT_LOADED: Final = "not_loaded"
_WHAT: Final = "critical or high actions by identities that do not descend from root"
_ALL: Final = "rootforensics query CASE identities"


def tell_identities(analysis: Analysis) -> Iterator[Statement]:
    """The identity with the most severe actions, the number of others, and of those that used root's addresses."""
    rows = analysis.query("identities").rows
    unknown = _unknown(rows)
    acting = [row for row in known(rows) if row["action_count"]]
    if not acting:
        yield (
            Statement(f"It is not known whether there were {_WHAT}: {unknown}", "note") if unknown else _none(analysis)
        )
    shown = _SHOWN if len(acting) > _SHOWN + 1 else len(acting)
    users: dict[str | None, set[str]] = {}
    for use in analysis.query("root_timeline").rows:
        if use["origin_group"] == "activity":
            users.setdefault(use["sourceIPAddress"], set()).add(account_of(use))
    reversals = _reversals(analysis)
    for row in acting[:shown]:
        level: Level = "bad" if row["severity"] == "critical" or row["root_ips"] else "note"
        reversed_count = sum(row["identity_name"] in names for names in reversals.values())
        yield said(short(f"{_named(row)}: {_did(row, users, reversed_count)}", _WIDTH), level, [row])
    others = [row for row in known(rows) if not row["action_count"]]
    by_services = [row for row in others if row["by_service_count"]]
    nearby = [row for row in others if not row["by_service_count"] and (row["root_ips"] or row["root_network_ips"])]
    pronoun = "itself" if len(by_services) == 1 else "themselves"
    counts = [
        (len(acting) - shown, "took critical or high actions"),
        (len(by_services), f"had AWS services take critical or high actions for {pronoun}"),
        (len(nearby), "took none but used an address or network that a root user used"),
    ]
    if counts := [(count, what) for count, what in counts if count]:
        (first, did), *more = counts
        parts = [f"{plural(first, 'more identity' if shown else 'identity')} {did}"]
        parts += [f"{count:,} {what}" for count, what in more]
        yield Statement(f"{', '.join(parts)}: {_ALL}")
    if acting and unknown:
        yield Statement(may_be_more(rows), "note")


def may_be_more(rows: Iterable[of.Identities]) -> str:
    """That events outside the case may be more such actions; empty if there are none."""
    unknown = _unknown(rows)
    return unknown and f"There may be more {_WHAT}: {unknown}"


def known(rows: Iterable[of.Identities]) -> list[of.KnownIdentity]:
    """The rows of identities whose actions are in the case."""
    return [cast("of.KnownIdentity", row) for row in rows if row["identity_kind"] != _NOT_LOADED]


def _unknown(rows: Iterable[of.Identities]) -> str:
    """Events that the load filtered out and that may be such actions; empty if there are none."""
    filtered = [row for row in rows if row["identity_kind"] == _NOT_LOADED]
    counts = [count for row in filtered if (count := row["action_count"]) is not None]
    if len(counts) < len(filtered):
        return "the events that the load filtered out were not counted"
    count = sum(counts)
    names = sorted({name for row in filtered for name in row["actions"] or ()})
    if not count:
        return ""
    callers = "its caller is unknown" if count == 1 else "their callers are unknown"
    return f"{plural(count, 'call')} ({some(names)}) {was_or_were(count)} counted but not loaded, so {callers}"


def _none(analysis: Analysis) -> Statement:
    """That there were none, or that records without a call's name or service leave it unknown."""
    if unnamed := analysis.query("unnamed_calls").rows:
        count = plural(len(unnamed), "record lacks", "records lack")
        return said(
            f"It is not known whether there were {_WHAT}: {count} the name or the service of the call.", "note", unnamed
        )
    filters = " / ".join(analysis.scope.filters)
    logs = f"the events that the filters selected ({filters})" if filters else "the logs loaded"
    return Statement(f"No {_WHAT}, in {logs}.", "note" if filters else "good", stands_in="identities")


def _named(row: of.KnownIdentity) -> str:
    """Kind and name of an identity; a role session with its role and account."""
    kind, name = _KINDS.get(row["identity_kind"], row["identity_kind"]), row["identity_name"]
    account, _, session = name.partition("/")
    if kind == "role" and (person := _PERSON.fullmatch(session)):
        return short(f"{person['name']} (permission set {person['set']}, account {account})")
    if kind == "role" and "/" in session:
        role, _, session = session.rpartition("/")
        name = f"{role} (session {session}) in {account}"
    return short(f"{kind} {name}", 120)


def _reversals(analysis: Analysis) -> dict[str, set[str]]:
    """The calls that ended or restored what root had created or changed, each with the names its caller may have."""
    restored = (row for row in analysis.query("logging_impairment").rows if row["by_root"] or row["by_descendant"])
    calls = {row["ended_citation"]: row["ended_by"] for row in ended_by_others(analysis)}
    calls |= {row["restored_citation"]: row["restored_by"] for row in restored}
    named = {place: _ARN.search(arn or "") for place, arn in calls.items() if place}
    return {
        place: {f"{arn['account']}/{name}" for name in (arn["role"], arn["last"], f"{arn['role']}/{arn['last']}")}
        for place, arn in named.items()
        if arn
    }


def _did(row: of.KnownIdentity, users: Mapping[str | None, Iterable[str]], reversed_count: int) -> str:
    """The number of actions, links to root's addresses, the time, the addresses and the calls.

    Args:
        row: of ``identities``.
        users: the accounts whose root used an address.
        reversed_count: how many calls ended or restored what root had created or changed.
    """
    count = plural(row["action_count"], "critical or high action")
    which = "which" if row["action_count"] == 1 else f"{row['failed_count']:,} of them"
    failed = f" ({which} failed)" if row["failed_count"] else ""
    notes = [f"{reversed_count:,} of its calls reversed what root did"] if reversed_count > 1 else []
    if row["root_ips"]:
        accounts = sorted({account for address in row["root_ips"] for account in users.get(address, ())})
        noun = "account" if len(accounts) == 1 else "accounts"
        whose = f"root of {noun} {some(accounts)}" if accounts else "root"
        notes.append(f"{whose} used one of these addresses")
    elif row["root_network_ips"]:
        notes.append("a root user was on the same network")
    if row["opened_by"]:
        notes.append(f"opened by {short(some([arn.rpartition(':')[2] for arn in row['opened_by']], 1), 50)}")
    remarks = f"; {'; '.join(notes)}" if notes else ""
    where = f", from {some(row['source_ips'], 2)}" if row["source_ips"] else ""
    times = between(row["first_time"], row["last_time"])
    return f"{count}{failed} {times}{where}: {some(row['actions'])}{remarks}"
