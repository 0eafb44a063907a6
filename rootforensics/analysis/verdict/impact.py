"""Questions of a root incident on what was done: to the record, to data, with money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.cross_account import beside
from rootforensics.analysis.lineage.principals import under_members
from rootforensics.analysis.lineage.service_activity import WHO_ORDERED
from rootforensics.analysis.remarks import remarks_on
from rootforensics.analysis.verdict.question import Question, Reply, failed, matching, named_calls
from rootforensics.phrases import at, between, some
from rootforensics.rules.by_name import is_free, may_impair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of

#: Findings on digest files that are named beside an answer.
_FOUND_SHOWN: Final = 3
#: What would tell whose doing they are.
_WHO_TOOK: Final = (
    "who deleted, changed or withheld log and digest files: the bucket's versions and data events, and the logs of"
    " the trail's home Region"
)
#: What records, by settings that may have been as narrow before.
_TRAILS: Final = ("trail", "event data store")


@Question(
    text="Was logging impaired by root or its follow-on activity?",
    controls=("multi-region-trail", "root-alarm"),
    about="impairment of logging",
    short="logging impaired",
    doubted_by=("trail_started",),
    tried=lambda evidence: failed(
        (row for row in evidence.impairment if row["by_root"] or row["by_descendant"]), certainty=("certain", "maybe")
    ),
)
def logging_impaired(evidence: Evidence) -> Reply:
    """Were detective controls of the account stopped, removed, narrowed or changed by root or what descends from it."""
    reply, found = _by_calls(evidence), evidence.impaired()
    if reply.answer == "yes" or not found:
        return reply
    lacking = reply.missing if reply.answer == "unknown" else ()  # of a no it is what would prove it
    told = some(list(dict.fromkeys(map(_found, found))), _FOUND_SHOWN, "; ")
    return Reply("unknown", f"{reply.because}; but verify found: {told}", reply.rows, (_WHO_TOOK, *lacking))


def _found(row: of.IntegrityFindings) -> str:
    """What validation by digest files found, in words."""
    begin, end = row["from_time"], row["until_time"]
    when = f"before {at(end)}" if end and not begin else between(begin, end)
    title = row["title"][0].lower() + row["title"][1:]
    return f"{title} ({row['region'] or 'Region unknown'}, {when})"


def _by_calls(evidence: Evidence) -> Reply:
    """What the calls in the logs say of it."""
    of_all = [row for row in evidence.impairment if row["result"] == "succeeded"]
    named = {id(row) for row in under_members(of_all, evidence.members)}
    served = [row for row in of_all if remarks_on(row).get("by_service") and not row["by_root"]]
    named |= {id(row) for row in served}
    done = [row for row in of_all if row["by_root"] or row["by_descendant"] or id(row) in named]
    surely_done = [row for row in done if row["by_root"] or row["by_descendant"] == "certain"]
    certain = [row for row in surely_done if row["certainty"] == "certain"]
    if certain:
        others = [row for row in surely_done if row["certainty"] != "certain"]
        names = some([f"{_control(row)} ({row['eventName']})" for row in others])
        remarks = (f"the change of {names} may have impaired logging, too",) if others else ()
        return Reply("yes", _touched(certain, evidence), [*certain, *others], remarks=remarks)
    if done:
        opened = not surely_done and len(served) < len(done)
        missing = (
            *_wanted(done, {row["control"] for row in surely_done}),
            *(evidence.who_acted if opened else ()),
            *([WHO_ORDERED] if served else ()),
        )
        perhaps = " by follow-on activity of root" if opened else ""
        because = f"possibly{perhaps}: {_touched(done, evidence)}"
        return Reply("unknown", because, done, (*missing, *evidence.gaps()))
    absent = "the logs show no such call; only digest files can show whether log files were deleted or changed"
    unlisted = matching(evidence, _may_impair, lambda _: False)
    settles = "whether these calls stopped anything that records, alerts or delivers: no rule covers them"
    return unlisted.reply(absent, settles=settles, gaps=evidence.gaps())


def _may_impair(row: of.Call | of.ServiceActions) -> bool:
    return may_impair(row["eventSource"], row["eventName"]) or bool(remarks_on(row).get("sets_a_log"))


def _wanted(rows: list[of.LoggingImpairment], touched: set[str]) -> Iterator[str]:
    """What would tell whether what was touched belongs to the record, and what of it was touched.

    Args:
        rows: what was done; of some buckets and log groups nothing in the logs tells whether they do.
        touched: controls that were surely touched.
    """
    nameless = {row["control"].removeprefix("trail ") for row in rows if row["certainty"] == "unknown"}
    yield from (f"the name of the {entity} that the account's trails write to" for entity in sorted(nameless))
    if touched - {*_TRAILS}:
        yield "what the changed resources were used for"
    if touched & {*_TRAILS, "trail bucket"}:
        yield "the earlier settings of what was changed"


def _control(row: of.LoggingImpairment) -> str:
    """The control by name; without ``trail`` if no log shows that a trail writes to this bucket or log group."""
    control = row["control"].removeprefix("trail ") if row["certainty"] == "unknown" else row["control"]
    return f"{control} {row['entity'] or '(not named)'}"


def _touched(rows: list[of.LoggingImpairment], evidence: Evidence) -> str:
    told = (
        f"{_control(row)} {row['impairment']} ({row['eventName']}){beside(row, evidence.account_id)}" for row in rows
    )
    return ", ".join(dict.fromkeys(told))


@Question(
    text="Was data exposed?",
    controls=("access-analyzer",),
    about="exposed data",
    short="data exposed",
    beyond="whether anyone used the new access to data",
    tried=lambda evidence: matching(evidence, _exposes).tried,
)
def data_exposed(evidence: Evidence) -> Reply:
    """Was data given away or read; never denied, as reads are recorded only where data events are on."""
    missing = (
        *evidence.gaps(without_effect=True),
        "data events, without which CloudTrail records no reads of objects and items",
    )
    hidden = (
        "what the records do not show: the owner of a bucket or organization, the effect of Block Public Access, or the"
        " content of a share, parameter or database"
    )
    absent = "the logs show no call by root or its follow-on activity that is known to expose data"
    calls = matching(evidence, _exposes, lambda row: row["exposes"] == "yes")
    return calls.reply(absent, tell=_meant, settles=hidden, gaps=missing)


def _exposes(row: of.Call | of.ServiceActions) -> bool:
    return bool(row["exposes"])


def _meant(rows: Iterable[of.Call | of.ServiceActions], evidence: Evidence) -> str:
    """What the calls did, in the catalogue's words, each once."""
    told: dict[str, None] = {}
    for row in rows:
        means = (row.get("means") or row["eventName"] or "a call without a name").rstrip(".")
        by_whom = beside(row, evidence.account_id)
        told[f"{means} ({by_whom.strip()})" if by_whom else means] = None
    return "; ".join(told)


@Question(
    text="Was money spent?",
    controls=("billing-alert",),
    about="money spent",
    short="money spent",
    support="review the charges of this period, and hold the bill until the review is done",
    tried=lambda evidence: matching(evidence, _may_cost).tried,
)
def money_spent(evidence: Evidence) -> Reply:
    """Was something started or bought that is paid for, by root or what descends from it."""
    calls = matching(evidence, _may_cost, lambda row: row["costs"] == "yes")
    bill = "what these calls cost: see the bill and Cost Explorer"
    tell = _meant if calls.done else named_calls
    return calls.reply("the logs show no call that cost money", tell=tell, settles=bill, gaps=evidence.gaps())


def _may_cost(row: of.Call | of.ServiceActions) -> bool:
    return bool(row["costs"]) or not (row["listed"] or is_free(row["eventSource"], row["eventName"]))
