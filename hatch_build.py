"""Puts the sample incident into the wheel as one archive, so that it can be tried without a clone."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: What an archive says of when its files were written, so that equal files give equal bytes.
_WHEN = (2026, 8, 8, 0, 0, 0)


class SampleHook(BuildHookInterface[Any]):
    """Makes ``sample_logs.zip`` in the build folder and adds it to the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before a wheel is built; an editable one finds the folder itself."""
        if self.target_name != "wheel" or version != "standard":
            return
        root = Path(self.root)
        made = root / "build" / "sample_logs.zip"
        made.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            held = {path.relative_to(root): path for path in (root / "sample_logs").rglob("*") if path.is_file()}
            held |= {Path(name): root / "docs" / "examples" / name for name in ("public-keys.json", "approvals.yaml")}
            answers = [path for path in (root / "docs" / "examples" / "posture").rglob("*") if path.is_file()]
            held |= {path.relative_to(root / "docs" / "examples"): path for path in answers}
            for name, path in sorted(held.items()):
                entry = zipfile.ZipInfo(name.as_posix(), _WHEN)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        build_data["force_include"][str(made)] = "rootforensics/sample_logs.zip"
