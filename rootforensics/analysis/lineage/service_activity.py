"""Service activity attributed to root, as far as it may be root's doing: on its order, or by a person behind the mark.

Such a call is attributed to root and ``invokedBy`` names a service, so ``root_events`` has it as noise. Yet nobody but
who holds root's credentials can have a service act as root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.places import account_of
from rootforensics.analysis.remarks import remarked, remarks_on
from rootforensics.evidence.cite import place_of
from rootforensics.phrases import enumerated, when
from rootforensics.rules.wording import kind_of_object, past

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: What to say of an action, by whose hand it is.
_BY: Final = {
    "ordered": " by {}, on an order of root's",
    "person": " as by {}, but not from there: probably by a person",
}
_BY_NOBODY_KNOWN: Final = " by {} as root (whether root ordered it the record does not say)"
#: What would tell whose actions these are.
WHO_ORDERED: Final = "who ordered AWS services to act as root"


def by_services(case: Asks) -> list[of.ServiceActions]:
    """The actions of AWS services as root, in order of time, each with what to say of it as ``by_service``."""
    rows = case.query("service_actions").rows
    return [remarked(row, by_service=_BY.get(row["hand"], _BY_NOBODY_KNOWN).format(row["service"])) for row in rows]


def exposing_actions(
    case: Asks, account_id: str, since: datetime | None, noun: str = ""
) -> tuple[list[of.ServiceActions], list[of.ServiceActions]]:
    """What AWS did or recorded as root that exposes data, where the record does not show on whose order.

    Args:
        case: to ask.
        account_id: of root.
        since: when the data was exposed; None if none was.
        noun: only data of this kind; empty for all.

    Returns:
        the actions since then, and the same actions before; both are empty if there are none since then.
    """
    rows = [
        row
        for row in case.query("service_actions").rows
        if account_of(row) == account_id and row["hand"] == "unknown" and row["exposes"] == "yes"
        and row["eventTime"] and noun in ("", kind_of_object(row["act"] or ""))
    ]  # fmt: skip
    later = [row for row in rows if since and row["eventTime"] and row["eventTime"] >= since]
    names = {row["eventName"] for row in later}
    return later, [row for row in rows if row not in later and row["eventName"] in names]


def exposing_sentence(later: list[of.ServiceActions], earlier: list[of.ServiceActions], begin: str) -> str:
    """What AWS did or recorded since data was exposed, and whether it did the same before, which may be routine."""
    did = enumerated(list(dict.fromkeys(past(row["act"] or "") for row in later)))
    text = f"AWS {did} {when(row['eventTime'] for row in later)} (after {begin})"
    text += f" and {when(row['eventTime'] for row in earlier)} (before)" if earlier else ""
    nouns = filter(None, dict.fromkeys(kind_of_object(row["act"] or "") for row in later))
    unknown = " or ".join(["who caused this", *(f"which {noun} it was" for noun in nouns)])
    return f"{text}. The records do not show {unknown}"


def impairment(case: Asks) -> list[of.LoggingImpairment]:
    """Rows of ``logging_impairment``, the doubtful ones too, with what services did on root's order told as root's."""
    by_place = {place_of(row): row for row in by_services(case)}
    return [_served(row, by_place) for row in case.query("logging_impairment", unknown=1).rows]


def not_of_themselves(
    served: Iterable[of.ServiceActions], impairment: Iterable[of.LoggingImpairment]
) -> list[of.ServiceActions]:
    """The actions that a service hardly did of itself: all but those of services that look after what root made.

    Args:
        served: as ``by_services`` gives them.
        impairment: as ``impairment`` gives it.
    """
    impairing = {place_of(row) for row in impairment if "by_service" in row}
    return [row for row in served if row["hand"] != "unknown" or place_of(row) in impairing]


def with_services(
    rows: Iterable[of.RootCredentialChanges], served: Iterable[of.ServiceActions]
) -> list[of.RootCredentialChanges]:
    """The rows, with what to say of those that a service did as root."""
    by_place = {place_of(row): remarks_on(row)["by_service"] for row in served}
    return [remarked(row, by_service=by_place[one]) if (one := place_of(row)) in by_place else row for row in rows]


def _served(row: of.LoggingImpairment, by_place: dict[tuple[int, int], of.ServiceActions]) -> of.LoggingImpairment:
    """A row of impairment, told as root's if root ordered it.

    Services that look after what root made change alarms and rules that may watch, all day.
    """
    found = by_place.get(place_of(row))
    if not found or row["result"] != "succeeded" or (found["hand"] == "unknown" and row["certainty"] != "certain"):
        return row
    return remarked(row, by_root=found["hand"] == "ordered", by_service=remarks_on(found)["by_service"])
