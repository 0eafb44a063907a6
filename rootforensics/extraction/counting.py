"""Counts by hour and by call, as an engine makes them: what ``ingest/counted.py`` says of records, in SQL of Trino."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.counted import ARN, NAMED, OUTCOMES, SIGN_IN, SUMMARIES, TIME, TYPES, WENT_WELL, WENT_WRONG
from rootforensics.ingest.derived import MAY_BE_EITHER, READS, WRITES
from rootforensics.ingest.related import counted_names
from rootforensics.ingest.spelling import DOMAIN, SHORT, VERSION, account_sql

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT: Final = {
    "time": "eventTime", "region": "awsRegion", "name": "eventName",
    "recipient": "recipientAccountId", "owner": "userIdentity.accountId", "summarized": "accountId",
    "read_only": "readOnly", "managed": "managementEvent",
    "category": "eventCategory", "kind": "eventType", "code": "errorCode",
    "message": "errorMessage", "type": "userIdentity.type", "arn": "userIdentity.arn",
    "user_name": "userIdentity.userName", "invoker": "userIdentity.invokedBy",
    "access_key": "userIdentity.accessKeyId", "issuer_type": "userIdentity.sessionContext.sessionIssuer.type",
    "issuer_arn": "userIdentity.sessionContext.sessionIssuer.arn",
}  # fmt: skip
_SOURCE: Final = "lower(trim(json_extract_scalar(r, '$.eventSource')))"
#: As the column ``service`` of ``events`` has it.
_SERVICE: Final = f"""CASE WHEN {_SOURCE} LIKE '%{DOMAIN}' THEN {_SOURCE}
    ELSE regexp_replace({_SOURCE}, '{SHORT}', '$1{DOMAIN}') END"""
_SAID: Final = [f"json_extract_scalar(r, '$.{part}.{name}')" for part, name in OUTCOMES]
#: Of a record ``r`` what is counted of it.
FIELDS: Final = ",\n    ".join((
    *(f"json_extract_scalar(r, '$.{path}') AS {name}" for name, path in _AT.items()),
    f"{_SERVICE} AS source",
    f"lower(coalesce({', '.join(_SAID)})) AS said",
))  # fmt: skip
_COUNTS: Final = {
    "record": "count(*)",
    "event": "count_if(is_event)",
    "read": "count_if(is_event AND NOT is_write)",
    "write": "count_if(is_event AND is_write)",
    "unjudged": "count_if(is_event AND NOT is_judged)",
}


def _in(texts: Iterable[str]) -> str:
    return f"IN ({', '.join(map(repr, texts))})"


#: As AWS spells it, in whatever case a record has it; NULL for what is not counted by name.
_NAME: Final = "CASE lower(regexp_replace(trim(name), '{}', '')) {} END".format(
    VERSION,
    " ".join(f"WHEN '{name.lower()}' THEN '{name}'" for name in sorted(counted_names())),
)
_COUNTED: Final = ", ".join(f"CAST({how} AS VARCHAR) AS {name}_count" for name, how in _COUNTS.items())
#: Of what is counted by call the times are those of summaries, too.
_COUNTING: Final = f"""SELECT CASE grouping(event_name) WHEN 0 THEN 'counted_calls' ELSE 'counted_hours' END AS counts,
  account_id, region, hour_time, is_management, {_COUNTED},
  CASE grouping(event_name) WHEN 0 THEN min(time) ELSE min(CASE WHEN is_event THEN time END) END AS first_time,
  CASE grouping(event_name) WHEN 0 THEN max(time) ELSE max(CASE WHEN is_event THEN time END) END AS last_time,
  min(CASE WHEN is_event THEN actor END) AS low_actor, max(CASE WHEN is_event THEN actor END) AS high_actor,
  event_source, event_category, event_type, event_name,
  CAST(count_if(is_event AND is_failure) AS VARCHAR) AS error_count
FROM (
  SELECT account_id, region, source AS event_source, category AS event_category, kind AS event_type,
    is_event, is_write, is_failure, actor, {_NAME} AS event_name,
    CAST(is_management AS VARCHAR) AS is_management,
    CASE WHEN is_timed THEN concat(substr(time, 1, 13), ':00:00Z') END AS hour_time,
    CASE WHEN is_timed THEN time END AS time,
    coalesce(is_timed AND account_id IS NOT NULL AND name <> '' AND source <> '' AND CASE
      WHEN type {_in(NAMED)} AND has_failed THEN user_name <> '' OR is_named
      WHEN type {_in(NAMED)} THEN is_named AND (
        coalesce(access_key, '') <> '' OR source = '{SIGN_IN}'
        OR NOT (coalesce(is_write, true) OR lower(name) LIKE 'assumerole%'))
      WHEN type = 'FederatedUser' THEN issuer <> ''
      WHEN type <> '' THEN type {_in((*TYPES, "Root"))}
      ELSE coalesce(invoker, '') <> '' OR kind = 'AwsServiceEvent' END, false) AS is_judged
  FROM (
    SELECT time, region, name, source, category, kind, access_key, invoker,
      coalesce(type, '') AS type, coalesce(user_name, '') AS user_name,
      concat(coalesce(issuer_type, ''), coalesce(issuer_arn, '')) AS issuer,
      {account_sql("recipient", "owner", "summarized", "split_part(arn, ':', 5)")} AS account_id,
      coalesce(arn, invoker, user_name, '') AS actor,
      coalesce(managed, 'true') <> 'false' AND coalesce(category, 'Management') = 'Management' AS is_management,
      NOT (type IS NULL AND arn IS NULL AND (
        lower(coalesce(category, '')) {_in(SUMMARIES)} OR lower(coalesce(kind, '')) {_in(SUMMARIES)}
      )) AS is_event,
      coalesce(regexp_like(time, '{TIME}'), false) AS is_timed,
      coalesce(regexp_like(arn, '{ARN}'), false) AS is_named,
      coalesce(code, '') <> '' OR coalesce(message, '') <> '' AS has_failed,
      coalesce(code, '') <> '' OR CASE WHEN source = '{SIGN_IN}' THEN coalesce(said, '') {_in(WENT_WRONG)}
        OR (coalesce(message, '') <> '' AND coalesce(said, '') NOT {_in(WENT_WELL)})
        ELSE coalesce(message, '') <> '' END AS is_failure,
      CASE WHEN read_only IS NOT NULL THEN read_only = 'false'
        WHEN regexp_like(name, '{MAY_BE_EITHER}') THEN NULL
        WHEN regexp_like(name, '{READS}') THEN false
        WHEN regexp_like(name, '{WRITES}') THEN true END AS is_write
    FROM (:records) AS held
  ) AS told
) AS judged
GROUP BY GROUPING SETS (
  (account_id, region, hour_time, is_management), (account_id, event_source, event_category, event_type, event_name)
)"""  # noqa: S608 - texts of ours


def counting(records: str) -> str:
    """The SELECT of counts, all as texts; a record whose time is not spelled as CloudTrail spells it is unjudged.

    Args:
        records: a SELECT of ``FIELDS``.
    """
    return _COUNTING.replace(":records", records)
