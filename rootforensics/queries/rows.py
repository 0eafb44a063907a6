"""The rows of each question and table, by columns. Written by `make docs`; change the headers of questions instead.

Modules that only name types take this one as ``of``: ``list[of.RootTimeline]``. It is never imported to run.
A column without ``| None`` is never NULL, whatever a record lacks.
"""
# ruff: noqa: UP013 - one line a column would be twelve hundred

from datetime import datetime
from typing import TypedDict

from typing_extensions import ReadOnly

from rootforensics.queries.shapes import *  # noqa: F403

# fmt: off
AccountActors = TypedDict("AccountActors", {
    "account_id": ReadOnly[str | None], "low": ReadOnly[str | None], "high": ReadOnly[str | None],
    "event_count": ReadOnly[int], "has_reads": ReadOnly[bool | None]})
AccountIds = TypedDict("AccountIds", {"found": ReadOnly[str | None]})
AccountTrailDeliveries = TypedDict("AccountTrailDeliveries", {
    "account_id": ReadOnly[str], "last_time": ReadOnly[datetime | None]})
Actions = TypedDict("Actions", {
    "action_id": ReadOnly[str], "eventSource": ReadOnly[str], "eventName": ReadOnly[str],
    "condition": ReadOnly[str | None], "condition_count": ReadOnly[int], "act": ReadOnly[str], "means": ReadOnly[str],
    "attempt_means": ReadOnly[str], "matters": ReadOnly[str], "severity": ReadOnly[str],
    "attempt_severity": ReadOnly[str], "tactic": ReadOnly[str], "techniques": ReadOnly[str],
    "tactic_v18": ReadOnly[str], "techniques_v18": ReadOnly[str], "category": ReadOnly[str],
    "undo": ReadOnly[str | None], "undo_command": ReadOnly[str | None], "root_task": ReadOnly[str | None],
    "needs_root": ReadOnly[str], "costs": ReadOnly[str | None], "exposes": ReadOnly[str | None],
    "sources": ReadOnly[str]})
ActionsTable = TypedDict("ActionsTable", {
    "action_id": ReadOnly[str], "call_source": ReadOnly[str], "call_name": ReadOnly[str],
    "condition": ReadOnly[str | None], "condition_count": ReadOnly[int], "act": ReadOnly[str], "means": ReadOnly[str],
    "attempt_means": ReadOnly[str], "matters": ReadOnly[str], "severity": ReadOnly[str],
    "attempt_severity": ReadOnly[str], "tactic": ReadOnly[str], "techniques": ReadOnly[str],
    "tactic_v18": ReadOnly[str], "techniques_v18": ReadOnly[str], "category": ReadOnly[str],
    "undo": ReadOnly[str | None], "undo_command": ReadOnly[str | None], "root_task": ReadOnly[str | None],
    "needs_root": ReadOnly[str], "of_root": ReadOnly[bool], "costs": ReadOnly[str | None],
    "exposes": ReadOnly[str | None], "control": ReadOnly[str | None], "impairment": ReadOnly[str | None],
    "part": ReadOnly[str | None], "sources": ReadOnly[str], "makes": ReadOnly[str | None],
    "made_at": ReadOnly[str | None]})
Addenda = TypedDict("Addenda", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "state": ReadOnly[str],
    "reason": ReadOnly[str | None], "updated_fields": ReadOnly[str | None], "actor": ReadOnly[str | None],
    "original_eventID": ReadOnly[str | None], "original_requestID": ReadOnly[str | None],
    "by_eventID": ReadOnly[str | None], "by_place": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
AddressFirstUses = TypedDict("AddressFirstUses", {
    "account_id": ReadOnly[str], "sourceIPAddress": ReadOnly[str], "first_time": ReadOnly[datetime]})
AddressLinks = TypedDict("AddressLinks", {
    "account_id": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str], "link": ReadOnly[str]})
AlarmActs = TypedDict("AlarmActs", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "origin": ReadOnly[str | None], "eventName": ReadOnly[str | None], "fate": ReadOnly[str],
    "unmet": ReadOnly[str | None], "alarm_time": ReadOnly[datetime | None],
    "minutes_to_alarm": ReadOnly[float | None], "fired": ReadOnly[bool | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
AlarmAlarms = TypedDict("AlarmAlarms", {
    "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None], "alarm_time": ReadOnly[datetime | None],
    "clear_time": ReadOnly[datetime], "event_count": ReadOnly[int], "act_count": ReadOnly[int],
    "first_event_time": ReadOnly[datetime | None], "first_event_name": ReadOnly[str | None],
    "first_eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
AlarmDelays = TypedDict("AlarmDelays", {
    "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "first_act_time": ReadOnly[datetime | None], "first_act_name": ReadOnly[str | None],
    "first_act_eventID": ReadOnly[str | None], "first_act_citation": ReadOnly[str],
    "alarm_time": ReadOnly[datetime | None], "minutes_to_alarm": ReadOnly[float | None],
    "fired": ReadOnly[bool | None], "first_shown_eventID": ReadOnly[str | None],
    "first_shown_citation": ReadOnly[str | None], "act_count": ReadOnly[int], "shown_count": ReadOnly[int],
    "never_shown_count": ReadOnly[int]})
AlarmUnneeded = TypedDict("AlarmUnneeded", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "origin": ReadOnly[str | None], "eventName": ReadOnly[str | None], "fate": ReadOnly[str],
    "unmet": ReadOnly[str | None], "alarm_time": ReadOnly[datetime | None],
    "minutes_to_alarm": ReadOnly[float | None], "fired": ReadOnly[bool | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
Approvals = TypedDict("Approvals", {
    "about": ReadOnly[str], "ticket": ReadOnly[str | None], "account_id": ReadOnly[str | None],
    "subject": ReadOnly[str | None], "verdict": ReadOnly[str], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None], "detail": ReadOnly[str], "event_ids": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]]})
AwsAnswers = TypedDict("AwsAnswers", {
    "answer_id": ReadOnly[int], "citation": ReadOnly[str], "call": ReadOnly[str], "account_id": ReadOnly[str],
    "region": ReadOnly[str], "argument": ReadOnly[str], "asked_time": ReadOnly[datetime | None],
    "file": ReadOnly[str], "code": ReadOnly[str], "message": ReadOnly[str], "body": ReadOnly[str],
    "check_id": ReadOnly[int]})
AwsRegions = TypedDict("AwsRegions", {
    "partition": ReadOnly[str], "prefix": ReadOnly[str], "region": ReadOnly[str], "records_iam": ReadOnly[bool],
    "records_sign_in": ReadOnly[bool]})
BlastRadius = TypedDict("BlastRadius", {
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
    "citations": ReadOnly[list[str]], "root_accounts": ReadOnly[list[str]]})
Brief = TypedDict("Brief", {
    "section": ReadOnly[str], "level": ReadOnly[str], "text": ReadOnly[str], "command": ReadOnly[str | None],
    "eventIDs": ReadOnly[list[str]], "citations": ReadOnly[list[str]], "mark": ReadOnly[str | None]})
CallsFromAccounts = TypedDict("CallsFromAccounts", {
    "account_id": ReadOnly[str], "caller_account_id": ReadOnly[str], "use": ReadOnly[str],
    "event_count": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "source_ips": ReadOnly[list[str] | None], "calls": ReadOnly[list[str]], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]]})
CaseHead = TypedDict("CaseHead", {"name": ReadOnly[str], "content": ReadOnly[str]})
CaseTotals = TypedDict("CaseTotals", {
    "events": ReadOnly[int], "copies": ReadOnly[int], "superseded": ReadOnly[int], "filtered": ReadOnly[int],
    "rejected": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "notes": ReadOnly[int]})
CisFilterMisses = TypedDict("CisFilterMisses", {
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "cis_match": ReadOnly[bool | None]})
CitedEvents = TypedDict("CitedEvents", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "errorCode": ReadOnly[str | None],
    "actor": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int], "integrity_verdict": ReadOnly[str | None]})
CloudtrailSummaries = TypedDict("CloudtrailSummaries", {
    "kind": ReadOnly[str], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None], "state": ReadOnly[str | None],
    "insight_type": ReadOnly[str | None], "service": ReadOnly[str | None], "name": ReadOnly[str | None],
    "error_code": ReadOnly[str | None], "details": ReadOnly[str | None], "sharedEventID": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
Contained = TypedDict("Contained", {
    "account_id": ReadOnly[str], "entity_kind": ReadOnly[str], "entity_name": ReadOnly[str], "answer": ReadOnly[str],
    "because": ReadOnly[str], "missing": ReadOnly[list[str]], "accepted": ReadOnly[str | None],
    "since_time": ReadOnly[datetime], "until_time": ReadOnly[datetime | None],
    "before_time": ReadOnly[datetime | None], "used_count": ReadOnly[int], "refused_count": ReadOnly[int],
    "accepted_count": ReadOnly[int], "unclear_count": ReadOnly[int], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]], "is_other": ReadOnly[bool]})
Containment = TypedDict("Containment", {
    "account_id": ReadOnly[str], "what": ReadOnly[str], "why": ReadOnly[str], "identity": ReadOnly[str],
    "command": ReadOnly[str], "eventID": ReadOnly[str | None], "citation": ReadOnly[str | None]})
ContinuedRecording = TypedDict("ContinuedRecording", {
    "account_id": ReadOnly[str | None], "region": ReadOnly[str], "is_history": ReadOnly[bool], "since": ReadOnly[int],
    "until": ReadOnly[int], "source": ReadOnly[str | None], "quiet_hours": ReadOnly[float | None],
    "hour_count": ReadOnly[int], "is_both": ReadOnly[bool | None], "is_complete": ReadOnly[bool]})
CostlyCalls = TypedDict("CostlyCalls", {
    "eventTime": ReadOnly[datetime | None], "from_time": ReadOnly[datetime | None],
    "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "actor": ReadOnly[str | None], "listed": ReadOnly[bool],
    "result": ReadOnly[str], "costs": ReadOnly[str], "exposes": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
Coverage = TypedDict("Coverage", {
    "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None], "event_count": ReadOnly[int | None],
    "root_count": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None]})
CoverageByHour = TypedDict("CoverageByHour", {
    "account_id": ReadOnly[str], "region": ReadOnly[str], "hour_time": ReadOnly[datetime], "state": ReadOnly[str],
    "proven_by": ReadOnly[str | None]})
CoverageGaps = TypedDict("CoverageGaps", {
    "kind": ReadOnly[str], "account_id": ReadOnly[str | None], "region": ReadOnly[str | None],
    "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None], "object_count": ReadOnly[int],
    "uri": ReadOnly[str | None], "evidence_id": ReadOnly[int | None]})
CoverageSpans = TypedDict("CoverageSpans", {
    "account_id": ReadOnly[str], "region": ReadOnly[str], "state": ReadOnly[str], "from_time": ReadOnly[datetime],
    "until_time": ReadOnly[datetime], "hour_count": ReadOnly[int], "event_count": ReadOnly[int | None],
    "proven_by": ReadOnly[str | None]})
CreatedIdentityArns = TypedDict("CreatedIdentityArns", {
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "arn": ReadOnly[str | None]})
CrossAccountActions = TypedDict("CrossAccountActions", {
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "root_account_id": ReadOnly[str | None],
    "certainty": ReadOnly[str], "is_across": ReadOnly[bool]})
CrossAccountRootEvents = TypedDict("CrossAccountRootEvents", {
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "root_account_id": ReadOnly[str]})
CrossAccountSessions = TypedDict("CrossAccountSessions", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "eventName": ReadOnly[str],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int],
    "entered": ReadOnly[str]})
Custody = TypedDict("Custody", {
    "custody_id": ReadOnly[int], "acted_time": ReadOnly[datetime], "user_name": ReadOnly[str],
    "host_name": ReadOnly[str], "command": ReadOnly[str], "tool": ReadOnly[str], "parameters": ReadOnly[str],
    "row_counts": ReadOnly[str], "evidence_sha256_before": ReadOnly[str | None], "evidence_sha256": ReadOnly[str],
    "previous_sha256": ReadOnly[str | None], "sha256": ReadOnly[str]})
CustodyHead = TypedDict("CustodyHead", {
    "custody_id": ReadOnly[int], "acted_time": ReadOnly[datetime], "sha256": ReadOnly[str]})
Delegates = TypedDict("Delegates", {
    "account_id": ReadOnly[str | None], "delegate_account_id": ReadOnly[str], "certainty": ReadOnly[str]})
DescendantActions = TypedDict("DescendantActions", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "readOnly": ReadOnly[bool | None],
    "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "errorMessage": ReadOnly[str | None],
    "actor": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "identity_kind": ReadOnly[str], "identity_name": ReadOnly[str], "made_by": ReadOnly[str],
    "made_account_id": ReadOnly[str | None], "made_region": ReadOnly[str | None], "made_evidence_id": ReadOnly[int],
    "made_record_index": ReadOnly[int], "generation": ReadOnly[int], "certainty": ReadOnly[str],
    "root_account_ids": ReadOnly[list[str]], "requestParameters": ReadOnly[str | None],
    "responseElements": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
DescendantUse = TypedDict("DescendantUse", {
    "identity_kind": ReadOnly[str], "identity_name": ReadOnly[str], "made_by": ReadOnly[str],
    "made_account_id": ReadOnly[str | None], "made_region": ReadOnly[str | None], "made_evidence_id": ReadOnly[int],
    "made_record_index": ReadOnly[int], "event_count": ReadOnly[int], "write_count": ReadOnly[int],
    "write_unknown_count": ReadOnly[int], "error_count": ReadOnly[int], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None], "source_ips": ReadOnly[list[str] | None],
    "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str], "last_eventID": ReadOnly[str | None],
    "last_citation": ReadOnly[str], "last_success_time": ReadOnly[datetime | None],
    "last_success_eventID": ReadOnly[str | None], "last_success_citation": ReadOnly[str | None]})
DigestBreaks = TypedDict("DigestBreaks", {
    "cause": ReadOnly[str | None], "account_id": ReadOnly[str | None], "region": ReadOnly[str | None],
    "trail": ReadOnly[str | None], "is_backfill": ReadOnly[bool | None], "from_time": ReadOnly[datetime | None],
    "until_time": ReadOnly[datetime | None], "reason": ReadOnly[str | None], "has_stop": ReadOnly[bool | None]})
DisprovedLogs = TypedDict("DisprovedLogs", {"evidence_id": ReadOnly[int], "verdict": ReadOnly[str]})
DoubtfulEvent = TypedDict("DoubtfulEvent", {"is_held": ReadOnly[bool]})
Duplicates = TypedDict("Duplicates", {
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int],
    "kept_evidence_id": ReadOnly[int], "kept_record_index": ReadOnly[int]})
EnabledRegions = TypedDict("EnabledRegions", {"account_id": ReadOnly[str | None], "region": ReadOnly[str | None]})
Entries = TypedDict("Entries", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "entry_kind": ReadOnly[str],
    "credential": ReadOnly[str | None], "session_id": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "recovered": ReadOnly[bool | None], "guessed": ReadOnly[bool | None], "at_once": ReadOnly[bool | None],
    "without_mfa": ReadOnly[bool | None], "had_mfa": ReadOnly[bool | None], "by_key": ReadOnly[bool | None],
    "by_assume_root": ReadOnly[bool | None], "eventID": ReadOnly[str | None], "citation": ReadOnly[str]})
EventPresence = TypedDict("EventPresence", {"is_held": ReadOnly[bool]})
EventSelectorChanges = TypedDict("EventSelectorChanges", {
    "keeps": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
EventTotals = TypedDict("EventTotals", {
    "total": ReadOnly[int], "calls": ReadOnly[int], "insights": ReadOnly[int], "aggregated": ReadOnly[int],
    "superseded": ReadOnly[int], "duplicates": ReadOnly[int], "filtered": ReadOnly[int], "rejected": ReadOnly[int],
    "without_time": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None]})
EventsByCategory = TypedDict("EventsByCategory", {
    "eventCategory": ReadOnly[str | None], "eventType": ReadOnly[str | None], "event_count": ReadOnly[int | None],
    "call_count": ReadOnly[int | None], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None]})
EventsByHour = TypedDict("EventsByHour", {
    "hour_time": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "event_count": ReadOnly[int | None],
    "activity_count": ReadOnly[int], "noise_count": ReadOnly[int]})
EventsByService = TypedDict("EventsByService", {
    "eventSource": ReadOnly[str | None], "event_count": ReadOnly[int | None], "error_count": ReadOnly[int | None],
    "activity_count": ReadOnly[int], "noise_count": ReadOnly[int], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None]})
Evidence = TypedDict("Evidence", {
    "evidence_id": ReadOnly[int], "archive_id": ReadOnly[int | None], "status": ReadOnly[str], "uri": ReadOnly[str],
    "size_bytes": ReadOnly[int | None], "sha256": ReadOnly[str | None], "compression": ReadOnly[str | None],
    "framing": ReadOnly[str | None], "container": ReadOnly[str | None], "member_count": ReadOnly[int | None],
    "record_count": ReadOnly[int | None], "event_count": ReadOnly[int], "duplicate_count": ReadOnly[int],
    "filtered_count": ReadOnly[int | None], "rejected_count": ReadOnly[int], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None], "problem": ReadOnly[str | None], "filters": ReadOnly[str],
    "integrity_verdict": ReadOnly[str | None]})
EvidenceCopies = TypedDict("EvidenceCopies", {
    "evidence_id": ReadOnly[int], "sha256": ReadOnly[str], "uris": ReadOnly[list[str]]})
EvidenceDigest = TypedDict("EvidenceDigest", {
    "object_count": ReadOnly[int], "unread_count": ReadOnly[int], "size_bytes": ReadOnly[int | None],
    "sha256": ReadOnly[str | None]})
EvidenceProblems = TypedDict("EvidenceProblems", {
    "kind": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int | None],
    "uri": ReadOnly[str | None], "eventID": ReadOnly[str | None], "problem": ReadOnly[str | None]})
EvidenceWithoutRequests = TypedDict("EvidenceWithoutRequests", {"evidence_id": ReadOnly[int]})
FederatedUsers = TypedDict("FederatedUsers", {
    "actor": ReadOnly[str | None], "account_id": ReadOnly[str | None], "user_name": ReadOnly[str]})
FilteredEvents = TypedDict("FilteredEvents", {
    "filters": ReadOnly[str], "filtered_count": ReadOnly[int], "is_counted": ReadOnly[bool]})
Findings = TypedDict("Findings", {
    "severity": ReadOnly[str], "result": ReadOnly[str], "finding": ReadOnly[str], "title": ReadOnly[str],
    "account_id": ReadOnly[str | None], "certainty": ReadOnly[str], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None], "event_count": ReadOnly[int], "actors": ReadOnly[list[str] | None],
    "session_ids": ReadOnly[list[str] | None], "explanation": ReadOnly[str], "benign": ReadOnly[str],
    "techniques": ReadOnly[str], "undo": ReadOnly[str | None], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]]})
FollowedIdentities = TypedDict("FollowedIdentities", {
    "identity_kind": ReadOnly[str], "identity_name": ReadOnly[str], "made_by": ReadOnly[str],
    "made_account_id": ReadOnly[str | None], "made_region": ReadOnly[str | None], "made_evidence_id": ReadOnly[int],
    "made_record_index": ReadOnly[int]})
FormerWrites = TypedDict("FormerWrites", {
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "eventName": ReadOnly[str],
    "eventTime": ReadOnly[datetime], "eventID": ReadOnly[str | None], "former_citation": ReadOnly[str]})
Hypotheses = TypedDict("Hypotheses", {
    "account_id": ReadOnly[str], "hypothesis": ReadOnly[str], "standing": ReadOnly[str],
    "speaks_for": ReadOnly[list[str]], "speaks_against": ReadOnly[list[str]], "approved": ReadOnly[list[str]],
    "missing": ReadOnly[list[str]], "outside": ReadOnly[str], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]]})
Identities = TypedDict("Identities", {
    "identity_kind": ReadOnly[str], "identity_name": ReadOnly[str | None], "account_id": ReadOnly[str | None],
    "severity": ReadOnly[str | None], "action_count": ReadOnly[int | None], "success_count": ReadOnly[int | None],
    "failed_count": ReadOnly[int | None], "by_service_count": ReadOnly[int | None],
    "name_count": ReadOnly[int | None], "actions": ReadOnly[list[str] | None],
    "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "source_ips": ReadOnly[list[str] | None], "access_keys": ReadOnly[list[str] | None],
    "sessions": ReadOnly[list[str] | None], "opened_by": ReadOnly[list[str] | None],
    "made": ReadOnly[list[str] | None], "root_ips": ReadOnly[list[str] | None],
    "root_network_ips": ReadOnly[list[str] | None], "root_user_agents": ReadOnly[list[str] | None],
    "shared_count": ReadOnly[int | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int | None],
    "record_index": ReadOnly[int | None]})
IdentityActions = TypedDict("IdentityActions", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "readOnly": ReadOnly[bool | None],
    "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "errorMessage": ReadOnly[str | None],
    "actor": ReadOnly[str | None], "identity_type": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None],
    "user": ReadOnly[str | None], "role": ReadOnly[str | None], "instance": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "requestParameters": ReadOnly[str | None],
    "responseElements": ReadOnly[str | None], "serviceEventDetails": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
IncidentSpans = TypedDict("IncidentSpans", {
    "account_id": ReadOnly[str], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None]})
IncidentTimeline = TypedDict("IncidentTimeline", {
    "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None],
    "account_id": ReadOnly[str | None], "line_type": ReadOnly[str], "kind": ReadOnly[str],
    "severity": ReadOnly[str | None], "text": ReadOnly[str], "actor": ReadOnly[str | None],
    "session_id": ReadOnly[str | None], "source_ips": ReadOnly[list[str]], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]], "source": ReadOnly[str]})
IncompleteEvents = TypedDict("IncompleteEvents", {
    "account_id": ReadOnly[str | None], "region": ReadOnly[str | None], "from_time": ReadOnly[datetime | None],
    "until_time": ReadOnly[datetime | None], "lacks": ReadOnly[str], "may_change": ReadOnly[bool],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
Indicators = TypedDict("Indicators", {
    "kind": ReadOnly[str], "value": ReadOnly[str], "used_by": ReadOnly[str], "account_ids": ReadOnly[list[str]],
    "event_count": ReadOnly[int], "success_count": ReadOnly[int], "signin_count": ReadOnly[int],
    "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str], "last_eventID": ReadOnly[str | None],
    "last_citation": ReadOnly[str | None]})
IntegrityFindings = TypedDict("IntegrityFindings", {
    "severity": ReadOnly[str], "finding": ReadOnly[str], "title": ReadOnly[str], "account_id": ReadOnly[str | None],
    "region": ReadOnly[str | None], "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None],
    "object_count": ReadOnly[int], "uris": ReadOnly[list[str] | None], "explanation": ReadOnly[str],
    "benign": ReadOnly[str], "impairs": ReadOnly[bool]})
LaterUses = TypedDict("LaterUses", {
    "identity_kind": ReadOnly[str], "identity_name": ReadOnly[str], "made_by": ReadOnly[str],
    "made_account_id": ReadOnly[str | None], "made_region": ReadOnly[str | None], "use": ReadOnly[str],
    "event_count": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "source_ips": ReadOnly[list[str] | None], "calls": ReadOnly[list[str]], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]]})
LaterWrites = TypedDict("LaterWrites", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "actor": ReadOnly[str | None],
    "asked": ReadOnly[str | None], "can_answer": ReadOnly[bool], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
ListedCalls = TypedDict("ListedCalls", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str], "eventName": ReadOnly[str], "result": ReadOnly[str], "action_id": ReadOnly[str],
    "severity": ReadOnly[str], "act": ReadOnly[str], "means": ReadOnly[str], "category": ReadOnly[str],
    "costs": ReadOnly[str | None], "exposes": ReadOnly[str | None], "policy_effect": ReadOnly[str | None],
    "certainty": ReadOnly[str], "listed": ReadOnly[bool], "errorCode": ReadOnly[str | None],
    "actor": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None], "requestParameters": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
LoadFilters = TypedDict("LoadFilters", {"filters": ReadOnly[str], "without_region": ReadOnly[bool]})
LogIntegrity = TypedDict("LogIntegrity", {
    "kind": ReadOnly[str | None], "verdict": ReadOnly[str | None], "object_count": ReadOnly[int]})
LoggingImpairment = TypedDict("LoggingImpairment", {
    "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None],
    "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None], "control": ReadOnly[str],
    "entity": ReadOnly[str | None], "part": ReadOnly[str | None], "impairment": ReadOnly[str | None],
    "certainty": ReadOnly[str], "result": ReadOnly[str], "eventName": ReadOnly[str],
    "errorCode": ReadOnly[str | None], "actor": ReadOnly[str | None], "by_root": ReadOnly[bool],
    "by_descendant": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int], "restored_by": ReadOnly[str | None], "restored_eventID": ReadOnly[str | None],
    "restored_citation": ReadOnly[str | None]})
ManifestEvidence = TypedDict("ManifestEvidence", {
    "evidence_id": ReadOnly[int], "archive_id": ReadOnly[int | None], "uri": ReadOnly[str],
    "size_bytes": ReadOnly[int | None], "sha256": ReadOnly[str | None], "etag": ReadOnly[str | None],
    "version_id": ReadOnly[str | None], "modified_time": ReadOnly[str | None], "status": ReadOnly[str],
    "verdict": ReadOnly[str | None], "reason": ReadOnly[str | None], "s3_metadata": ReadOnly[str | None]})
NamedAccounts = TypedDict("NamedAccounts", {"id": ReadOnly[str | None]})
NoiseByService = TypedDict("NoiseByService", {
    "account_id": ReadOnly[str | None], "origin": ReadOnly[str], "service": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "event_count": ReadOnly[int],
    "cis_match_count": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str]})
NoiseLikePeople = TypedDict("NoiseLikePeople", {
    "eventTime": ReadOnly[datetime | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
Notes = TypedDict("Notes", {
    "note_id": ReadOnly[int], "noted_time": ReadOnly[datetime | None], "tag": ReadOnly[str | None],
    "text": ReadOnly[str], "author": ReadOnly[str], "written_time": ReadOnly[datetime],
    "account_id": ReadOnly[str | None], "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int | None], "record_index": ReadOnly[int | None]})
OrganizationAccounts = TypedDict("OrganizationAccounts", {
    "account_id": ReadOnly[str], "account_role": ReadOnly[str], "because": ReadOnly[list[str]],
    "eventIDs": ReadOnly[list[str]], "citations": ReadOnly[list[str]]})
OrganizationTrailAccounts = TypedDict("OrganizationTrailAccounts", {"account_id": ReadOnly[str | None]})
Originals = TypedDict("Originals", {
    "eventID": ReadOnly[str], "size_bytes": ReadOnly[int], "problem": ReadOnly[str], "record": ReadOnly[str]})
OtherActs = TypedDict("OtherActs", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "result": ReadOnly[str], "severity": ReadOnly[str],
    "act": ReadOnly[str | None], "category": ReadOnly[str], "errorCode": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "requestParameters": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
OwnershipChanges = TypedDict("OwnershipChanges", {
    "eventTime": ReadOnly[datetime | None], "ordered_in": ReadOnly[str | None], "account_id": ReadOnly[str | None],
    "eventName": ReadOnly[str], "actor": ReadOnly[str | None], "from_time": ReadOnly[datetime | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
PermissionChanges = TypedDict("PermissionChanges", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "eventName": ReadOnly[str],
    "policy_effect": ReadOnly[str | None], "policy_arn": ReadOnly[str | None], "is_default": ReadOnly[bool | None],
    "group_name": ReadOnly[str | None], "user_name": ReadOnly[str | None], "role_name": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
PolicyRequests = TypedDict("PolicyRequests", {
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "asked": ReadOnly[str | None],
    "own_account": ReadOnly[str | None]})
Posture = TypedDict("Posture", {
    "account_id": ReadOnly[str], "control_id": ReadOnly[str], "title": ReadOnly[str], "severity": ReadOnly[str],
    "answer": ReadOnly[str], "why": ReadOnly[str], "exposure": ReadOnly[str], "missing": ReadOnly[list[str]],
    "answers": ReadOnly[list[str]], "answered_time": ReadOnly[datetime | None], "checked_time": ReadOnly[datetime],
    "checked_by": ReadOnly[str], "caller": ReadOnly[str | None], "remedy": ReadOnly[str]})
PostureFindings = TypedDict("PostureFindings", {
    "severity": ReadOnly[str | None], "standing": ReadOnly[str], "finding": ReadOnly[str],
    "title": ReadOnly[str | None], "account_id": ReadOnly[str], "from_time": ReadOnly[datetime | None],
    "until_time": ReadOnly[datetime | None], "why": ReadOnly[str], "explanation": ReadOnly[str | None],
    "benign": ReadOnly[str | None], "answers": ReadOnly[list[str]], "eventIDs": ReadOnly[list[str] | None],
    "citations": ReadOnly[list[str] | None]})
PrivilegedSessions = TypedDict("PrivilegedSessions", {
    "eventTime": ReadOnly[datetime | None], "result": ReadOnly[str], "member_account": ReadOnly[str | None],
    "caller_account": ReadOnly[str | None], "opener": ReadOnly[str | None], "task_policy": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "session_id": ReadOnly[str | None],
    "call_count": ReadOnly[int], "write_count": ReadOnly[int], "unknown_count": ReadOnly[int],
    "denied_count": ReadOnly[int], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
ProblemCounts = TypedDict("ProblemCounts", {
    "kind": ReadOnly[str | None], "count": ReadOnly[int], "id_count": ReadOnly[int]})
ReachedCalls = TypedDict("ReachedCalls", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "may_change": ReadOnly[bool],
    "asked": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
ReadRegions = TypedDict("ReadRegions", {
    "account_id": ReadOnly[str | None], "region": ReadOnly[str], "filters": ReadOnly[str]})
RegionSilences = TypedDict("RegionSilences", {
    "account_id": ReadOnly[str], "region": ReadOnly[str], "usual_hours": ReadOnly[int | None],
    "known_time": ReadOnly[datetime], "from_time": ReadOnly[datetime | None], "until_time": ReadOnly[datetime | None]})
RootActions = TypedDict("RootActions", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "severity": ReadOnly[str], "result": ReadOnly[str], "act": ReadOnly[str], "means": ReadOnly[str],
    "matters": ReadOnly[str], "category": ReadOnly[str], "tactic": ReadOnly[str], "techniques": ReadOnly[str],
    "techniques_v18": ReadOnly[str], "undo": ReadOnly[str | None], "root_task": ReadOnly[str | None],
    "needs_root": ReadOnly[str], "action_id": ReadOnly[str], "origin_group": ReadOnly[str],
    "eventSource": ReadOnly[str], "eventName": ReadOnly[str], "errorCode": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None],
    "requestParameters": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
RootActivity = TypedDict("RootActivity", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "origin": ReadOnly[str], "origin_group": ReadOnly[str], "cis_match": ReadOnly[bool | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "readOnly": ReadOnly[bool | None],
    "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "errorMessage": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "userAgent": ReadOnly[str | None], "invokedBy": ReadOnly[str | None],
    "actor": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None], "requestParameters": ReadOnly[str | None],
    "responseElements": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
RootApiCalls = TypedDict("RootApiCalls", {
    "account_id": ReadOnly[str | None], "key_kind": ReadOnly[str], "accessKeyId": ReadOnly[str],
    "event_count": ReadOnly[int], "write_count": ReadOnly[int], "write_unknown_count": ReadOnly[int],
    "error_count": ReadOnly[int], "ip_count": ReadOnly[int], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None], "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str]})
RootByIp = TypedDict("RootByIp", {
    "account_id": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None], "event_count": ReadOnly[int],
    "signin_count": ReadOnly[int], "write_count": ReadOnly[int], "write_unknown_count": ReadOnly[int],
    "error_count": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str]})
RootByUserAgent = TypedDict("RootByUserAgent", {
    "account_id": ReadOnly[str | None], "userAgent": ReadOnly[str | None], "event_count": ReadOnly[int],
    "signin_count": ReadOnly[int], "write_count": ReadOnly[int], "write_unknown_count": ReadOnly[int],
    "error_count": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str]})
RootCredentialChanges = TypedDict("RootCredentialChanges", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "credential_kind": ReadOnly[str],
    "change": ReadOnly[str], "credential": ReadOnly[str | None], "outcome": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "origin": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
RootErrors = TypedDict("RootErrors", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "errorCode": ReadOnly[str | None],
    "errorMessage": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "accessKeyId": ReadOnly[str | None], "requestParameters": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
RootEventCounts = TypedDict("RootEventCounts", {"origin_group": ReadOnly[str], "n": ReadOnly[int]})
RootEvents = TypedDict("RootEvents", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "origin": ReadOnly[str], "origin_group": ReadOnly[str], "cis_match": ReadOnly[bool | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "readOnly": ReadOnly[bool | None],
    "errorCode": ReadOnly[str | None], "errorMessage": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "userAgent": ReadOnly[str | None], "invokedBy": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None],
    "requestParameters": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
RootFirstLast = TypedDict("RootFirstLast", {
    "account_id": ReadOnly[str | None], "event_count": ReadOnly[int], "first_time": ReadOnly[datetime],
    "first_eventName": ReadOnly[str | None], "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str],
    "last_time": ReadOnly[datetime], "last_eventName": ReadOnly[str | None], "last_eventID": ReadOnly[str | None],
    "last_citation": ReadOnly[str], "case_first_time": ReadOnly[datetime | None],
    "case_last_time": ReadOnly[datetime | None]})
RootNoise = TypedDict("RootNoise", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "origin": ReadOnly[str], "origin_group": ReadOnly[str], "cis_match": ReadOnly[bool | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "readOnly": ReadOnly[bool | None],
    "errorCode": ReadOnly[str | None], "errorMessage": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "userAgent": ReadOnly[str | None], "invokedBy": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None],
    "requestParameters": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
RootSessionEvents = TypedDict("RootSessionEvents", {
    "eventTime": ReadOnly[datetime | None], "session_id": ReadOnly[str | None], "session_kind": ReadOnly[str | None],
    "session_missing": ReadOnly[str | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "origin_group": ReadOnly[str],
    "origin": ReadOnly[str], "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None],
    "readOnly": ReadOnly[bool | None], "is_write": ReadOnly[bool | None], "sourceIPAddress": ReadOnly[str | None],
    "userAgent": ReadOnly[str | None], "accessKeyId": ReadOnly[str], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
RootSessions = TypedDict("RootSessions", {
    "session_id": ReadOnly[str], "account_id": ReadOnly[str | None], "session_kind": ReadOnly[str],
    "opened_time": ReadOnly[datetime | None], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None], "duration_seconds": ReadOnly[int | None],
    "mfa_used": ReadOnly[bool | None], "event_count": ReadOnly[int], "sign_in_count": ReadOnly[int],
    "read_count": ReadOnly[int], "write_count": ReadOnly[int], "unknown_count": ReadOnly[int],
    "denied_count": ReadOnly[int], "failed_count": ReadOnly[int], "ip_count": ReadOnly[int],
    "source_ips": ReadOnly[list[str] | None], "user_agent_count": ReadOnly[int],
    "user_agents": ReadOnly[list[str] | None], "overlaps": ReadOnly[list[str] | None],
    "access_keys": ReadOnly[list[str] | None], "services": ReadOnly[list[str] | None],
    "regions": ReadOnly[list[str] | None], "opener": ReadOnly[str | None], "task_policy": ReadOnly[str | None],
    "opener_mfa": ReadOnly[bool | None], "opener_eventID": ReadOnly[str | None],
    "opener_citation": ReadOnly[str | None], "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str],
    "last_eventID": ReadOnly[str | None], "last_citation": ReadOnly[str]})
RootSignins = TypedDict("RootSignins", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "signin_kind": ReadOnly[str], "outcome": ReadOnly[str | None],
    "mfa_used": ReadOnly[bool | None], "mfa_kind": ReadOnly[str | None], "mfa_identifier": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "ip_seen_before": ReadOnly[bool], "ip_failed_before": ReadOnly[bool],
    "userAgent": ReadOnly[str | None], "agent_seen_before": ReadOnly[bool], "failures_before": ReadOnly[int],
    "failures_elsewhere": ReadOnly[int], "recoveries_before": ReadOnly[int],
    "recovery_requests_before": ReadOnly[int], "login_to": ReadOnly[str | None], "login_flow": ReadOnly[str | None],
    "errorMessage": ReadOnly[str | None], "actor": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
RootSummary = TypedDict("RootSummary", {
    "account_id": ReadOnly[str | None], "origin_group": ReadOnly[str], "origin": ReadOnly[str],
    "event_count": ReadOnly[int], "cis_match_count": ReadOnly[int], "cis_unknown_count": ReadOnly[int],
    "write_count": ReadOnly[int], "write_unknown_count": ReadOnly[int], "error_count": ReadOnly[int],
    "ip_count": ReadOnly[int], "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None]})
RootTasks = TypedDict("RootTasks", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "account_role": ReadOnly[str | None],
    "session_id": ReadOnly[str | None], "session_kind": ReadOnly[str | None], "opener": ReadOnly[str | None],
    "task_policy": ReadOnly[str | None], "mark": ReadOnly[str], "task": ReadOnly[str | None],
    "means": ReadOnly[str | None], "other_way": ReadOnly[str | None], "result": ReadOnly[str],
    "severity": ReadOnly[str | None], "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None],
    "awsRegion": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "action_id": ReadOnly[str | None],
    "source": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
RootTimeline = TypedDict("RootTimeline", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "origin_group": ReadOnly[str], "origin": ReadOnly[str | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None],
    "errorMessage": ReadOnly[str | None], "readOnly": ReadOnly[bool | None], "is_write": ReadOnly[bool | None],
    "mfa": ReadOnly[str | None], "actor": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "userAgent": ReadOnly[str | None],
    "requestParameters": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int], "uri": ReadOnly[str], "integrity_verdict": ReadOnly[str | None]})
RootTimelineFolded = TypedDict("RootTimelineFolded", {
    "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "account_id": ReadOnly[str | None], "session_id": ReadOnly[str | None], "line_kind": ReadOnly[str],
    "what": ReadOnly[str | None], "event_count": ReadOnly[int], "eventNames": ReadOnly[list[str] | None],
    "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "services": ReadOnly[list[str] | None],
    "regions": ReadOnly[list[str] | None], "source_ips": ReadOnly[list[str] | None], "eventIDs": ReadOnly[list[str]],
    "first_citation": ReadOnly[str], "citations": ReadOnly[list[str]]})
RootUnlisted = TypedDict("RootUnlisted", {
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "write_count": ReadOnly[int],
    "write_unknown_count": ReadOnly[int], "event_count": ReadOnly[int], "error_count": ReadOnly[int],
    "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None],
    "first_eventID": ReadOnly[str | None], "first_citation": ReadOnly[str]})
RootWrites = TypedDict("RootWrites", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "readOnly": ReadOnly[bool | None],
    "outcome": ReadOnly[str | None], "errorCode": ReadOnly[str | None], "errorMessage": ReadOnly[str | None],
    "sourceIPAddress": ReadOnly[str | None], "accessKeyId": ReadOnly[str | None],
    "requestParameters": ReadOnly[str | None], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
Rotate = TypedDict("Rotate", {
    "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None], "kind": ReadOnly[str | None],
    "name": ReadOnly[str | None], "standing": ReadOnly[str], "reason": ReadOnly[str | None],
    "action": ReadOnly[str | None], "event_count": ReadOnly[int], "first_time": ReadOnly[datetime | None],
    "last_time": ReadOnly[datetime | None], "actors": ReadOnly[list[str] | None], "eventIDs": ReadOnly[list[str]],
    "citations": ReadOnly[list[str]]})
ServiceActions = TypedDict("ServiceActions", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "service": ReadOnly[str | None],
    "hand": ReadOnly[str], "does_anything": ReadOnly[bool], "result": ReadOnly[str], "severity": ReadOnly[str | None],
    "act": ReadOnly[str | None], "means": ReadOnly[str | None], "category": ReadOnly[str | None],
    "action_id": ReadOnly[str | None], "costs": ReadOnly[str | None], "exposes": ReadOnly[str | None],
    "listed": ReadOnly[bool]})
ServiceActivity = TypedDict("ServiceActivity", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "service": ReadOnly[str | None],
    "hand": ReadOnly[str], "does_anything": ReadOnly[bool], "outcome": ReadOnly[str | None],
    "errorCode": ReadOnly[str | None], "errorMessage": ReadOnly[str | None], "actor": ReadOnly[str | None],
    "accessKeyId": ReadOnly[str | None], "sourceIPAddress": ReadOnly[str | None],
    "requestParameters": ReadOnly[str | None], "responseElements": ReadOnly[str | None],
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
ServiceFindings = TypedDict("ServiceFindings", {
    "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None], "service": ReadOnly[str],
    "kind": ReadOnly[str | None], "severity": ReadOnly[str], "status": ReadOnly[str | None],
    "account_id": ReadOnly[str], "region": ReadOnly[str], "title": ReadOnly[str | None],
    "resource": ReadOnly[str | None], "citation": ReadOnly[str]})
ServiceRoleCalls = TypedDict("ServiceRoleCalls", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "function": ReadOnly[str | None],
    "roles": ReadOnly[list[str] | None]})
ServiceRoleWriters = TypedDict("ServiceRoleWriters", {
    "account_id": ReadOnly[str | None], "role": ReadOnly[str], "function": ReadOnly[str | None],
    "of_stacks": ReadOnly[bool], "service": ReadOnly[str | None], "told": ReadOnly[bool],
    "of_stack_sets": ReadOnly[bool], "wrote_time": ReadOnly[datetime | None], "begun_time": ReadOnly[datetime | None]})
ServiceStartedInstances = TypedDict("ServiceStartedInstances", {
    "account_id": ReadOnly[str | None], "awsRegion": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None],
    "instance": ReadOnly[str | None], "group_name": ReadOnly[str | None]})
SessionFindings = TypedDict("SessionFindings", {
    "session_id": ReadOnly[str], "account_id": ReadOnly[str | None], "session_kind": ReadOnly[str],
    "first_time": ReadOnly[datetime | None], "last_time": ReadOnly[datetime | None], "finding_count": ReadOnly[int],
    "worst": ReadOnly[str | None], "findings": ReadOnly[list[str] | None], "eventIDs": ReadOnly[list[str] | None],
    "citations": ReadOnly[list[str] | None]})
SettingCalls = TypedDict("SettingCalls", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "recorded_in": ReadOnly[str | None],
    "call": ReadOnly[str | None], "request": ReadOnly[str | None], "own_name": ReadOnly[str | None],
    "made_by": ReadOnly[str], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
SharedEventIds = TypedDict("SharedEventIds", {"eventID": ReadOnly[str]})
SourceAddresses = TypedDict("SourceAddresses", {"found": ReadOnly[str]})
StatusCounts = TypedDict("StatusCounts", {"status": ReadOnly[str], "n": ReadOnly[int]})
Story = TypedDict("Story", {
    "level": ReadOnly[str], "text": ReadOnly[str], "eventIDs": ReadOnly[list[str]], "citations": ReadOnly[list[str]],
    "detail": ReadOnly[bool], "mark": ReadOnly[str | None]})
SummaryCounts = TypedDict("SummaryCounts", {"kind": ReadOnly[str], "count": ReadOnly[int]})
TrailCalls = TypedDict("TrailCalls", {
    "eventName": ReadOnly[str], "eventTime": ReadOnly[datetime | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "account_id": ReadOnly[str | None],
    "awsRegion": ReadOnly[str | None], "outcome": ReadOnly[str | None], "actor": ReadOnly[str | None],
    "trail": ReadOnly[str | None], "ends_chain": ReadOnly[bool], "is_unproven": ReadOnly[bool]})
TrailSettings = TypedDict("TrailSettings", {
    "eventTime": ReadOnly[datetime | None], "account_id": ReadOnly[str | None], "home": ReadOnly[str | None],
    "trail": ReadOnly[str], "s3BucketName": ReadOnly[str | None], "s3KeyPrefix": ReadOnly[str | None],
    "snsTopicName": ReadOnly[str | None], "cloudWatchLogsLogGroupArn": ReadOnly[str | None],
    "cloudWatchLogsRoleArn": ReadOnly[str | None], "kmsKeyId": ReadOnly[str | None],
    "isMultiRegionTrail": ReadOnly[bool | None], "includeGlobalServiceEvents": ReadOnly[bool | None],
    "isOrganizationTrail": ReadOnly[bool | None], "enableLogFileValidation": ReadOnly[bool | None],
    "eventName": ReadOnly[str], "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int],
    "record_index": ReadOnly[int]})
UnattributedEvents = TypedDict("UnattributedEvents", {
    "account_id": ReadOnly[str | None], "uri": ReadOnly[str], "evidence_id": ReadOnly[int],
    "event_count": ReadOnly[int]})
UnlistedCalls = TypedDict("UnlistedCalls", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "eventSource": ReadOnly[str | None],
    "eventName": ReadOnly[str | None], "result": ReadOnly[str], "certainty": ReadOnly[str], "listed": ReadOnly[bool],
    "costs": ReadOnly[str | None], "exposes": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
UnnamedCalls = TypedDict("UnnamedCalls", {
    "eventID": ReadOnly[str | None], "evidence_id": ReadOnly[int], "record_index": ReadOnly[int]})
UnreadAccounts = TypedDict("UnreadAccounts", {"account_id": ReadOnly[str | None]})
UnreadEvidence = TypedDict("UnreadEvidence", {
    "evidence_id": ReadOnly[int], "account_id": ReadOnly[str | None], "region": ReadOnly[str | None],
    "delivery_time": ReadOnly[datetime | None], "problem": ReadOnly[str | None]})
UnrecordedOutcomes = TypedDict("UnrecordedOutcomes", {
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "is_unknown": ReadOnly[bool],
    "is_inferred": ReadOnly[bool]})
UnsearchedFilters = TypedDict("UnsearchedFilters", {"filters": ReadOnly[str], "object_count": ReadOnly[int]})
UntracedCalls = TypedDict("UntracedCalls", {
    "account_id": ReadOnly[str | None], "eventTime": ReadOnly[datetime | None], "awsRegion": ReadOnly[str | None],
    "eventSource": ReadOnly[str | None], "eventName": ReadOnly[str | None], "eventID": ReadOnly[str | None],
    "evidence_id": ReadOnly[int], "record_index": ReadOnly[int], "tells": ReadOnly[bool | None]})
UntracedWriters = TypedDict("UntracedWriters", {
    "account_id": ReadOnly[str | None], "kind": ReadOnly[str], "session": ReadOnly[str],
    "last_time": ReadOnly[datetime | None]})
Verdict = TypedDict("Verdict", {
    "account_id": ReadOnly[str], "question": ReadOnly[str], "answer": ReadOnly[str], "because": ReadOnly[str],
    "missing": ReadOnly[list[str]], "eventIDs": ReadOnly[list[str]], "citations": ReadOnly[list[str]],
    "name": ReadOnly[str]})
