"""OCSF records of Security Lake, mapped back to the CloudTrail events that they were made of.

Where a record carries the event itself (``raw_data``), that is taken. Else its fields are put back, after the
published mappings for OCSF 1.0.0-rc.2, 1.1.0 and 1.5.0; what those drop cannot come back.

Source: "AWS CloudTrail" among the mappings of the OCSF project; Amazon Security Lake User Guide, CloudTrail sources.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from rootforensics.ingest.containers.cells import field_at, value_of
from rootforensics.ingest.containers.tables import put
from rootforensics.ingest.containers.times import moment_of, time_of
from rootforensics.ingest.json_parts import NOT_VALID, is_json
from rootforensics.schema import EVENT_FIELDS, FREE

CONTAINER: Final = "OCSF"
#: Said of the fields that no record of an object gives back.
LACKING: Final = "OCSF as it is here does not give back"

_IDENTITY: Final = "userIdentity"
_SESSION: Final = "userIdentity.sessionContext"
# CloudTrail's field, and where it is in OCSF; the first place that has something wins.
_PLACES: Final = (
    ("eventVersion", ("metadata.product.version",)),
    (f"{_IDENTITY}.type", ("actor.user.type",)),
    (f"{_IDENTITY}.accountId", ("actor.user.account.uid", "actor.user.account_uid")),
    (f"{_IDENTITY}.userName", ("actor.user.name",)),
    (f"{_IDENTITY}.invokedBy", ("actor.invoked_by",)),
    (f"{_SESSION}.sessionIssuer.arn", ("actor.session.issuer",)),
    (f"{_SESSION}.attributes.mfaAuthenticated", ("actor.session.is_mfa", "actor.session.mfa")),
    ("eventSource", ("api.service.name",)),
    ("eventName", ("api.operation",)),
    ("awsRegion", ("cloud.region",)),
    ("sourceIPAddress", ("src_endpoint.ip", "src_endpoint.domain")),
    ("vpcEndpointId", ("src_endpoint.uid",)),
    ("userAgent", ("http_request.user_agent",)),
    ("errorCode", ("api.response.error",)),
    ("errorMessage", ("api.response.message",)),
    ("requestParameters", ("api.request.data",)),
    ("responseElements", ("api.response.data",)),
    ("requestID", ("api.request.uid",)),
    ("eventID", ("metadata.uid", "metadata.original_event_uid")),
    ("eventType", ("metadata.event_code",)),
    ("apiVersion", ("api.version",)),
    ("eventCategory", ("metadata.product.feature.name",)),
)
#: Members that are mapped, or that only sort the record; all others stay in ``otherFields``.
_TAKEN: Final = frozenset(
    (
        *("actor", "api", "cloud", "dst_endpoint", "http_request", "is_mfa", "metadata", "mfa", "observables"),
        *("raw_data", "resources", "src_endpoint", "time", "time_dt", "unmapped", "user", "session"),
        *("activity", "activity_id", "activity_name", "category_name", "category_uid", "class_name", "class_uid"),
        *("severity", "severity_id", "status", "status_id", "type_name", "type_uid", "message"),
    )
)
#: A record of CloudTrail names its call, in whatever spelling a tool may have.
_IS_EVENT: Final = re.compile(rb'(?i)\\*"event_?(?:name|version)\\*"\s*:')
_SUCCESS_ID: Final = 1
_FAILURE_ID: Final = 2
_SIGN_IN: Final = "signin.amazonaws.com"
_NOTHING: Final[tuple[Any, ...]] = (None, "", "''", {}, [])

#: What a record that was mapped back should have.
WANTED: Final = (
    *(f"{_IDENTITY}.{name}" for name in ("type", "arn", "accountId", "accessKeyId")),
    *(f"{_SESSION}.attributes.mfaAuthenticated", f"{_SESSION}.sessionIssuer.type"),
    *("eventTime", "eventType", "eventCategory", "sourceIPAddress", "userAgent", "readOnly", "managementEvent"),
    *("requestParameters", "responseElements", "additionalEventData", "recipientAccountId", "tlsDetails"),
)


def record_of(value: bytes) -> dict[str, Any] | None:
    """An OCSF record that was made of a CloudTrail event; None for any other value."""
    try:
        record = msgspec.json.decode(value)
    except NOT_VALID:
        return None
    return record if isinstance(record, dict) and _is_cloudtrail(record) else None


def _is_cloudtrail(record: dict[str, Any]) -> bool:
    product = _at(record, "metadata.product.name")
    if product is not None:
        return "cloudtrail" in str(product).lower().replace(" ", "")
    return _at(record, "api.operation") is not None and ".amazonaws.com" in str(_at(record, "api.service.name"))


def origin_of(record: dict[str, Any]) -> str:
    """The product and class of a record in words."""
    product = _at(record, "metadata.product.name") or "an unnamed product"
    return f"{product}, class {_at(record, 'class_name') or _at(record, 'class_uid')}"


def raw_event(record: dict[str, Any]) -> bytes | None:
    """The event that a record carries whole, or in a container; None if it carries something else."""
    raw = record.get("raw_data")
    text = raw.encode(errors="replace") if isinstance(raw, str) else msgspec.json.encode(raw) if raw else b""
    return text if text.lstrip()[:1] == b"{" and is_json(text) and _IS_EVENT.search(text) else None


def event_of(record: dict[str, Any]) -> dict[str, Any]:
    """The event that a record was made of, as far as it can be put back."""
    event: dict[str, Any] = {}
    for path, places in _PLACES:
        _put(event, path, next((value for place in places if (value := _at(record, place)) is not None), None))
    _put_identity(event, record)
    _put_time(event, record)
    _put_resources(event, record)
    unmapped = _as_object(_opened(record.get("unmapped")))
    if isinstance(unmapped, dict):
        _put_unmapped(event, unmapped)
    elif unmapped not in _NOTHING:
        event["unmapped"] = unmapped
    account = _at(record, "cloud.account.uid") or _at(record, "cloud.account_uid")
    _put(event, "recipientAccountId", account)
    _put_sign_in(event, record)
    _put_failure(event, record)
    rest = {name: value for name, value in record.items() if name not in _TAKEN and value not in _NOTHING}
    if record.get("raw_data") not in _NOTHING and raw_event(record) is None:
        rest["raw_data"] = record["raw_data"]
    if rest:
        event["ocsf"] = rest
    return event


def missing_in(event: dict[str, Any]) -> frozenset[str]:
    """The fields of ``WANTED`` that an event lacks."""
    return frozenset(path for path in WANTED if _at(event, path) is None)


def _at(record: Any, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """What lies at a path; None if that is nothing, or a placeholder for it."""
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return None if record in _NOTHING else record


def _opened(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A value out of the text that it may be in."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return msgspec.json.decode(value)
        except NOT_VALID:
            return value
    return value


def _as_object(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A map that was written as a list of pairs, or of objects with ``key`` and ``value``; else the value itself."""
    if not isinstance(value, list) or not value:
        return value
    pairs = [[one.get("key"), one.get("value")] if isinstance(one, dict) else one for one in value]
    is_map = all(
        isinstance(one, list) and len(one) == len(("key", "value")) and isinstance(one[0], str) for one in pairs
    )
    return {pair[0]: pair[1] for pair in pairs} if is_map else value


def _put(event: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Put a value back, as its field takes it; a field has the first value that it is given."""
    if value is None or _at(event, path) is not None:
        return
    if path.startswith(_IDENTITY) and isinstance(value, bool):
        value = str(value).lower()  # CloudTrail writes text there
    fitted = value_of(path, msgspec.json.encode(value), typed=False)
    if fitted is not None:
        put(event, path, fitted)


def _put_identity(event: dict[str, Any], record: dict[str, Any]) -> None:
    """Up to 1.0.0-rc.2 ``uid`` is the principal and ``uuid`` the ARN, afterwards ``uid`` the ARN."""
    uid, alternative, uuid = (_at(record, f"actor.user.{name}") for name in ("uid", "uid_alt", "uuid"))
    is_early = uuid is not None or (alternative is None and uid is not None and not str(uid).startswith("arn:"))
    _put(event, f"{_IDENTITY}.arn", uuid if is_early else uid)
    kind, idp = _at(record, "actor.user.type"), _at(record, "actor.idp.name")
    credential = _at(record, "actor.user.credential_uid")
    of_identity_center = kind == "IdentityCenterUser"
    _put(
        event,
        f"{_IDENTITY}.{'onBehalfOf.userId' if of_identity_center else 'principalId'}",
        uid if is_early else alternative,
    )
    _put(event, f"{_IDENTITY}.{'credentialId' if of_identity_center else 'accessKeyId'}", credential)
    _put(event, f"{_IDENTITY}.onBehalfOf.identityStoreArn", _at(record, "actor.idp.uid"))
    provider = (
        "identityProvider"
        if kind in ("WebIdentityUser", "SAMLUser")
        else "sessionContext.webIdFederationData.federatedProvider"
    )
    _put(event, f"{_IDENTITY}.{provider}", idp)


def _put_time(event: dict[str, Any], record: dict[str, Any]) -> None:
    """``time`` is in milliseconds, UTC, or in what its size tells; ``time_dt`` carries somebody's offset."""
    for path, place in (("eventTime", "time"), (f"{_SESSION}.attributes.creationDate", "actor.session.created_time")):
        number, text = _at(record, place), _at(record, f"{place}_dt")
        if isinstance(number, str) and number.isdecimal():
            number = int(number)
        if isinstance(number, int | float) and not isinstance(number, bool):
            _put(event, path, moment_of(number))
        elif (given := text if text is not None else number) is not None:
            _put(event, path, time_of(str(given)))


def _put_resources(event: dict[str, Any], record: dict[str, Any]) -> None:
    listed = _opened(record.get("resources"))
    if not isinstance(listed, list) or not listed:
        return
    if not all(isinstance(one, dict) for one in listed):
        event["resources"] = listed
        return
    accounts = ("owner.account.uid", "owner.account_uid", "account_uid")
    found = [
        {
            "ARN": _at(one, "uid"),
            "accountId": next((value for place in accounts if (value := _at(one, place)) is not None), None),
            "type": _at(one, "type"),
        }
        for one in listed
    ]
    event["resources"] = [{name: value for name, value in one.items() if value is not None} for one in found]


def _put_unmapped(event: dict[str, Any], unmapped: dict[str, Any], path: str = "") -> None:
    """What had no place in OCSF lies under its own dotted name; what is no field of CloudTrail's stays so."""
    for name, value in unmapped.items():
        here = f"{path}{name}"
        first = here.partition(".")[0]
        if value in _NOTHING:
            continue
        if first not in EVENT_FIELDS:
            event.setdefault("unmapped", {})[here] = value
        elif isinstance(value, dict) and field_at(here) != FREE:
            _put_unmapped(event, value, f"{here}.")
        elif field_at(first) == FREE and "." in here:
            _put_free(event, here, value)
        else:
            _put(event, here, value)


def _put_free(event: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """A member of a free-form field; its own name may have dots."""
    first = path.partition(".")[0]
    held = event.get(first)
    if isinstance(held, msgspec.Raw):
        held = event[first] = msgspec.json.decode(held)
    if held is None or isinstance(held, dict):
        put(event, path, value)
    else:
        event.setdefault("unmapped", {})[path] = value


def _put_sign_in(event: dict[str, Any], record: dict[str, Any]) -> None:
    """Of a sign-in, OCSF keeps the outcome, MFA and where it led to in fields of its own."""
    if event.get("eventSource") != _SIGN_IN:
        return
    mfa = next((value for name in ("is_mfa", "mfa") if isinstance(value := record.get(name), bool)), None)
    if mfa is not None:
        _put_free(event, "additionalEventData.MFAUsed", "Yes" if mfa else "No")
    if (led_to := _at(record, "dst_endpoint.svc_name")) is not None:
        _put_free(event, "additionalEventData.LoginTo", led_to)
    name, status = event.get("eventName"), _status(record)
    if name and status and "responseElements" not in event:
        event["responseElements"] = {name: status}


def _status(record: dict[str, Any]) -> str:
    """``Success`` or ``Failure``; empty for any other status, and for none."""
    told, number = _at(record, "status"), _at(record, "status_id")
    if told == "Failure" or number == _FAILURE_ID:
        return "Failure"
    return "Success" if told == "Success" or number == _SUCCESS_ID else ""


def _put_failure(event: dict[str, Any], record: dict[str, Any]) -> None:
    """A call that failed must not pass for one that went well, though the record kept no error of it."""
    is_login = event.get("eventSource") == _SIGN_IN and event.get("eventName") == "ConsoleLogin"
    if _status(record) == "Failure" and "errorCode" not in event and not is_login:
        _put(event, "errorCode", _at(record, "api.response.code") or _at(record, "status_code") or "Failure")
