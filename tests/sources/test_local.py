"""Files, folders and globs: everything named is found once, in one order, whatever its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from rootforensics.errors import SourceError
from rootforensics.sources.local import FoundObject, find_objects, path_of_uri

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tree of small files, hidden ones too."""
    for name in ("b/2.json.gz", "b/10.json", "a.txt", "Z", ".hidden/x", "b/deep/er/y", "a/z"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
    return tmp_path


def names(folder: Path, found: list[FoundObject]) -> list[str]:
    """The paths of objects, relative to the folder."""
    return [os.path.relpath(one.path, folder) for one in found]


def test_a_folder_is_walked_to_the_bottom_in_the_order_of_bytes(folder: Path) -> None:
    found = find_objects([folder])
    assert names(folder, found) == [".hidden/x", "Z", "a.txt", "a/z", "b/10.json", "b/2.json.gz", "b/deep/er/y"]
    assert [one.size_bytes for one in found] == [len(name) for name in names(folder, found)]
    assert all(one.readable and not one.problem for one in found)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("b/*", ["b/10.json", "b/2.json.gz", "b/deep/er/y"]),
        ("**/*.json", ["b/10.json"]),
        ("[ab]*", ["a.txt", "a/z", "b/10.json", "b/2.json.gz", "b/deep/er/y"]),
        ("**/x", [".hidden/x"]),
        ("?", ["Z", "a/z", "b/10.json", "b/2.json.gz", "b/deep/er/y"]),
    ],
)
def test_a_glob_names_files_and_folders(folder: Path, pattern: str, expected: list[str]) -> None:
    assert names(folder, find_objects([folder / pattern])) == expected


def test_a_name_that_looks_like_a_glob_is_a_name_if_there_is_such_a_file(folder: Path) -> None:
    (folder / "[ab]*").write_bytes(b"x")
    assert names(folder, find_objects([folder / "[ab]*"])) == ["[ab]*"]


def test_the_order_of_sources_changes_nothing_and_each_path_is_found_once(folder: Path) -> None:
    sources = [folder / "b", folder / "b" / "2.json.gz", folder / "*", folder]
    assert find_objects(sources) == find_objects(reversed(sources)) == find_objects([folder])


def test_a_relative_path_becomes_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "b")
    assert find_objects(["../a.txt", "."]) == find_objects([folder / "a.txt", folder / "b"])


def test_two_links_to_one_folder_are_no_loop(folder: Path) -> None:
    (folder / "l1").symlink_to("a")
    (folder / "l2").symlink_to("a")
    found = {
        name: one.problem
        for name, one in zip(names(folder, find_objects([folder])), find_objects([folder]), strict=True)
    }
    assert found["l1/z"] == found["l2/z"] == found["a/z"] == ""


@pytest.mark.parametrize(
    "name", [b"caf\xe9", b"a b%20c", b"l\ni\rne", b"?#&=;:@", "ü\U0001f511".encode(), b"'\"\\"], ids=range(6)
)
def test_a_uri_leads_back_to_the_path_whatever_its_bytes(folder: Path, name: bytes) -> None:
    path = os.fsdecode(os.fsencode(folder) + b"/" + name)
    with open(path, "wb") as file:  # noqa: PTH123 - a path of any bytes
        file.write(b"x")
    (found,) = find_objects([path])
    assert found.uri.isascii()
    assert found.uri.isprintable()
    assert path_of_uri(found.uri) == path
    assert b"".join(found.pieces()) == b"x"


def test_a_uri_of_another_scheme_is_refused() -> None:
    with pytest.raises(SourceError, match="only file://"):
        path_of_uri("s3://bucket/key")


@pytest.mark.parametrize("size", [1, 3, 100])
def test_pieces_are_the_file_in_order(folder: Path, size: int) -> None:
    (found,) = find_objects([folder / "b" / "2.json.gz"])
    pieces = list(found.pieces(size))
    assert b"".join(pieces) == b"b/2.json.gz"
    assert max(map(len, pieces)) <= size


def test_a_path_that_is_too_long_and_one_through_a_file_get_a_reason(folder: Path) -> None:
    (too_long,) = find_objects([folder / ("x" * 5000)])
    assert (too_long.readable, too_long.problem) == (False, "the path is too long")
    (through,) = find_objects([folder / "a.txt" / "x"])
    assert not through.readable
    assert through.problem


def test_a_folder_that_can_be_listed_is_named(folder: Path) -> None:
    listed: set[str] = set()
    find_objects([folder], listed)
    assert folder.as_uri() in listed
    assert (folder / "b").as_uri() in listed


def test_a_pattern_in_a_folder_that_is_not_there_says_so(folder: Path) -> None:
    (one,) = find_objects([folder / "nowhere" / "*.json"])
    assert (one.readable, one.problem) == (False, f"no such file or folder: {folder / 'nowhere'}")
    assert one.uri == f"{folder.as_uri()}/nowhere/*.json"
