"""Root's sign-ins, password recoveries, and changes at the sign-in service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The sign-ins, and how many succeeded and failed."""
    return {"rows": material.query("root_signins").rows, "console": material.summary["root"]["console_sign_ins"]}


PART = Part("signins", "Sign-ins", 40, build, in_annex=True)
