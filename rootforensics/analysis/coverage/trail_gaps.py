"""What is missing because a trail did not record, or not any longer, or what it recorded was not delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.coverage.continued_recording import is_mended
from rootforensics.analysis.coverage.gap import Gap
from rootforensics.analysis.places import UNKNOWN, account_of
from rootforensics.analysis.remarks import remarks_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rootforensics.analysis.coverage.continued_recording import Ongoing
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks


#: Parts of a trail without which calls are missing in its files.
_RECORDED: Final = ("recording", "selectors", "Regions", "global events", "organization")
#: Calls without whose undoing CloudTrail delivers nothing, what is missing then, by bucket or key.
_UNDELIVERED: Final = {
    "DeleteBucket": "delivered to bucket {entity}, which was deleted, from {since} {until}",
    "DeleteBucketPolicy": "delivered to bucket {entity}, whose policy was deleted, from {since} {until}",
    "DisableKey": "encrypted with key {entity}, which was disabled, from {since} {until}",
    "ScheduleKeyDeletion": "encrypted with key {entity}, which is scheduled for deletion, from {since} {until}",
}
#: Calls that take away what was delivered.
_TAKEN: Final = ("CopyObject", "DeleteObject", "DeleteObjects")
#: What root, or what descends from it, wrote anew: its content is not judged.
_REWRITTEN: Final = {
    "PutBucketPolicy": "delivered to bucket {entity} from {since} {until}, if its new policy blocks CloudTrail",
    "PutKeyPolicy": "encrypted with key {entity} from {since} {until}, if its new policy blocks CloudTrail",
}


#: A trail of an account's own that delivered so lately goes on when the organization's ends.
_LATELY: Final = timedelta(days=1)
_CLOUDTRAIL: Final = "cloudtrail.amazonaws.com"


def stopped(
    impairment: list[of.LoggingImpairment],
    account_id: str,
    ongoing: Ongoing,
    concerned: Callable[[of.LoggingImpairment], Iterable[str]],
) -> tuple[Gap, ...]:
    """What may be missing since somebody impaired a trail, or its bucket or key.

    Args:
        impairment: rows of ``logging_impairment``.
        account_id: the account that is spoken of; a trail of another is named with its own.
        ongoing: whether accounts go on being recorded.
        concerned: the accounts of which an action may keep something out of the record.
    """
    told = [
        one
        for rows, text in _told(impairment, account_id)
        for one in ongoing.missing(text, rows, {account for row in rows for account in concerned(row)})
    ]
    for row in impairment:
        if _keeps_from_delivery(row, ongoing):
            if row["eventName"] in _TAKEN:
                bucket = row["entity"] or "(not named)"
                how = "overwritten in" if row["eventName"] == "CopyObject" else "deleted from"
                text = f"events in files that were {how} bucket {bucket}, if the case does not have them"
                told.append(Gap(text, until_time=row["from_time"]))
            else:
                told += ongoing.missing(_undelivered(row), [row], concerned(row))
    return tuple(dict.fromkeys(told))


def _told(impairment: list[of.LoggingImpairment], account_id: str) -> Iterator[tuple[list[of.LoggingImpairment], str]]:
    """Actions that keep something out of a trail's files, and what that is, in words."""
    done = [row for row in impairment if row["control"] == "trail" and row["result"] == "succeeded"]
    cut = [row for row in done if row["part"] in _RECORDED and row["impairment"] != "changed"]
    for row in cut:
        if row["entity"]:
            yield [row], f"events that {_trail(row, account_id)} would have recorded from {{since}} {{until}}"
    if unnamed := [row for row in cut if not row["entity"]]:  # which of them is which nobody can tell
        yield unnamed, "events that an unnamed trail would have recorded from {since} {until}"
    for row in done:
        trail = _trail(row, account_id)
        if row["part"] == "bucket":
            yield [row], f"events that {trail} delivered from {{since}} {{until}}, if its bucket was replaced"
        # A call whose record does not say what it set may have set less.
        if row["impairment"] == "changed" and (row["part"] == "selectors" or not row["entity"]):
            narrowed = f"if {row['eventName']} narrowed it, which the record does not show"
            yield [row], f"events that {trail} would have recorded from {{since}} {{until}}, {narrowed}"


def _keeps_from_delivery(row: of.LoggingImpairment, ongoing: Ongoing) -> bool:
    """Whether files of the record are missing since; of a bucket that is only called so, root's own actions count.

    A bucket that nothing ties to the record may be its own only if the record ends there.
    """
    if row["certainty"] == "unknown" and ongoing.has_events_after(account_of(row), row["from_time"]):
        return False
    ours = bool(row["by_root"] or row["by_descendant"] or remarks_on(row).get("by_service"))
    if row["result"] != "succeeded" or row["control"] not in ("trail bucket", "KMS key"):
        return False
    if row["certainty"] != "certain" and not (ours and row["control"] == "trail bucket"):
        return False
    return row["eventName"] in (*_UNDELIVERED, *_TAKEN) or (ours and row["eventName"] in _REWRITTEN)


def _undelivered(row: of.LoggingImpairment) -> str:
    undelivered = _UNDELIVERED.get(row["eventName"]) or _REWRITTEN[row["eventName"]]
    return f"events that CloudTrail would have {undelivered.replace('{entity}', row['entity'] or '(not named)')}"


def _trail(row: of.LoggingImpairment, account_id: str) -> str:
    owner = account_of(row)
    known = account_id not in ("", UNKNOWN) and owner not in (account_id, UNKNOWN)
    return (f"trail {row['entity']}" if row["entity"] else "an unnamed trail") + (
        f" of account {owner}" if known else ""
    )


def no_end(row: of.LoggingImpairment) -> str:
    """Why nothing tells when a window ends in which the record is in doubt.

    Args:
        row: of ``logging_impairment``, without an ``until_time``.
    """
    if not row["from_time"]:
        return "the event has no time, so whether it was restored is unknown"
    return "restored by a call without a time" if is_mended(row) else "not restored in these logs"


class Departed:
    """Accounts that an organization's trail ceased to record, and whether anything of them is in the case afterwards.

    Args:
        case: to ask.
        impairment: of all accounts.
        organized: accounts whose logs came by an organization's trail.
        ongoing: whether accounts go on being recorded.
    """

    def __init__(
        self, case: Asks, impairment: list[of.LoggingImpairment], organized: set[str], ongoing: Ongoing
    ) -> None:
        done = [row for row in impairment if row["control"] == "organization" and row["result"] == "succeeded"]
        self._left = [row for row in done if row["part"] == "membership"]
        self._ended = [row for row in done if row["part"] == "organization" or _is_trails_trust(row)]
        self._organized = organized
        self._ongoing = ongoing
        self._own = {row["account_id"]: row["last_time"] for row in case.query("account_trail_deliveries").rows}

    def of_others(self, account_id: str) -> list[of.LoggingImpairment]:
        """Rows of other accounts by which this one was taken out of its organization."""
        return [row for row in self._left if row["entity"] == account_id and account_of(row) != account_id]

    def missing(self, account_id: str) -> tuple[Gap, ...]:
        """What may be missing of an account.

        Args:
            account_id: 12 digits; empty for all accounts.
        """
        accounts = [account_id] if account_id else self._ongoing.accounts
        told = [one for account in accounts for one in (*self._since_it_left(account), *self._since_it_ended(account))]
        return tuple(dict.fromkeys(told))

    def _since_it_left(self, account: str) -> Iterator[Gap]:
        text = (
            f"events in account {account} from {{since}} {{until}}: it had left its organization, so the organization's"
            " trail no longer records it"
        )
        for row in self._left:
            if row["entity"] == account and not self._has_own_trail(account, row):
                yield from self._ongoing.missing(text, [row], [account])

    def _since_it_ended(self, account: str) -> Iterator[Gap]:
        for row in self._ended if account in self._organized else ():
            text = f"events in account {account} that the organization's trail would have recorded from"
            if not self._has_own_trail(account, row):
                yield from self._ongoing.missing(f"{text} {{since}} {{until}} ({row['eventName']})", [row], [account])

    def _has_own_trail(self, account: str, row: of.LoggingImpairment) -> bool:
        last, since = self._own.get(account), row["from_time"]
        return bool(last and since and last > since - _LATELY)


def _is_trails_trust(row: of.LoggingImpairment) -> bool:
    return (row["part"], row["entity"]) == ("trust", _CLOUDTRAIL)
