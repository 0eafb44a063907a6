"""Rows that several questions give. Written by `make docs`; change tools/docs/typed_rows.py instead.

Every value may be NULL, which is None. ``| Any`` lets it be used without a check for None; a column that a row does not
have, and a use that does not fit what a column holds, are errors of types.
"""
# ruff: noqa: UP013

from datetime import datetime
from typing import Any, NotRequired, TypedDict, TypeVar

Text = str | Any
Texts = list[str] | Any
Number = int | Any
Fraction = float | Any
Truth = bool | Any
Time = datetime | Any

# fmt: off
#: A row of something that is in an account.
OfAccount = TypedDict("OfAccount", {"account_id": Text})
OfAccountT = TypeVar("OfAccountT", bound=OfAccount)
#: A row of an event: which call it is, and in what account.
Named = TypedDict("Named", {
    "account_id": Text, "eventName": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
NamedT = TypeVar("NamedT", bound=Named)
#: A row of a call: of which service, and its name.
Called = TypedDict("Called", {"eventSource": Text, "eventName": Text})
#: A row of an action: who acted, an ARN, and when.
Acted = TypedDict("Acted", {"actor": Text, "from_time": Time})
ActedT = TypeVar("ActedT", bound=Acted)
#: A row of a sign-in or a call as root.
Tried = TypedDict("Tried", {
    "eventTime": Time, "eventSource": Text, "eventName": Text, "outcome": Text, "sourceIPAddress": Text})
TriedT = TypeVar("TriedT", bound=Tried)
#: A row of a call as root, as approvals look at it.
Done = TypedDict("Done", {
    "eventTime": Time, "account_id": Text, "eventSource": Text, "eventName": Text, "outcome": Text, "is_write": Truth,
    "sourceIPAddress": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
#: A row of an event that had an effect on an entity.
Kept = TypedDict("Kept", {
    "eventTime": Time, "awsRegion": Text, "eventSource": Text, "eventName": Text, "outcome": Text, "actor": Text,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
#: A row of what an entity did.
Used = TypedDict("Used", {
    "event_count": Number, "write_count": Number, "write_unknown_count": Number, "first_time": Time,
    "last_time": Time, "source_ips": Texts, "first_eventID": Text, "first_citation": Text})
#: A row of an entity that root reached, and when it was there.
Held = TypedDict("Held", {
    "account_id": Text, "entity_name": Text, "current_name": Text, "effect": Text, "first_time": Time,
    "ended_time": Time, "state": Text})
#: A row of an entity that root reached, and whose it is.
Owned = TypedDict("Owned", {
    "first_time": Time, "depth": Number, "account_id": Text, "awsRegion": Text, "entity_kind": Text,
    "entity_name": Text, "current_name": Text, "effect": Text, "actor": Text, "certainty": Text, "eventName": Text,
    "detail": Text, "trusts": Text, "action_count": Number, "severity": Text, "state": Text, "still_open": Truth,
    "accepted": Text, "ended_by": Text, "ended_time": Time, "use_count": Number, "use_write_count": Number,
    "use_write_unknown_count": Number, "first_use_time": Time, "last_use_time": Time, "use_source_ips": Texts,
    "first_use_eventID": Text, "first_use_citation": Text, "eventID": Text, "citation": Text, "ended_eventID": Text,
    "ended_citation": Text, "eventIDs": Texts, "citations": Texts, "root_accounts": Texts, "owner": NotRequired[Text],
    "was_made": NotRequired[Truth], "actor_arn": NotRequired[Text]})
#: A row of something that lies in a Region and a time.
Within = TypedDict("Within", {"region": Text, "from_time": Time, "until_time": Time})
#: A row of a call; the catalogue of actions knows more of it, unless listed is false.
Call = TypedDict("Call", {
    "account_id": Text, "eventTime": Time, "awsRegion": NotRequired[Text], "eventSource": Text, "eventName": Text,
    "listed": Truth, "result": Text, "action_id": NotRequired[Text], "severity": NotRequired[Text],
    "means": NotRequired[Text], "category": NotRequired[Text], "costs": Text, "exposes": Text,
    "policy_effect": NotRequired[Text], "eventID": Text, "evidence_id": Number, "record_index": Number})
#: A row of a call, and what calls of its name may give away.
Exposing = TypedDict("Exposing", {
    "eventSource": Text, "eventName": Text, "exposes": Text, "eventID": Text, "evidence_id": Number,
    "record_index": Number})
ExposingT = TypeVar("ExposingT", bound=Exposing)
#: A row of the event that opened a session.
Opener = TypedDict("Opener", {"eventTime": Time, "eventID": Text, "citation": Text})
#: A row of an entity by which somebody may come in.
Door = TypedDict("Door", {"entity_kind": Text, "state": Text, "trusts": Text})
#: A row of an entity that root reached or used, or of several that are alike.
Reached = TypedDict("Reached", {
    "first_time": Time, "account_id": Text, "entity_kind": Text, "entity_name": Text, "certainty": Text,
    "state": Text, "trusts": Text, "ended_by": Text, "ended_time": Time, "use_count": Number, "root_accounts": Texts,
    "used_count": NotRequired[Number]})
#: A row of a line of the page's timeline.
TimelineLine = TypedDict("TimelineLine", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "origin_group": Text, "origin": Text,
    "eventSource": Text, "eventName": Text, "outcome": Text, "errorCode": Text, "errorMessage": Text,
    "readOnly": Truth, "is_write": Truth, "mfa": Text, "actor": Text, "accessKeyId": Text, "sourceIPAddress": Text,
    "userAgent": Text, "requestParameters": Text, "eventID": Text, "evidence_id": Number, "record_index": Number,
    "uri": Text, "integrity_verdict": Text, "session_id": Text})
#: A row of an event that the page cites.
CitedLine = TypedDict("CitedLine", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text, "eventName": Text,
    "errorCode": Text, "actor": Text, "eventID": Text, "evidence_id": Number, "record_index": Number,
    "integrity_verdict": Text, "anchor": Text})
#: A row of a service and what marks its calls.
NoiseCounts = TypedDict("NoiseCounts", {
    "account_id": Text, "service": Text, "origin": Text, "event_count": Number, "cis_match_count": Number,
    "call_count": Number})
#: A row of what the incident chart draws.
IncidentMark = TypedDict("IncidentMark", {
    "from_time": Time, "until_time": Time, "account_id": Text, "category": Text, "kind": Text, "severity": Text,
    "result": Text, "label": Text, "text": Text, "eventIDs": Texts, "citations": Texts, "standing": Text, "mfa": Text})
#: A row of more about it.
MarkDetails = TypedDict("MarkDetails", {
    "until_time": NotRequired[Time], "category": NotRequired[Text], "severity": NotRequired[Text],
    "result": NotRequired[Text], "label": NotRequired[Text], "eventIDs": NotRequired[Texts],
    "citations": NotRequired[Texts], "mfa": NotRequired[Text]})
#: A row of what is done about something that root left, in containment.toml.
Measure = TypedDict("Measure", {
    "what": Text, "why": Text, "command": NotRequired[Text], "question": NotRequired[Text],
    "cites": NotRequired[Text], "calls": NotRequired[Texts], "kind": NotRequired[Text], "states": NotRequired[Texts],
    "taken_over": NotRequired[Truth], "if_exposed": NotRequired[Truth], "looked_at": NotRequired[Truth],
    "categories": NotRequired[Texts], "severity": NotRequired[Text], "without_entity": NotRequired[Texts],
    "control": NotRequired[Text], "part": NotRequired[Text], "impairment": NotRequired[Text],
    "elsewhere": NotRequired[Truth], "deadline": NotRequired[Text], "actions": NotRequired[Texts]})
#: A row of what proves a judgment.
Proved = TypedDict("Proved", {"event_ids": Texts, "citations": Texts})
#: A row of an event that has a time.
Seen = TypedDict("Seen", {
    "eventTime": Time, "eventName": Text, "sourceIPAddress": Text, "eventID": Text, "evidence_id": Number,
    "record_index": Number})
#: A row of a change of a device or key, a sign-in by one, or its use.
Shown = TypedDict("Shown", {
    "eventTime": Time, "eventName": Text, "sourceIPAddress": Text, "change": NotRequired[Text],
    "credential": NotRequired[Text], "mfa_identifier": NotRequired[Text], "mfa_used": NotRequired[Truth],
    "accessKeyId": NotRequired[Text], "eventID": Text, "evidence_id": Number, "record_index": Number})
