"""Logs that could have shown whatever there was, and what the verdict tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.analysis.places import SIGN_IN_REGIONS
from tests.builders import ACCOUNT, event, root_event
from tests.stories import ALONE, Names, Story

if TYPE_CHECKING:
    from rootforensics.analysis.containment.step import Step

ANOTHER = event(identity={"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/another"})
EVERYWHERE = [ANOTHER, *(event(awsRegion=region) for region in SIGN_IN_REGIONS)]
#: A policy that lets everybody read.
OPEN = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}


def in_session(record: dict[str, Any]) -> dict[str, Any]:
    """A record as it is; where root would use the usual key, it has a session's: a long-term key is persistence."""
    usual = root_event()["userIdentity"]["accessKeyId"]
    identity = record["userIdentity"]
    if not isinstance(identity, dict):
        return record
    return (
        record | {"userIdentity": identity | {"accessKeyId": "ASIASESSION"}}
        if identity.get("accessKeyId") == usual
        else record
    )


def tell(
    *records: dict[str, Any], whole: bool = True, load: dict[str, Any] | None = None, account_id: str = ""
) -> Story:
    """The answers by name and the steps of the verdict on the account of these records.

    Args:
        records: the events.
        whole: with an event of each Region in which root may sign in, so that the logs could have shown it.
        load: options of ``Case.load``.
        account_id: the account; if not given, the one in which root was active, or the only one.
    """

    def ask(analysis: Any, names: Names) -> Any:
        if account_id:
            told = analysis.verdict_of(names.in_case(account_id))
        else:
            told = next((verdict for verdict in analysis.verdicts if verdict.account_id in names.accounts), None)
            # Where root was active in no account of these, what is said of a whole case is said of others, too.
            if told is None and names.alone:
                (told,) = analysis.verdicts
            elif told is None and len(names.accounts) > 1:
                return ALONE
            told = told or analysis.verdict_of(names.accounts[0])
        return {answer.name: answer for answer in told.answers}, list(told.steps)

    events = [*map(in_session, records), *(EVERYWHERE if whole else [])]
    return Story(events, ask, load or {})


def beside_root(steps: list[Step]) -> list[Step]:
    """The steps but those about root itself: take it back, shut it out, or ask whether its use was the owner's."""
    own = (
        "Revoke the aws login sessions of root",
        "Reset the password of root",
        "Deactivate the access keys of root",
        "If root needs credentials again",
        "Replace root",
        "If the account is a member of an organization, block root now",
        "Block root now",
        "While root is blocked",
        "Ask the owner of the account",
    )
    return [step for step in steps if not step.what.startswith(own)]
