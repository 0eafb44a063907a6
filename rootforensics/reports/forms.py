"""The formats of the report: the page, and the files made from it."""

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
    """The format in which to write a file.

    Args:
        path: the file.
        form: the requested format; None for that of the file extension, HTML if the file has no extension.
        is_brief: True for a brief alone, which may be ``docx``.

    Raises:
        ReportError: the extension means another format, or is unknown and no format was requested.
    """
    ending = Path(path).suffix.lower()
    by_ending = _ENDINGS.get(ending)
    if ending and not by_ending and not form:
        hint = "Use the extension .html, .md or .pdf (a brief also .docx), or name the format"
        raise ReportError(f"a report cannot be written as {ending}", where=str(path), hint=hint)
    if form and by_ending and form != by_ending:
        raise ReportError(
            f"the file extension means {by_ending}, but the format is {form}",
            where=str(path),
            hint="Change one of the two",
        )
    chosen = form or by_ending or "html"
    if chosen == "docx" and not is_brief:
        raise ReportError("only a brief can be written as docx", where=str(path), hint="Run rootforensics brief")
    return chosen


def write_report(
    page: str,
    path: str | os.PathLike[str],
    form: Form | None = None,
    pictures: Mapping[str, bytes] | None = None,
    paper: Paper = "A4",
) -> Path:
    """Write a report to a file; an existing file is replaced once the new one is complete.

    Args:
        page: from ``render_report``.
        path: the file.
        form: ``html``, ``md`` (GitHub-flavored Markdown), ``pdf`` (needs the extra ``pdf`` and a Chromium) or, for a
            brief only, ``docx`` (needs the extra ``docx``); that of the file extension if not given.
        pictures: the brief's charts as PNG by their names, for ``docx``.
        paper: of a ``docx``; the page has its own.

    Returns:
        The path.

    Raises:
        ReportError: format and extension disagree, or the PDF cannot be printed.
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
