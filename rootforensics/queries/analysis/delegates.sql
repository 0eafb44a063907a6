/*
question = "Which accounts acted with delegated access that root or its descendants gave, or may have given?"
misses   = "Recipients of a delegation that was never used: no record in the customer's account names them. Everything that delegate_names misses."
uses     = ["root_activity", "descendant_events"]
columns  = "account_id delegate_account_id certainty"
never_null = "delegate_account_id certainty"
[notes]
account_id          = "VARCHAR; where they acted"
delegate_account_id = "VARCHAR; of the product provider"
certainty           = "VARCHAR; certain or possible"
*/
SELECT account_id, delegate_account_id, min(certainty) AS certainty
FROM (
    SELECT account_id, userIdentity.invokedByDelegate.accountId AS delegate_account_id, 'certain' AS certainty FROM root_activity
    UNION ALL
    SELECT account_id, userIdentity.invokedByDelegate.accountId, certainty FROM descendant_events
)
WHERE delegate_account_id <> ''
GROUP BY account_id, delegate_account_id
ORDER BY account_id, delegate_account_id
