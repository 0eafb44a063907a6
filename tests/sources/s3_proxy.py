"""A proxy in front of the S3 server that counts requests, and fails those that a test wants to fail."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from urllib.parse import parse_qs, unquote, urlsplit

#: Given a key ("" for a request of the bucket): an HTTP status and the code of S3, or None to pass the request on.
Rule = Callable[[str], tuple[int, str] | None]
#: Given a key, and headers and body of an answer to GET: what to answer with status 200 in its place.
Forge = Callable[[str, dict[str, str], bytes], tuple[dict[str, str], bytes]]


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        url: where it listens.
        rule: what to fail; a request of a listing has the key ``?list``.
        list_rule: what to fail of listings, given their prefix.
        version_rule: what to fail of listings of versions, given their prefix.
        forge: what to answer in place of what the server answers.
        hold_body_after: if not 0, an answer with more bytes than this waits there for ``release``, and says ``holding``.
        listed: for each list request, its parameters.
        fetched: the keys of GET requests that were passed on.
        refused: the keys of requests that were failed.
    """

    url: str = ""
    rule: Rule = lambda _: None
    list_rule: Rule = lambda _: None
    version_rule: Rule = lambda _: None
    forge: Forge = lambda _, headers, body: (headers, body)
    hold_body_after: int = 0
    holding: Event = field(default_factory=Event)
    release: Event = field(default_factory=Event)
    listed: list[dict[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: Head and body are sent apart, and who asks may take 40 ms to confirm the head.
    disable_nagle_algorithm = True
    proxy: Proxy
    upstream: str

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        key = (
            "?list"
            if "list-type" in query or "versions" in query
            else unquote(parts.path).lstrip("/").partition("/")[2]
        )
        with self.proxy.lock:
            if key == "?list":
                self.proxy.listed.append(query)
            failure = self.proxy.rule(key)
            if key == "?list":
                rule = self.proxy.version_rule if "versions" in query else self.proxy.list_rule
                failure = failure or rule(query["prefix"])
            if failure:
                self.proxy.refused.append(key)
            elif self.command == "GET" and key not in ("", "?list"):
                self.proxy.fetched.append(key)
        if failure:
            status, code = failure
            body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>told by a test</Message></Error>".encode()
            self._answer(status, {"Content-Type": "application/xml"}, body)
            return
        with closing(http.client.HTTPConnection(self.upstream)) as connection:  # whoever asks may be gone by then
            connection.request(self.command, self.path, headers=dict(self.headers.items()))
            answer = connection.getresponse()
            body = answer.read()
        headers = dict(answer.getheaders())
        if self.command == "GET" and key not in ("", "?list"):
            headers, body = self.proxy.forge(key, headers, body)
        self._answer(answer.status, headers, body)

    do_HEAD = do_GET

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        length = headers.get("Content-Length", "0") if self.command == "HEAD" else str(len(body))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command == "HEAD":
            return
        held = self.proxy.hold_body_after
        if held and len(body) > held:
            self.wfile.write(body[:held])
            self.wfile.flush()
            self.proxy.holding.set()
            self.proxy.release.wait()
            return
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def run_proxy(upstream_url: str) -> Iterator[Proxy]:
    """Run a proxy in front of the server at this URL."""
    proxy = Proxy()
    upstream = upstream_url.removeprefix("http://")
    handler = type("Handler", (_Handler,), {"proxy": proxy, "upstream": upstream})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)  # its end is looked for that often
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
