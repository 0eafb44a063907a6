/*
title    = "Answers from AWS"
question = "What did AWS answer to which call, for which account and Region, when, and which file contains the answer?"
attack   = []
source   = "Answers that posture fetched, or read from files of the AWS CLI"
misses   = "Anything that was not requested. Proof that answers from files are genuine. Seeds and QR codes of MFA devices, which are excluded."
first    = "citation call account_id region argument asked_time code"
columns  = "answer_id citation call account_id region argument asked_time file code message body check_id"
never_null = "answer_id citation call account_id region argument file code message body check_id"
[params]
account_id = { type = "VARCHAR", default = "", help = "only this account (12 digits); empty for all" }
[notes]
answer_id  = "INTEGER; its number in the case, from 1"
citation   = "VARCHAR; answer and its number in the case, cite this"
call       = "VARCHAR; service and operation"
region     = "VARCHAR; Region of the request; empty if unknown"
argument   = "VARCHAR; subject of the request; empty for none"
asked_time = "TIMESTAMP WITH TIME ZONE; UTC; NULL if unknown"
file       = "VARCHAR; file that it was read from or written to; empty for none"
code       = "VARCHAR; error code, if AWS denied the request; else empty"
message    = "VARCHAR; error message, or what is wrong with the file"
body       = "JSON; as the AWS CLI prints it"
check_id   = "INTEGER; number of the posture check that it belongs to, from 1"
*/
SELECT answer_id, concat('answer:', answer_id) AS citation, call, account_id, region, argument, asked_time, file, code, message, body, check_id
FROM aws_answers
WHERE $account_id = '' OR account_id = $account_id
ORDER BY answer_id
