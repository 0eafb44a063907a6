/*
title    = "Differences between AWS's answers and the logs"
question = "Where do AWS's answers and the events of the case contradict each other, what do the logs not cover, and which recorded changes are still in effect?"
attack   = ["T1078.004", "T1098.001", "T1556.006", "T1562.008"]
source   = "IAM User Guide, credential reports and last accessed information; API references of IAM, Account Management and CloudTrail"
misses   = "Anything that was not checked: without rows, posture was not run with this case or found nothing of this kind. Times before the first event of the account, and accounts without events. Uses before the last one, because AWS keeps only the last. The credential report updates the use of a password every 5 minutes, of a key every 15. Events whose record does not show who acted. The person who saved the answers may have changed them."
uses     = ["root_signins", "root_events", "control_changes"]
first    = "severity standing title account_id from_time until_time why"
columns  = """
severity standing finding title account_id from_time until_time why explanation benign answers eventIDs citations"""
never_null = "standing finding account_id why answers"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
minutes    = { type = "INTEGER", default = 15, help = "an event within this many minutes of a time that AWS reports is the one it reports" }
hours      = { type = "INTEGER", default = 6, help = "report a silence of this many hours without logs while the account's trail was logging" }
[notes]
severity    = "VARCHAR; medium or high"
standing    = "VARCHAR; contradiction: the logs cover the time and do not contain what AWS reports; gap: they do not cover it, so it is unknown; confirmed: they contain it, and it is still in effect"
finding     = "VARCHAR; password_used, key_used, password_changed, key_changed, mfa_enabled, certificate_changed, root_used, mfa_on, contact_changed, trail_started, trail_silent or alarm_silent"
title       = "VARCHAR; in words"
from_time   = "TIMESTAMP WITH TIME ZONE; UTC; earliest time at which it may have happened"
until_time  = "TIMESTAMP WITH TIME ZONE; UTC; latest time; NULL if the answer has no time"
why         = "VARCHAR; what AWS reports, and what the logs contain or lack"
explanation = "VARCHAR; what it means"
benign      = "VARCHAR; a harmless explanation"
answers     = "VARCHAR[]; the answers from AWS, cite these: answer and its number in aws_answers"
eventIDs    = "VARCHAR[]; of its events, cite these; in chronological order"
citations   = "VARCHAR[]; evidence_id:record_index of these"
*/
WITH meanings (finding, severity, title, explanation, benign) AS (
    VALUES
    ('password_used', 'high', 'The password of the root user was used',
        'AWS recorded a sign-in with the root password, but the logs contain no such event.',
        'The password was used on an AWS website other than the console.'),
    ('key_used', 'high', 'An access key of the root user was used',
        'AWS recorded a call with a root access key, but the logs contain no such event.',
        'CloudTrail does not record this call.'),
    ('password_changed', 'high', 'The password of the root user was changed',
        'AWS reports when the password was last set. The person who set it knows it.',
        'Its owner changed it.'),
    ('key_changed', 'high', 'The root user has an access key that was created or changed',
        'AWS reports when the key was created, activated or deactivated. The key still exists.',
        'Its owner created or deactivated it.'),
    ('mfa_enabled', 'high', 'An MFA device of the root user was enabled',
        'AWS reports when the device was enabled. Its holder can confirm root sign-ins.',
        'Its owner enabled it.'),
    ('certificate_changed', 'high', 'The root user has a signing certificate that was uploaded or changed',
        'AWS reports when. The certificate still exists.',
        'Its owner uploaded it.'),
    ('root_used', 'high', 'GuardDuty found that the root user was used',
        'GuardDuty reads events independently of trails. The logs contain no event of this use.',
        'GuardDuty used an event from another Region, which the logs lack.'),
    ('mfa_on', 'high', 'The root user has MFA, and its last sign-in had none',
        'Either a device was enabled after that sign-in and the call is not in the case, or the sign-in bypassed MFA.',
        'The owners enabled MFA after the logs were copied.'),
    ('contact_changed', 'medium', 'An alternate contact was changed',
        'AWS writes to this contact about the account.',
        'Its owner changed it.'),
    ('trail_started', 'high', 'A trail was started',
        'AWS reports when the trail last started logging. Before that time, the trail was stopped or did not exist.',
        'The owners started it.'),
    ('trail_silent', 'medium', 'A trail was logging, but the case has no logs from the account',
        'The trail reports that it was logging. Its logs from these hours are not in the case.',
        'Nothing happened in the account, or the logs were not copied.'),
    ('alarm_silent', 'high', 'The deployed alarm would not have reported all events of the root user',
        'The currently deployed filter and alarm were replayed on the events in the case.',
        'Filter or alarm were different when the events happened.')
),
-- What AWS answered last to each call, for each account: a later check that was refused it, or did not ask, leaves it.
told AS (
    SELECT a.answer_id, a.account_id, a.region, a.call, a.argument, a.code, a.body, a.root_row,
        coalesce(TRY_CAST(a.body->>'$.GeneratedTime' AS TIMESTAMPTZ), a.asked_time) AS told_time
    FROM aws_answers AS a
    JOIN (SELECT account_id, call, max(check_id) AS check_id FROM aws_answers WHERE NOT regexp_matches(code, '(?i)denied|unauthorized|authorizationerror|not saved') GROUP BY account_id, call) AS l
        ON a.account_id = l.account_id AND a.call = l.call AND a.check_id = l.check_id
),
-- The answer to each control: the last for which it was read.
controls AS (
    SELECT * FROM posture
    QUALIFY row_number() OVER (PARTITION BY account_id, control_id ORDER BY unread, check_id DESC) = 1
),
-- Where calls of IAM and sign-ins are recorded, in the partition of the account.
places AS (
    SELECT t.account_id, list(r.region ORDER BY r.region) AS sign_in
    FROM (
        -- Names of partitions stand behind that of the commercial one.
        SELECT t.account_id, max(coalesce(p.partition, nullif(split_part(t.root_row->>'$.arn', ':', 2), ''), 'aws')) AS partition
        FROM told AS t
        LEFT JOIN (SELECT DISTINCT partition, prefix FROM aws_regions WHERE prefix <> '') AS p ON starts_with(t.region, p.prefix)
        GROUP BY t.account_id
    ) AS t
    JOIN aws_regions AS r ON r.records_sign_in AND r.partition = CASE
        WHEN t.partition IN (SELECT partition FROM aws_regions WHERE records_sign_in) THEN t.partition ELSE 'aws' END
    GROUP BY t.account_id
),
devices AS (
    SELECT answer_id, account_id, unnest(from_json(body->'$.VirtualMFADevices', '["JSON"]')) AS device
    FROM told WHERE call = 'iam:ListVirtualMFADevices' AND code = ''
),
guarded AS (
    SELECT answer_id, coalesce(finding->>'$.AccountId', account_id) AS account_id, coalesce(nullif(region, ''), finding->>'$.Region', '') AS region,
        finding, TRY_CAST(finding->>'$.Service.EventLastSeen' AS TIMESTAMPTZ) AS moment
    FROM (
        SELECT answer_id, account_id, region, unnest(from_json(body->'$.Findings', '["JSON"]')) AS finding
        FROM told WHERE call = 'guardduty:GetFindings' AND code = ''
    )
    WHERE (finding->>'$.Type') LIKE '%RootCredentialUsage' AND coalesce(finding->>'$.Title', '') NOT LIKE '[SAMPLE]%'
),
trails AS (
    SELECT min(d.answer_id) AS answer_id, d.account_id, d.trail->>'$.TrailARN' AS arn, d.trail->>'$.Name' AS name,
        d.trail->>'$.HomeRegion' AS region
    FROM (
        SELECT answer_id, account_id, unnest(from_json(body->'$.trailList', '["JSON"]')) AS trail
        FROM told WHERE call = 'cloudtrail:DescribeTrails' AND code = ''
    ) AS d
    GROUP BY ALL
),
logging AS (
    SELECT t.account_id, t.arn, t.name, t.region, t.answer_id AS list_id, s.answer_id,
        TRY_CAST(s.body->>'$.StartLoggingTime' AS TIMESTAMPTZ) AS start_time,
        TRY_CAST(s.body->>'$.LatestDeliveryTime' AS TIMESTAMPTZ) AS delivery_time
    FROM trails AS t
    JOIN told AS s ON t.account_id = s.account_id AND (s.argument IN (t.arn, t.name, replace(t.name, '/', '_'))
        OR (s.argument = '' AND (SELECT count(*) FROM trails AS o WHERE o.account_id = t.account_id) = 1))
    WHERE s.call = 'cloudtrail:GetTrailStatus' AND s.code = '' AND (s.body->>'$.IsLogging') = 'true'
),
acts AS (
    SELECT CASE WHEN signin_kind IN ('sign_in', 'cli_sign_in') THEN 'password_used' ELSE 'password_changed' END AS act,
        account_id, eventTime, eventID, evidence_id, record_index
    FROM root_signins
    WHERE signin_kind IN ('sign_in', 'cli_sign_in', 'recovery_completed', 'password_changed', 'name_email_or_password_changed')
        AND coalesce(outcome, 'success') <> 'failure'
    UNION ALL
    SELECT 'key_used', account_id, eventTime, eventID, evidence_id, record_index
    FROM root_events WHERE userIdentity.accessKeyId LIKE 'AKIA%'
    UNION ALL
    SELECT 'root_used', account_id, eventTime, eventID, evidence_id, record_index FROM root_events WHERE origin_group = 'activity'
    UNION ALL
    SELECT CASE
            WHEN eventName LIKE '%AccessKey' THEN 'key_changed'
            WHEN eventName LIKE '%SigningCertificate' THEN 'certificate_changed'
            ELSE 'mfa_enabled' END,
        account_id, eventTime, eventID, evidence_id, record_index
    FROM root_events
    WHERE eventSource = 'iam.amazonaws.com' AND coalesce(outcome, 'success') <> 'failure' AND eventName IN (
        'CreateAccessKey', 'UpdateAccessKey', 'UploadSigningCertificate', 'UpdateSigningCertificate', 'EnableMFADevice'
    ) AND coalesce(requestParameters->>'$.userName', '') IN ('', 'AWS ROOT USER')
    UNION ALL
    SELECT if(eventSource = 'cloudtrail.amazonaws.com', 'trail_started', concat('contact_changed ', requestParameters->>'$.alternateContactType')),
        coalesce(requestParameters->>'$.accountId', account_id), eventTime, eventID, evidence_id, record_index
    FROM api_calls
    WHERE coalesce(outcome, 'success') <> 'failure' AND (
        (eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('StartLogging', 'CreateTrail'))
        OR (eventSource = 'account.amazonaws.com' AND eventName IN ('PutAlternateContact', 'DeleteAlternateContact'))
    )
),
-- Moments that AWS tells, and in which Regions the event of each would be.
moments AS (
    SELECT m.finding, r.account_id, r.answer_id, concat('the credential report has ', m.name, ' ', r.root_row->>('$.' || m.name)) AS text,
        TRY_CAST(r.root_row->>('$.' || m.name) AS TIMESTAMPTZ) AS moment,
        CASE m.place WHEN 'sign-in' THEN p.sign_in WHEN 'iam' THEN p.sign_in[1:1]
            ELSE [coalesce(r.root_row->>('$.' || m.place || '_region'), '')] END AS regions,
        CASE WHEN m.finding = 'key_used' AND (r.root_row->>('$.' || m.place || '_service')) NOT IN ('iam', 'sts', 'ec2', 'organizations', 'cloudtrail', 'account')
            THEN concat('calls of ', r.root_row->>('$.' || m.place || '_service'), ' may be excluded from trails') ELSE '' END AS doubt
    FROM told AS r
    JOIN places AS p ON r.account_id = p.account_id
    CROSS JOIN (
        VALUES
        ('password_used', 'password_last_used', 'sign-in'), ('password_changed', 'password_last_changed', 'sign-in'),
        ('key_used', 'access_key_1_last_used_date', 'access_key_1_last_used'), ('key_used', 'access_key_2_last_used_date', 'access_key_2_last_used'),
        ('key_changed', 'access_key_1_last_rotated', 'iam'), ('key_changed', 'access_key_2_last_rotated', 'iam'),
        ('certificate_changed', 'cert_1_last_rotated', 'iam'), ('certificate_changed', 'cert_2_last_rotated', 'iam')
    ) AS m (finding, name, place)
    WHERE r.root_row IS NOT NULL
    UNION ALL
    SELECT 'mfa_enabled', account_id, answer_id, concat('device ', device->>'$.SerialNumber', ' has EnableDate ', device->>'$.EnableDate'),
        TRY_CAST(device->>'$.EnableDate' AS TIMESTAMPTZ), sign_in[1:1], ''
    FROM devices JOIN places USING (account_id) WHERE regexp_matches(device->>'$.User.Arn', concat('^arn:[^:]*:iam::', account_id, ':root$'))
    UNION ALL
    SELECT 'trail_started', account_id, answer_id, concat('trail ', name, ' has StartLoggingTime ', strftime(start_time, '%Y-%m-%d %H:%M:%S')), start_time, [region], ''
    FROM logging WHERE split_part(arn, ':', 5) = account_id -- else the call that started it was made in another account
    UNION ALL
    -- It reads events of global services in every Region, so that the event may be one of where root signs in.
    SELECT 'root_used', g.account_id, g.answer_id, concat('GuardDuty finding ', g.finding->>'$.Type', ' was last seen ', g.finding->>'$.Service.EventLastSeen'),
        g.moment, list_distinct(list_append(p.sign_in, g.region)),
        CASE WHEN EXISTS (SELECT 1 FROM root_events AS e WHERE e.account_id = g.account_id AND e.origin_group = 'noise'
                AND abs(epoch(e.eventTime) - epoch(g.moment)) <= 60 * CAST($minutes AS INTEGER))
            THEN 'what it found may be service activity attributed to root' ELSE '' END
    FROM guarded AS g JOIN places AS p ON g.account_id = p.account_id
),
signed_in AS (
    SELECT account_id, max(eventTime) AS eventTime, arg_max(mfa_used, eventTime) AS mfa_used,
        [arg_max(eventID, eventTime)] AS eventIDs, [arg_max(concat(evidence_id, ':', record_index), eventTime)] AS citations
    FROM root_signins WHERE signin_kind = 'sign_in' AND outcome = 'success' GROUP BY account_id
),
contact_calls AS (
    SELECT coalesce(requestParameters->>'$.accountId', account_id) AS account_id, requestParameters->>'$.alternateContactType' AS kind,
        max(eventTime) AS eventTime, arg_max(eventName, eventTime) = 'PutAlternateContact' AS was_put,
        [arg_max(eventID, eventTime)] AS eventIDs, [arg_max(concat(evidence_id, ':', record_index), eventTime)] AS citations
    FROM api_calls
    WHERE eventSource = 'account.amazonaws.com' AND eventName IN ('PutAlternateContact', 'DeleteAlternateContact') AND coalesce(outcome, 'success') <> 'failure'
    GROUP BY ALL
),
-- What must have been done in a time: an act of the kind within it is what AWS tells of.
claims AS (
    SELECT finding, finding AS act, account_id, min(answer_id) AS answer_id, text, regions, doubt, CAST([] AS VARCHAR[]) AS eventIDs, CAST([] AS VARCHAR[]) AS citations,
        moment - INTERVAL '1' MINUTE * CAST($minutes AS INTEGER) AS from_time, moment + INTERVAL '1' MINUTE * CAST($minutes AS INTEGER) AS until_time
    FROM moments WHERE moment IS NOT NULL
    GROUP BY ALL
    UNION ALL
    SELECT 'mfa_on', 'mfa_enabled', t.account_id, min(t.answer_id), concat('MFA is on, and the sign-in at ', strftime(s.eventTime, '%Y-%m-%d %H:%M:%S'), ' did not use it'),
        p.sign_in[1:1], '', s.eventIDs, s.citations, s.eventTime, max(t.told_time)
    FROM told AS t JOIN signed_in AS s ON t.account_id = s.account_id AND NOT s.mfa_used JOIN places AS p ON t.account_id = p.account_id
    WHERE (t.body->>'$.SummaryMap.AccountMFAEnabled') = '1' OR lower(t.root_row->>'$.mfa_active') = 'true'
    GROUP BY t.account_id, p.sign_in, s.eventTime, s.eventIDs, s.citations
    HAVING coalesce(max(t.told_time), s.eventTime) >= s.eventTime
    UNION ALL
    SELECT 'contact_changed', concat('contact_changed ', c.kind), t.account_id, t.answer_id,
        concat('the account ', CASE WHEN t.code = '' THEN 'has a' ELSE 'has no' END, ' contact ', c.kind, ', which was ', CASE WHEN c.was_put THEN 'set' ELSE 'deleted' END, ' at ', strftime(c.eventTime, '%Y-%m-%d %H:%M:%S')),
        p.sign_in[1:1], '', c.eventIDs, c.citations, if((t.code = '') = c.was_put, c.eventTime - INTERVAL '1' SECOND, c.eventTime), if((t.code = '') = c.was_put, c.eventTime, t.told_time)
    FROM told AS t JOIN contact_calls AS c ON t.account_id = c.account_id AND t.argument = c.kind JOIN places AS p ON t.account_id = p.account_id
    WHERE t.call = 'account:GetAlternateContact' AND t.code IN ('', 'ResourceNotFoundException') AND coalesce(t.told_time, c.eventTime) >= c.eventTime
),
held AS (
    SELECT c.finding, c.account_id, c.text,
        array_agg(a.eventID ORDER BY a.eventTime, a.eventID) AS eventIDs,
        array_agg(concat(a.evidence_id, ':', a.record_index) ORDER BY a.eventTime, a.eventID) AS citations
    FROM claims AS c
    JOIN acts AS a ON a.account_id = c.account_id AND a.act = c.act AND a.eventTime > c.from_time AND a.eventTime <= c.until_time
    GROUP BY ALL
),
-- Accounts of which the case may have only some of the events, and why.
partial AS (
    SELECT account_id, 'the case has events from only one identity' AS why
    FROM api_calls GROUP BY ALL
    HAVING count(DISTINCT coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.userName, '')) = 1
    UNION ALL
    SELECT account_id, 'no trail records all management events where root signs in' FROM controls
    WHERE control_id = 'sign-in-regions' AND answer = 'fail'
),
-- Worked out once: three parts read it.
spans AS MATERIALIZED (
    SELECT * FROM coverage_spans
),
begins AS (
    SELECT account_id, min(from_time) AS begin_time FROM spans GROUP BY account_id
),
-- Regions of a claim of which the logs do not cover the whole of its time.
uncovered AS (
    SELECT finding, account_id, text, string_agg(region, ', ' ORDER BY region) AS regions
    FROM (
        SELECT c.finding, c.account_id, c.text, c.region
        FROM (SELECT finding, account_id, text, from_time, until_time, unnest(regions) AS region FROM claims) AS c
        LEFT JOIN spans AS s
            ON c.account_id = s.account_id AND c.region = s.region AND s.until_time > c.from_time AND s.from_time <= c.until_time
        GROUP BY c.finding, c.account_id, c.text, c.region, c.from_time, c.until_time
        HAVING NOT coalesce(
            bool_and(s.state IN ('events', 'quiet', 'empty_log')) AND min(s.from_time) <= c.from_time AND max(s.until_time) > c.until_time, false
        )
    )
    GROUP BY ALL
),
-- What breaks the recording, until the same control is restored; whose trail it is does not matter.
cuts AS (
    SELECT w.eventTime AS from_time, min(r.eventTime) AS until_time
    FROM control_changes AS w
    LEFT JOIN control_changes AS r ON r.control = w.control AND r.account_id = w.account_id AND r.part = w.part AND r.effect = 'restored' AND r.result = 'succeeded' AND r.eventTime > w.eventTime
    WHERE w.result = 'succeeded' AND w.effect IN ('stopped', 'removed', 'narrowed')
        AND w.control IN ('trail', 'event data store', 'trail bucket', 'KMS key', 'organization') AND w.part <> 'digests'
    GROUP BY w.eventTime, w.evidence_id, w.record_index
),
judged AS (
    SELECT c.finding, c.account_id, c.from_time, c.until_time, c.answer_id, c.text, h.citations IS NOT NULL AS is_held,
        coalesce(h.eventIDs, c.eventIDs) AS eventIDs, coalesce(h.citations, c.citations) AS citations,
        concat_ws('; ',
            CASE WHEN c.until_time IS NULL THEN 'the answer has no time' WHEN u.regions <> '' THEN concat('the logs do not cover ', u.regions, ' at that time') END,
            CASE WHEN EXISTS (SELECT 1 FROM cuts AS k WHERE k.from_time <= c.until_time AND coalesce(k.until_time, c.from_time) >= c.from_time) THEN 'logging was impaired' END,
            nullif(c.doubt, ''),
            (SELECT string_agg(p.why, '; ' ORDER BY p.why) FROM partial AS p WHERE p.account_id = c.account_id)
        ) AS lacking
    FROM claims AS c
    JOIN begins AS b ON c.account_id = b.account_id AND coalesce(c.until_time, b.begin_time) >= b.begin_time
    LEFT JOIN held AS h ON c.finding = h.finding AND c.account_id = h.account_id AND c.text = h.text
    LEFT JOIN uncovered AS u ON c.finding = u.finding AND c.account_id = u.account_id AND c.text = u.text
),
-- Hours of an account of which nothing is known of any Region, while its trail was logging.
silent AS (
    SELECT l.account_id, l.list_id, l.answer_id, l.name, p.from_time, p.next_time AS until_time
    FROM logging AS l
    JOIN (
        SELECT account_id, known_time AS from_time, lead(from_time) OVER (PARTITION BY account_id ORDER BY from_time, known_time) AS next_time
        FROM (
            SELECT account_id, from_time, max(until_time) OVER (PARTITION BY account_id ORDER BY from_time, until_time) AS known_time
            FROM spans WHERE state NOT IN ('unknown', 'unproven')
        )
    ) AS p ON l.account_id = p.account_id
    WHERE p.from_time >= l.start_time AND coalesce(p.next_time, l.delivery_time) <= l.delivery_time
        AND coalesce(p.next_time, l.delivery_time) >= p.from_time + INTERVAL '1' HOUR * CAST($hours AS INTEGER)
),
active AS (
    SELECT account_id, min(eventTime) AS from_time, max(eventTime) AS until_time,
        array_agg(eventID ORDER BY eventTime, eventID)[1:3] AS eventIDs,
        array_agg(concat(evidence_id, ':', record_index) ORDER BY eventTime, eventID)[1:3] AS citations
    FROM root_events WHERE origin_group = 'activity' AND origin <> 'privileged_session'
    GROUP BY account_id
),
found AS (
    SELECT finding, account_id, from_time, until_time, ['answer:' || answer_id] AS answers, eventIDs, citations,
        CASE WHEN is_held THEN 'confirmed' WHEN lacking <> '' THEN 'gap' ELSE 'contradiction' END AS standing,
        concat(upper(text[1:1]), text[2:], '; ',
            CASE WHEN is_held THEN 'the case has the event' WHEN lacking <> '' THEN concat('the case has no such event, but it may be missing: ', lacking)
                ELSE 'the logs cover this time and contain no such event' END, '.') AS why
    FROM judged
    WHERE NOT (finding IN ('password_used', 'key_used', 'root_used', 'mfa_on', 'trail_started') AND is_held)
    UNION ALL
    SELECT 'trail_silent', account_id, from_time, until_time, [concat('answer:', list_id), concat('answer:', answer_id)], [], [], 'gap',
        concat('Trail ', name, ' was logging', CASE WHEN until_time IS NULL THEN ' until now; the case ends earlier' ELSE '; the case has no logs from any Region' END, '.')
    FROM silent
    UNION ALL
    SELECT 'alarm_silent', p.account_id, a.from_time, a.until_time, p.answers, a.eventIDs, a.citations, 'confirmed', p.why
    FROM controls AS p
    JOIN active AS a ON p.account_id = a.account_id
    WHERE p.control_id = 'root-alarm' AND p.answer IN ('fail', 'warn') AND len(p.missing) = 0 -- else it is the logs that lack something
)
SELECT
    CASE WHEN f.standing = 'gap' THEN 'medium' ELSE m.severity END AS severity, f.standing, f.finding, m.title, f.account_id,
    f.from_time, f.until_time, f.why, m.explanation, m.benign, f.answers, f.eventIDs, f.citations
FROM found AS f JOIN meanings AS m ON f.finding = m.finding
WHERE $account_id = '' OR f.account_id = $account_id
ORDER BY
    strpos('gap confirmed contradiction', f.standing) DESC, strpos('medium high', m.severity) DESC, f.account_id, f.from_time, f.finding, f.why
