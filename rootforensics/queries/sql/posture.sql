/*
title    = "What guards the root user"
question = "What did the last check of each account answer to the controls on its root user, why, and what is still open?"
attack   = []
source   = "What posture found; the controls with their sources stand in docs/reference/posture.md"
misses   = "Whatever was not checked: no row means that posture was not run with this case. It holds for the time of the answers of AWS; who changed something since is not known."
first    = "account_id control_id answer severity why"
columns  = """
account_id control_id title severity answer why exposure missing answers answered_time checked_time checked_by caller remedy"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id   = "VARCHAR; empty where no answer says whose it is"
control_id   = "VARCHAR; as docs/reference/posture.md lists them"
title        = "VARCHAR; what the control asks for"
severity     = "VARCHAR; low, medium, high or critical"
answer       = "VARCHAR; pass, fail, warn, info, not_applicable or unknown"
why          = "VARCHAR"
exposure     = "VARCHAR; what is open while it fails; empty for nothing"
missing      = "VARCHAR[]; permissions, files and logs that were missing"
answers      = "VARCHAR[]; the answers of AWS on which it stands, cite these: answer and its number in aws_answers"
answered_time = "TIMESTAMP WITH TIME ZONE; UTC; of the oldest answer of AWS in the check of the account; NULL where one does not tell its time"
checked_time = "TIMESTAMP WITH TIME ZONE; UTC; when it was judged; aws_answers has when AWS was asked"
checked_by   = "VARCHAR; login name of who ran the check"
caller       = "VARCHAR; ARN with which AWS was asked; NULL where the answers do not say"
remedy       = "VARCHAR; what to do; commands are never run"
*/
SELECT
    p.account_id, p.control_id, p.title, p.severity, p.answer, p.why, p.exposure, p.missing,
    p.answers, a.answered_time, p.checked_time, p.checked_by, p.caller, p.remedy
FROM posture AS p
LEFT JOIN (
    SELECT check_id, account_id, CASE WHEN count(*) = count(asked_time) THEN min(asked_time) END AS answered_time
    FROM aws_answers GROUP BY check_id, account_id
) AS a ON a.check_id = p.check_id AND a.account_id = p.account_id
WHERE p.check_id = (SELECT max(o.check_id) FROM posture AS o WHERE o.account_id = p.account_id)
    AND ($account_id = '' OR p.account_id = $account_id)
ORDER BY
    p.account_id, strpos('not_applicable pass info warn unknown fail', p.answer) DESC,
    strpos('low medium high critical', p.severity) DESC, p.control_id
