/*
question = "Does the case hold any event whose outcome is not recorded or whose service is inferred?"
misses   = "Outcomes that are recorded and wrong."
columns  = "is_held"
never_null = "is_held"
[notes]
is_held = "BOOLEAN; true; no row if there is none"
*/
SELECT true AS is_held
FROM events
WHERE outcome IS NULL OR inferred <> ''
LIMIT 1
