"""Folders of saved answers: output of the AWS CLI, one answer per file.

The folders of a file name its account and Region, and the file name names the call:
``111122223333/us-east-1/cloudtrail/describe-trails.json``. The argument follows the call:
``get-trail-status--management.json``. A folder that this package wrote also has ``saved.jsonl``, with call, account,
Region, argument and time of each file.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.errors import SourceError, StorageError
from rootforensics.posture.calls import CALLS, EARLIER, RESOURCE_POLICIES, ROOT, slug
from rootforensics.posture.saved import Saved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rootforensics.posture.calls import Call

#: What follows the name of a call if it is not the whole name: letters, or a word that is no place.
_OTHER_CALL: Final = re.compile(r"[a-z0-9]|-(?![a-z]{2,}(-[a-z]+)+-[0-9]|[0-9]{12}|-)")
INDEX: Final = "saved.jsonl"
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]")
_ARN: Final = re.compile(r"arn:[^:]+:[^:]+:(?P<region>[^:]*):(?P<account>[0-9]{12}):.*", re.DOTALL)
#: Fields with an ARN or ID of the account itself.
_OWN: Final = ("AlarmArn", "ConfigRuleArn", "HubArn", "SerialNumber", "AccountId", "Account")
#: The part of a subscriber's URL that is stored; the rest may contain a key.
_HOST: Final = re.compile(r"(https?://)(?:[^/?#]*@)?([^/?#]*)", re.IGNORECASE)
#: A whole cell of a column of times in a credential report.
_TIME_CELL: Final = re.compile(
    r"N/A|no_information|not_supported|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
)
_MOST_BYTES: Final = 64 * 1024**2
#: Never kept: the seed of an MFA device, and what opens a session of root.
_SECRET: Final = frozenset(("Base32StringSeed", "QRCodePNG", "SecretAccessKey", "SessionToken"))


def read_folder(folder: Path) -> tuple[list[Saved], list[str]]:
    """Read a folder of saved answers.

    Args:
        folder: with files ``.json`` and ``.csv``, in folders below it too.

    Returns:
        The answers, and one line for each file that is none.

    Raises:
        SourceError: it is not a folder, has no answer, or does not show to which account an answer belongs.
    """
    if not folder.is_dir():
        raise SourceError("there is no such folder", where=str(folder))
    known, saved, problems = _index(folder), [], []
    for path in sorted(one for one in folder.rglob("*") if one.suffix in (".json", ".csv") and one.is_file()):
        name = path.relative_to(folder).as_posix()
        try:
            saved.append(_answer(path, name, known.pop(name, None)))
        except ValueError as error:
            problems.append(f"{path}: {error}")
    gone = f"{INDEX} lists this file, but it does not exist"
    saved += [Saved(**row, file=str(folder / name), body={}, message=gone) for name, row in known.items()]
    if not saved:
        told = f"; {problems[0]}" if problems else ""
        raise SourceError(f"no file here has an answer from AWS{told}", where=str(folder))
    return _owned(saved, folder), problems


def _index(folder: Path) -> dict[str, dict[str, str]]:
    known: dict[str, dict[str, str]] = {}
    if (folder / INDEX).is_file():
        for number, line in enumerate((folder / INDEX).read_bytes().splitlines(), 1):
            try:
                told = msgspec.json.decode(line, type=dict[str, str])
                known[told.pop("file")] = {name: told[name] for name in ("call", *_PLACES) if name in told}
                CALLS[told["call"]]
            except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
                raise SourceError(f"line {number} is not a row of saved answers", where=str(folder / INDEX)) from error
    return known


_PLACES: Final = ("account_id", "region", "argument", "time")


def _answer(path: Path, name: str, known: dict[str, str] | None) -> Saved:
    """Read one file; if its call is known, a problem becomes its message.

    Raises:
        ValueError: it has no answer that a control reads.
    """
    try:
        return _whole(path, name, known, _body(path))
    except ValueError as wrong:
        if known:
            return Saved(**known, file=str(path), body={}, message=str(wrong))
        named = _named(name.lower())
        if len(named) != 1:
            raise
        return Saved(named[0].name, *_places(name), _argument(path, named[0]), "", str(path), message=str(wrong))


def _whole(path: Path, name: str, known: dict[str, str] | None, body: dict[str, Any]) -> Saved:
    own_account, own_region = _own(body)
    account, region = (known.get("account_id", ""), known.get("region", "")) if known else _places(name)
    for kept, own in ((account, own_account), (region, own_region)):
        if kept and own and kept != own:
            raise ValueError(f"saved as an answer from {kept}, but it names {own}")
    error: dict[str, Any] = body["Error"] if set(body) == {"Error"} and isinstance(body["Error"], dict) else {}
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    if known:
        return Saved(**known, file=str(path), body=body, code=code, message=message)
    call = _call_of(name.lower(), body, is_error=bool(code))
    places = account or own_account, region or own_region
    return Saved(call.name, *places, _argument(path, call), "", str(path), body, code, message)


def _places(name: str) -> tuple[str, str]:
    """The account and the Region that folders name."""
    parts = name.split("/")[:-1]
    account = next((part for part in parts if _ACCOUNT.fullmatch(part)), "")
    return account, next((one for one in parts if _REGION.fullmatch(one)), "")


def _argument(path: Path, call: Call) -> str:
    """The argument in a file name."""
    told = path.stem[len(call.file_name) :].lstrip("-_. ") if path.stem.lower().startswith(call.file_name) else ""
    return told if call.has_argument or told in (EARLIER, RESOURCE_POLICIES, ROOT) else ""


def _body(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("larger than 64 MiB, so not an answer from AWS")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8 text") from error
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error
    if not text.strip():
        raise ValueError("empty; AWS printed nothing, or the command failed")
    if path.suffix == ".csv":
        return {"Content": text}
    try:
        body = json.loads(text, object_hook=_dated)
    except (ValueError, RecursionError, OverflowError, OSError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"not complete JSON{where}") from error
    if not isinstance(body, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one line for each file
    return body


def _dated(held: dict[str, Any]) -> dict[str, Any]:
    """With times as texts: version 1 of the AWS CLI writes seconds since 1970."""
    seconds = {
        name: value
        for name, value in held.items()
        if name[0:1].isupper() and name.endswith(("Time", "Date")) and isinstance(value, float | int)
    }
    return held | {name: datetime.fromtimestamp(value, UTC).isoformat() for name, value in seconds.items()}


def _call_of(name: str, body: dict[str, Any], *, is_error: bool) -> Call:
    """The call that a file answers: by its name, else by its content."""
    named = _named(name)
    holding = [call for call in CALLS.values() if _holds(body, call)]
    found = named if is_error or len(named) == 1 else [one for one in holding if not named or one in named]
    if len(found) != 1:
        raise ValueError("no control reads this file, judged by its name and content")
    return found[0]


def _named(name: str) -> list[Call]:
    """The calls that a file may answer by its name.

    Raises:
        ValueError: it is named after a call whose name only begins as that of one of these.
    """
    stem = name.rpartition("/")[2].removesuffix(".json").removesuffix(".csv")
    named = [call for call in CALLS.values() if stem.startswith(call.file_name)]
    longest = max((len(one.file_name) for one in named), default=0)
    if (
        longest
        and _OTHER_CALL.match(stem, longest)
        and not any(stem[longest:].startswith("-") and one.has_argument for one in named)
    ):
        raise ValueError("its name is that of a call that no control reads")
    named = [one for one in named if len(one.file_name) == longest]
    if len(named) > 1:
        named = [one for one in named if one.service in name.split("/")] or named
    if len(named) > 1:
        named = [one for one in named if one.has_argument == ("--" in stem)] or named
    return named


def _holds(body: dict[str, Any], call: Call) -> bool:
    """Whether the content identifies the call."""
    try:
        Saved(call.name, body=body).typed()
    except msgspec.ValidationError:
        return False
    return bool(call.key) or (call.shape is not dict and call.operation != "GetBucketVersioning")


def _own(body: object) -> tuple[str, str]:
    """The account and the Region that an answer names as its own; empty if it names none, or several."""
    found = set(_own_values(body))
    accounts, regions = {one[0] for one in found}, {one[1] for one in found if one[1]}
    return (accounts.pop() if len(accounts) == 1 else "", regions.pop() if len(regions) == 1 else "")


def _own_values(body: object) -> Iterator[tuple[str, str]]:
    if isinstance(body, dict):
        report = body.get("Content")
        if isinstance(report, str) and (row := root_row(report)) and (arn := _ARN.fullmatch(row.get("arn", ""))):
            yield arn["account"], ""
        for name in _OWN:
            value = str(body.get(name, ""))
            if arn := _ARN.fullmatch(value):
                yield arn["account"], arn["region"]
            elif _ACCOUNT.fullmatch(value):
                yield value, ""
        for value in body.values():
            yield from _own_values(value)
    elif isinstance(body, list):
        for value in body:
            yield from _own_values(value)


def root_row(content: str) -> dict[str, str]:
    """Root's row of a credential report.

    Args:
        content: CSV, or CSV in Base64.

    Returns:
        The row by column; empty if there is none, or if the text ends within it.
    """
    if not content.lstrip("\ufeff").startswith("user,"):
        try:
            content = base64.b64decode(content, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return {}
    rows = csv.DictReader(io.StringIO(content.lstrip("\ufeff")))
    try:
        root = next((row for row in rows if row.get("user") == "<root_account>"), {})
    except csv.Error:  # a field that is longer than any of a report
        return {}
    last = next(reversed(root), "")
    if not root or None in root.values() or (last.endswith("_rotated") and not _TIME_CELL.fullmatch(root[last])):
        return {}
    return {name: value for name, value in root.items() if name and isinstance(value, str)}


def _owned(saved: list[Saved], folder: Path) -> list[Saved]:
    """The answers, each with its account: what does not say so is of the only one.

    Raises:
        SourceError: there are several, or two answers to one question.
    """
    accounts = {one.account_id for one in saved if one.account_id}
    lost = [one.file for one in saved if not one.account_id]
    if len(accounts) > 1 and lost:
        raise SourceError(
            f"the answers are from {len(accounts)} accounts, and {len(lost)} files do not name theirs",
            where=str(folder),
            hint=f"Put the files of each account into a folder named with its ID. The first such file is {lost[0]}",
        )
    only = next(iter(accounts), "")
    told = [replace(one, account_id=one.account_id or only) for one in saved]
    seen: dict[tuple[str, ...], Saved] = {}
    for one in told:
        key = (one.call, one.account_id, one.region, slug(one.argument))
        if (other := seen.setdefault(key, one)) is not one and other.body != one.body:
            raise SourceError(
                f"two different answers to {one.call}",
                where=f"{other.file}, {one.file}",
                hint="Put the files of each account and Region into a folder of that name",
            )
    return list(seen.values())


def without_secrets(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """An answer without seeds and keys of sessions, and with no more of a subscriber's URL than its host."""
    if isinstance(value, dict):
        kept = {name: without_secrets(inner) for name, inner in value.items() if name not in _SECRET}
        endpoint = _HOST.match(str(kept.get("Endpoint", "")))
        return {**kept, "Endpoint": "".join(endpoint.groups())} if endpoint else kept
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value


def check_new(folder: Path) -> None:
    """See that nothing would be written over.

    Raises:
        StorageError: the folder is not empty, or is a file.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise StorageError("this folder is not empty, and no file is overwritten", where=str(folder))


def write_answer(folder: Path, one: Saved) -> Path:
    """Write one answer into a folder, and return its file.

    Raises:
        StorageError: it cannot be written.
    """
    call = CALLS[one.call]
    argument = f"--{slug(one.argument)}" if one.argument else ""
    places = [place for place in (one.account_id, one.region, call.service) if place]
    path = folder.joinpath(*places, f"{call.file_name}{argument}.json")
    body = {"Error": {"Code": one.code, "Message": one.message}} if one.code else without_secrets(one.body)
    _write(path, json.dumps(body, indent=4, ensure_ascii=False) + "\n")
    return path


def write_folder(folder: Path, saved: Iterable[Saved], *, begun: bool = False) -> list[Saved]:
    """Write answers into a folder that ``read_folder`` reads.

    Args:
        folder: new or empty.
        saved: the answers.
        begun: some of them have been written.

    Returns:
        The answers, each with its file.

    Raises:
        StorageError: it is not empty, or cannot be written.
    """
    if not begun:
        check_new(folder)
    written, lines = [], []
    for one in saved:
        path = write_answer(folder, one)
        name = path.relative_to(folder).as_posix()
        places_told = {place: getattr(one, place) for place in _PLACES}
        lines.append(json.dumps({"file": name, "call": one.call, **places_told}))
        written.append(replace(one, file=str(path)))
    _write(folder / INDEX, "".join(f"{line}\n" for line in lines))
    return written


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StorageError(f"this file cannot be written ({error.strerror})", where=str(path)) from error
