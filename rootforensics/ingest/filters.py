"""What of the evidence a load takes in.

A filter leaves out only what is known to lie outside: an event without a time stays when ``--since`` is given,
one without an account or Region stays too. An aggregated event stays if its window reaches into the time. Whatever is
left out is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.errors import FilterError
from rootforensics.ingest.related import patterns, related_calls
from rootforensics.ingest.spelling import ROOT_ARN, account_sql
from rootforensics.schema import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

_ACCOUNT: Final = re.compile(r"\d{12}")
_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")

_NO_TIME: Final = f"eventTime IS NULL OR year(eventTime) < {FIRST_YEAR} OR year(eventTime) >= {LAST_YEAR}"


def _window(edge: str, compared: str) -> str:
    """A condition on the window of an aggregated event; true where there is none that can be read."""
    extended = rf"regexp_replace(timeWindow.{edge}, '^(\d{{4}})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$', '\1-\2-\3:\4:\5')"
    moment = f"TRY_CAST({extended} AS TIMESTAMP WITH TIME ZONE)"
    return f"CASE WHEN year({moment}) BETWEEN {FIRST_YEAR} AND {LAST_YEAR - 1} THEN {moment} {compared} ELSE true END"


def _is_root(column: str) -> str:
    """A condition on a type: AWS writes ``Root``, tools ``root`` or ``ROOT``, some with blanks around it."""
    return f"trim({column}) IN ('Root', 'root', 'ROOT')"


#: An event that concerns root: root itself, a federated session that root opened, AssumeRoot; and by name or ARN where
#: no type is given, as in a table of the event history or one that lacks the column. No name of an IAM user has blanks.
ROOT_CONDITION: Final = (
    f"({_is_root('userIdentity.type')}"
    " OR (coalesce(userIdentity.type, '') = '' AND (userIdentity.userName IN ('root', 'AWS ROOT USER')"
    f" OR regexp_matches(userIdentity.arn, '{ROOT_ARN}')))"
    " OR ((lower(trim(userIdentity.type)) = 'federateduser'"
    " OR (coalesce(userIdentity.type, '') = '' AND userIdentity.arn LIKE '%:federated-user/%'))"
    f" AND ({_is_root('userIdentity.sessionContext.sessionIssuer.type')}"
    " OR (coalesce(userIdentity.sessionContext.sessionIssuer.type, '') = ''"
    f" AND regexp_matches(userIdentity.sessionContext.sessionIssuer.arn, '{ROOT_ARN}'))))"
    " OR (service = 'sts.amazonaws.com' AND lower(action) = 'assumeroot'))"
)

#: The field of a record that is there if a product provider acted by delegation: no record names the delegation.
DELEGATE: Final = "invokedByDelegate"
#: What the one who acts is called: key, user, role, session, user of IAM Identity Center, any delegate.
ACTOR: Final = (
    "concat_ws('/', userIdentity.accessKeyId, userIdentity.userName, userIdentity.arn,"
    " userIdentity.sessionContext.sessionIssuer.userName, userIdentity.onBehalfOf.userId,"
    " CASE WHEN userIdentity.invokedByDelegate IS NOT NULL"
    f" OR (otherFields->>'$.userIdentity.invokedByDelegate') IS NOT NULL THEN '{DELEGATE}' END)"
)
#: Nobody can tell whose it is.
_UNREAD_IDENTITY: Final = (
    "(coalesce(regexp_matches(userIdentity.type, '(?i)root'), false)"
    " OR (coalesce(lower(trim(userIdentity.type)), '') IN ('', 'unknown')"
    " AND coalesce(regexp_matches(userIdentity.arn, '(?i):root\\s*$'), false))"
    " OR (coalesce(userIdentity.type, '') = '' AND coalesce(lower(userIdentity.userName) = 'root', false))"
    " OR (userIdentity.type IS NULL AND userIdentity.arn IS NULL"
    " AND coalesce(json_type(otherFields, '$.userIdentity') = 'VARCHAR'"
    " OR regexp_matches(otherFields->>'$.userIdentity', '(?i)root'), false)))"
)


def parse_time(text: str) -> datetime:
    """Read a time of the user's as UTC.

    Args:
        text: ISO 8601, such as ``2026-08-05`` (midnight) or ``2026-08-05T14:30:00Z``; without an offset it is UTC.

    Raises:
        FilterError: the text is no such time.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise FilterError(
            f"{text!r} is not a time", hint="Write it like 2026-08-05 or 2026-08-05T14:30:00Z (UTC)"
        ) from None
    return moment


def check_span(since: datetime | None, until: datetime | None, begin: str = "--since") -> None:
    """Refuse a span of time in which nothing can lie.

    Args:
        since: its first moment; None if it has no begin.
        until: the first moment after it; None if it has no end.
        begin: the option that the first moment comes from.

    Raises:
        FilterError: its end is not after its begin.
    """
    if since and until and since >= until:
        raise FilterError(
            f"{begin} {since:%Y-%m-%dT%H:%M:%SZ} is not before --until {until:%Y-%m-%dT%H:%M:%SZ}",
            hint="No event can lie between them",
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of one load.

    Attributes:
        since: the first moment taken in, UTC.
        until: the first moment no longer taken in, UTC.
        accounts: recipient accounts, 12 digits each; empty for all.
        regions: Regions; empty for all.
        root_related: take only what belongs to root's story: events of root, calls that are read whoever made them
            (``related_calls``), and what was done under names of what descends from root.
        root_named: take only events of root; what the event history gives when it is asked for the user name root.
        extracted: by which engine records were taken out of what, in words; empty for what was not extracted. What the
            engine left behind is counted nowhere.
        extraction_id: of that extraction, in the table ``extractions``; it is the same in each run into a case.
        left_out_of: of the extraction whose engine could not read the object, so that its counts lack it.
        is_unsearched: of a filter in the ledger of a case: objects that were read with ``root_related`` were not
            searched for all names of what descends from root, as some came to be known from others.
    """

    since: datetime | None = None
    until: datetime | None = None
    accounts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    root_related: bool = False
    root_named: bool = False
    extracted: str = ""
    extraction_id: str = ""
    left_out_of: str = ""
    is_unsearched: bool = False

    def __post_init__(self) -> None:
        for account in self.accounts:
            if not _ACCOUNT.fullmatch(account):
                raise FilterError(f"{account!r} is not an account ID", hint="An account ID has 12 digits")
        for region in self.regions:
            if not _REGION.fullmatch(region):
                raise FilterError(f"{region!r} is not a Region", hint="A Region is spelled like us-east-1")
        check_span(self.since, self.until)

    @property
    def is_empty(self) -> bool:
        """True if everything passes."""
        return self == Filters()

    def condition(self, names: Sequence[str] = ()) -> tuple[str, list[Any]]:
        """The filter as an SQL condition over the columns of ``events``, and its values in order.

        Args:
            names: of what descends from root; if given, of what is related to root only that under these names passes.
        """
        parts: list[str] = []
        values: list[Any] = []
        if self.since:
            parts.append(f"CASE WHEN {_NO_TIME} THEN {_window('windowEnd', '> ?')} ELSE eventTime >= ? END")
            values += [self.since] * 2
        if self.until:
            parts.append(f"CASE WHEN {_NO_TIME} THEN {_window('windowStart', '< ?')} ELSE eventTime < ? END")
            values += [self.until] * 2
        if self.accounts:
            account = account_sql("recipientAccountId", "userIdentity.accountId", "accountId")
            parts.append(f"({account} IS NULL OR list_contains(?, {account}))")
            values.append(list(self.accounts))
        if self.regions:
            parts.append("(nullif(awsRegion, '') IS NULL OR list_contains(?, awsRegion))")
            values.append(list(self.regions))
        if self.root_related and names:
            found = patterns(names)
            parts.append(f"({' OR '.join([f'regexp_matches({ACTOR}, ?)'] * len(found))})")
            values += found
        elif self.root_related or self.root_named:
            by_name = " OR coalesce(regexp_full_match(action, ?), false)" if self.root_related else ""
            parts.append(f"(coalesce({ROOT_CONDITION}, false) OR {_UNREAD_IDENTITY}{by_name})")
            values += [f"(?i){'|'.join(sorted(related_calls()))}"] if self.root_related else []
        return " AND ".join(parts) or "true", values

    def holds(self, other: Filters) -> bool:
        """Whether time, accounts and Regions of another filter lie in its own."""
        return (
            (self.since is None or (other.since is not None and self.since <= other.since))
            and (self.until is None or (other.until is not None and self.until >= other.until))
            and (not self.accounts or (other.accounts != () and {*other.accounts} <= {*self.accounts}))
            and (not self.regions or (other.regions != () and {*other.regions} <= {*self.regions}))
        )

    def describe(self) -> str:
        """The filter in words, for people; empty if everything passes."""
        parts: list[str] = []
        if self.since:
            parts.append(f"from {self.since:%Y-%m-%dT%H:%M:%SZ}")
        if self.until:
            parts.append(f"before {self.until:%Y-%m-%dT%H:%M:%SZ}")
        if self.accounts:
            parts.append(f"accounts {', '.join(self.accounts)}")
        if self.regions:
            parts.append(f"Regions {', '.join(self.regions)}")
        if self.root_related:
            parts.append("only what is related to root")
        if self.is_unsearched:
            again = "run the extraction again" if self.extracted else "load all again with --root-related"
            parts.append(f"not searched for all names that descend from root: {again}")
        if self.root_named:
            parts.append("only what is attributed to root")
        if self.extracted:
            parts.append(f"extracted {self.extracted}")
        return "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The filter as JSON-ready values, for the ledger."""
        return {name: value for name, value in msgspec.to_builtins(self).items() if value}

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Filters:
        """The filter that ``as_dict`` wrote."""
        return cls(
            since=parse_time(fields["since"]) if "since" in fields else None,
            until=parse_time(fields["until"]) if "until" in fields else None,
            accounts=tuple(fields.get("accounts", ())),
            regions=tuple(fields.get("regions", ())),
            root_related=bool(fields.get("root_related", False)),
            root_named=bool(fields.get("root_named", False)),
            extracted=str(fields.get("extracted", "")),
            extraction_id=str(fields.get("extraction_id", "")),
            left_out_of=str(fields.get("left_out_of", "")),
        )
