"""The calls that a question is about, whoever made them, by how surely they answer it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.cross_account import beside
from rootforensics.analysis.lineage.service_activity import WHO_ORDERED
from rootforensics.analysis.phrases import some
from rootforensics.analysis.verdict.question import WHOLE_RECORDS, Reply, unknown_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of

    Row = of.Call | of.ServiceActions


#: What is said of actions that are possibly root's doing.
_UNDER_OTHERS: Final = "under identities that root only opened or changed, or by a service in the name of one"
_CALLS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one kind by root of an account and what descends from it, in other accounts, too.

    Attributes:
        evidence: where they are from.
        done: they succeeded, and are surely of the kind.
        doubtful: they succeeded, and only perhaps are of the kind.
        served: AWS services made them as root, at nobody knows whose word.
        perhaps: identities made them that only possibly descend from root.
        unknown: the record does not say whether they succeeded.
        tried: they were denied or failed.
    """

    evidence: Evidence
    done: list[of.Call]
    doubtful: list[of.Call]
    served: list[of.ServiceActions]
    perhaps: list[of.Call]
    unknown: list[of.Call]
    tried: list[of.Call]

    def reply(
        self,
        absent: str,
        *,
        tell: Callable[[Iterable[Row], Evidence], str] | None = None,
        settles: str = "",
        gaps: tuple[str, ...] | None = None,
    ) -> Reply:
        """Yes with what was surely done, unknown with whatever else there is, else no or what the logs may lack.

        Args:
            absent: what to say where there is none.
            tell: the calls in words; by service and name if not given.
            settles: what would tell whether the doubtful ones are of the kind.
            gaps: why there may be some that the case does not show. If not given, all gaps of the account, and who may
                hold what root changed: of their calls only those that cost are known.
        """
        tell = tell or named_calls
        if self.done:
            return Reply("yes", tell(self.done, self.evidence), self.done)
        if gaps is None:
            gaps = (*(self.evidence.who_acted if self.evidence.members else ()), *self.evidence.gaps())
        own: list[Row] = [*self.doubtful, *self.served]
        told = [f"perhaps: {tell(own, self.evidence)}"] if own else []
        told += [f"{tell(self.perhaps, self.evidence)} {_UNDER_OTHERS}"] if self.perhaps else []
        told += [unknown_of(self.unknown)] if self.unknown else []
        if not told:
            return Reply("unknown" if gaps else "no", absent, (), gaps or self.evidence.unproved())
        missing = (
            *((settles,) if self.doubtful else ()),
            *((WHO_ORDERED,) if self.served else ()),
            *(self.evidence.who_acted if self.perhaps else ()),
            *((WHOLE_RECORDS,) if self.unknown else ()),
        )
        cited = [*own, *self.perhaps, *self.unknown]
        return Reply("unknown", "; ".join(told), cited, tuple(dict.fromkeys((*missing, *gaps))))


def matching(evidence: Evidence, wanted: Callable[[Row], bool], sure: Callable[[Row], bool] = lambda _: True) -> Calls:
    """The calls of a kind, from all that is known of an account: no question is about fewer of them by oversight.

    Args:
        evidence: what root of the account did.
        wanted: whether a call may be of the kind.
        sure: whether it surely is, if it succeeded.
    """
    own = [row for row in (*evidence.followed, *evidence.unlisted) if wanted(row)]
    done = [row for row in own if row["result"] == "succeeded"]
    return Calls(
        evidence,
        [row for row in done if sure(row)],
        [row for row in done if not sure(row)],
        [row for row in evidence.unordered if wanted(row)],
        [row for row in evidence.perhaps if wanted(row) and row["result"] != "attempted"],
        [row for row in own if row["result"] == "unknown"],
        [row for row in own if row["result"] == "attempted"],
    )


def service_of(row: Row) -> str:
    """The service that a call is of, without ``.amazonaws.com``; empty where the record does not say."""
    return (row["eventSource"] or "").removesuffix(".amazonaws.com")


def named_calls(rows: Iterable[Row], evidence: Evidence) -> str:
    """The calls, each by service and name, at most five."""
    told = (f"{service_of(row)}:{row['eventName']}{beside(row, evidence.account_id)}" for row in rows)
    return some(list(dict.fromkeys(told)), _CALLS_SHOWN)
