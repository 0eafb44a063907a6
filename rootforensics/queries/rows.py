"""The rows of each question and table, by columns. Written by `make docs`; change the headers of questions instead.

Modules that only name types take this one as ``of``: ``list[of.RootTimeline]``. It is never imported to run.
"""
# ruff: noqa: UP013 - one line a column would be twelve hundred

from typing import TypedDict

from rootforensics.queries.shapes import *  # noqa: F403
from rootforensics.queries.shapes import Fraction, Number, Text, Texts, Time, Truth

# fmt: off
AccountActors = TypedDict("AccountActors", {
    "account_id": Text, "low": Text, "high": Text, "event_count": Number, "has_reads": Truth})
AccountIds = TypedDict("AccountIds", {"found": Text})
AccountTrailDeliveries = TypedDict("AccountTrailDeliveries", {"account_id": Text, "last_time": Time})
Actions = TypedDict("Actions", {
    "action_id": Text, "eventSource": Text, "eventName": Text, "condition": Text, "condition_count": Number,
    "means": Text, "attempt_means": Text, "matters": Text, "severity": Text, "attempt_severity": Text, "tactic": Text,
    "techniques": Text, "tactic_v18": Text, "techniques_v18": Text, "category": Text, "undo": Text,
    "undo_command": Text, "root_task": Text, "needs_root": Text, "costs": Text, "exposes": Text, "sources": Text})
ActionsTable = TypedDict("ActionsTable", {
    "action_id": Text, "call_source": Text, "call_name": Text, "condition": Text, "condition_count": Number,
    "means": Text, "attempt_means": Text, "matters": Text, "severity": Text, "attempt_severity": Text, "tactic": Text,
    "techniques": Text, "tactic_v18": Text, "techniques_v18": Text, "category": Text, "undo": Text,
    "undo_command": Text, "root_task": Text, "needs_root": Text, "of_root": Truth, "costs": Text, "exposes": Text,
    "control": Text, "impairment": Text, "part": Text, "sources": Text, "makes": Text, "made_at": Text})
Addenda = TypedDict("Addenda", {
    "eventTime": Time, "account_id": Text, "eventSource": Text, "eventName": Text, "errorCode": Text, "state": Text,
    "reason": Text, "updated_fields": Text, "actor": Text, "original_eventID": Text, "original_requestID": Text,
    "by_eventID": Text, "by_place": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
AlarmActs = TypedDict("AlarmActs", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "origin": Text, "eventName": Text, "fate": Text,
    "unmet": Text, "alarm_time": Time, "minutes_to_alarm": Fraction, "fired": Truth, "eventID": Text,
    "evidence_id": Number, "record_index": Number})
AlarmAlarms = TypedDict("AlarmAlarms", {
    "account_id": Text, "awsRegion": Text, "alarm_time": Time, "clear_time": Time, "event_count": Number,
    "act_count": Number, "first_event_time": Time, "first_event_name": Text, "first_eventID": Text,
    "evidence_id": Number, "record_index": Number})
AlarmDelays = TypedDict("AlarmDelays", {
    "account_id": Text, "awsRegion": Text, "first_act_time": Time, "first_act_name": Text, "first_act_eventID": Text,
    "first_act_citation": Text, "alarm_time": Time, "minutes_to_alarm": Fraction, "fired": Truth,
    "first_shown_eventID": Text, "first_shown_citation": Text, "act_count": Number, "shown_count": Number,
    "never_shown_count": Number})
AlarmUnneeded = TypedDict("AlarmUnneeded", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "origin": Text, "eventName": Text, "fate": Text,
    "unmet": Text, "alarm_time": Time, "minutes_to_alarm": Fraction, "fired": Truth, "eventID": Text,
    "evidence_id": Number, "record_index": Number})
Approvals = TypedDict("Approvals", {
    "about": Text, "ticket": Text, "account_id": Text, "subject": Text, "verdict": Text, "first_time": Time,
    "last_time": Time, "detail": Text, "event_ids": Texts, "citations": Texts})
AwsAnswers = TypedDict("AwsAnswers", {
    "answer_id": Number, "citation": Text, "call": Text, "account_id": Text, "region": Text, "argument": Text,
    "asked_time": Time, "file": Text, "code": Text, "message": Text, "body": Text, "check_id": Number})
AwsRegions = TypedDict("AwsRegions", {
    "partition": Text, "prefix": Text, "region": Text, "records_iam": Truth, "records_sign_in": Truth})
BlastRadius = TypedDict("BlastRadius", {
    "first_time": Time, "depth": Number, "account_id": Text, "awsRegion": Text, "entity_kind": Text,
    "entity_name": Text, "current_name": Text, "effect": Text, "actor": Text, "certainty": Text, "eventName": Text,
    "detail": Text, "trusts": Text, "action_count": Number, "severity": Text, "state": Text, "still_open": Truth,
    "accepted": Text, "ended_by": Text, "ended_time": Time, "use_count": Number, "use_write_count": Number,
    "use_write_unknown_count": Number, "first_use_time": Time, "last_use_time": Time, "use_source_ips": Texts,
    "first_use_eventID": Text, "first_use_citation": Text, "eventID": Text, "citation": Text, "ended_eventID": Text,
    "ended_citation": Text, "eventIDs": Texts, "citations": Texts, "root_accounts": Texts})
Brief = TypedDict("Brief", {
    "section": Text, "level": Text, "text": Text, "command": Text, "eventIDs": Texts, "citations": Texts})
CallsFromAccounts = TypedDict("CallsFromAccounts", {
    "account_id": Text, "caller_account_id": Text, "use": Text, "event_count": Number, "first_time": Time,
    "last_time": Time, "source_ips": Texts, "calls": Texts, "eventIDs": Texts, "citations": Texts})
CaseHead = TypedDict("CaseHead", {"name": Text, "content": Text})
CaseTotals = TypedDict("CaseTotals", {
    "events": Number, "copies": Number, "superseded": Number, "filtered": Number, "rejected": Number,
    "first_time": Time, "last_time": Time, "notes": Number})
CisFilterMisses = TypedDict("CisFilterMisses", {"evidence_id": Number, "record_index": Number, "cis_match": Truth})
CitedEvents = TypedDict("CitedEvents", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text, "eventName": Text,
    "errorCode": Text, "actor": Text, "eventID": Text, "evidence_id": Number, "record_index": Number,
    "integrity_verdict": Text})
CloudtrailSummaries = TypedDict("CloudtrailSummaries", {
    "kind": Text, "account_id": Text, "awsRegion": Text, "from_time": Time, "until_time": Time, "state": Text,
    "insight_type": Text, "service": Text, "name": Text, "error_code": Text, "details": Text, "sharedEventID": Text,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
Contained = TypedDict("Contained", {
    "account_id": Text, "entity_kind": Text, "entity_name": Text, "answer": Text, "because": Text, "missing": Texts,
    "accepted": Text, "since_time": Time, "until_time": Time, "before_time": Time, "used_count": Number,
    "refused_count": Number, "accepted_count": Number, "unclear_count": Number, "eventIDs": Texts, "citations": Texts})
Containment = TypedDict("Containment", {
    "account_id": Text, "what": Text, "why": Text, "command": Text, "eventID": Text, "citation": Text})
ContinuedRecording = TypedDict("ContinuedRecording", {
    "account_id": Text, "region": Text, "is_history": Truth, "since": Number, "until": Number, "source": Text,
    "quiet_hours": Fraction, "hour_count": Number, "is_both": Truth})
CostlyCalls = TypedDict("CostlyCalls", {
    "eventTime": Time, "from_time": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text,
    "eventName": Text, "actor": Text, "listed": Truth, "result": Text, "costs": Text, "exposes": Text,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
Coverage = TypedDict("Coverage", {
    "account_id": Text, "awsRegion": Text, "event_count": Number, "root_count": Number, "first_time": Time,
    "last_time": Time})
CoverageByHour = TypedDict("CoverageByHour", {"account_id": Text, "region": Text, "hour_time": Time, "state": Text})
CoverageGaps = TypedDict("CoverageGaps", {
    "kind": Text, "account_id": Text, "region": Text, "from_time": Time, "until_time": Time, "object_count": Number,
    "uri": Text, "evidence_id": Number})
CoverageSpans = TypedDict("CoverageSpans", {
    "account_id": Text, "region": Text, "state": Text, "from_time": Time, "until_time": Time, "hour_count": Number,
    "event_count": Number})
CreatedIdentityArns = TypedDict("CreatedIdentityArns", {"evidence_id": Number, "record_index": Number, "arn": Text})
CrossAccountActions = TypedDict("CrossAccountActions", {
    "evidence_id": Number, "record_index": Number, "root_account_id": Text, "certainty": Text, "is_across": Truth})
CrossAccountRootEvents = TypedDict("CrossAccountRootEvents", {
    "evidence_id": Number, "record_index": Number, "root_account_id": Text})
CrossAccountSessions = TypedDict("CrossAccountSessions", {
    "account_id": Text, "eventTime": Time, "eventName": Text, "eventID": Text, "evidence_id": Number,
    "record_index": Number, "entered": Text})
Custody = TypedDict("Custody", {
    "custody_id": Number, "acted_time": Time, "user_name": Text, "host_name": Text, "command": Text, "tool": Text,
    "parameters": Text, "row_counts": Text, "evidence_sha256_before": Text, "evidence_sha256": Text,
    "previous_sha256": Text, "sha256": Text})
CustodyHead = TypedDict("CustodyHead", {"custody_id": Number, "acted_time": Time, "sha256": Text})
Delegates = TypedDict("Delegates", {"account_id": Text, "delegate_account_id": Text, "certainty": Text})
DescendantActions = TypedDict("DescendantActions", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text, "eventName": Text,
    "readOnly": Truth, "outcome": Text, "errorCode": Text, "errorMessage": Text, "actor": Text, "accessKeyId": Text,
    "sourceIPAddress": Text, "identity_kind": Text, "identity_name": Text, "made_by": Text, "made_account_id": Text,
    "made_region": Text, "made_evidence_id": Number, "made_record_index": Number, "generation": Number,
    "certainty": Text, "root_account_ids": Texts, "requestParameters": Text, "responseElements": Text,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
DescendantUse = TypedDict("DescendantUse", {
    "identity_kind": Text, "identity_name": Text, "made_by": Text, "made_account_id": Text, "made_region": Text,
    "made_evidence_id": Number, "made_record_index": Number, "event_count": Number, "write_count": Number,
    "write_unknown_count": Number, "error_count": Number, "first_time": Time, "last_time": Time, "source_ips": Texts,
    "first_eventID": Text, "first_citation": Text, "last_eventID": Text, "last_citation": Text})
DigestBreaks = TypedDict("DigestBreaks", {
    "cause": Text, "account_id": Text, "region": Text, "trail": Text, "is_backfill": Truth, "from_time": Time,
    "until_time": Time, "reason": Text, "has_stop": Truth})
DisprovedLogs = TypedDict("DisprovedLogs", {"evidence_id": Number, "verdict": Text})
DoubtfulEvent = TypedDict("DoubtfulEvent", {"is_held": Truth})
Duplicates = TypedDict("Duplicates", {
    "eventID": Text, "evidence_id": Number, "record_index": Number, "kept_evidence_id": Number,
    "kept_record_index": Number})
EnabledRegions = TypedDict("EnabledRegions", {"account_id": Text, "region": Text})
Entries = TypedDict("Entries", {
    "account_id": Text, "eventTime": Time, "entry_kind": Text, "credential": Text, "session_id": Text,
    "sourceIPAddress": Text, "recovered": Truth, "guessed": Truth, "at_once": Truth, "without_mfa": Truth,
    "had_mfa": Truth, "by_key": Truth, "by_assume_root": Truth, "eventID": Text, "citation": Text})
EventPresence = TypedDict("EventPresence", {"is_held": Truth})
EventSelectorChanges = TypedDict("EventSelectorChanges", {"keeps": Text, "evidence_id": Number, "record_index": Number})
EventTotals = TypedDict("EventTotals", {
    "total": Number, "calls": Number, "insights": Number, "aggregated": Number, "superseded": Number,
    "duplicates": Number, "filtered": Number, "rejected": Number, "without_time": Number, "first_time": Time,
    "last_time": Time})
EventsByCategory = TypedDict("EventsByCategory", {
    "eventCategory": Text, "eventType": Text, "event_count": Number, "call_count": Number, "first_time": Time,
    "last_time": Time})
EventsByHour = TypedDict("EventsByHour", {
    "hour_time": Time, "account_id": Text, "event_count": Number, "activity_count": Number, "noise_count": Number})
EventsByService = TypedDict("EventsByService", {
    "eventSource": Text, "event_count": Number, "error_count": Number, "activity_count": Number,
    "noise_count": Number, "first_time": Time, "last_time": Time})
Evidence = TypedDict("Evidence", {
    "evidence_id": Number, "archive_id": Number, "status": Text, "uri": Text, "size_bytes": Number, "sha256": Text,
    "compression": Text, "framing": Text, "container": Text, "member_count": Number, "record_count": Number,
    "event_count": Number, "duplicate_count": Number, "filtered_count": Number, "rejected_count": Number,
    "first_time": Time, "last_time": Time, "problem": Text, "filters": Text, "integrity_verdict": Text})
EvidenceCopies = TypedDict("EvidenceCopies", {"evidence_id": Number, "sha256": Text, "uris": Texts})
EvidenceDigest = TypedDict("EvidenceDigest", {
    "object_count": Number, "unread_count": Number, "size_bytes": Number, "sha256": Text})
EvidenceProblems = TypedDict("EvidenceProblems", {
    "kind": Text, "evidence_id": Number, "record_index": Number, "uri": Text, "eventID": Text, "problem": Text})
EvidenceWithoutRequests = TypedDict("EvidenceWithoutRequests", {"evidence_id": Number})
FederatedUsers = TypedDict("FederatedUsers", {"actor": Text, "account_id": Text, "user_name": Text})
FilteredEvents = TypedDict("FilteredEvents", {"filters": Text, "filtered_count": Number, "is_counted": Truth})
Findings = TypedDict("Findings", {
    "severity": Text, "result": Text, "finding": Text, "title": Text, "account_id": Text, "certainty": Text,
    "first_time": Time, "last_time": Time, "event_count": Number, "actors": Texts, "session_ids": Texts,
    "explanation": Text, "benign": Text, "techniques": Text, "undo": Text, "eventIDs": Texts, "citations": Texts})
FollowedIdentities = TypedDict("FollowedIdentities", {
    "identity_kind": Text, "identity_name": Text, "made_by": Text, "made_account_id": Text, "made_region": Text,
    "made_evidence_id": Number, "made_record_index": Number})
FormerWrites = TypedDict("FormerWrites", {
    "evidence_id": Number, "record_index": Number, "eventName": Text, "eventTime": Time, "eventID": Text,
    "former_citation": Text})
Hypotheses = TypedDict("Hypotheses", {
    "account_id": Text, "hypothesis": Text, "standing": Text, "speaks_for": Texts, "speaks_against": Texts,
    "approved": Texts, "missing": Texts, "outside": Text, "eventIDs": Texts, "citations": Texts})
Identities = TypedDict("Identities", {
    "identity_kind": Text, "identity_name": Text, "account_id": Text, "severity": Text, "action_count": Number,
    "success_count": Number, "failed_count": Number, "by_service_count": Number, "name_count": Number,
    "actions": Texts, "first_time": Time, "last_time": Time, "source_ips": Texts, "access_keys": Texts,
    "sessions": Texts, "opened_by": Texts, "made": Texts, "root_ips": Texts, "root_network_ips": Texts,
    "root_user_agents": Texts, "shared_count": Number, "eventID": Text, "evidence_id": Number, "record_index": Number})
IdentityActions = TypedDict("IdentityActions", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text, "eventName": Text,
    "readOnly": Truth, "outcome": Text, "errorCode": Text, "errorMessage": Text, "actor": Text, "identity_type": Text,
    "accessKeyId": Text, "user": Text, "role": Text, "instance": Text, "sourceIPAddress": Text,
    "requestParameters": Text, "responseElements": Text, "serviceEventDetails": Text, "eventID": Text,
    "evidence_id": Number, "record_index": Number})
IncidentSpans = TypedDict("IncidentSpans", {"account_id": Text, "first_time": Time, "last_time": Time})
IncidentTimeline = TypedDict("IncidentTimeline", {
    "from_time": Time, "until_time": Time, "account_id": Text, "line_type": Text, "kind": Text, "severity": Text,
    "text": Text, "actor": Text, "session_id": Text, "source_ips": Texts, "eventIDs": Texts, "citations": Texts,
    "source": Text})
IncompleteEvents = TypedDict("IncompleteEvents", {
    "account_id": Text, "region": Text, "from_time": Time, "until_time": Time, "lacks": Text, "may_change": Truth,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
Indicators = TypedDict("Indicators", {
    "kind": Text, "value": Text, "used_by": Text, "account_ids": Texts, "event_count": Number,
    "success_count": Number, "signin_count": Number, "first_time": Time, "last_time": Time, "first_eventID": Text,
    "first_citation": Text, "last_eventID": Text, "last_citation": Text})
IntegrityFindings = TypedDict("IntegrityFindings", {
    "severity": Text, "finding": Text, "title": Text, "account_id": Text, "region": Text, "from_time": Time,
    "until_time": Time, "object_count": Number, "uris": Texts, "explanation": Text, "benign": Text, "impairs": Truth})
LaterUses = TypedDict("LaterUses", {
    "identity_kind": Text, "identity_name": Text, "made_by": Text, "made_account_id": Text, "made_region": Text,
    "use": Text, "event_count": Number, "first_time": Time, "last_time": Time, "source_ips": Texts, "calls": Texts,
    "eventIDs": Texts, "citations": Texts})
LaterWrites = TypedDict("LaterWrites", {
    "account_id": Text, "eventTime": Time, "awsRegion": Text, "eventSource": Text, "eventName": Text, "actor": Text,
    "asked": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
ListedCalls = TypedDict("ListedCalls", {
    "account_id": Text, "eventTime": Time, "awsRegion": Text, "eventSource": Text, "eventName": Text, "result": Text,
    "action_id": Text, "severity": Text, "means": Text, "category": Text, "costs": Text, "exposes": Text,
    "policy_effect": Text, "certainty": Text, "listed": Truth, "eventID": Text, "evidence_id": Number,
    "record_index": Number})
LoadFilters = TypedDict("LoadFilters", {"filters": Text, "without_region": Truth})
LogIntegrity = TypedDict("LogIntegrity", {"kind": Text, "verdict": Text, "object_count": Number})
LoggingImpairment = TypedDict("LoggingImpairment", {
    "from_time": Time, "until_time": Time, "account_id": Text, "awsRegion": Text, "control": Text, "entity": Text,
    "part": Text, "impairment": Text, "certainty": Text, "result": Text, "eventName": Text, "errorCode": Text,
    "actor": Text, "by_root": Truth, "by_descendant": Text, "eventID": Text, "evidence_id": Number,
    "record_index": Number, "restored_by": Text, "restored_eventID": Text, "restored_citation": Text})
ManifestEvidence = TypedDict("ManifestEvidence", {
    "evidence_id": Number, "archive_id": Number, "uri": Text, "size_bytes": Number, "sha256": Text, "etag": Text,
    "version_id": Text, "modified_time": Text, "status": Text, "verdict": Text, "reason": Text, "s3_metadata": Text})
NamedAccounts = TypedDict("NamedAccounts", {"id": Text})
NoiseByService = TypedDict("NoiseByService", {
    "account_id": Text, "origin": Text, "service": Text, "eventSource": Text, "eventName": Text,
    "event_count": Number, "cis_match_count": Number, "first_time": Time, "last_time": Time, "first_eventID": Text,
    "first_citation": Text})
NoiseLikePeople = TypedDict("NoiseLikePeople", {
    "eventTime": Time, "eventID": Text, "evidence_id": Number, "record_index": Number})
Notes = TypedDict("Notes", {
    "note_id": Number, "noted_time": Time, "tag": Text, "text": Text, "author": Text, "written_time": Time,
    "account_id": Text, "eventSource": Text, "eventName": Text, "eventID": Text, "evidence_id": Number,
    "record_index": Number})
OrganizationAccounts = TypedDict("OrganizationAccounts", {
    "account_id": Text, "account_role": Text, "because": Texts, "eventIDs": Texts, "citations": Texts})
OrganizationTrailAccounts = TypedDict("OrganizationTrailAccounts", {"account_id": Text})
Originals = TypedDict("Originals", {"eventID": Text, "size_bytes": Number, "problem": Text, "record": Text})
OwnershipChanges = TypedDict("OwnershipChanges", {
    "eventTime": Time, "ordered_in": Text, "account_id": Text, "eventName": Text, "actor": Text, "from_time": Time,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
PermissionChanges = TypedDict("PermissionChanges", {
    "eventTime": Time, "account_id": Text, "eventName": Text, "policy_effect": Text, "policy_arn": Text,
    "is_default": Truth, "group_name": Text, "user_name": Text, "role_name": Text, "evidence_id": Number,
    "record_index": Number})
PolicyRequests = TypedDict("PolicyRequests", {
    "evidence_id": Number, "record_index": Number, "asked": Text, "own_account": Text})
Posture = TypedDict("Posture", {
    "account_id": Text, "control_id": Text, "title": Text, "severity": Text, "answer": Text, "why": Text,
    "exposure": Text, "missing": Texts, "answers": Texts, "answered_time": Time, "checked_time": Time,
    "checked_by": Text, "caller": Text, "remedy": Text})
PostureFindings = TypedDict("PostureFindings", {
    "severity": Text, "standing": Text, "finding": Text, "title": Text, "account_id": Text, "from_time": Time,
    "until_time": Time, "why": Text, "explanation": Text, "benign": Text, "answers": Texts, "eventIDs": Texts,
    "citations": Texts})
PrivilegedSessions = TypedDict("PrivilegedSessions", {
    "eventTime": Time, "result": Text, "member_account": Text, "caller_account": Text, "opener": Text,
    "task_policy": Text, "sourceIPAddress": Text, "errorCode": Text, "session_id": Text, "call_count": Number,
    "write_count": Number, "unknown_count": Number, "denied_count": Number, "eventID": Text, "evidence_id": Number,
    "record_index": Number})
ProblemCounts = TypedDict("ProblemCounts", {"kind": Text, "count": Number, "id_count": Number})
ReachedCalls = TypedDict("ReachedCalls", {
    "account_id": Text, "eventTime": Time, "awsRegion": Text, "eventSource": Text, "eventName": Text,
    "may_change": Truth, "asked": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
ReadRegions = TypedDict("ReadRegions", {"account_id": Text, "region": Text, "filters": Text})
RegionSilences = TypedDict("RegionSilences", {
    "account_id": Text, "region": Text, "usual_hours": Number, "known_time": Time, "from_time": Time,
    "until_time": Time})
RootActions = TypedDict("RootActions", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "severity": Text, "result": Text, "means": Text,
    "matters": Text, "category": Text, "tactic": Text, "techniques": Text, "techniques_v18": Text, "undo": Text,
    "root_task": Text, "needs_root": Text, "action_id": Text, "origin_group": Text, "eventSource": Text,
    "eventName": Text, "errorCode": Text, "sourceIPAddress": Text, "accessKeyId": Text, "requestParameters": Text,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
RootActivity = TypedDict("RootActivity", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "origin": Text, "origin_group": Text,
    "cis_match": Truth, "eventSource": Text, "eventName": Text, "readOnly": Truth, "outcome": Text, "errorCode": Text,
    "errorMessage": Text, "sourceIPAddress": Text, "userAgent": Text, "invokedBy": Text, "actor": Text,
    "accessKeyId": Text, "requestParameters": Text, "responseElements": Text, "eventID": Text, "evidence_id": Number,
    "record_index": Number})
RootApiCalls = TypedDict("RootApiCalls", {
    "account_id": Text, "key_kind": Text, "accessKeyId": Text, "event_count": Number, "write_count": Number,
    "write_unknown_count": Number, "error_count": Number, "ip_count": Number, "first_time": Time, "last_time": Time,
    "first_eventID": Text, "first_citation": Text})
RootByIp = TypedDict("RootByIp", {
    "account_id": Text, "sourceIPAddress": Text, "event_count": Number, "signin_count": Number, "write_count": Number,
    "write_unknown_count": Number, "error_count": Number, "first_time": Time, "last_time": Time,
    "first_eventID": Text, "first_citation": Text})
RootByUserAgent = TypedDict("RootByUserAgent", {
    "account_id": Text, "userAgent": Text, "event_count": Number, "signin_count": Number, "write_count": Number,
    "write_unknown_count": Number, "error_count": Number, "first_time": Time, "last_time": Time,
    "first_eventID": Text, "first_citation": Text})
RootCredentialChanges = TypedDict("RootCredentialChanges", {
    "eventTime": Time, "account_id": Text, "credential_kind": Text, "change": Text, "credential": Text,
    "outcome": Text, "eventName": Text, "origin": Text, "sourceIPAddress": Text, "eventID": Text,
    "evidence_id": Number, "record_index": Number})
RootErrors = TypedDict("RootErrors", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text, "eventName": Text,
    "errorCode": Text, "errorMessage": Text, "sourceIPAddress": Text, "accessKeyId": Text, "requestParameters": Text,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
RootEventCounts = TypedDict("RootEventCounts", {"origin_group": Text, "n": Number})
RootEvents = TypedDict("RootEvents", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "origin": Text, "origin_group": Text,
    "cis_match": Truth, "eventSource": Text, "eventName": Text, "readOnly": Truth, "errorCode": Text,
    "errorMessage": Text, "sourceIPAddress": Text, "userAgent": Text, "invokedBy": Text, "accessKeyId": Text,
    "requestParameters": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
RootFirstLast = TypedDict("RootFirstLast", {
    "account_id": Text, "event_count": Number, "first_time": Time, "first_eventName": Text, "first_eventID": Text,
    "first_citation": Text, "last_time": Time, "last_eventName": Text, "last_eventID": Text, "last_citation": Text,
    "case_first_time": Time, "case_last_time": Time})
RootNoise = TypedDict("RootNoise", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "origin": Text, "origin_group": Text,
    "cis_match": Truth, "eventSource": Text, "eventName": Text, "readOnly": Truth, "errorCode": Text,
    "errorMessage": Text, "sourceIPAddress": Text, "userAgent": Text, "invokedBy": Text, "accessKeyId": Text,
    "requestParameters": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
RootSessionEvents = TypedDict("RootSessionEvents", {
    "eventTime": Time, "session_id": Text, "session_kind": Text, "session_missing": Text, "account_id": Text,
    "awsRegion": Text, "eventSource": Text, "eventName": Text, "origin_group": Text, "origin": Text, "outcome": Text,
    "errorCode": Text, "readOnly": Truth, "is_write": Truth, "sourceIPAddress": Text, "userAgent": Text,
    "accessKeyId": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
RootSessions = TypedDict("RootSessions", {
    "session_id": Text, "account_id": Text, "session_kind": Text, "opened_time": Time, "first_time": Time,
    "last_time": Time, "duration_seconds": Number, "mfa_used": Truth, "event_count": Number, "sign_in_count": Number,
    "read_count": Number, "write_count": Number, "unknown_count": Number, "denied_count": Number,
    "failed_count": Number, "ip_count": Number, "source_ips": Texts, "user_agent_count": Number, "user_agents": Texts,
    "overlaps": Texts, "access_keys": Texts, "services": Texts, "regions": Texts, "opener": Text, "task_policy": Text,
    "opener_eventID": Text, "opener_citation": Text, "first_eventID": Text, "first_citation": Text,
    "last_eventID": Text, "last_citation": Text})
RootSignins = TypedDict("RootSignins", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventName": Text, "signin_kind": Text, "outcome": Text,
    "mfa_used": Truth, "mfa_kind": Text, "mfa_identifier": Text, "sourceIPAddress": Text, "ip_seen_before": Truth,
    "ip_failed_before": Truth, "userAgent": Text, "agent_seen_before": Truth, "failures_before": Number,
    "failures_elsewhere": Number, "recoveries_before": Number, "login_to": Text, "login_flow": Text,
    "errorMessage": Text, "actor": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
RootSummary = TypedDict("RootSummary", {
    "account_id": Text, "origin_group": Text, "origin": Text, "event_count": Number, "cis_match_count": Number,
    "cis_unknown_count": Number, "write_count": Number, "write_unknown_count": Number, "error_count": Number,
    "ip_count": Number, "first_time": Time, "last_time": Time})
RootTasks = TypedDict("RootTasks", {
    "eventTime": Time, "account_id": Text, "account_role": Text, "session_id": Text, "session_kind": Text,
    "opener": Text, "task_policy": Text, "mark": Text, "task": Text, "means": Text, "other_way": Text, "result": Text,
    "severity": Text, "eventSource": Text, "eventName": Text, "awsRegion": Text, "errorCode": Text, "action_id": Text,
    "source": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
RootTimeline = TypedDict("RootTimeline", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "origin_group": Text, "origin": Text,
    "eventSource": Text, "eventName": Text, "outcome": Text, "errorCode": Text, "errorMessage": Text,
    "readOnly": Truth, "is_write": Truth, "mfa": Text, "actor": Text, "accessKeyId": Text, "sourceIPAddress": Text,
    "userAgent": Text, "requestParameters": Text, "eventID": Text, "evidence_id": Number, "record_index": Number,
    "uri": Text, "integrity_verdict": Text})
RootTimelineFolded = TypedDict("RootTimelineFolded", {
    "first_time": Time, "last_time": Time, "account_id": Text, "session_id": Text, "line_kind": Text, "what": Text,
    "event_count": Number, "eventNames": Texts, "outcome": Text, "errorCode": Text, "services": Texts,
    "regions": Texts, "source_ips": Texts, "eventIDs": Texts, "first_citation": Text, "citations": Texts})
RootUnlisted = TypedDict("RootUnlisted", {
    "eventSource": Text, "eventName": Text, "write_count": Number, "write_unknown_count": Number,
    "event_count": Number, "error_count": Number, "first_time": Time, "last_time": Time, "first_eventID": Text,
    "first_citation": Text})
RootWrites = TypedDict("RootWrites", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text, "eventName": Text,
    "readOnly": Truth, "outcome": Text, "errorCode": Text, "errorMessage": Text, "sourceIPAddress": Text,
    "accessKeyId": Text, "requestParameters": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
Rotate = TypedDict("Rotate", {
    "account_id": Text, "awsRegion": Text, "kind": Text, "name": Text, "standing": Text, "reason": Text,
    "action": Text, "event_count": Number, "first_time": Time, "last_time": Time, "actors": Texts, "eventIDs": Texts,
    "citations": Texts})
ServiceActions = TypedDict("ServiceActions", {
    "account_id": Text, "eventTime": Time, "awsRegion": Text, "eventSource": Text, "eventName": Text, "eventID": Text,
    "evidence_id": Number, "record_index": Number, "service": Text, "hand": Text, "does_anything": Truth,
    "result": Text, "severity": Text, "means": Text, "category": Text, "action_id": Text, "costs": Text,
    "exposes": Text, "listed": Truth})
ServiceActivity = TypedDict("ServiceActivity", {
    "eventTime": Time, "account_id": Text, "awsRegion": Text, "eventSource": Text, "eventName": Text, "service": Text,
    "hand": Text, "does_anything": Truth, "outcome": Text, "errorCode": Text, "errorMessage": Text, "actor": Text,
    "accessKeyId": Text, "sourceIPAddress": Text, "requestParameters": Text, "responseElements": Text,
    "eventID": Text, "evidence_id": Number, "record_index": Number})
ServiceFindings = TypedDict("ServiceFindings", {
    "first_time": Time, "last_time": Time, "service": Text, "kind": Text, "severity": Text, "status": Text,
    "account_id": Text, "region": Text, "title": Text, "resource": Text, "citation": Text})
ServiceRoleCalls = TypedDict("ServiceRoleCalls", {
    "account_id": Text, "eventTime": Time, "awsRegion": Text, "eventSource": Text, "eventName": Text, "eventID": Text,
    "evidence_id": Number, "record_index": Number, "function": Text, "roles": Texts})
ServiceRoleWriters = TypedDict("ServiceRoleWriters", {
    "account_id": Text, "role": Text, "function": Text, "of_stacks": Truth, "service": Text, "told": Truth,
    "of_stack_sets": Truth, "wrote_time": Time, "begun_time": Time})
ServiceStartedInstances = TypedDict("ServiceStartedInstances", {
    "account_id": Text, "awsRegion": Text, "eventTime": Time, "instance": Text, "group_name": Text})
SessionFindings = TypedDict("SessionFindings", {
    "session_id": Text, "account_id": Text, "session_kind": Text, "first_time": Time, "last_time": Time,
    "finding_count": Number, "worst": Text, "findings": Texts, "eventIDs": Texts, "citations": Texts})
SettingCalls = TypedDict("SettingCalls", {
    "eventTime": Time, "account_id": Text, "recorded_in": Text, "call": Text, "request": Text, "own_name": Text,
    "made_by": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
SharedEventIds = TypedDict("SharedEventIds", {"eventID": Text})
SourceAddresses = TypedDict("SourceAddresses", {"found": Text})
StatusCounts = TypedDict("StatusCounts", {"status": Text, "n": Number})
Story = TypedDict("Story", {"level": Text, "text": Text, "eventIDs": Texts, "citations": Texts, "detail": Truth})
SummaryCounts = TypedDict("SummaryCounts", {"kind": Text, "count": Number})
TrailCalls = TypedDict("TrailCalls", {
    "eventName": Text, "eventTime": Time, "eventID": Text, "evidence_id": Number, "record_index": Number,
    "account_id": Text, "awsRegion": Text, "outcome": Text, "actor": Text, "trail": Text, "ends_chain": Truth,
    "is_unproven": Truth})
TrailSettings = TypedDict("TrailSettings", {
    "eventTime": Time, "account_id": Text, "home": Text, "trail": Text, "s3BucketName": Text, "s3KeyPrefix": Text,
    "snsTopicName": Text, "cloudWatchLogsLogGroupArn": Text, "cloudWatchLogsRoleArn": Text, "kmsKeyId": Text,
    "isMultiRegionTrail": Truth, "includeGlobalServiceEvents": Truth, "isOrganizationTrail": Truth,
    "enableLogFileValidation": Truth, "eventName": Text, "eventID": Text, "evidence_id": Number,
    "record_index": Number})
UnattributedEvents = TypedDict("UnattributedEvents", {
    "account_id": Text, "uri": Text, "evidence_id": Number, "event_count": Number})
UnlistedCalls = TypedDict("UnlistedCalls", {
    "account_id": Text, "eventTime": Time, "eventSource": Text, "eventName": Text, "result": Text, "certainty": Text,
    "listed": Truth, "costs": Text, "exposes": Text, "eventID": Text, "evidence_id": Number, "record_index": Number})
UnnamedCalls = TypedDict("UnnamedCalls", {"eventID": Text, "evidence_id": Number, "record_index": Number})
UnprovenHours = TypedDict("UnprovenHours", {"account_id": Text, "region": Text, "from_time": Time, "until_time": Time})
UnreadAccounts = TypedDict("UnreadAccounts", {"account_id": Text})
UnreadEvidence = TypedDict("UnreadEvidence", {
    "evidence_id": Number, "account_id": Text, "region": Text, "delivery_time": Time, "problem": Text})
UnrecordedOutcomes = TypedDict("UnrecordedOutcomes", {
    "evidence_id": Number, "record_index": Number, "is_unknown": Truth, "is_inferred": Truth})
UnsearchedFilters = TypedDict("UnsearchedFilters", {"filters": Text, "object_count": Number})
UntracedCalls = TypedDict("UntracedCalls", {
    "account_id": Text, "eventTime": Time, "awsRegion": Text, "eventSource": Text, "eventName": Text, "eventID": Text,
    "evidence_id": Number, "record_index": Number, "tells": Truth})
UntracedWriters = TypedDict("UntracedWriters", {"account_id": Text, "kind": Text, "session": Text, "last_time": Time})
Verdict = TypedDict("Verdict", {
    "account_id": Text, "question": Text, "answer": Text, "because": Text, "missing": Texts, "eventIDs": Texts,
    "citations": Texts, "name": Text})
