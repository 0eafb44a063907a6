/*
title    = "Logs that differ from their digest files"
question = "Which logs differ in content from what digest files list, or what verify found?"
attack   = ["T1070"]
source   = "AWS CloudTrail User Guide, digest file structure: hashValue is of the uncompressed log; what verify found"
misses   = "Without verify, forged digest files. Logs with a name other than CloudTrail's, and those without a hash of their whole content."
uses     = []
*/
SELECT evidence_id FROM integrity WHERE kind = 'log' AND verdict = 'modified' AND evidence_id IS NOT NULL
UNION
SELECT e.evidence_id
FROM evidence AS e INNER JOIN listed_logs AS l
    ON l.log_name = regexp_extract(e.uri, '(\d{12})_CloudTrail(?:-\w+)?_([a-z0-9-]+)_(\d{8}T\d{4}Z)_?\w{16}\.json')
WHERE e.delivery_time IS NOT NULL
GROUP BY e.evidence_id
HAVING NOT bool_or(l.sha256 = if(e.compression = 'plain', e.sha256, e.content_sha256))
