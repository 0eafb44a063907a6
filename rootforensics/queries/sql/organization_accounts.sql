/*
title    = "Accounts of an organization"
question = "Which accounts are the management account or members of an organization, and what shows it?"
attack   = ["T1580"]
source   = "As the view organization_accounts: AWS Organizations API Reference; AWS IAM User Guide, privileged tasks; AWS CloudTrail User Guide, paths of organization trails"
misses   = "Accounts for which no log in the case shows it. Accounts that have joined or left since. Roles of accounts that only the path of an organization trail's logs shows."
first    = "account_id account_role because eventIDs"
columns  = "account_id account_role because eventIDs citations"
never_null = "account_id account_role because eventIDs citations"
[notes]
account_role = "VARCHAR; management, member, organization (belongs to one, role unknown), contradictory (the logs show both)"
because      = "VARCHAR[]; what shows it, in words"
eventIDs     = "VARCHAR[]; the events that show it, cite these; NULL if only the path of a log does"
*/
SELECT account_id, account_role, because, eventIDs, citations
FROM organization_accounts
ORDER BY account_id
