/*
question = "Which source addresses do the events name?"
misses   = "Addresses that appear only in the request, the response or a text."
columns  = "found"
never_null = "found"
[notes]
found = "VARCHAR; sourceIPAddress"
*/
SELECT DISTINCT sourceIPAddress AS found
FROM events
WHERE sourceIPAddress IS NOT NULL
