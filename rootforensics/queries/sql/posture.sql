/*
title    = "Controls on the root user"
question = "What did the last check find for each control on the root user of each account, why, and what is still open?"
attack   = []
source   = "What posture found; the controls with their sources stand in docs/reference/posture.md"
misses   = "Anything that was not checked: without rows, posture was not run with this case. A row is valid for answered_time, and later changes are unknown. If a later check could not read something, the earlier answer remains and why says so. Such a pass, and a pass from before the last load of logs, is a warn."
first    = "account_id control_id answer severity why"
columns  = """
account_id control_id title severity answer why exposure missing answers answered_time checked_time checked_by caller remedy"""
never_null = """
account_id control_id title severity answer why exposure missing answers checked_time checked_by remedy"""
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
account_id   = "VARCHAR; empty if no answer names the account"
control_id   = "VARCHAR; as docs/reference/posture.md lists them"
title        = "VARCHAR; what the control requires"
severity     = "VARCHAR; low, medium, high or critical"
answer       = "VARCHAR; pass, fail, warn, info, not_applicable or unknown"
why          = "VARCHAR"
exposure     = "VARCHAR; the exposure while it fails; empty for none"
missing      = "VARCHAR[]; permissions, files and logs that were missing"
answers      = "VARCHAR[]; the answers from AWS that it is based on, cite these: answer and its number in aws_answers"
answered_time = "TIMESTAMP WITH TIME ZONE; UTC; time of the oldest answer from AWS that it is based on; NULL if an answer has no time, or there is none"
checked_time = "TIMESTAMP WITH TIME ZONE; UTC; time of the check; aws_answers has the time of the requests"
checked_by   = "VARCHAR; login name of the person who ran the check"
caller       = "VARCHAR; ARN that made the requests; NULL if the answers do not state it"
remedy       = "VARCHAR; what to do; commands are never run"
*/
WITH newest AS (
    -- A later check that could not read what answers a control leaves the answer before it, with its own time.
    SELECT *, check_id < max(check_id) OVER (PARTITION BY account_id, control_id) AS is_older,
        judged_by IS DISTINCT FROM (SELECT arg_max(evidence_sha256, custody_id) FROM custody) AS is_stale -- by other logs than the case holds now
    FROM posture
    QUALIFY row_number() OVER (PARTITION BY account_id, control_id ORDER BY unread, check_id DESC) = 1
),
told AS (
    SELECT
        n.account_id, n.control_id, n.title, n.severity, n.exposure, n.missing, n.answers, n.checked_time, n.checked_by, n.caller,
        CASE WHEN n.answer = 'pass' AND (is_stale OR is_older) THEN 'warn' ELSE n.answer END AS answer,
        concat(
            n.why, CASE WHEN is_older THEN ' The last check could not read this, so the answer is from an earlier check.' END,
            CASE WHEN n.answer IN ('pass', 'info') AND is_stale THEN ' Logs loaded since then may show who set it.' END
        ) AS why,
        CASE WHEN n.answer = 'pass' AND (is_stale OR is_older) THEN 'Run rootforensics posture again' ELSE n.remedy END AS remedy
    FROM newest AS n
),
times AS (
    SELECT n.account_id, n.control_id, CASE WHEN count(*) = count(a.asked_time) THEN min(a.asked_time) END AS answered_time
    FROM (SELECT account_id, control_id, unnest(answers) AS answer FROM newest) AS n
    LEFT JOIN aws_answers AS a ON n.answer = concat('answer:', a.answer_id)
    GROUP BY n.account_id, n.control_id
)
SELECT
    p.account_id, p.control_id, p.title, p.severity, p.answer, p.why, p.exposure, p.missing, p.answers, t.answered_time,
    p.checked_time, p.checked_by, p.caller, p.remedy
FROM told AS p
LEFT JOIN times AS t ON t.account_id = p.account_id AND t.control_id = p.control_id
WHERE $account_id = '' OR p.account_id = $account_id
ORDER BY
    p.account_id, strpos('not_applicable pass info warn unknown fail', p.answer) DESC,
    strpos('low medium high critical', p.severity) DESC, p.control_id
