"""Make one CloudTrail record, with its fields in the order in which AWS writes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.sample_incident.ids import Ids, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from tools.sample_incident.identities import Record

# Services whose records say which TLS version the caller used.
_GLOBAL_HOSTS = {"iam": "iam.amazonaws.com", "organizations": "organizations.us-east-1.amazonaws.com"}
_API_VERSIONS = {"logs": "2014-03-28", "config": "2014-11-12", "dynamodb": "2012-08-10"}


@dataclass(frozen=True)
class Details:
    """What an event holds beyond time, place, call and caller.

    `read_only` of None leaves the field out, as some console actions do. Either part of `error` (code,
    message) may be None. `console`: the session came from a console sign-in. `more`: more top-level fields.
    """

    read_only: bool | None = True
    request: Any = None
    response: Any = None
    error: tuple[str | None, str | None] | None = None
    extra: Record | None = None
    resources: list[Record] | None = None
    version: str = "1.11"
    event_type: str = "AwsApiCall"
    console: bool = False
    more: Record | None = None


def event(
    ids: Ids,
    when: datetime,
    place: tuple[str, str],
    call: tuple[str, str],
    who: tuple[Record, str, str],
    details: Details,
) -> Record:
    """Return one record.

    Args:
        ids: Where event and request IDs come from.
        when: Time of the event.
        place: Recipient account and Region.
        call: Service (without `.amazonaws.com`) and event name.
        who: userIdentity, sourceIPAddress and userAgent.
        details: The rest.
    """
    record: Record = {
        "eventVersion": details.version,
        "userIdentity": who[0],
        "eventTime": stamp(when),
        "eventSource": f"{call[0]}.amazonaws.com",
        "eventName": call[1],
        "awsRegion": place[1],
        "sourceIPAddress": who[1],
        "userAgent": who[2],
    }
    names = ("errorCode", "errorMessage")
    record |= {k: v for k, v in zip(names, details.error or (None, None), strict=True) if v is not None}
    record |= {"requestParameters": details.request, "responseElements": details.response}
    if details.extra is not None:
        record["additionalEventData"] = details.extra
    return record | _tail(ids, place, call[0], who[1], details)


def _tail(ids: Ids, place: tuple[str, str], service: str, address: str, details: Details) -> Record:
    """Return the fields from requestID on."""
    tail: Record = {}
    if details.event_type in ("AwsApiCall", "AwsConsoleAction"):
        tail["requestID"] = ids.request_id(service)
    tail["eventID"] = ids.uuid()
    if details.read_only is not None:
        tail["readOnly"] = details.read_only
    if details.resources is not None:
        tail["resources"] = details.resources
    tail["eventType"] = details.event_type
    call = details.event_type == "AwsApiCall"
    if call and service in _API_VERSIONS:
        tail["apiVersion"] = _API_VERSIONS[service]
    tail |= {"managementEvent": True, "recipientAccountId": place[0]}
    tail |= details.more or {}
    tail["eventCategory"] = "Management"
    if call and not details.console and _is_address(address):
        tail["tlsDetails"] = _tls(service, place[1])
    if call and details.console and details.version not in ("1.05", "1.08"):
        tail["sessionCredentialFromConsole"] = "true"
    return tail


def sign_in(
    ids: Ids, when: datetime, place: tuple[str, str], name: str, who: tuple[Record, str, str], **fields: Any
) -> Record:
    """Return one sign-in event (`AwsConsoleSignIn`) with its TLS details."""
    details = Details(read_only=False, version="1.08", event_type="AwsConsoleSignIn", **fields)
    record = event(ids, when, place, ("signin", name), who, details)
    record["tlsDetails"] = {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": f"{place[1]}.signin.aws.amazon.com",
    }
    return record


def _is_address(text: str) -> bool:
    return text[0].isdigit() and not text.endswith("com")


def _tls(service: str, region: str) -> Record:
    return {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": _GLOBAL_HOSTS.get(service, f"{service}.{region}.amazonaws.com"),
    }
