/*
title    = "Actions of identities that descend from root"
question = "Which events are the actions of keys, users, roles, sessions, instances or functions that root created, gave access to or gave permissions, or that these created?"
attack   = ["T1078.004", "T1098"]
source   = "The descendants as root_descendants; AWS CloudTrail User Guide, userIdentity element"
misses   = "Everything that root_descendants misses. Root's own sessions, which are not descendants (root_events). Actions of others with an identity that root only changed: their certainty is possible."
uses     = ["root_events", "descendant_acts"]
*/
WITH chosen AS MATERIALIZED (
    SELECT evidence_id, record_index, identity_kind, identity_name, certainty
    FROM descendant_acts AS a
    WHERE NOT EXISTS (
        SELECT 1 FROM root_events AS r WHERE r.evidence_id = a.evidence_id AND r.record_index = a.record_index
    )
    -- The most certain path, then the one with the fewest steps from root.
    QUALIFY row_number() OVER (
        PARTITION BY evidence_id, record_index
        ORDER BY certainty, generation, kind_order, identity_name
    ) = 1
)
SELECT
    e.* REPLACE (e.service AS eventSource, e.action AS eventName),
    concat(replace(c.identity_kind, '_', ' '), ' ', c.identity_name) AS descendant,
    -- Possible: the identity existed before root changed it, or an AWS service acted in its name.
    c.certainty
FROM events AS e INNER JOIN chosen AS c ON e.evidence_id = c.evidence_id AND e.record_index = c.record_index
-- Find these rows first, so that the engine reads only their other columns.
WHERE e.rowid IN (SELECT rowid FROM events SEMI JOIN chosen USING (evidence_id, record_index))
