"""The verdict of one account, of three and of many: what has to be answered for is read, the rest is a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.reports import html
from rootforensics.reports.parts import material, parts
from tests.builders import event, root_event
from tests.reports.page import Page, words

if TYPE_CHECKING:
    from collections.abc import Callable

    PageOf = Callable[[list[dict[str, Any]]], Page]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page has this part only: the others need not be worked out."""
    monkeypatch.setattr(html, "parts", lambda: [part for part in parts() if part.name == "verdict"])


def of_root(account: str, **fields: Any) -> dict[str, Any]:
    who = {"accountId": account, "principalId": account, "arn": f"arn:aws:iam::{account}:root"} | fields.pop("who", {})
    return root_event(recipientAccountId=account, identity=who, **fields)


def used(number: int) -> dict[str, Any]:
    """Root of an account makes a key for itself, which is severe."""
    account = f"{number:012}"
    made = {"accessKey": {"accessKeyId": f"AKIAEXAMPLEMADE{number:05}", "status": "Active", "userName": "root"}}
    return of_root(account, eventName="CreateAccessKey", eventSource="iam.amazonaws.com", readOnly=False,
                      responseElements=made, eventID=f"key-{number}")  # fmt: skip


@pytest.mark.heavy
@pytest.mark.parametrize(("count", "in_sight", "listed"), [(1, 1, 1), (8, 3, 5)])
@pytest.mark.quick(1)
def test_three_accounts_are_in_sight_and_each_other_is_a_line(
    page_of: PageOf, monkeypatch: pytest.MonkeyPatch, count: int, in_sight: int, listed: int
) -> None:
    monkeypatch.setattr(material, "ACCOUNTS_LISTED", 5)
    part = page_of([used(number) for number in range(1, count + 1)]).part("verdict")
    folds = part.all("details", **{"class": "account"})
    assert len(part.all("table")) == listed
    assert len(folds) == listed - in_sight
    told = [words(fold.all("summary")[0]) for fold in folds]
    assert [one for one in told if ": likely takeover, " not in one or " checks failed" not in one] == []
    assert ("3 more accounts are not shown here" in words(part)) == (count == 8)


@pytest.mark.heavy
def test_an_account_without_a_bad_answer_is_a_line(page_of: PageOf) -> None:
    """Nothing is known of it but that a session of root was opened there."""
    opening = event(eventSource="sts.amazonaws.com", eventName="AssumeRoot", readOnly=False, eventID="opening",
                    requestParameters={"targetPrincipal": f"{2:012}"},
                    responseElements={"credentials": {"accessKeyId": "ASIAEXAMPLE000000001"}})  # fmt: skip
    part = page_of([used(1), opening]).part("verdict")
    (fold,) = part.all("details", **{"class": "account"})
    assert words(fold.all("summary")[0]) == "Account 000000000002: opened by AssumeRoot"
    assert len(part.all("table")) == 2
