"""A stand-in for S3 with one bucket, for answers that no real server gives.

It knows what loading asks: ``HeadBucket``, ``GetBucketVersioning``, ``ListObjectsV2`` in pages, and ``GetObject``.

>>> with S3Api({"a.json": b"{}"}, {"a.json": Odd(204)}) as api:
...     case.load("s3://odd", s3=S3Options(endpoint_url=api.url))
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.stand_ins.odd import Odd, send

_LISTING: Final = '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult>%s</ListBucketResult>'
_VERSIONING: Final = b'<?xml version="1.0" encoding="UTF-8"?><VersioningConfiguration/>'
_XML: Final = "application/xml"


@dataclass
class S3Api:
    """The server; a context manager.

    Attributes:
        objects: their bytes by their keys.
        odd: what is answered in place of an object, or of a listing of a prefix (``?`` and the prefix),
            of ``?versioning``, or of the bucket itself (nothing).
        page_size: keys on a page of a listing.
        asked: the headers of every request, in order.
        fetched: the keys of requests for objects.
    """

    objects: dict[str, bytes]
    odd: dict[str, Odd] = field(default_factory=dict)
    page_size: int = 1000
    asked: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    release: Event = field(default_factory=Event)

    def __enter__(self) -> S3Api:
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that are killed reset
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, path: str, query: dict[str, str]) -> Odd:
        """What is sent for a request."""
        key = unquote(path).lstrip("/").partition("/")[2]
        if "versioning" in query:
            return self.odd.get("?versioning") or Odd(body=_VERSIONING, kind=_XML)
        if "list-type" in query:
            return self.odd.get("?" + query["prefix"]) or self.listing(query)
        if not key:
            return self.odd.get("") or Odd()
        self.fetched.append(key)
        return self.odd.get(key) or sound(self.objects[key])

    def listing(self, query: dict[str, str]) -> Odd:
        """A page of a listing, one level deep if there is a delimiter."""
        prefix, delimiter, page = query["prefix"], query.get("delimiter", ""), int(query.get("continuation-token", "0"))
        found = sorted({_level(key, prefix, delimiter) for key in self.objects if key.startswith(prefix)})
        here = found[page * self.page_size : (page + 1) * self.page_size]
        more = len(found) > (page + 1) * self.page_size
        parts = [f"<IsTruncated>{str(more).lower()}</IsTruncated>", *map(self._listed, here)]
        parts += [f"<NextContinuationToken>{page + 1}</NextContinuationToken>"] * more
        return Odd(body=(_LISTING % "".join(parts)).encode(), kind=_XML)

    def _listed(self, name: str) -> str:
        if name not in self.objects:
            return f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>"
        body = self.objects[name]
        told = f"<Key>{escape(name)}</Key><Size>{len(body)}</Size><ETag>&quot;{md5(body)}&quot;</ETag>"
        return f"<Contents>{told}<LastModified>2026-08-05T10:00:00.000Z</LastModified></Contents>"


def _level(key: str, prefix: str, delimiter: str) -> str:
    end = key.find(delimiter, len(prefix)) if delimiter else -1
    return key if end < 0 else key[: end + 1]


def md5(body: bytes) -> str:
    """The ETag of an object that was put in one part."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def sound(body: bytes, **headers: str) -> Odd:
    """The answer for an object."""
    told = {"ETag": f'"{md5(body)}"'} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Odd(body=body, kind="binary/octet-stream", headers=tuple(told.items()))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    api: S3Api

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        self.api.asked.append(dict(self.headers.items()))
        send(self, self.api.release, self.api.answer(parts.path, query))

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""
