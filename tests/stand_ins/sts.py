"""A stand-in for STS: ``AssumeRole`` and ``GetCallerIdentity`` over the query protocol, driven through real boto3.

It follows the API reference: a role that wants an external ID or an MFA device refuses with ``AccessDenied`` and HTTP
403 what comes without, a code is taken once, and credentials are good until ``Expiration``.

>>> with TokenService(roles={ARN: Trust(serial="arn:aws:iam::111122223333:mfa/responder", codes=["123456"])}) as sts:
...     os.environ.update(sts.environment())
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs

from tests.builders import ACCOUNT
from tests.stand_ins.cloudtrail_api import no_credentials

_XMLNS: Final = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"'
_ASSUMED: Final = (
    f"<AssumeRoleResponse {_XMLNS}><AssumeRoleResult><AssumedRoleUser><Arn>%(arn)s</Arn><AssumedRoleId>AROA:x"
    "</AssumedRoleId></AssumedRoleUser><Credentials><AccessKeyId>%(key)s</AccessKeyId><SecretAccessKey>secret"
    "</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%(end)s</Expiration></Credentials>"
    "</AssumeRoleResult></AssumeRoleResponse>"
)
_CALLER: Final = (
    f"<GetCallerIdentityResponse {_XMLNS}><GetCallerIdentityResult><Arn>arn:aws:sts::{ACCOUNT}:assumed-role/audit/"
    f"rootforensics</Arn><UserId>AROA:x</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult>"
    "</GetCallerIdentityResponse>"
)
_ERROR: Final = (
    f"<ErrorResponse {_XMLNS}><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error>"
    "<RequestId>r</RequestId></ErrorResponse>"
)


@dataclass
class Trust:
    """What a role wants: an external ID, the code of a device; ``codes`` are those that the device still shows."""

    external_id: str = ""
    serial: str = ""
    codes: list[str] = field(default_factory=list)


@dataclass
class TokenService:
    """The server; a context manager.

    Attributes:
        roles: by ARN, what each wants; another role refuses.
        seconds: how long credentials are good.
        asked: the parameters of every ``AssumeRole`` request, in order.
    """

    roles: dict[str, Trust]
    seconds: int = 3600
    asked: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> TokenService:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """Variables that lead boto3 here for STS, with dummy keys."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLESTANDIN00", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
        return {**no_credentials(), **keys, "AWS_ENDPOINT_URL_STS": url}

    def assume(self, given: dict[str, str]) -> tuple[int, str]:
        """Answer ``AssumeRole``."""
        self.asked.append(given)
        trust = self.roles.get(given["RoleArn"])
        if trust is None or given.get("ExternalId", "") != trust.external_id:
            return 403, _ERROR % ("AccessDenied", f"not authorized to perform: sts:AssumeRole on {given['RoleArn']}")
        if trust.serial:
            if given.get("SerialNumber") != trust.serial:
                return 403, _ERROR % (
                    "AccessDenied",
                    f"not authorized to perform: sts:AssumeRole on {given['RoleArn']}",
                )
            if given.get("TokenCode") not in trust.codes:
                invalid = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
                return 403, _ERROR % ("AccessDenied", invalid)
            trust.codes.remove(given["TokenCode"])
        end = datetime.now(UTC) + timedelta(seconds=self.seconds)
        key = f"ASIAEXAMPLETAKENON{len(self.asked):02}"
        return 200, _ASSUMED % {"arn": given["RoleArn"], "key": key, "end": f"{end:%Y-%m-%dT%H:%M:%SZ}"}


def _handler_of(service: TokenService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            given = {name: values[0] for name, values in form.items()}
            status, text = service.assume(given) if given["Action"] == "AssumeRole" else (200, _CALLER)
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
