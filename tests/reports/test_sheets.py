"""What gives way where a brief is longer than two sheets, in which order, and that its count stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from rootforensics.reports.sheets import fitted
from rootforensics.telling.brief import Brief, brief

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import Analysis


@pytest.fixture(scope="module")
def whole(sample_approved: Analysis) -> Brief:
    return brief(sample_approved)


def sizes(told: Brief) -> tuple[int, ...]:
    """Moments, accounts told whole, what is open, approvals, accounts, steps."""
    whole = sum(not account.cut_count for account in told.accounts)
    return len(told.ranked), whole, len(told.still_open), len(told.approvals), len(told.accounts), len(told.steps)


def test_the_less_room_the_less_is_told_and_never_the_first_account(whole: Brief) -> None:
    found = [fitted(whole, ["A title " * words, "A fact"], "letter")[0] for words in range(10, 700, 15)]
    told = [sizes(one) for one in found]
    assert all(less <= more for one, two in pairwise(told) for more, less in zip(one, two, strict=True))
    assert told[-1] == (1, 1, 1, 1, 1, 1)
    assert all(one.accounts[0] == whole.accounts[0] for one in found)
    # Moments give way to 10 first, then accounts that need no action, then what is open.
    assert all(moments <= 10 for moments, accounts, *_ in told if accounts < 3)
    assert all(accounts < 3 for _, accounts, opened, *_ in told if opened < 10)
    assert all(opened <= 5 for _, _, opened, approvals, *_ in told if approvals < 3)


def test_what_gave_way_is_counted(whole: Brief) -> None:
    made, _ = fitted(whole, ["A title " * 600], "A4")
    assert made.ranked == whole.ranked[:1]
    assert (made.moment_count, made.open_count, made.step_count) == (whole.moment_count, 14, whole.step_count)
    assert (made.approval_count, made.account_count) == (whole.approval_count, 3)
    of_proper = whole.accounts[2].cut
    assert of_proper.sentences == whole.accounts[2].sentences[:1]
    assert of_proper.cut_count == len(whole.accounts[2].sentences) + len(whole.accounts[2].times) - 1


def test_what_fits_stays_whole(whole: Brief) -> None:
    small = replace(
        whole, accounts=whole.accounts[:1], ranked=whole.ranked[:5], still_open=whole.still_open[:2], limits=()
    )
    assert fitted(small, ["A title"], "A4") == (small, 6.2)
