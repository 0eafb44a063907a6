"""What calls may do by what they ask for, where no rule speaks of the call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from rootforensics.analysis.exposure.policies import unpacked
from rootforensics.analysis.places import call_of
from rootforensics.analysis.remarks import remarked
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.rules.by_name import may_set_a_log, moves_mail, sets_a_log

if TYPE_CHECKING:
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_RECORDS: Final = "route53:ChangeResourceRecordSets"
_Row = TypeVar("_Row", "of.Call", "of.ServiceActions")


def judged_by_request(case: Asks, rows: list[_Row]) -> list[_Row]:
    """The rows; ``sets_a_log`` is what requests of changed settings say, ``moves_mail`` what those of DNS records do.

    Args:
        case: to ask for the requests of these calls, if there are any.
        rows: of calls.
    """
    asked_of = {
        place_text(row): row
        for row in rows
        if may_set_a_log(row["eventSource"], row["eventName"]) or call_of(row) == _RECORDS
    }
    if not asked_of:
        return rows
    requests = {place_of(row): row["asked"] for row in case.query("policy_requests", citations=tuple(asked_of)).rows}
    return [_judged(row, unpacked(requests[one])) if (one := place_of(row)) in requests else row for row in rows]


def _judged(row: _Row, request: Any) -> _Row:  # noqa: ANN401 - any JSON
    return (
        remarked(row, moves_mail=moves_mail(request))
        if call_of(row) == _RECORDS
        else remarked(row, sets_a_log=sets_a_log(request))
    )
