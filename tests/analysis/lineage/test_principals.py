"""Who acted: members of what root reached, by name and time."""

from __future__ import annotations

from rootforensics.analysis.lineage.principals import under_members


def test_actions_are_not_read_where_nobody_is_a_member() -> None:
    """Of hundreds of accounts each would read the actions of all."""
    unread = (_never(place) for place in range(3))
    assert under_members(unread, []) == []


def _never(place: int) -> dict[str, object]:
    raise AssertionError(f"action {place} was read")
