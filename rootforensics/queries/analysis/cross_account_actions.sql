/*
question = "Which events of root's descendants were recorded in an account other than root's, or may change the owner of an account?"
misses   = "Events whose logs are not in the case. Identities that nothing traces back to root."
uses     = ["descendant_acts"]
columns  = "evidence_id record_index root_account_id certainty is_across"
never_null = "evidence_id record_index certainty is_across"
[notes]
root_account_id = "VARCHAR; account of the root user"
certainty       = "VARCHAR; certain or possible"
is_across       = "BOOLEAN; whether it was recorded in another account"
*/
SELECT
    a.evidence_id, a.record_index, a.root_account_id, min(a.certainty) AS certainty,
    a.root_account_id IS DISTINCT FROM e.account_id AS is_across
FROM descendant_acts AS a
INNER JOIN api_calls AS e ON a.evidence_id = e.evidence_id AND a.record_index = e.record_index
WHERE
    a.root_account_id IS DISTINCT FROM e.account_id
    OR concat(e.eventSource, '') IN (
        'account.amazonaws.com', 'billingconsole.amazonaws.com', 'organizations.amazonaws.com'
    )
GROUP BY ALL
ORDER BY a.evidence_id, a.record_index, a.root_account_id
