"""Roles in the hands of services that run what they are told: builds, jobs, workflows, schedules, stacks.

Root tells such a service what to do, and the service does it with a role. No record ties the role's session to root's
call; where one wrote after that call, it may have been root's doing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.phrases import at, some, sortable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_DOMAIN: Final = ".amazonaws.com"


class ServiceRoles:
    """What root told such services in all accounts of a case, and the roles that may have done it.

    Attributes:
        calls: what was told to them, as events with ``function``, the function that the call invoked.

    Args:
        case: to ask; once only where they were told nothing.
    """

    def __init__(self, case: Asks) -> None:
        self.calls = case.query("service_role_calls").rows
        functions = tuple(sorted({row["function"] for row in self.calls if row["function"]}))
        #: What wrote, by account; what stack sets did, under "".
        self._wrote: dict[str, list[of.ServiceRoleWriters]] = {}
        for row in case.query("service_role_writers", functions=functions).rows if self.calls else ():
            self._wrote.setdefault("" if row["of_stack_sets"] else row["account_id"], []).append(row)

    def unfollowed(self, calls: Iterable[of.ServiceRoleCalls]) -> Iterator[str]:
        """What may be missing of what some of the calls told a service to do, in words; each service once."""
        told: set[str] = set()
        for row in sorted(calls, key=lambda row: (row["eventTime"] is not None, sortable(row["eventTime"]))):
            service = row["eventSource"].removesuffix(_DOMAIN)
            if service in told:
                continue
            near = [*self._wrote.get("", ()), *self._wrote.get(row["account_id"], ())]
            names = sorted({one["role"].partition(":")[2] for one in near if _may_be(row, one)})
            if not names:
                continue
            told.add(service)
            yield (
                f"whether role {some(names)} acted for root:"
                f" {service}:{row['eventName']} at {at(row['eventTime'])} does not tell what followed"
            )


def _may_be(call: of.ServiceRoleCalls, one: of.ServiceRoleWriters) -> bool:
    """Whether sessions of a role that wrote may have done what a service was told."""
    if _before(one["wrote_time"], call):
        return False
    if call["roles"] and one["role"].partition(":")[2] not in call["roles"]:
        return False
    if one["of_stack_sets"]:  # it reaches into all accounts of the organization
        return "Stack" in call["eventName"]
    if call["function"]:  # a function's session serves many calls
        return one["function"] == call["function"]
    if not one["told"] and one["of_stacks"] != (call["eventSource"] == "cloudformation.amazonaws.com"):
        return False
    known = one["service"] in (call["eventSource"], None) if one["told"] else True
    return known and not _before(one["begun_time"], call)


def _before(moment: datetime | None, call: of.ServiceRoleCalls) -> bool:
    return moment is not None and call["eventTime"] is not None and moment < call["eventTime"]
