"""Counts by hour, as an engine makes them: what ``ingest/counted.py`` says of records, in SQL of Trino."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.counted import ARN, NAMED, SIGN_IN, SUMMARIES, TIME, TYPES
from rootforensics.ingest.derived import MAY_BE_EITHER, READS, WRITES

if TYPE_CHECKING:
    from collections.abc import Iterable

_AT: Final = {
    "time": "eventTime", "region": "awsRegion", "name": "eventName", "source": "eventSource",
    "recipient": "recipientAccountId", "owner": "userIdentity.accountId", "read_only": "readOnly",
    "managed": "managementEvent", "category": "eventCategory", "kind": "eventType", "code": "errorCode",
    "message": "errorMessage", "type": "userIdentity.type", "arn": "userIdentity.arn",
    "user_name": "userIdentity.userName", "invoker": "userIdentity.invokedBy",
    "access_key": "userIdentity.accessKeyId", "issuer_type": "userIdentity.sessionContext.sessionIssuer.type",
    "issuer_arn": "userIdentity.sessionContext.sessionIssuer.arn",
}  # fmt: skip
#: Of a record ``r`` what is counted of it.
FIELDS: Final = ",\n    ".join(f"json_extract_scalar(r, '$.{path}') AS {name}" for name, path in _AT.items())
_COUNTS: Final = {
    "record": "count(*)",
    "event": "count_if(is_event)",
    "read": "count_if(is_event AND NOT is_write)",
    "write": "count_if(is_event AND is_write)",
    "unjudged": "count_if(is_event AND NOT is_judged)",
}


def _in(texts: Iterable[str]) -> str:
    return f"IN ({', '.join(map(repr, texts))})"


_COUNTED: Final = ", ".join(f"CAST({how} AS VARCHAR) AS {name}_count" for name, how in _COUNTS.items())
_COUNTING: Final = f"""SELECT account_id, region, hour_time, is_management, {_COUNTED},
  min(CASE WHEN is_event THEN time END) AS first_time, max(CASE WHEN is_event THEN time END) AS last_time,
  min(CASE WHEN is_event THEN actor END) AS low_actor, max(CASE WHEN is_event THEN actor END) AS high_actor
FROM (
  SELECT account_id, region, is_event, is_write, actor, CAST(is_management AS VARCHAR) AS is_management,
    CASE WHEN is_timed THEN concat(substr(time, 1, 13), ':00:00Z') END AS hour_time,
    CASE WHEN is_timed THEN time END AS time,
    coalesce(is_timed AND account_id <> '' AND name <> '' AND source <> '' AND CASE
      WHEN type {_in(NAMED)} AND has_failed THEN user_name <> '' OR is_named
      WHEN type {_in(NAMED)} THEN is_named AND (
        coalesce(access_key, '') <> '' OR source = '{SIGN_IN}'
        OR NOT (coalesce(is_write, true) OR name LIKE 'AssumeRole%'))
      WHEN type = 'FederatedUser' THEN issuer <> ''
      WHEN type <> '' THEN type {_in((*TYPES, "Root"))}
      ELSE coalesce(invoker, '') <> '' OR kind = 'AwsServiceEvent' END, false) AS is_judged
  FROM (
    SELECT time, region, name, source, access_key, invoker,
      coalesce(kind, '') AS kind, coalesce(type, '') AS type, coalesce(user_name, '') AS user_name,
      concat(coalesce(issuer_type, ''), coalesce(issuer_arn, '')) AS issuer,
      coalesce(recipient, owner) AS account_id, coalesce(arn, invoker, user_name, '') AS actor,
      coalesce(managed, 'true') <> 'false' AND coalesce(category, 'Management') = 'Management' AS is_management,
      NOT (type IS NULL AND arn IS NULL AND (
        lower(coalesce(category, '')) {_in(SUMMARIES)} OR lower(coalesce(kind, '')) {_in(SUMMARIES)}
      )) AS is_event,
      coalesce(regexp_like(time, '{TIME}'), false) AS is_timed,
      coalesce(regexp_like(arn, '{ARN}'), false) AS is_named,
      coalesce(code, '') <> '' OR coalesce(message, '') <> '' AS has_failed,
      CASE WHEN read_only IS NOT NULL THEN read_only = 'false'
        WHEN regexp_like(name, '{MAY_BE_EITHER}') THEN NULL
        WHEN regexp_like(name, '{READS}') THEN false
        WHEN regexp_like(name, '{WRITES}') THEN true END AS is_write
    FROM (:records) AS held
  ) AS told
) AS judged
GROUP BY account_id, region, hour_time, is_management"""  # noqa: S608 - texts of ours


def counting(records: str) -> str:
    """The SELECT of counts, all as texts; a record whose time is not spelled as CloudTrail spells it is unjudged.

    Args:
        records: a SELECT of ``FIELDS``.
    """
    return _COUNTING.replace(":records", records)
