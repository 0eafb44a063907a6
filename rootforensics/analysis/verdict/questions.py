"""The verdict: the questions of a root incident, each answered yes, no or unknown, with its evidence.

*No* is said only where the logs of the account could have shown a yes: nothing left out by filters, no log of it
unread, no trail stopped.
Where they could not, the answer is *unknown*, and what is missing is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.phrases import plural, some
from rootforensics.analysis.verdict import access, impact, ownership
from rootforensics.analysis.verdict.answer import Verdict, said
from rootforensics.analysis.verdict.attempts import with_attempts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rootforensics.analysis.approvals.match_session import SessionJudgement
    from rootforensics.analysis.approvals.outside_sessions import Apart
    from rootforensics.analysis.verdict.evidence import Ground
    from rootforensics.queries.result import Row


def verdicts(ground: Ground, approved: Verdict | None = None) -> list[Verdict]:
    """Answer the questions of a root incident, for one account.

    Args:
        ground: what root did there, and what may be missing.
        approved: the answer of a reconciliation with approvals; without it that question is unknown.
    """
    answers = (ask(ground) for ask in _QUESTIONS)
    tried = {name: ask(ground) for name, ask in _TRIED.items()}
    named = (with_attempts(one, tried.get(one.name, ()), ground.account_id) for one in answers)
    return [*named, approved or _NOT_RECONCILED]


def _failed(rows: Iterable[Row], **wanted: tuple[str, ...]) -> list[Row]:
    """Those of some rows that tell of an attempt, with one of some values in each column; any where none is named."""
    tried = (row for row in rows if row.get("deed") == "attempted" or row.get("outcome") == "failure")
    return [row for row in tried if all(row[name] in held if held else row[name] for name, held in wanted.items())]


_QUESTIONS: Final[tuple[Callable[[Ground], Verdict], ...]] = (
    access.used_by_person,
    access.with_mfa,
    access.password_changed,
    access.access_keys,
    access.mfa_removed,
    access.way_in,
    impact.record_tampered,
    impact.data_exposed,
    impact.money_spent,
    ownership.ownership_changed,
)
#: Attempts at what a question is about, by its name.
_TRIED: Final[dict[str, Callable[[Ground], list[Row]]]] = {
    "password_changed": lambda ground: _failed(ground.sign_ins, signin_kind=access.PASSWORD_CHANGES),
    "access_keys": lambda ground: _failed(
        ground.credentials, credential_kind=("access_key",), change=("added", "activated")
    ),
    "mfa_removed": lambda ground: _failed(
        ground.credentials, credential_kind=("mfa_device",), change=("removed", "perhaps_removed")
    ),
    "way_in": lambda ground: _failed(ground.followed, lane=access.LETTING_IN),
    "record_tampered": lambda ground: _failed(
        (row for row in ground.tampering if row["by_root"] or row["by_descendant"]), certainty=("certain", "maybe")
    ),
    "data_exposed": lambda ground: _failed(ground.followed, exposes=()),
    "money_spent": lambda ground: _failed(ground.followed, costs=()),
    "ownership_changed": lambda ground: _failed(ground.followed, eventName=ownership.CHANGES),
}
_APPROVED: Final = ("approved", "Was the use of root approved?")
_NOT_RECONCILED: Final = Verdict(
    *_APPROVED,
    "unknown",
    "no approvals were given",
    missing=("a file of approvals (rootforensics approvals --template)",),
)


def approved_verdict(judged: dict[str, SessionJudgement], apart: Sequence[Apart] = ()) -> Verdict:
    """The last question, from a reconciliation.

    Args:
        judged: what the approvals say of each session, by its ID: ``approved`` alone, or what is wrong.
        apart: what they say of each use of root in no session.
    """
    name, question = _APPROVED
    wrong = {session: one for session, one in sorted(judged.items()) if one.verdicts != ("approved",)}
    beside = [one for one in apart if one.is_wrong]
    if wrong or beside:
        named = [f"{session} ({', '.join(one.verdicts)})" for session, one in wrong.items()]
        sessions = f"{len(wrong):,} of {plural(len(judged), 'session')}: {some(named)}"
        because = "; ".join(filter(None, (sessions if wrong else "", _apart_told(beside))))
        cited = [*(access.opener_of(one.session) for one in wrong.values()), *(one.row for one in beside)]
        return said(name, question, "no", because, cited)
    if unsure := [one for one in apart if one.unsure]:
        missing = tuple(dict.fromkeys(f"{one.row['eventName']}: {one.unsure}" for one in unsure))
        return said(name, question, "unknown", _apart_told(unsure), (one.row for one in unsure), missing)
    if not judged:
        return said(name, question, "unknown", "no session of root is in the case", (), ("a session to judge",))
    told = "the one session is" if len(judged) == 1 else f"each of {len(judged):,} sessions is"
    return said(
        name, question, "yes", f"{told} as approved", [access.opener_of(one.session) for one in judged.values()]
    )


def _apart_told(apart: Sequence[Apart]) -> str:
    """Uses in no session, the first three of them."""
    return some(list(dict.fromkeys(one.told for one in apart)))
