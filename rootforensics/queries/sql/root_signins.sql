/*
title    = "Root's sign-ins"
question = "When did root sign in or try to, from where, with MFA? When was its password recovered or changed?"
attack   = ["T1078.004", "T1110"]
source   = "AWS CloudTrail User Guide, console sign-in events"
misses   = "Sign-ins recorded in a Region whose logs are not in the case (root signs in at us-east-1, us-east-2 or us-west-2); sign-outs, which AWS does not record."
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[columns]
eventTime       = "TIMESTAMP WITH TIME ZONE; UTC"
account_id      = "VARCHAR"
awsRegion       = "VARCHAR"
eventName       = "VARCHAR; ConsoleLogin, PasswordRecoveryRequested, CreateOAuth2Token, …"
outcome         = "VARCHAR; success, failure, or NULL where the event does not say"
mfa_used        = "BOOLEAN; NULL where CloudTrail does not say"
mfa_identifier  = "VARCHAR; ARN of the device"
sourceIPAddress = "VARCHAR"
userAgent       = "VARCHAR"
login_to        = "VARCHAR; the page signed in to"
errorMessage    = "VARCHAR"
eventID         = "VARCHAR; cite this"
evidence_id     = "INTEGER; the object that holds the record"
record_index    = "INTEGER; its position there, from 0"
*/
SELECT
    eventTime, account_id, awsRegion, eventName, outcome, mfa_used, mfa_identifier, sourceIPAddress, userAgent,
    login_to, errorMessage, eventID, evidence_id, record_index
FROM root_signins
WHERE $account_id = '' OR account_id = $account_id
ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
