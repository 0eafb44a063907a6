/*
title    = "What identities that descend from root did"
question = "Which events are the doings of keys, users, roles, sessions, instances or functions that root made, or that these made?"
attack   = ["T1078.004", "T1098"]
source   = "The descendants as root_descendants; AWS CloudTrail User Guide, userIdentity element"
misses   = "What root_descendants misses; doings that are only possibly a descendant's: of identities that existed before and were opened to others, and what AWS services did in a descendant's name (descendant_acts has both). Root's own sessions are no descendants: root_events holds them."
uses     = ["api_calls", "descendant_acts"]
*/
WITH chosen AS (
    SELECT evidence_id, record_index, identity_kind, identity_name
    FROM descendant_acts
    WHERE certainty = 'certain'
    -- The way with the fewest steps from root; a key says most exactly who acted.
    QUALIFY row_number() OVER (
        PARTITION BY evidence_id, record_index
        ORDER BY generation, strpos('access_key instance function role_session identity_provider user role', identity_kind),
            identity_name
    ) = 1
)
SELECT
    e.*,
    coalesce(e.recipientAccountId, e.userIdentity.accountId) AS account_id,
    CASE WHEN e.errorCode <> '' OR lower(e.responseElements->>'$.ConsoleLogin') = 'failure' THEN 'failure' ELSE 'success' END
        AS outcome,
    concat(replace(c.identity_kind, '_', ' '), ' ', c.identity_name) AS descendant
FROM api_calls AS e INNER JOIN chosen AS c ON e.evidence_id = c.evidence_id AND e.record_index = c.record_index
WHERE e.root_basis IS NULL
