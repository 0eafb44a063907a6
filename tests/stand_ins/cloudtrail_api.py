"""A stand-in for the event-history API: ``LookupEvents`` over JSON 1.1, driven through real boto3.

Beside it, as little of EC2 and STS as the history needs: ``DescribeRegions`` and ``GetCallerIdentity``. It follows
the API reference: pages of at most 50, newest first, ``StartTime`` and ``EndTime`` both taken in, a token only with
the very parameters that it was given for, throttling and all other refusals as HTTP 400 with ``__type``.

>>> with CloudTrailApi({"us-east-1": [event()]}) as api:
...     os.environ.update(api.environment())
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from tests.builders import ACCOUNT
from tests.stand_ins.odd import Odd, send

ARN: Final = f"arn:aws:iam::{ACCOUNT}:user/responder"
_SCOPE: Final = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/")


@dataclass(frozen=True, slots=True)
class Asked:
    """One ``LookupEvents`` request: what came, and the answer (``ok`` or an error's type)."""

    region: str
    body: dict[str, Any]
    answer: str

    @property
    def page(self) -> tuple[str, str]:
        """Which page was asked for: all parameters, the token among them."""
        return self.region, json.dumps(self.body, sort_keys=True)


@dataclass
class CloudTrailApi:
    """The server; a context manager.

    Attributes:
        events: the records of each Region, in any order.
        refusals: the error types with which a Region answers its next requests, first in, first out; ``""`` lets
            one through, and the last is for ever if it ends in ``!``.
        regions_error: the error with which EC2 refuses, or empty.
        caller_error: the error with which STS refuses, or empty.
        hold_after: a Region answers this many pages, then waits for ``release``; for tests that kill.
        odd_answers: what the other operations answer, by their names.
        asked: every ``LookupEvents`` request, in order.
    """

    events: dict[str, list[dict[str, Any]]]
    refusals: dict[str, list[str | Odd]] = field(default_factory=dict)
    regions_error: str = ""
    caller_error: str = ""
    hold_after: dict[str, int] = field(default_factory=dict)
    odd_answers: dict[str, Odd] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.release = threading.Event()
        self.holding = threading.Event()
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[str, str, int]] = {}
        self._pages: Counter[str] = Counter()

    def __enter__(self) -> CloudTrailApi:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
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

    def environment(self) -> dict[str, str]:
        """Variables that lead boto3 here, with dummy keys, and nowhere else."""
        urls = {f"AWS_ENDPOINT_URL_{service}": self.url for service in ("CLOUDTRAIL", "EC2", "STS")}
        keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLESTANDIN00", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
        return urls | keys | no_credentials()

    def ids(self, region: str) -> list[str]:
        """The eventIDs of a Region."""
        return [event["eventID"] for event in self.events[region]]

    def answered_pages(self) -> Counter[tuple[str, str]]:
        """How often each page was given."""
        return Counter(one.page for one in self.asked if one.answer == "ok")

    def answer(self, action: str, region: str, body: bytes) -> Odd:
        """Answer an operation."""
        self.calls[action] += 1
        if action == "LookupEvents":
            return self._lookup(region, json.loads(body))
        if action in self.odd_answers:
            return self.odd_answers[action]
        if action == "DescribeRegions":
            error, error_text, text = self.regions_error, _EC2_ERROR, _EC2_REGIONS
            text %= "".join(_EC2_REGION % region for region in self.events)
        else:
            error, error_text, text = self.caller_error, _STS_ERROR, _STS_CALLER
        return Odd(403 if error else 200, (error_text % error if error else text).encode(), "text/xml")

    def _lookup(self, region: str, body: dict[str, Any]) -> Odd:
        with self._lock:
            error = self._refusal(region)
            if isinstance(error, Odd):
                self.asked.append(Asked(region, body, "odd"))
                return error
            answer = {} if error else self._page(region, body)
            error = error or answer.get("__type", "")
            self.asked.append(Asked(region, body, error or "ok"))
            self._pages[region] += not error
            is_held = self._pages[region] > self.hold_after.get(region, 1 << 30)
        if is_held:
            self.holding.set()
            self.release.wait()
        if error:
            answer = {"__type": error, "message": f"{error} in {region}"}
        status = 200 if not error else 500 if error == "InternalFailure" else 400
        return Odd(status, json.dumps(answer).encode())

    def _refusal(self, region: str) -> str | Odd:
        waiting = self.refusals.get(region, [])
        if waiting and isinstance(waiting[0], str) and waiting[0].endswith("!"):
            return waiting[0].removesuffix("!")
        return waiting.pop(0) if waiting else ""

    def _page(self, region: str, body: dict[str, Any]) -> dict[str, Any]:
        parameters = json.dumps({name: value for name, value in body.items() if name != "NextToken"}, sort_keys=True)
        begin = 0
        if token := body.get("NextToken"):
            held = self._tokens.get(token)
            if held is None or held[:2] != (region, parameters):
                return {"__type": "InvalidNextTokenException"}
            begin = held[2]
        found = sorted(self._matching(region, body), key=_seconds, reverse=True)
        end = begin + min(body.get("MaxResults", 50), 50)
        answer: dict[str, Any] = {"Events": [_projected(one) for one in found[begin:end]]}
        if end < len(found):
            answer["NextToken"] = uuid.uuid4().hex
            self._tokens[answer["NextToken"]] = (region, parameters, end)
        return answer

    def _matching(self, region: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        found = [
            one
            for one in self.events.get(region, [])
            if body.get("StartTime", 0) <= _seconds(one) <= body.get("EndTime", 1 << 40)
        ]
        for wanted in body.get("LookupAttributes", []):
            key = {"Username": "Username", "EventName": "EventName"}[wanted["AttributeKey"]]
            found = [one for one in found if _projected(one).get(key) == wanted["AttributeValue"]]
        return found


def no_credentials() -> dict[str, str]:
    """Variables that keep boto3 from this machine's configuration and from any network."""
    return {
        "AWS_CONFIG_FILE": "/nonexistent/config",
        "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def _seconds(record: dict[str, Any]) -> float:
    return datetime.fromisoformat(record["eventTime"]).timestamp()


def _projected(record: dict[str, Any]) -> dict[str, Any]:
    """A record as the API lists it: a few fields of its own, and the whole record as a string."""
    identity = record["userIdentity"]
    is_root = identity["type"] == "Root"
    name = identity.get("userName") or ("root" if is_root else identity["arn"].rpartition("/")[2])
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": str(record["readOnly"]).lower(),
        "AccessKeyId": identity["accessKeyId"],
        "EventTime": _seconds(record),
        "EventSource": record["eventSource"],
        "Username": name,
        "Resources": [{"ResourceType": one["type"], "ResourceName": one["ARN"]} for one in record.get("resources", [])],
        "CloudTrailEvent": json.dumps(record, separators=(",", ":"), ensure_ascii=False),
    }


_EC2_REGIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8"?><DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">'
    "<requestId>r</requestId><regionInfo>%s</regionInfo></DescribeRegionsResponse>"
)
_EC2_REGION: Final = (
    "<item><regionName>%s</regionName><regionEndpoint>ec2.example</regionEndpoint>"
    "<optInStatus>opt-in-not-required</optInStatus></item>"
)
_EC2_ERROR: Final = "<Response><Errors><Error><Code>%s</Code><Message>no</Message></Error></Errors></Response>"
_STS_CALLER: Final = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    f"<Arn>{ARN}</Arn><UserId>AIDAEXAMPLE</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
    "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
)
_STS_ERROR: Final = (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>%s</Code>'
    "<Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>"
)


def _handler_of(api: CloudTrailApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            scope = _SCOPE.search(self.headers.get("Authorization", ""))
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if scope is None:
                send(self, api.release, Odd(400, b'{"__type":"MissingAuthenticationTokenException"}'))
                return
            target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            send(self, api.release, api.answer(target or parse_qs(body.decode())["Action"][0], scope["region"], body))

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def kept_ids(folder: Path) -> dict[str, list[str]]:
    """The eventIDs in the slices below a folder, for each Region, the newest day first, in the order of the answers."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.jsonl"), reverse=True):
        for line in path.read_text(encoding="utf-8").splitlines():
            events = json.loads(line)["Events"]
            found[path.parent.parent.name] += [json.loads(event["CloudTrailEvent"])["eventID"] for event in events]
    return dict(found)
