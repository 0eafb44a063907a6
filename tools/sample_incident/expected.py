"""Write EXPECTED.toml from the plan: what any reader of the files must find."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.sample_incident.digests import CHAINS, Digest
from tools.sample_incident.plan import ACTIVITY_ORIGINS, KEY_KINDS, NOISE_ORIGINS, Planned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.sample_incident.damage import Damage
    from tools.sample_incident.delivery import LogFile

_HEAD = """\
# What a reader of this folder must find. Written by `python -m tools.sample_incident` from its plan,
# never by reading the files. See docs/sample-incident.md for the story.
"""
_SESSIONS_NOTE = """\
# Events of each session of root: how it began and when (long_term_key: which key).
"""
_KEYS_NOTE = """\
# Root activity by the access key in the record. console_session: a temporary key (ASIA) of a console
# sign-in (sessionCredentialFromConsole is "true", or creationDate equals the time of a root ConsoleLogin
# success in the account, or the key occurs in such a record). long_term_key: AKIA. temporary: any other
# ASIA key. none: no key, or an empty one.
"""


@dataclass(frozen=True)
class Outcome:
    """All that was placed: the files and digests, and which of them are damaged."""

    files: list[LogFile]
    digests: list[Digest]
    damage: Damage

    @property
    def present(self) -> list[LogFile]:
        """The log files in the folder."""
        return [file for file in self.files if file.present]

    @property
    def events(self) -> list[Planned]:
        """The distinct events that at least one file in the folder yields, in time order."""
        found = {id(event): event for file in self.present for event in file.readable}
        return sorted(found.values(), key=lambda event: (event.time, event.record["eventID"]))


def write_expected(outcome: Outcome) -> str:
    """Return the text of EXPECTED.toml."""
    events = outcome.events
    parts = [
        _HEAD,
        _evidence(outcome),
        _events(outcome, events),
        _root(events),
        _query(outcome, events),
        _integrity(outcome),
        *(_story(event) for event in events if event.note),
    ]
    return "\n".join(parts)


def _table(name: str, rows: Iterable[tuple[str, object]], note: str = "") -> str:
    return f"[{name}]\n{note}" + "".join(f"{key} = {_value(value)}\n" for key, value in rows)


def _value(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, int):
        return str(value)
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _evidence(outcome: Outcome) -> str:
    logs, digests = len(outcome.present), len(outcome.digests)
    counts = {"empty": 1, "duplicate": 1, "digest": digests, "damaged": 1, "unsupported": 1}
    rows = [("objects", logs + digests + 1), ("loaded", logs - 3), *counts.items()]
    return _table("evidence", rows, "# unsupported: this file. duplicate: the byte-identical copy.\n")


def _records(outcome: Outcome) -> int:
    return sum(len(file.readable) for file in outcome.present)


def _events(outcome: Outcome, events: list[Planned]) -> str:
    ids = Counter(event.record["eventID"] for event in events)
    rows = [
        ("total", len(events)),
        ("duplicates", _records(outcome) - len(events)),
        ("id_conflicts", sum(count > 1 for count in ids.values())),
        ("filtered", 0),
        ("first_time", events[0].time),
        ("last_time", events[-1].time),
    ]
    return _table("events", rows)


def _root(events: list[Planned]) -> str:
    root = [event for event in events if event.origin]
    origins = Counter(event.origin for event in root)
    keys = Counter(event.key_kind for event in root if event.activity)
    logins = [e for e in root if e.record["eventName"] == "ConsoleLogin"]
    results = Counter(e.record["responseElements"]["ConsoleLogin"] for e in logins)
    accounts = sorted({event.account for event in root})
    activity = sum(event.activity for event in root)
    rows: list[tuple[str, object]] = [
        ("total", len(root)),
        ("activity", activity),
        ("noise", len(root) - activity),
        ("cis_match", sum(event.cis_match for event in root)),
        ("accounts", accounts),
    ]
    parts = [
        _table("root", rows),
        _table("root.by_origin", [(name, origins[name]) for name in ACTIVITY_ORIGINS + NOISE_ORIGINS]),
        _table("root.console_sign_ins", [("success", results["Success"]), ("failure", results["Failure"])]),
        _table("root.api_calls", [(kind, keys[kind]) for kind in KEY_KINDS], _KEYS_NOTE),
    ]
    for account in accounts:
        sessions = Counter(event.session for event in root if event.account == account and event.session)
        parts.append(
            _table(f"root.sessions.{account}", sorted((f'"{name}"', n) for name, n in sessions.items()), _SESSIONS_NOTE)
        )
    for account in accounts:
        own = [event for event in root if event.account == account]
        people = sum(event.activity for event in own)
        counts = [("total", len(own)), ("activity", people), ("noise", len(own) - people)]
        parts.append(_table(f"root.by_account.{account}", counts))
    return "\n".join(parts)


def _query(outcome: Outcome, events: list[Planned]) -> str:
    activity = [event for event in events if event.activity]
    rows = [
        ("records_in_files", _records(outcome)),
        ("root_errors", sum("errorCode" in event.record for event in activity)),
        ("root_writes", sum(event.record.get("readOnly") is False for event in activity)),
    ]
    note = "# records_in_files: whole records in all log files, the damaged one and the copy included.\n"
    accounts = Counter(event.account for event in events)
    return _table("query", rows, note) + "\n" + _table("query.events_by_account", sorted(accounts.items()))


def _integrity(outcome: Outcome) -> str:
    damage, ends = outcome.damage, {chain.ends for chain in CHAINS}
    rows: list[tuple[str, object]] = [
        ("deleted_log", damage.deleted.path),
        ("modified_log", damage.modified.path),
        ("truncated_log", damage.truncated.path),
        ("truncated_whole_records", len(damage.truncated.readable)),
        ("copied_log", damage.copied.path),
        ("copy_of_log", damage.copy.path),
        ("empty_log", damage.empty.path),
        ("digests", len(outcome.digests)),
        ("starting_digests", len(CHAINS)),
        ("newest_digest_end", max(ends).strftime("%Y-%m-%dT%H:%M:%SZ")),
    ]
    return _table("integrity", rows)


def _story(event: Planned) -> str:
    record = event.record
    rows = [
        ("time", event.time),
        ("account", event.account),
        ("event_name", record["eventName"]),
        ("event_id", record["eventID"]),
        ("note", event.note),
    ]
    return "[" + _table("[story]", rows).replace("[[story]]\n", "[story]]\n", 1)
