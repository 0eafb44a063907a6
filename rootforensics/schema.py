"""The columns of ``events``: CloudTrail's name, DuckDB's type.

A column in CloudTrail's own spelling holds what AWS recorded; a column in snake_case is derived.
``eventTime`` is TIMESTAMP WITH TIME ZONE (UTC); free-form fields are JSON; a field that this list does not
know, or whose value does not fit its type, is kept in ``otherFields``.

Source: AWS CloudTrail User Guide, "Record contents" and "userIdentity element", event version 1.11; "Record contents"
of Insights events for trails and for event data stores, and of aggregated events.
"""

from __future__ import annotations

from typing import Final, TypeAlias

# A field is a scalar type by name, an object (a dict) or a list of one object (a list).
Field: TypeAlias = "str | dict[str, Field] | list[dict[str, str]]"

TEXT: Final = "VARCHAR"
FREE: Final = "JSON"
FLAG: Final = "BOOLEAN"

SESSION_ISSUER: Final[dict[str, Field]] = dict.fromkeys(("type", "principalId", "arn", "accountId", "userName"), TEXT)
SESSION_CONTEXT: Final[dict[str, Field]] = {
    "sessionIssuer": SESSION_ISSUER,
    "webIdFederationData": {"federatedProvider": TEXT, "attributes": FREE},
    "attributes": {"creationDate": TEXT, "mfaAuthenticated": TEXT},
    "assumedRoot": TEXT,
    "signInSessionArn": TEXT,
    "sourceIdentity": TEXT,
    "ec2RoleDelivery": TEXT,
    "ec2IssuedInVpc": TEXT,
}
USER_IDENTITY: Final[dict[str, Field]] = {
    "type": TEXT,
    "principalId": TEXT,
    "arn": TEXT,
    "accountId": TEXT,
    "accessKeyId": TEXT,
    "userName": TEXT,
    "sessionContext": SESSION_CONTEXT,
    "invokedBy": TEXT,
    "invokedByDelegate": {"accountId": TEXT},
    "onBehalfOf": {"userId": TEXT, "identityStoreArn": TEXT},
    "inScopeOf": dict.fromkeys(("sourceArn", "sourceAccount", "issuerType", "credentialsIssuedTo"), TEXT),
    "credentialId": TEXT,
    "identityProvider": TEXT,
}

#: Every documented top-level field, in the order in which AWS's log files spell them.
EVENT_FIELDS: Final[dict[str, Field]] = {
    "eventVersion": TEXT,
    "userIdentity": USER_IDENTITY,
    "eventTime": "TIMESTAMP WITH TIME ZONE",
    "eventSource": TEXT,
    "eventName": TEXT,
    "awsRegion": TEXT,
    "sourceIPAddress": TEXT,
    "userAgent": TEXT,
    "errorCode": TEXT,
    "errorMessage": TEXT,
    "requestParameters": FREE,
    "responseElements": FREE,
    "additionalEventData": FREE,
    "requestID": TEXT,
    "eventID": TEXT,
    "readOnly": FLAG,
    "resources": [dict.fromkeys(("ARN", "accountId", "type", "ARNPrefix"), TEXT)],
    "eventType": TEXT,
    "apiVersion": TEXT,
    "managementEvent": FLAG,
    "recipientAccountId": TEXT,
    "sharedEventID": TEXT,
    "serviceEventDetails": FREE,
    "vpcEndpointId": TEXT,
    "vpcEndpointAccountId": TEXT,
    "eventCategory": TEXT,
    "addendum": dict.fromkeys(("reason", "updatedFields", "originalRequestID", "originalEventID"), TEXT),
    "sessionCredentialFromConsole": TEXT,
    "edgeDeviceDetails": FREE,
    "tlsDetails": dict.fromkeys(("tlsVersion", "cipherSuite", "clientProvidedHostHeader", "keyExchange"), TEXT),
    "insightDetails": FREE,
    "eventContext": FREE,
    "annotation": FREE,
    # Insights events out of an event data store; those of a trail have insightDetails.
    **dict.fromkeys(("insightSource", "insightState", "insightEventSource", "insightEventName"), TEXT),
    **dict.fromkeys(("insightErrorCode", "insightType"), TEXT),
    "insightContext": FREE,
    # Aggregated events, which have neither eventTime nor recipientAccountId.
    "accountId": TEXT,
    "timeWindow": dict.fromkeys(("windowStart", "windowEnd", "windowSize"), TEXT),
    "summary": FREE,
}

#: The type of aggregated events, and what only they spell in their own way; the engine ignores case in names.
AGGREGATED: Final = "AwsAggregatedEvent"
RESPELLED: Final = {"eventId": "eventID"}

#: A time before the first or from the last of these years on is not usable.
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100

#: A value that is a CloudTrail event has at least one of these.
CORE_FIELDS: Final = ("eventName", "eventSource", "eventVersion", "eventID", "userIdentity")

#: Fields on which it rests whether an event is root's, who acted, and what followed.
TELLING: Final = (
    "userIdentity.type", "userIdentity.arn", "userIdentity.invokedBy", "eventTime", "eventSource", "eventName",
    "eventID", "eventType", "sourceIPAddress", "errorCode", "requestParameters", "responseElements",
    "recipientAccountId",
)  # fmt: skip

#: What this package adds to each event.
DERIVED_COLUMNS: Final[dict[str, str]] = {
    "otherFields": FREE,
    "record_problem": TEXT,
    "evidence_id": "INTEGER",
    "record_index": "INTEGER",
    "service": TEXT,
    "action": TEXT,
    "account_id": TEXT,
    "outcome": TEXT,
    "is_write": FLAG,
    "inferred": TEXT,
    "root_basis": TEXT,
    "identity_type": TEXT,
    "invoker": TEXT,
}

#: The columns of ``evidence``, one row a file or object and a member of an archive.
EVIDENCE_COLUMNS: Final = {
    "evidence_id": "INTEGER",
    "archive_id": "INTEGER",
    "uri": TEXT,
    "size_bytes": "BIGINT",
    "sha256": TEXT,
    "etag": TEXT,
    "version_id": TEXT,
    "modified_time": "TIMESTAMP WITH TIME ZONE",
    "compression": TEXT,
    "gzip_member_count": "INTEGER",
    "inflated_bytes": "BIGINT",
    "content_sha256": TEXT,
    "framing": TEXT,
    "container": TEXT,
    "lacking": "VARCHAR[]",
    "account_id": TEXT,
    "region": TEXT,
    "delivery_time": "TIMESTAMP WITH TIME ZONE",
    "status": TEXT,
    "problem": TEXT,
    "member_count": "BIGINT",
    "record_count": "BIGINT",
    "event_count": "BIGINT",
    "duplicate_count": "BIGINT",
    "filtered_count": "BIGINT",
    "rejected_count": "BIGINT",
    "first_time": "TIMESTAMP WITH TIME ZONE",
    "last_time": "TIMESTAMP WITH TIME ZONE",
    "filters": FREE,
    "loaded_time": "TIMESTAMP WITH TIME ZONE",
    "loaded_by": TEXT,
}
