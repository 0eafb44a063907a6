"""What else the logs show beside the answers, each sentence with its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.reports.parts import Part
from rootforensics.reports.parts.material import CITED_IN_SIGHT

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material
    from rootforensics.telling.statement import Statement

_LEVELS: Final = {"bad": "Serious", "note": "Note", "good": "Clear"}


def build(material: Material) -> dict[str, Any] | None:
    """The sentences of the story behind the answers; the brief and the verdict tell these."""
    told = [_cited(said, material) for said in material.story if said.detail]
    return {"statements": told} if told else None


def _cited(said: Statement, material: Material) -> dict[str, Any]:
    """A sentence with its citations, those with a line on the page first."""
    pairs = zip(said.event_ids, said.proofs, strict=True)
    proofs = sorted(pairs, key=lambda pair: not material.citations.has_line(pair[1]))
    return {
        "text": said.text,
        "level": said.level,
        "level_word": _LEVELS[said.level],
        "stands_in": said.stands_in,
        "event_ids": [event_id for event_id, _ in proofs],
        "places": [place for _, place in proofs],
        "shown": CITED_IN_SIGHT,
    }


PART = Part("details", "What else the logs show", 17, build, in_annex=True)
