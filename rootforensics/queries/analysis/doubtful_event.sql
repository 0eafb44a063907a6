/*
question = "Does the case have any event without a recorded outcome, or with an inferred service?"
misses   = "Outcomes that are recorded but wrong."
columns  = "is_held"
never_null = "is_held"
[notes]
is_held = "BOOLEAN; true; no row if there is none"
*/
SELECT true AS is_held
FROM events
WHERE outcome IS NULL OR inferred <> ''
LIMIT 1
