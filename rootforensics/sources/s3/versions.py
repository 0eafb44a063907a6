"""What a listing of current objects does not show: older versions, and keys that a delete marker hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.sources.refusals import AddressError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from rootforensics.sources.s3.address import Address
    from rootforensics.sources.s3.listing import Lister
    from rootforensics.sources.s3.objects import S3Object


def tell_others(lister: Lister, address: Address) -> str:
    """What a load of current objects leaves out below an address, as far as two requests can tell; empty for nothing.

    Raises:
        SourceError: S3 cannot be reached any more.
    """
    keeps = lister.bucket.keeps_versions
    if keeps is None:
        return (
            f"{address.uri}: whether the bucket keeps older versions is not known (s3:GetBucketVersioning is needed); "
            "only current objects were listed"
        )
    if not keeps:
        return ""
    begin = f"{address.uri}: the bucket keeps versions, and only current objects were listed"
    try:
        page = next(lister.pages(address.key, versions=True))
    except AddressError as error:
        return f"{begin}; others may not be listed ({error.hint})"
    older = sum(bool(found.older) for found in page.objects)
    bound = "" if page.is_last else " among the first 1,000"
    if not older and not page.deleted:
        return f"{begin}; there are no others{bound}"
    seen = f"deleted keys: {len(page.deleted):,}, older versions: {older:,}{bound}"
    return f"{begin}; {seen}; --versions loads these too"


def tell_versions(address: Address, objects: Iterable[S3Object], deleted: Collection[str]) -> str:
    """What of a listing of versions is not current."""
    older = [found for found in objects if found.older]
    lost = set(deleted).difference(found.key for found in older)
    told = f"{address.uri}: older versions: {len(older):,}; deleted keys: {len(deleted):,}"
    return f"{told}, of which {len(lost):,} have no version left" if lost else told
