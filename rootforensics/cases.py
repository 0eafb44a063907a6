"""Cases as files: several merged into one, one taken out of a zip file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rootforensics.case import loader, open_case, setting_up

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    from rootforensics.custody.check import EvidenceCheck
    from rootforensics.ingest.merge import MergeResult


def merge(path: str | PathLike[str], cases: Iterable[str | PathLike[str]]) -> MergeResult:
    """Make one case of several, as one load of all that was loaded into them makes it; they stay as they are.

    Objects, events and copies are those of one load, under the same numbers. Notes, answers of ``posture``, title and
    investigator come along; verdicts of ``verify`` do not, for they hold for the evidence of one part. The chain of
    custody begins with this act, which holds those of the parts. The new case is there when all is done, or not at all.

    Args:
        path: the new case file.
        cases: case files of this version's format, or folders that ``triage`` wrote.

    Returns:
        What was merged, and what is to be done again.

    Raises:
        CaseError: a case is no case, has another format, or its chain of custody is not whole; one is named twice, or
            is the new one; the new case is there already.
        CaseLockedError: another process writes to one of them.
        StorageError: the new case cannot be written.
    """
    from rootforensics.custody.merging import merge_cases

    return merge_cases(Path(path).absolute(), [open_case(case) for case in cases], setting_up, loader())


def check_bundle(
    path: str | PathLike[str],
    public_key: str | PathLike[str] | None = None,
    out: str | PathLike[str] | None = None,
) -> EvidenceCheck:
    """Check a zip file that ``Case.pack`` wrote, and unpack it if it is whole.

    Args:
        path: the zip file.
        public_key: file of the key that must have signed it.
        out: a folder that is new or empty; None to unpack nothing.

    Returns:
        What was found; if anything but evidence that was not packed is wrong, nothing is unpacked.

    Raises:
        IntegrityError: it is not as ``pack`` writes it: damaged, changed, or made by somebody else.
        StorageError: the folder holds something, or cannot be written.
    """
    from rootforensics.custody.bundle import check

    return check(Path(path), public_key, out, open_case)
