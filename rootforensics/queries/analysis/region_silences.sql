/*
question = "How long is each Region of an account usually without events, and when was it silent for much longer?"
misses   = "Silences of less than three hours. Regions with so few events that no silence is unusual."
columns  = "account_id region usual_hours known_time from_time until_time"
never_null = "account_id region known_time"
[notes]
region      = "VARCHAR"
usual_hours = "BIGINT; usual hours without events"
known_time  = "TIMESTAMP WITH TIME ZONE; UTC; when enough hours were recorded"
from_time   = "TIMESTAMP WITH TIME ZONE; UTC; start of a silence; NULL if there is none"
until_time  = "TIMESTAMP WITH TIME ZONE; UTC; end of the silence"
*/
SELECT account_id, region, usual_hours, known_time, from_time, until_time
FROM region_silences
ORDER BY account_id, region, from_time NULLS FIRST
