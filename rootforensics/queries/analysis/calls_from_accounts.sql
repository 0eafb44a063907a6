/*
question = "Which calls did these accounts make in other accounts since a time, as themselves or with delegated access?"
misses   = "Callers whose account the record does not show, for example where anyone may call."
uses     = ["api_calls"]
columns  = "account_id caller_account_id use event_count first_time last_time source_ips calls eventIDs citations"
never_null = "account_id caller_account_id use event_count calls eventIDs citations"
[params]
since   = { type = "VARCHAR", default = "", help = "the first moment, ISO 8601" }
callers = { type = "VARCHAR[]", default = [], help = "the accounts (12 digits)" }
[notes]
account_id        = "VARCHAR; where it was recorded"
caller_account_id = "VARCHAR"
use               = "VARCHAR; succeeded, refused, or unclear: the record lacks its time or its outcome"
calls             = "VARCHAR[]; as service:call, the first ten"
eventIDs          = "VARCHAR[]; of the first ten"
citations         = "VARCHAR[]; evidence_id:record_index of these"
*/
WITH told AS (
    SELECT
        account_id, caller_account_id, eventTime, sourceIPAddress, eventID,
        concat(CAST(evidence_id AS VARCHAR), ':', CAST(record_index AS VARCHAR)) AS citation,
        concat(regexp_replace(coalesce(eventSource, 'unknown'), '[.]amazonaws[.]com$', ''), ':', coalesce(eventName, 'unknown')) AS call,
        CASE
            WHEN eventTime IS NOT NULL AND outcome = 'failure' THEN 'refused'
            WHEN eventTime IS NOT NULL AND outcome = 'success' THEN 'succeeded'
            ELSE 'unclear'
        END AS use
    FROM (
        -- Someone with delegated access has the identity of the account that granted it.
        SELECT *, coalesce(nullif(userIdentity.invokedByDelegate.accountId, ''), identity_account_id) AS caller_account_id
        FROM api_calls
    )
    WHERE caller_account_id IN (SELECT unnest($callers::VARCHAR[])) AND caller_account_id <> account_id
        AND coalesce(eventTime >= nullif($since, '')::TIMESTAMPTZ, true)
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY account_id, caller_account_id, use ORDER BY eventTime, eventID, citation) AS place
    FROM told
)
SELECT
    account_id, caller_account_id, use, count(*) AS event_count, min(eventTime) AS first_time, max(eventTime) AS last_time,
    array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) FILTER (WHERE sourceIPAddress IS NOT NULL) AS source_ips,
    array_agg(call ORDER BY place) FILTER (WHERE place <= 10) AS calls,
    array_agg(eventID ORDER BY place) FILTER (WHERE place <= 10) AS eventIDs,
    array_agg(citation ORDER BY place) FILTER (WHERE place <= 10) AS citations
FROM ranked
GROUP BY account_id, caller_account_id, use
ORDER BY account_id, caller_account_id, use
