"""Find the objects below an address without walking what is not wanted.

Folders are discovered a level at a time, by delimiter: AWSLogs, organizations, accounts, Regions. What the filters
leave out is not entered. A Region's wanted days are stretches of the order of keys, listed from first to last; where a
year or month is wanted in part, its folder is listed as well, so that what lies beside the days is found.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from glob import has_magic
from typing import TYPE_CHECKING, Final

from rootforensics.sources.names import DAY, OTHERS, UNFINISHED, UNFINISHED_SUFFIX
from rootforensics.sources.objects import Plan, Unlisted
from rootforensics.sources.refusals import AddressError
from rootforensics.sources.s3.address import VERSION_MARK, Address
from rootforensics.sources.s3.layout import Place, locate, step_down
from rootforensics.sources.s3.listing import Lister
from rootforensics.sources.s3.objects import S3Object
from rootforensics.sources.s3.versions import tell_others, tell_versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.sources.s3.connection import Bucket
    from rootforensics.sources.wanted import Wanted

_LISTINGS_AT_ONCE: Final = 16
#: Where no AWSLogs was found this deep and in this many folders, all of it is listed in one go.
_DEEPEST: Final = 6
_MOST_FOLDERS: Final = 10_000
_SLOW_COUNT: Final = 1000
_FILTERS: Final = "outside the filters"


def list_address(bucket: Bucket, address: Address, wanted: Wanted) -> Plan:
    """List the wanted objects of an address: an object, or everything below a prefix.

    Args:
        bucket: the open bucket.
        address: as the user wrote it; a key that names no object is taken as a folder.
        wanted: what to leave out.

    Raises:
        SourceError: the bucket cannot be listed.
    """
    return _Discovery(Lister(bucket), wanted).run(address)


#: The objects of a place, and its folders with the place they were found in.
_Found = tuple["list[S3Object | Unlisted]", list[tuple[Place, str]]]


class _Discovery:
    def __init__(self, lister: Lister, wanted: Wanted) -> None:
        self._lister = lister
        self._wanted = wanted
        self._versions = lister.bucket.options.versions
        self._deleted: set[str] = set()
        self._plan = Plan()
        self._left_out: Counter[str] = Counter()
        self._unexplored: list[Place] = []
        self._start = ""
        self._explored = 0
        self._unbounded = False
        self._in_layout = False

    def run(self, address: Address) -> Plan:
        listing = self._plan
        start = locate(f"{address.key.rstrip('/')}/" if address.key else "")
        first = self._first(address.key) if address.key and not address.key.endswith("/") else None
        self._start = start.prefix
        named = self._named(address.key) if first and first.key == address.key else []
        if not named or self._first(start.prefix):
            with ThreadPoolExecutor(_LISTINGS_AT_ONCE, thread_name_prefix="list") as pool:
                self._walk(pool, [start])
                self._walk_rest(pool, start)
            self._remark(address, start)
            if named:
                listing.remarks.append(f"{address.uri}: an object and a folder have this name; both are loaded")
        listing.objects += named
        if not listing.objects and not self._left_out:
            listing.objects.append(Unlisted(address.uri, self._nothing(address, begun=first is not None)))
        self._remark_versions(address)
        if bare := sum(found.readable and not found.etag for found in listing.objects):
            told = (
                f"objects that are listed without an ETag ({bare:,}) are fetched by each load, to compare their bytes"
            )
            listing.remarks.append(f"{address.uri}: {told}")
        listing.objects.sort(key=lambda found: found.uri.encode())
        listing.request_count = self._lister.request_count
        listing.filtered_count = sum(count for kind, count in self._left_out.items() if _FILTERS in kind)
        return listing

    def _first(self, prefix: str) -> S3Object | None:
        """The first object whose key begins so."""
        size = 1000 if self._versions else 1  # before an older version any number of delete markers may stand
        return next((found for page in self._lister.pages(prefix, page_size=size) for found in page.objects), None)

    def _named(self, key: str) -> list[S3Object]:
        """The object of this key; all its versions if they are wanted."""
        named: list[S3Object] = []
        for page in self._lister.pages(key, page_size=1000 if self._versions else 1):
            named += [found for found in page.objects if found.key == key]
            self._deleted.update(one for one in page.deleted if one == key)
            if not self._versions or page.objects[-1:] != named[-1:]:
                break
        return named

    def _nothing(self, address: Address, *, begun: bool) -> str:
        """Why nothing may have been found, and how the address is written if so."""
        nothing = "no object below this address"
        if begun:
            page = next(self._lister.pages(address.key, delimiter=True, page_size=1))
            names = [*page.folders, *(found.key for found in page.objects)]
            such = f", such as {Address(address.bucket, names[0]).uri}" if names else ""
            return f"{nothing}; it is the beginning of keys only: name a whole folder or object{such}"
        if VERSION_MARK in address.key:
            return f"{nothing}; name the object, and take --versions for its older versions"
        if has_magic(address.key):
            folder = address.key[: next(at for at, _ in enumerate(address.key) if has_magic(address.key[: at + 1]))]
            above = Address(address.bucket, folder.rpartition("/")[0]).uri
            return f"{nothing}; patterns are not expanded in S3: name the folder above, {above}"
        return nothing

    def _walk(self, pool: ThreadPoolExecutor, places: list[Place]) -> None:
        """Level by level, so that the listings of one level run side by side."""
        while places := [place for place in places if self._takes(place)]:
            found = list(pool.map(self._list, places))
            self._plan.listed.update(self._uri(place) for place in places)
            places = [below for objects, folders in found for below in self._take(objects, folders)]

    def _walk_rest(self, pool: ThreadPoolExecutor, start: Place) -> None:
        """What lies beyond the bounds of a search: folder by folder if AWSLogs may be there, else all in one go."""
        rest, self._unexplored = self._unexplored, []
        self._unbounded = True
        if rest and not self._in_layout:
            rest = [Place("flat", start.prefix)]
            self._plan.objects.clear()
            self._left_out.clear()
        self._walk(pool, rest)

    def _list(self, place: Place) -> _Found:
        """One place: its objects, and its folders with the place they were found in; runs in a thread.

        What was listed before a refusal is kept; the folder is missing all the same.
        """
        objects: list[S3Object | Unlisted] = []
        folders: list[str] = []
        try:
            self._list_into(place, objects, folders)
        except AddressError as error:
            if place.prefix == self._start and not objects and not folders:
                raise
            objects.append(Unlisted(self._uri(place), error.words))
        return objects, [(place, folder) for folder in folders]

    def _uri(self, place: Place) -> str:
        return Address(self._lister.bucket.name, place.prefix).uri

    def _list_into(self, place: Place, objects: list[S3Object | Unlisted], folders: list[str]) -> None:
        if place.level == "flat" or (place.level == "region" and self._is_whole(place)):
            objects.extend(self._stretch(place, None))
            return
        for page in self._lister.pages(place.prefix, delimiter=True):
            objects.extend(page.objects)
            self._deleted.update(page.deleted)
            folders.extend(page.folders)
        if place.level == "region":
            whole = [folder for folder in folders if self._is_inside(place, folder)]
            folders[:] = [folder for folder in folders if folder not in whole]
            objects.extend(self._stretch(place, whole) if whole else ())

    def _is_whole(self, place: Place) -> bool:
        part = place.day_part
        return not (self._wanted.since or self._wanted.until) or (bool(part) and self._wanted.span_of(part) == "inside")

    def _is_inside(self, place: Place, folder: str) -> bool:
        part = replace(place, prefix=folder).day_part
        return bool(part) and self._wanted.span_of(part) == "inside"

    def _stretch(self, place: Place, folders: list[str] | None) -> Iterator[S3Object]:
        """What lies in these folders of one place, or in all, in one go: they stand together in the order of keys."""
        for page in self._lister.pages(place.prefix, start_after=folders[0] if folders else ""):
            if folders is None:
                self._deleted.update(page.deleted)
                yield from page.objects
                continue
            self._deleted.update(key for key in page.deleted if _inside(place, key) in folders)
            for found in page.objects:
                inside = _inside(place, found.key)
                if found.key > folders[-1] and inside != folders[-1]:
                    return
                if inside in folders:  # what lies between them was found as their place was listed
                    yield found

    def _take(self, objects: list[S3Object | Unlisted], folders: list[tuple[Place, str]]) -> Iterator[Place]:
        """Keep the objects that are wanted, and yield the places to enter next."""
        for found in objects:
            if isinstance(found, Unlisted):
                self._plan.objects.append(found)
            elif found.key.endswith("/") and not found.size_bytes:
                self._left_out["folder markers"] += 1
            elif found.key.endswith(UNFINISHED_SUFFIX):
                self._plan.objects.append(Unlisted(found.uri, UNFINISHED))
            elif not self._wanted.takes_name(found.key):
                self._left_out[f"objects {_FILTERS} by their names"] += 1
            else:
                self._plan.objects.append(found)
                self._note_day(found)
        for place, folder in folders:
            below = step_down(place, folder)
            if below is None:
                name = folder.rstrip("/").rpartition("/")[2]
                kind = name if name in OTHERS else f"{name} (not CloudTrail)"
                self._left_out[f"folders {kind}"] += 1
            else:
                yield below

    def _note_day(self, found: S3Object) -> None:
        day = DAY.search(found.key)
        if day:
            self._plan.days.add(day[1])

    def _takes(self, place: Place) -> bool:
        """False for what the filters leave out, and at first for what lies beyond the bounds of a search."""
        if place.account and not self._wanted.takes_account(place.account):
            self._left_out[f"accounts {_FILTERS}"] += 1
            return False
        if place.region and not self._wanted.takes_region(place.region):
            self._left_out[f"Regions {_FILTERS}"] += 1
            return False
        if place.day_part and place.level == "region" and self._wanted.span_of(place.day_part) == "outside":
            self._left_out[f"years, months or days {_FILTERS}"] += 1
            return False
        if place.level == "outside":
            self._explored += 1
            if not self._unbounded and (place.depth > _DEEPEST or self._explored > _MOST_FOLDERS):
                self._unexplored.append(place)
                return False
        elif place.level != "flat" and (place.account or place.level != "regions"):
            self._in_layout = True
        self._plan.accounts.update([place.account] if place.account else [])
        self._plan.regions.update([place.region] if place.region else [])
        return True

    def _remark_versions(self, address: Address) -> None:
        """Say what is older than what lies there now, or that it was not looked for."""
        if self._versions:
            objects = [found for found in self._plan.objects if isinstance(found, S3Object)]
            told = tell_versions(address, objects, {key for key in self._deleted if self._wanted.takes_name(key)})
        else:
            told = tell_others(self._lister, address)
        self._plan.remarks += [told] if told else []

    def _remark(self, address: Address, start: Place) -> None:
        listing = self._plan
        if self._left_out:
            told = ", ".join(f"{kind} ({count:,})" for kind, count in sorted(self._left_out.items()))
            listing.remarks.append(f"{address.uri}: not loaded: {told}; name a folder itself to load it")
        if any(kind.startswith(("accounts", "Regions")) for kind in self._left_out):
            listing.remarks.append(
                f"{address.uri}: --account-id and --region were answered by the names of folders; an event that says "
                "another account or Region than its folder was not looked for"
            )
        if not self._in_layout and (len(listing.objects) > _SLOW_COUNT or (start.level == "flat" and listing.objects)):
            listing.remarks.append(
                f"{address.uri}: not CloudTrail's layout (AWSLogs/account/CloudTrail/Region/year/month/day), so "
                "all of it was listed, which is slow"
            )


def _inside(place: Place, key: str) -> str:
    """The folder of a place in which a key lies; empty if it lies in none."""
    return key[: key.find("/", len(place.prefix)) + 1]
