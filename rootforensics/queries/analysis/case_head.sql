/*
question = "What is the case called, and who answers for its report?"
misses   = "What was given to a report alone."
columns  = "name content"
never_null = "name content"
[notes]
name    = "VARCHAR; title or investigator"
content = "VARCHAR"
*/
SELECT name, content FROM case_info WHERE name IN ('title', 'investigator') ORDER BY name
