"""The forms of the report: the page, and what is made from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.errors import ReportError
from rootforensics.reports.files import replacing

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

Form = Literal["html", "md", "pdf", "docx"]
Paper = Literal["A4", "letter"]

FORMS: Final[tuple[Form, ...]] = ("html", "md", "pdf", "docx")
_ENDINGS: Final[dict[str, Form]] = {
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".markdown": "md",
    ".pdf": "pdf",
    ".docx": "docx",
}


def form_of(path: str | os.PathLike[str], form: Form | None = None, *, is_brief: bool = False) -> Form:
    """The form in which a file is to be written.

    Args:
        path: the file.
        form: as it was asked for; None to go by the file's ending, HTML if it has none.
        is_brief: True for a brief alone, which may be ``docx``.

    Raises:
        ReportError: the ending says something else, or nothing that is known and no form was asked for.
    """
    ending = Path(path).suffix.lower()
    told = _ENDINGS.get(ending)
    if ending and not told and not form:
        hint = "End it with .html, .md, .pdf or, of a brief, .docx, or name the format"
        raise ReportError(f"no report is written as {ending}", where=str(path), hint=hint)
    if form and told and form != told:
        raise ReportError(
            f"the file's ending says {told}, the format {form}", where=str(path), hint="Change one of the two"
        )
    chosen = form or told or "html"
    if chosen == "docx" and not is_brief:
        raise ReportError("a report is not written as docx", where=str(path), hint="The brief is: rootforensics brief")
    return chosen


def write_report(
    page: str,
    path: str | os.PathLike[str],
    form: Form | None = None,
    pictures: Mapping[str, bytes] | None = None,
    paper: Paper = "A4",
) -> Path:
    """Write a report to a file; an older one is replaced once the new one is complete.

    Args:
        page: as ``render_report`` gives it.
        path: the file.
        form: ``html``, ``md`` (GitHub-flavoured Markdown) or ``pdf`` (needs the extra ``pdf`` and a Chromium); by the
            file's ending if not given. A brief alone may be ``docx`` (needs the extra ``docx``).
        pictures: the brief's charts as PNG by their names, for ``docx``.
        paper: of a ``docx``; the page has its own.

    Returns:
        The path.

    Raises:
        ReportError: form and ending disagree, or the PDF cannot be printed.
        StorageError: the file cannot be written.
    """
    chosen = form_of(path, form, is_brief=pictures is not None)
    if chosen == "pdf":
        from rootforensics.reports.pdf import pdf_of

        content: str | bytes = pdf_of(page)
    elif chosen == "docx":
        from rootforensics.reports.docx import docx_of

        content = docx_of(page, pictures or {}, paper)
    elif chosen == "md":
        from rootforensics.reports.markdown import markdown_of

        content = markdown_of(page)
    else:
        content = page
    with replacing(path, "wb" if isinstance(content, bytes) else "w") as file:
        file.write(content)
    return Path(path)
