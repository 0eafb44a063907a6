"""What calls may do by what they ask for, where no rule speaks of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from rootforensics.analysis.exposure.policies import unpacked
from rootforensics.analysis.places import call_of
from rootforensics.analysis.remarks import remarked
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.rules.by_name import may_give, may_set_a_log, moves_mail, sets_a_log

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_RECORDS: Final = "route53:ChangeResourceRecordSets"
_Row = TypeVar("_Row", "of.Call", "of.ServiceActions")


def judged_by_request(case: Asks, rows: list[_Row]) -> list[_Row]:
    """The rows, with what their requests say of them, as ``Remarks`` has it.

    ``sets_a_log`` is of changed settings, ``moves_mail`` of DNS records, ``exposes`` of calls beyond the catalogue.

    Args:
        case: to ask for the requests of these calls, if there are any.
        rows: of calls.
    """
    asking = [row for row in rows if _says_more(row)]
    if not asking:
        return rows
    places = tuple(map(place_text, asking))
    requests = {place_of(row): row for row in case.query("policy_requests", citations=places).rows}
    return [_judged(row, requests[one]) if (one := place_of(row)) in requests else row for row in rows]


def _says_more(row: of.Call | of.ServiceActions) -> bool:
    sets = may_set_a_log(row["eventSource"], row["eventName"]) or call_of(row) == _RECORDS
    return sets or (not row["listed"] and may_give(row["eventName"]))


def _judged(row: _Row, told: of.PolicyRequests) -> _Row:
    request = unpacked(told["asked"])
    if call_of(row) == _RECORDS:
        row = remarked(row, moves_mail=moves_mail(request))
    elif may_set_a_log(row["eventSource"], row["eventName"]):
        row = remarked(row, sets_a_log=sets_a_log(request))
    if not row["listed"] and may_give(row["eventName"], told["asked"], told["own_account"]):
        row = remarked(row, exposes="perhaps")
    return row
