"""A stand-in for many AWS APIs at once, made from botocore's models and driven through real boto3 over HTTP.

A client that goes to its own host whatever endpoint is given, as that of Sign-In, is led here as through a proxy.

It knows an operation by its target, its action, or its method and path, and writes an answer in the API's protocol:
JSON, or XML by the model's names. It knows no state: what it answers is given, and all else is refused.

>>> with AwsApi(lambda request: {"SummaryMap": {"Users": 1}}) as api:
...     os.environ.update(api.environment())
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import botocore.session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.stand_ins.cloudtrail_api import no_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import OperationModel, ServiceModel, Shape

_SCOPE: Final = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/")
#: Services that sign with another name than boto3's.
_SIGNED: Final = {"monitoring": "cloudwatch", "access-analyzer": "accessanalyzer", "ses": "sesv2"}


#: Regions of Sign-In's hosts.
_SIGN_IN: Final = ("us-east-1", "us-east-2", "us-west-2", "eu-west-1", "eu-central-1")
#: Hosts without a prefix, such as an account ID.
_PLAIN: Final = {"AWS_DISABLE_HOST_PREFIX_INJECTION": "true"}


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: Region, service, operation, the text of all parameters, and with which access key."""

    region: str
    service: str
    operation: str
    parameters: str
    access_key: str


@dataclass
class AwsApi:
    """The server; a context manager.

    Attributes:
        answer: what a request is answered: members of the output, or ``Error`` with ``Code`` and ``Message``.
        asked: every request, in order.
    """

    answer: Callable[[Request], dict[str, Any]]
    asked: list[Request] = field(default_factory=list)

    def __enter__(self) -> AwsApi:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """Variables that lead boto3 here, with dummy keys."""
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLESTANDIN00", "AWS_SECRET_ACCESS_KEY": "not-a-secret"}
        by_proxy = {"HTTPS_PROXY": url, "AWS_CA_BUNDLE": _certificate()}
        return {**no_credentials(), **keys, **by_proxy, "AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "1", **_PLAIN}


@cache
def _certificate() -> str:
    """A file with a certificate for the hosts of Sign-In, which trusts itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")]), datetime.now(UTC)
    hosts = x509.SubjectAlternativeName([x509.DNSName(f"signin.{region}.api.aws") for region in _SIGN_IN])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(hosts, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = Path(mkdtemp()) / "stand-in.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return str(path)


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _named(service: ServiceModel, method: str, target: str, action: str, path: str) -> OperationModel:
    """The operation that a request means; of paths that fit, the one with the most fixed parts and queries."""
    if name := target or action:
        return service.operation_model(name)
    asked = urlsplit(path)
    fitting = []
    for name in service.operation_names:
        operation = service.operation_model(name)
        # A client of S3 that any test made before took the bucket out of the paths of the model.
        uri = urlsplit(f"{'/{Bucket}' if 'authPath' in operation.http else ''}{operation.http['requestUri']}")
        pattern = re.sub(r"\\\{\w+(\\\+)?\\\}", "[^/]+", re.escape(uri.path))
        wanted = {part.partition("=")[0] for part in uri.query.split("&") if part}
        given = {part.partition("=")[0] for part in asked.query.split("&") if part}
        if operation.http["method"] == method and re.fullmatch(pattern + "/?", asked.path) and wanted <= given:
            fitting.append((len(wanted), -pattern.count("[^/]+"), name))
    return service.operation_model(max(fitting)[2])


def _xml(shape: Shape, value: Any, name: str) -> str:
    if shape.type_name == "structure":
        inner = "".join(
            _xml(member, value[key], member.serialization.get("name", key))
            for key, member in shape.members.items()
            if key in value
        )
        attributes = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"'
        return f"<{name}{attributes if name == 'Grantee' else ''}>{inner}</{name}>"
    if shape.type_name == "list":
        each = shape.member.serialization.get("name", "member")
        if shape.serialization.get("flattened"):
            return "".join(_xml(shape.member, one, name) for one in value)
        return f"<{name}>{''.join(_xml(shape.member, one, each) for one in value)}</{name}>"
    if shape.type_name == "map":
        entries = "".join(
            f"<entry>{_xml(shape.key, key, 'key')}{_xml(shape.value, one, 'value')}</entry>"
            for key, one in value.items()
        )
        return f"<{name}>{entries}</{name}>"
    text = str(value).lower() if shape.type_name == "boolean" else str(value)
    return f"<{name}>{escape(text)}</{name}>"


def _named_on_wire(shape: Shape | None, value: Any) -> Any:
    if shape is None or shape.type_name not in ("structure", "list") or value is None:
        return value
    if shape.type_name == "list":
        return [_named_on_wire(shape.member, one) for one in value]
    known = {key: member for key, member in shape.members.items() if key in value}
    return {member.serialization.get("name", key): _named_on_wire(member, value[key]) for key, member in known.items()}


def _written(operation: OperationModel, body: dict[str, Any]) -> tuple[int, str]:
    """Status and text of an answer in the protocol of the API."""
    protocol, error = operation.service_model.resolved_protocol, body.get("Error")
    if protocol in ("json", "rest-json"):
        if error:
            return 400, json.dumps({"__type": error["Code"], "message": error["Message"]})
        return 200, json.dumps(_named_on_wire(operation.output_shape, body))
    if error:
        told = f"<Error><Code>{error['Code']}</Code><Message>{escape(error['Message'])}</Message></Error>"
        return 400, told if protocol == "rest-xml" else f"<ErrorResponse>{told}</ErrorResponse>"
    shape = operation.output_shape
    assert shape is not None
    if protocol == "query":
        inner = _xml(shape, body, f"{operation.name}Result")
        return 200, f"<{operation.name}Response>{inner}</{operation.name}Response>"
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "string":
        return 200, body[payload]
    told = (shape.members[payload], body[payload], payload) if payload else (shape, body, operation.name)
    return 200, _xml(*told)


def _handler_of(api: AwsApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            scope = _SCOPE.search(self.headers.get("Authorization", ""))
            assert scope is not None
            is_control = self.path.startswith("/v20180820/")  # S3 Control signs as S3
            service = "s3control" if is_control else _SIGNED.get(scope["service"], scope["service"])
            target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            form = parse_qs(text) if "form" in self.headers.get("Content-Type", "") else {}
            action = form.get("Action", [""])[0]
            operation = _named(_model(service), self.command, target, action, self.path)
            parameters = f"{unquote(self.path)} {unquote(text)}"
            request = Request(scope["region"], service, operation.name, parameters, scope["key"])
            api.asked.append(request)
            status, told = _written(operation, api.answer(request))
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1" if told.startswith("{") else "text/xml")
            self.send_header("Content-Length", str(len(told.encode())))
            self.end_headers()
            self.wfile.write(told.encode())

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def do_CONNECT(self) -> None:
            self.send_response(200)
            self.end_headers()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(_certificate())
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            self.close_connection = False

        do_GET = do_POST = do_PUT = do_DELETE = _answer

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
