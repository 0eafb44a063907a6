/*
question = "Since when does the account know each address from which root was used?"
misses   = "Events before the first log, and events that the load filtered out: an address then counts as new."
uses     = ["api_calls", "root_activity"]
columns  = "account_id sourceIPAddress first_time"
never_null = "account_id sourceIPAddress first_time"
[notes]
first_time = "TIMESTAMP WITH TIME ZONE; UTC; the first call or sign-in of an identity of the account from there that succeeded"
*/
SELECT r.account_id, r.sourceIPAddress, min(e.eventTime) AS first_time
FROM (SELECT DISTINCT account_id, sourceIPAddress FROM root_activity) AS r
INNER JOIN api_calls AS e ON r.account_id = e.identity_account_id AND r.sourceIPAddress = e.sourceIPAddress
-- Anyone can request a password recovery; only someone who reads root's mail can complete it.
WHERE e.outcome = 'success' AND e.eventTime IS NOT NULL AND (
    e.eventSource IS DISTINCT FROM 'signin.amazonaws.com' OR e.eventName IN ('ConsoleLogin', 'AuthorizeOAuth2Access', 'CreateOAuth2Token'))
GROUP BY r.account_id, r.sourceIPAddress
ORDER BY r.account_id, r.sourceIPAddress
