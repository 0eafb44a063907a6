"""Stories that share a case: one that breaks it fails by itself, the others are told."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import ACCOUNT, root_event
from tests.stories import Story, answers

if TYPE_CHECKING:
    from tests.stories import Names


def _calls(analysis: Any) -> set[str]:
    return {row["eventName"] for row in analysis.query("root_timeline").rows}


def _breaks(analysis: Any, _: Names) -> int:
    """An analysis that comes to nothing, whoever asks, if one story of the case is odd."""
    if "Odd" in _calls(analysis):
        raise KeyError("odd")
    return len(_calls(analysis))


def _is_crowded(analysis: Any, _: Names) -> int:
    if len(_calls(analysis)) > 1:
        raise KeyError("crowded")
    return 1


def _told(ask: Any, *names: str) -> list[Any]:
    with ExitStack() as opened:
        return answers([Story([root_event(eventName=name, recipientAccountId=ACCOUNT)], ask) for name in names], opened)


@pytest.mark.heavy
def test_a_story_that_breaks_the_case_of_others_fails_alone() -> None:
    first, odd, last = _told(_breaks, "ListUsers", "Odd", "ListRoles")
    assert (first, last) == (1, 1)
    assert isinstance(odd, KeyError)
    assert odd.__notes__ == ["Raised by itself, too; 3 of 3 stories failed in the case that they share."]


@pytest.mark.heavy
def test_stories_of_which_none_breaks_it_alone_say_so() -> None:
    told = _told(_is_crowded, "ListUsers", "ListRoles")
    assert [str(one) for one in told] == ["'crowded'", "'crowded'"]
    assert all("no story of the case raises by itself" in one.__notes__[0] for one in told)


@pytest.mark.heavy
def test_a_story_that_raises_for_itself_is_told_as_it_was() -> None:
    def ask(analysis: Any, names: Names) -> int:
        if names.in_case("AKIAEXAMPLEROOTKEY00") == "AKIA0001EXAMPLEROOTKEY00" or names.alone:
            raise KeyError("own")
        return len(_calls(analysis))

    first, second = _told(ask, "ListUsers", "ListRoles")
    assert first == 2
    assert isinstance(second, KeyError)
    assert not hasattr(second, "__notes__")
