"""Rows that several questions give. Written by `make docs`; change tools/docs/typed_rows.py instead.

A column without ``| None`` is never NULL in any of these questions.
"""
# ruff: noqa: UP013

from datetime import datetime
from typing import NotRequired, TypedDict, TypeVar

from typing_extensions import ReadOnly

# fmt: off
#: A row of something that is in an account.
OfAccount = TypedDict("OfAccount", {"account_id": ReadOnly[str | None]})
OfAccountT = TypeVar("OfAccountT", bound=OfAccount)
#: A row of an event: which call it is, and in what account.
Named = TypedDict("Named", {
    "account_id": ReadOnly[str | None], "eventName": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
NamedT = TypeVar("NamedT", bound=Named)
#: A row of a call: of which service, and its name.
Called = TypedDict("Called", {"eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None]})
#: A row of an action: who acted, an ARN, and when.
Acted = TypedDict("Acted", {"actor": ReadOnly[str | None], "from_time": ReadOnly[datetime | None]})
ActedT = TypeVar("ActedT", bound=Acted)
#: A row of a sign-in or a call as root.
Tried = TypedDict("Tried", {
    "eventTime": ReadOnly[datetime | None], "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None],
    "outcome": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None]})
TriedT = TypeVar("TriedT", bound=Tried)
#: A row of a call as root, as approvals look at it.
Done = TypedDict("Done", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "outcome": ReadOnly[str | None], "is_write": ReadOnly[bool | None],
    "sourceIPAddress": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
#: A row of an event that had an effect on an entity.
Kept = TypedDict("Kept", {
    "eventTime": ReadOnly[datetime | None], "awsRegion": ReadOnly[str | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "outcome": ReadOnly[str | None], "actor": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
#: A row of what an entity did.
Used = TypedDict("Used", {
    "event_count": ReadOnly[int], "write_count": ReadOnly[int], "write_unknown_count": ReadOnly[int],
    "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "source_ips": ReadOnly[list[str] | None], "first_eventID": ReadOnly[str | None],
    "first_citation": ReadOnly[str | None], "last_success_time": ReadOnly[datetime | None],
    "last_success_eventID": ReadOnly[str | None], "last_success_citation": ReadOnly[str | None]})
#: A row of an entity that root reached, and when it was there.
Held = TypedDict("Held", {
    "account_id": ReadOnly[str | None], "entity_name": ReadOnly[str], "current_name": ReadOnly[str | None],
    "effect": ReadOnly[str], "first_time": ReadOnly[datetime | None], "ended_time": ReadOnly[datetime | None],
    "state": ReadOnly[str | None]})
#: A row of an entity that root reached, and whose it is.
Owned = TypedDict("Owned", {
    "first_time": ReadOnly[datetime | None], "depth": ReadOnly[int], "account_id": ReadOnly[str],
    "awsRegion": ReadOnly[str | None], "entity_kind": ReadOnly[str], "entity_name": ReadOnly[str],
    "current_name": ReadOnly[str | None], "effect": ReadOnly[str], "actor": ReadOnly[str | None],
    "certainty": ReadOnly[str], "eventName": ReadOnly[str | None], "detail": ReadOnly[str | None],
    "trusts": ReadOnly[str | None], "action_count": ReadOnly[int], "severity": ReadOnly[str], "state": ReadOnly[str],
    "still_open": ReadOnly[bool], "accepted": ReadOnly[str | None], "ended_by": ReadOnly[str | None],
    "ended_time": ReadOnly[datetime | None], "expires_time": ReadOnly[datetime | None],
    "use_count": ReadOnly[int | None], "use_write_count": ReadOnly[int | None],
    "use_write_unknown_count": ReadOnly[int | None], "first_use_time": ReadOnly[datetime | None],
    "last_use_time": ReadOnly[datetime | None], "use_source_ips": ReadOnly[list[str] | None],
    "first_use_eventID": ReadOnly[str | None], "first_use_citation": ReadOnly[str | None],
    "last_success_time": ReadOnly[datetime | None], "last_success_eventID": ReadOnly[str | None],
    "last_success_citation": ReadOnly[str | None], "eventID": ReadOnly[str | None], "citation": ReadOnly[str],
    "ended_eventID": ReadOnly[str | None], "ended_citation": ReadOnly[str | None], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]], "root_accounts": ReadOnly[list[str]],
    "owner": NotRequired[ReadOnly[str | None]], "was_made": NotRequired[ReadOnly[bool | None]],
    "actor_arn": NotRequired[ReadOnly[str | None]]})
#: A row of something that lies in a Region and a time.
Within = TypedDict("Within", {
    "region": ReadOnly[str | None], "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None]})
#: A row of a call; the catalogue of actions knows more of it, unless listed is false.
Call = TypedDict("Call", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None],
    "awsRegion": NotRequired[ReadOnly[str | None]], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "listed": ReadOnly[bool], "result": ReadOnly[str],
    "action_id": NotRequired[ReadOnly[str | None]], "severity": NotRequired[ReadOnly[str | None]],
    "act": NotRequired[ReadOnly[str | None]], "means": NotRequired[ReadOnly[str | None]],
    "category": NotRequired[ReadOnly[str | None]], "costs": ReadOnly[str | None], "exposes": ReadOnly[str | None],
    "policy_effect": NotRequired[ReadOnly[str | None]], "requestParameters": NotRequired[ReadOnly[str | None]],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
#: A row of a call, and what calls of its name may give away.
Exposing = TypedDict("Exposing", {
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "exposes": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
ExposingT = TypeVar("ExposingT", bound=Exposing)
#: A row of the event that opened a session.
Opener = TypedDict("Opener", {
    "eventTime": ReadOnly[datetime | None], "eventID": ReadOnly[str | None], "citation": ReadOnly[str]})
#: A row of an entity by which somebody may come in.
Door = TypedDict("Door", {"entity_kind": ReadOnly[str], "state": ReadOnly[str | None], "trusts": ReadOnly[str | None]})
#: A row of an entity that root reached or used, or of several that are alike.
Reached = TypedDict("Reached", {
    "first_time": ReadOnly[datetime | None], "account_id": ReadOnly[str], "entity_kind": ReadOnly[str],
    "entity_name": ReadOnly[str], "certainty": ReadOnly[str], "state": ReadOnly[str], "trusts": ReadOnly[str | None],
    "ended_by": ReadOnly[str | None], "ended_time": ReadOnly[datetime | None], "use_count": ReadOnly[int | None],
    "root_accounts": ReadOnly[list[str]], "used_count": NotRequired[ReadOnly[int]]})
#: A row of a line of the page's timeline.
TimelineLine = TypedDict("TimelineLine", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "origin_group": ReadOnly[str], "origin": ReadOnly[str | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None],
    "errorMessage": ReadOnly[str | None], "readOnly": ReadOnly[bool | None], "is_write": ReadOnly[bool | None],
    "mfa": ReadOnly[str | None], "actor": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "userAgent": ReadOnly[str | None],
    "requestParameters": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int], "uri": ReadOnly[str], "integrity_verdict": ReadOnly[str | None],
    "session_id": ReadOnly[str | None]})
#: A row of an event that the page cites.
CitedLine = TypedDict("CitedLine", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "errorCode": ReadOnly[str | None],
    "actor": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int], "integrity_verdict": ReadOnly[str | None], "anchor": ReadOnly[str | None]})
#: A row of a service and what marks its calls.
NoiseCounts = TypedDict("NoiseCounts", {
    "account_id": ReadOnly[str | None], "service": ReadOnly[str | None], "origin": ReadOnly[str],
    "event_count": ReadOnly[int], "cis_match_count": ReadOnly[int], "call_count": ReadOnly[int]})
#: A row of what the incident chart draws.
IncidentMark = TypedDict("IncidentMark", {
    "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None],
    "account_id": ReadOnly[str | None], "category": ReadOnly[str], "kind": ReadOnly[str], "severity": ReadOnly[str],
    "result": ReadOnly[str], "label": ReadOnly[str], "text": ReadOnly[str], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]], "standing": ReadOnly[str], "mfa": ReadOnly[str]})
#: A row of what the incident chart draws, whose time is known.
TimedMark = TypedDict("TimedMark", {
    "from_time": ReadOnly[datetime], "until_time": ReadOnly[datetime | None], "account_id": ReadOnly[str | None],
    "category": ReadOnly[str], "kind": ReadOnly[str], "severity": ReadOnly[str], "result": ReadOnly[str],
    "label": ReadOnly[str], "text": ReadOnly[str], "eventIDs": ReadOnly[list[str]], "citations": ReadOnly[list[str]],
    "standing": ReadOnly[str], "mfa": ReadOnly[str]})
#: A row of an identity of which the case has an event.
KnownIdentity = TypedDict("KnownIdentity", {
    "identity_kind": ReadOnly[str], "identity_name": ReadOnly[str], "account_id": ReadOnly[str | None],
    "severity": ReadOnly[str | None], "action_count": ReadOnly[int], "success_count": ReadOnly[int],
    "failed_count": ReadOnly[int], "by_service_count": ReadOnly[int], "name_count": ReadOnly[int],
    "actions": ReadOnly[list[str]], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "source_ips": ReadOnly[list[str]], "access_keys": ReadOnly[list[str]], "sessions": ReadOnly[list[str]],
    "opened_by": ReadOnly[list[str]], "made": ReadOnly[list[str]], "root_ips": ReadOnly[list[str] | None],
    "root_network_ips": ReadOnly[list[str] | None], "root_user_agents": ReadOnly[list[str] | None],
    "shared_count": ReadOnly[int | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
#: A row of a change of a credential of root whose time is known.
TimedChange = TypedDict("TimedChange", {
    "eventTime": ReadOnly[datetime], "account_id": ReadOnly[str | None], "credential_kind": ReadOnly[str],
    "change": ReadOnly[str], "credential": ReadOnly[str | None], "outcome": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "origin": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
#: A row of a root event in a session whose time is known.
TimedEvent = TypedDict("TimedEvent", {
    "eventTime": ReadOnly[datetime], "session_id": ReadOnly[str | None], "session_kind": ReadOnly[str | None],
    "session_missing": ReadOnly[str | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "origin_group": ReadOnly[str],
    "origin": ReadOnly[str], "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None],
    "readOnly": ReadOnly[bool | None], "is_write": ReadOnly[bool | None], "sourceIPAddress": ReadOnly[str | None],
    "userAgent": ReadOnly[str | None], "accessKeyId": ReadOnly[str], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
#: A row of an hour whose begin is known.
TimedHour = TypedDict("TimedHour", {
    "hour_time": ReadOnly[datetime], "account_id": ReadOnly[str | None], "event_count": ReadOnly[int | None],
    "activity_count": ReadOnly[int], "noise_count": ReadOnly[int]})
#: A row of a sign-in event whose time is known.
TimedSignin = TypedDict("TimedSignin", {
    "eventTime": ReadOnly[datetime], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "signin_kind": ReadOnly[str], "outcome": ReadOnly[str | None],
    "mfa_used": ReadOnly[bool | None], "mfa_kind": ReadOnly[str | None], "mfa_identifier": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "ip_seen_before": ReadOnly[bool], "ip_failed_before": ReadOnly[bool],
    "userAgent": ReadOnly[str | None], "agent_seen_before": ReadOnly[bool], "failures_before": ReadOnly[int],
    "failures_elsewhere": ReadOnly[int], "recoveries_before": ReadOnly[int],
    "recovery_requests_before": ReadOnly[int], "login_to": ReadOnly[str | None], "login_flow": ReadOnly[str | None],
    "errorMessage": ReadOnly[str | None], "actor": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
#: A row of a session whose times are known.
TimedSession = TypedDict("TimedSession", {
    "session_id": ReadOnly[str], "account_id": ReadOnly[str | None], "session_kind": ReadOnly[str],
    "opened_time": ReadOnly[datetime | None], "first_time": ReadOnly[datetime], "last_time": ReadOnly[datetime],
    "duration_seconds": ReadOnly[int | None], "mfa_used": ReadOnly[bool | None], "event_count": ReadOnly[int],
    "sign_in_count": ReadOnly[int], "read_count": ReadOnly[int], "write_count": ReadOnly[int],
    "unknown_count": ReadOnly[int], "denied_count": ReadOnly[int], "failed_count": ReadOnly[int],
    "ip_count": ReadOnly[int], "source_ips": ReadOnly[list[str] | None], "user_agent_count": ReadOnly[int],
    "user_agents": ReadOnly[list[str] | None], "overlaps": ReadOnly[list[str] | None],
    "access_keys": ReadOnly[list[str] | None], "services": ReadOnly[list[str] | None],
    "regions": ReadOnly[list[str] | None], "opener": ReadOnly[str | None], "task_policy": ReadOnly[str | None],
    "opener_mfa": ReadOnly[bool | None], "opener_eventID": ReadOnly[str | None],
    "opener_citation": ReadOnly[str | None], "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str],
    "last_eventID": ReadOnly[str | None], "last_citation": ReadOnly[str]})
#: A row of an entity of which it is known when it was reached.
TimedEntity = TypedDict("TimedEntity", {
    "first_time": ReadOnly[datetime], "depth": ReadOnly[int], "account_id": ReadOnly[str],
    "awsRegion": ReadOnly[str | None], "entity_kind": ReadOnly[str], "entity_name": ReadOnly[str],
    "current_name": ReadOnly[str | None], "effect": ReadOnly[str], "actor": ReadOnly[str | None],
    "certainty": ReadOnly[str], "eventName": ReadOnly[str | None], "detail": ReadOnly[str | None],
    "trusts": ReadOnly[str | None], "action_count": ReadOnly[int], "severity": ReadOnly[str], "state": ReadOnly[str],
    "still_open": ReadOnly[bool], "accepted": ReadOnly[str | None], "ended_by": ReadOnly[str | None],
    "ended_time": ReadOnly[datetime | None], "expires_time": ReadOnly[datetime | None],
    "use_count": ReadOnly[int | None], "use_write_count": ReadOnly[int | None],
    "use_write_unknown_count": ReadOnly[int | None], "first_use_time": ReadOnly[datetime | None],
    "last_use_time": ReadOnly[datetime | None], "use_source_ips": ReadOnly[list[str] | None],
    "first_use_eventID": ReadOnly[str | None], "first_use_citation": ReadOnly[str | None],
    "last_success_time": ReadOnly[datetime | None], "last_success_eventID": ReadOnly[str | None],
    "last_success_citation": ReadOnly[str | None], "eventID": ReadOnly[str | None], "citation": ReadOnly[str],
    "ended_eventID": ReadOnly[str | None], "ended_citation": ReadOnly[str | None], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]], "root_accounts": ReadOnly[list[str]]})
#: A row of more about it.
MarkDetails = TypedDict("MarkDetails", {
    "until_time": NotRequired[ReadOnly[datetime | None]], "category": NotRequired[ReadOnly[str]],
    "severity": NotRequired[ReadOnly[str]], "result": NotRequired[ReadOnly[str]], "label": NotRequired[ReadOnly[str]],
    "eventIDs": NotRequired[ReadOnly[list[str]]], "citations": NotRequired[ReadOnly[list[str]]],
    "mfa": NotRequired[ReadOnly[str]]})
#: A row of what is done about something that root left, in containment.toml.
Measure = TypedDict("Measure", {
    "group": ReadOnly[str], "name": ReadOnly[str], "identity": NotRequired[ReadOnly[str]], "what": ReadOnly[str],
    "why": ReadOnly[str], "command": NotRequired[ReadOnly[str]], "command_of_others": NotRequired[ReadOnly[str]],
    "question": NotRequired[ReadOnly[str]], "cites": NotRequired[ReadOnly[str]],
    "calls": NotRequired[ReadOnly[list[str]]], "kind": NotRequired[ReadOnly[str]],
    "states": NotRequired[ReadOnly[list[str]]], "taken_over": NotRequired[ReadOnly[bool]],
    "console": NotRequired[ReadOnly[bool]], "what_of_owner": NotRequired[ReadOnly[str]],
    "roles": NotRequired[ReadOnly[list[str]]], "replaces": NotRequired[ReadOnly[str]],
    "if_exposed": NotRequired[ReadOnly[bool]], "looked_at": NotRequired[ReadOnly[bool]],
    "rotates": NotRequired[ReadOnly[str]], "categories": NotRequired[ReadOnly[list[str]]],
    "severity": NotRequired[ReadOnly[str]], "without_entity": NotRequired[ReadOnly[list[str]]],
    "also": NotRequired[ReadOnly[list[str]]], "control": NotRequired[ReadOnly[str]],
    "part": NotRequired[ReadOnly[str]], "impairment": NotRequired[ReadOnly[str]],
    "elsewhere": NotRequired[ReadOnly[str]], "deadline": NotRequired[ReadOnly[str]],
    "actions": NotRequired[ReadOnly[list[str]]], "at": NotRequired[ReadOnly[str]],
    "days_at": NotRequired[ReadOnly[str]], "days": NotRequired[ReadOnly[int]]})
#: A row of what proves a judgment.
Proved = TypedDict("Proved", {"event_ids": ReadOnly[list[str]], "citations": ReadOnly[list[str]]})
#: A row of an event that has a time.
Seen = TypedDict("Seen", {
    "eventTime": ReadOnly[datetime], "eventName": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
#: A row of a change of a device or key, a sign-in by one, or its use.
Shown = TypedDict("Shown", {
    "eventTime": ReadOnly[datetime], "eventName": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "change": NotRequired[ReadOnly[str]], "credential": NotRequired[ReadOnly[str | None]],
    "mfa_identifier": NotRequired[ReadOnly[str | None]], "mfa_used": NotRequired[ReadOnly[bool | None]],
    "accessKeyId": NotRequired[ReadOnly[str | None]], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
