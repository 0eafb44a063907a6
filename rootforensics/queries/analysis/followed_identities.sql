/*
question = "Which identities that descend from root are followed, whether or not they were used?"
misses   = "Everything that root_descendants misses."
uses     = ["root_descendants"]
columns  = "identity_kind identity_name made_by made_account_id made_region made_evidence_id made_record_index"
never_null = "identity_kind identity_name made_by made_evidence_id made_record_index"
[params]
account_id = { type = "VARCHAR", default = "", help = "only descendants of root of this account (12 digits); empty for all" }
[notes]
identity_kind = "VARCHAR; as in descendant_use"
*/
SELECT DISTINCT
    identity_kind, identity_name, made_by, account_id AS made_account_id, region AS made_region,
    evidence_id AS made_evidence_id, record_index AS made_record_index
FROM root_descendants
WHERE $account_id = '' OR root_account_id = $account_id
ORDER BY made_evidence_id, made_record_index, identity_kind, identity_name
