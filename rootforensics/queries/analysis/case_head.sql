/*
question = "What is the title of the case, and who is its investigator?"
misses   = "Titles and names that were given to a report only."
columns  = "name content"
never_null = "name content"
[notes]
name    = "VARCHAR; title or investigator"
content = "VARCHAR"
*/
SELECT name, content FROM case_info WHERE name IN ('title', 'investigator') ORDER BY name
