"""What calls may do by what they ask for, where no rule speaks of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rootforensics.analysis.exposure.policies import unpacked
from rootforensics.analysis.remarks import remarked
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.rules.by_name import may_set_a_log, sets_a_log

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_Row = TypeVar("_Row", "of.Call", "of.ServiceActions")


def judged_by_request(case: Asks, rows: list[_Row]) -> list[_Row]:
    """The rows; of calls that change settings, ``sets_a_log`` is whether the request speaks of logs.

    Args:
        case: to ask for the requests of these calls, if there are any.
        rows: of calls.
    """
    places = tuple(place_text(row) for row in rows if may_set_a_log(row["eventSource"], row["eventName"]))
    if not places:
        return rows
    requests = {place_of(row): row["asked"] for row in case.query("policy_requests", citations=places).rows}
    return [
        remarked(row, sets_a_log=sets_a_log(unpacked(requests[one]))) if (one := place_of(row)) in requests else row
        for row in rows
    ]
