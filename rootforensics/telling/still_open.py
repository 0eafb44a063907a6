"""What is open at the end of the logs in sentences, as the blast radius has it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.still_open import state_of
from rootforensics.analysis.verdict.recorded import is_made, is_open, of_account, told_of, unheld
from rootforensics.phrases import at, enumerated, short, some
from rootforensics.telling.acts import acts_of, entity_named
from rootforensics.telling.statement import Statement, cited

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.lineage.blast_radius import BlastRadius
    from rootforensics.queries import rows as of
    from rootforensics.telling.acts import Act
    from rootforensics.telling.standing import Standing

_WIDTH: Final = 220
#: Whom a request lets in: accounts, all IP addresses, and the mailbox of an e-mail address.
_NAMED: Final = re.compile(
    r"(?<!\d)\d{12}(?!\d)|(?<![\d.])0\.0\.0\.0/0|(?<![\da-f:])::/0"
    r"|(?<![^\s;])[^\s@:/;\"]+@[^\s@:/;\"]+(?![^\s;])"
)


def still_open(
    analysis: Analysis, accounts: Iterable[tuple[AccountVerdict, Standing]], account_id: str = ""
) -> list[Statement]:
    """A sentence for each resource, the most urgent first.

    Args:
        analysis: of the case.
        accounts: the verdicts with how each account stands; what was done in an approved session comes last, because it
            may be meant to stay. The first account is named where no other is.
        account_id: only what root of this account reached; empty for all accounts.
    """
    accounts = list(accounts)
    proper = {verdict.account_id for verdict, standing in accounts if standing.kind == "approved_use"}
    radius = analysis.radius
    acts = acts_of(analysis)
    rows = sorted(
        (row for row in radius.still_open if account_id in ("", *row["root_accounts"])),
        key=lambda row: (row["accepted"] is not None, proper.issuperset(row["root_accounts"])),
    )
    main = accounts[0][0].account_id
    return [*_answered(analysis, main, account_id), *(_sentence(row, radius, main, acts) for row in rows)]


def _answered(analysis: Analysis, main: str, account_id: str) -> Iterator[Statement]:
    """Critical exposures that the last check found, and credentials that AWS has and the logs do not show."""
    checked = [row for row in analysis.query("posture").rows if account_id in ("", row["account_id"])]
    recorded = [row for row in unheld(analysis) if account_id in ("", row["account_id"])]
    texts = [f"{row['exposure']}: {of_account(row, row['why'], main)}" for row in filter(is_open, checked)]
    texts += [f"not in the logs: {told_of([row], main)}" for row in filter(is_made, recorded)]
    return (Statement(short(text, _WIDTH), "bad", stands_in="posture") for text in texts)


def _sentence(row: of.BlastRadius, radius: BlastRadius, main: str, acts: Mapping[str, Act]) -> Statement:
    by = row["eventName"] or "an API without a name"
    if row["depth"] > 1:
        by += f" by {radius.actor_of(row)}"
    named = dict.fromkeys(name for name in _NAMED.findall(row["detail"] or "") if name != row["account_id"])
    names = some([f"account {name}" if name.isdecimal() else name for name in named], 2)
    # The events of a key are all that it did. Access that was given may have been taken back by a later event.
    events = filter(None, map(acts.get, row["citations"])) if row["effect"] != "uses" else ()
    changes = [act for act in events if act.outcome == "succeeded"]
    giving = [act for act in changes if act.receiver and not act.ended]
    receivers = [f"{act.receiver}{f' since {at(act.time)}' * (act.time != row['first_time'])}" for act in giving]
    again = " (changed again since)" if giving and changes[-1] is not giving[0] else ""
    kind, name = entity_named(row)
    where = f" in {row['awsRegion']}" if row["entity_name"].startswith(f"{row['awsRegion']}/") else ""
    where += "" if row["account_id"] in (main, row["entity_name"]) else f" of account {row['account_id']}"
    receivers = list(dict.fromkeys(receivers))
    access = (enumerated(receivers) if len(receivers) < 3 else some(receivers, 2)) + again
    facts = {
        "it trusts" if kind == "role" else "still open to": access,
        "the request names": names if not access else "",
        "accepted:": row["accepted"],
    }
    more = "".join(f"; {label} {fact}" for label, fact in facts.items() if fact)
    text = f"{kind} {name}{where}, {state_of(row)} ({by}){more}"
    return Statement(
        short(text, _WIDTH),
        "note" if row["accepted"] else "bad",
        **cited((row["eventID"], row["citation"]), *((act.event_id, act.place) for act in giving)),
    )
