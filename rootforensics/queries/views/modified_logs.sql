/*
title    = "Logs that are not as digest files list them"
question = "Of which logs is the content not the one that digest files list, or that verify found?"
attack   = ["T1070"]
source   = "AWS CloudTrail User Guide, digest file structure: hashValue is of the uncompressed log; what verify found"
misses   = "Without verify, that the digests themselves may be forged; logs that lie under another name than CloudTrail gave them, and those without a hash of all of their content."
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
