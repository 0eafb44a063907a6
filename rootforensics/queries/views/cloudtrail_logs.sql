/*
title    = "Events in the format of Athena's CloudTrail table"
question = "How do queries published for Athena run here?"
attack   = []
source   = "Amazon Athena User Guide, create a table for CloudTrail logs (column names and types); AWS Security Analytics Bootstrap, for the names of partitions that end in _partition"
misses   = "Insights events and aggregated events, which are in separate folders and not part of that table (cloudtrail_summaries). Partition columns come from the event, not from an object's key."
uses     = ["api_calls"]
*/
SELECT
    eventVersion AS eventversion,
    userIdentity AS useridentity,
    strftime(eventTime AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS eventtime,
    eventSource AS eventsource,
    eventName AS eventname,
    awsRegion AS awsregion,
    sourceIPAddress AS sourceipaddress,
    userAgent AS useragent,
    errorCode AS errorcode,
    errorMessage AS errormessage,
    CAST(requestParameters AS VARCHAR) AS requestparameters,
    CAST(responseElements AS VARCHAR) AS responseelements,
    CAST(additionalEventData AS VARCHAR) AS additionaleventdata,
    requestID AS requestid,
    eventID AS eventid,
    resources,
    eventType AS eventtype,
    apiVersion AS apiversion,
    CAST(readOnly AS VARCHAR) AS readonly,
    CAST(managementEvent AS VARCHAR) AS managementevent,
    recipientAccountId AS recipientaccountid,
    CAST(serviceEventDetails AS VARCHAR) AS serviceeventdetails,
    sharedEventID AS sharedeventid,
    vpcEndpointId AS vpcendpointid,
    vpcEndpointAccountId AS vpcendpointaccountid,
    eventCategory AS eventcategory,
    addendum,
    sessionCredentialFromConsole AS sessioncredentialfromconsole,
    CAST(edgeDeviceDetails AS VARCHAR) AS edgedevicedetails,
    tlsDetails AS tlsdetails,
    account_id AS account,
    awsRegion AS region,
    strftime(eventTime AT TIME ZONE 'UTC', '%Y') AS year,
    strftime(eventTime AT TIME ZONE 'UTC', '%m') AS month,
    strftime(eventTime AT TIME ZONE 'UTC', '%d') AS day,
    strftime(eventTime AT TIME ZONE 'UTC', '%Y/%m/%d') AS "timestamp",
    account AS account_partition,
    region AS region_partition,
    "timestamp" AS date_partition,
    evidence_id,
    record_index
FROM api_calls
