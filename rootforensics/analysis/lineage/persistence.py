"""By which entities of the blast radius somebody comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.rules.entities import KINDS

if TYPE_CHECKING:
    from rootforensics.analysis.exposure.policies import Exposes
    from rootforensics.queries import rows as of

#: What lets somebody in who could not come in before, if it was only changed.
_OPENED: Final = frozenset(one.name for one in KINDS if one.opens_if_changed)
#: By whom its trust policy lets take a role on: who was let into one that root made, or into one that was there.
_MADE_ROLE: Final[dict[str | None, Exposes]] = {"others": "yes", "account": "yes", "services": ""}
_OLD_ROLE: Final[dict[str | None, Exposes]] = {"others": "yes"}


def lets_in(row: of.Door) -> Exposes:
    """Whether somebody comes back by an entity, of a kind by which one does: a role's trust policy tells who.

    A role that AWS services alone take on is no way back by itself, only a means in their hands. Of what was there
    before and was changed, only a password that was set anew, a directory, and a role that trusts others.
    """
    if row["entity_kind"] == "role":
        return (_OLD_ROLE if row["state"] == "changed" else _MADE_ROLE).get(row["trusts"], "perhaps")
    return "yes" if row["state"] != "changed" or row["entity_kind"] in _OPENED else "perhaps"


def was_opened(row: of.Door) -> bool:
    """Whether an entity that was only changed lets somebody in who could not come in before."""
    return row["state"] == "changed" and lets_in(row) == "yes"
