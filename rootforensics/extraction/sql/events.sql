-- The records of a trail as the columns of events, for Trino and Athena. Spelled as CloudTrail spells them; what is not
-- so (is_odd) might have other values here than in a case.
SELECT
    *,
    NOT coalesce(regexp_like(json_extract_scalar(record, '$.eventTime'), '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$'), false)
        OR eventTime IS NULL
        OR (userIdentity IS NULL AND coalesce(json_format(json_extract(record, '$.userIdentity')), 'null') <> 'null')
        OR coalesce(regexp_like(json_format(json_extract(record, '$.userIdentity')), '":[-0-9tf]'), false)
        -- What pattern languages take for the end of a line, before which $ may match, too.
        OR regexp_like(concat(
            coalesce(json_format(json_extract(record, '$.userIdentity')), ''), coalesce(json_format(json_extract(record, '$.eventName')), ''),
            coalesce(json_format(json_extract(record, '$.sourceIPAddress')), '')
        ), concat('\\[nru]|[', chr(133), chr(8232), chr(8233), ']'))
        OR coalesce(eventID, '') = '' OR coalesce(eventName, '') = '' OR coalesce(eventSource, '') = ''
        OR any_match(
            ARRAY[
                json_extract(record, '$.eventTime'), json_extract(record, '$.eventSource'), json_extract(record, '$.eventName'),
                json_extract(record, '$.awsRegion'), json_extract(record, '$.sourceIPAddress'), json_extract(record, '$.userAgent'),
                json_extract(record, '$.errorCode'), json_extract(record, '$.errorMessage'), json_extract(record, '$.eventID'),
                json_extract(record, '$.eventType'), json_extract(record, '$.eventCategory'),
                json_extract(record, '$.recipientAccountId'), json_extract(record, '$.sessionCredentialFromConsole')
            ], one -> coalesce(json_format(one), 'null') <> 'null' AND json_format(one) NOT LIKE '"%')
        OR coalesce(json_format(json_extract(record, '$.readOnly')), 'null') NOT IN ('null', 'true', 'false') AS is_odd
FROM (
    SELECT
        object AS evidence_id, place AS record_index, record, account, region, day,
        TRY(CAST(json_extract(record, '$.userIdentity') AS ROW(
            type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, accessKeyId VARCHAR, userName VARCHAR,
            sessionContext ROW(
                sessionIssuer ROW(type VARCHAR, principalId VARCHAR, arn VARCHAR, accountId VARCHAR, userName VARCHAR),
                attributes ROW(creationDate VARCHAR, mfaAuthenticated VARCHAR),
                assumedRoot VARCHAR, signInSessionArn VARCHAR, sourceIdentity VARCHAR, ec2RoleDelivery VARCHAR
            ),
            invokedBy VARCHAR, identityProvider VARCHAR, credentialId VARCHAR
        ))) AS userIdentity,
        TRY(from_iso8601_timestamp(json_extract_scalar(record, '$.eventTime'))) AS eventTime,
        json_extract_scalar(record, '$.eventVersion') AS eventVersion,
        json_extract_scalar(record, '$.eventSource') AS eventSource,
        json_extract_scalar(record, '$.eventName') AS eventName,
        json_extract_scalar(record, '$.awsRegion') AS awsRegion,
        json_extract_scalar(record, '$.sourceIPAddress') AS sourceIPAddress,
        json_extract_scalar(record, '$.userAgent') AS userAgent,
        json_extract_scalar(record, '$.errorCode') AS errorCode,
        json_extract_scalar(record, '$.errorMessage') AS errorMessage,
        nullif(json_format(json_extract(record, '$.requestParameters')), 'null') AS requestParameters,
        nullif(json_format(json_extract(record, '$.responseElements')), 'null') AS responseElements,
        nullif(json_format(json_extract(record, '$.additionalEventData')), 'null') AS additionalEventData,
        nullif(json_format(json_extract(record, '$.serviceEventDetails')), 'null') AS serviceEventDetails,
        nullif(json_format(json_extract(record, '$.resources')), 'null') AS resources,
        json_extract_scalar(record, '$.requestID') AS requestID,
        json_extract_scalar(record, '$.eventID') AS eventID,
        CASE json_extract_scalar(record, '$.readOnly') WHEN 'true' THEN true WHEN 'false' THEN false END AS readOnly,
        CASE json_extract_scalar(record, '$.managementEvent') WHEN 'true' THEN true WHEN 'false' THEN false END AS managementEvent,
        json_extract_scalar(record, '$.eventType') AS eventType,
        json_extract_scalar(record, '$.apiVersion') AS apiVersion,
        json_extract_scalar(record, '$.eventCategory') AS eventCategory,
        json_extract_scalar(record, '$.recipientAccountId') AS recipientAccountId,
        json_extract_scalar(record, '$.sharedEventID') AS sharedEventID,
        json_extract_scalar(record, '$.vpcEndpointId') AS vpcEndpointId,
        json_extract_scalar(record, '$.vpcEndpointAccountId') AS vpcEndpointAccountId,
        json_extract_scalar(record, '$.sessionCredentialFromConsole') AS sessionCredentialFromConsole,
        nullif(json_format(json_extract(record, '$.tlsDetails')), 'null') AS tlsDetails,
        json_extract_scalar(record, '$.addendum.reason') AS addendum_reason,
        CAST(NULL AS VARCHAR) AS otherFields
    FROM records
)
