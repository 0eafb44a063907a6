"""Roles in the hands of services that run what they are told: builds, jobs, workflows, schedules, stacks.

Root tells such a service what to do, and the service does it with a role. No record ties the role's session to root's
call; where one wrote after that call, it may have been root's doing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.phrases import at, some, sortable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.queries.result import Asks, Row

_DOMAIN: Final = ".amazonaws.com"
#: Services that do with a role what their customer wrote down, and their calls that end or label things only. Of
#: Systems Manager and Lambda, only the calls named here.
_SERVICES: Final = (
    "airflow apprunner cloudformation codebuild codepipeline datapipeline elasticbeanstalk elasticmapreduce "
    "emr-serverless events glue imagebuilder iot kinesisanalytics pipes sagemaker scheduler states"
)
#: Services that are given roles for what is followed by itself: identities, sessions, instances, tasks, functions.
_FOLLOWED: Final = "autoscaling ec2 ecs iam lambda sts"
_TOLD: Final = """
    SELECT account_id, eventTime, awsRegion, eventSource, eventName, eventID, evidence_id, record_index,
        CASE WHEN eventSource = 'lambda.amazonaws.com'
            THEN regexp_extract(requestParameters->>'$.functionName', '^(.*function:)?([A-Za-z0-9_-]+)', 2)
        END AS function,
        -- Any other service does something with the role that it is given, and with that alone.
        CASE WHEN replace(eventSource, '.amazonaws.com', '') NOT IN (SELECT unnest(string_split($services, ' ')))
            THEN roles END AS roles
    FROM (
        SELECT account_id, eventTime, awsRegion, eventSource, eventName, outcome, is_write, requestParameters, eventID,
            evidence_id, record_index,
            regexp_extract_all(CAST(requestParameters AS VARCHAR), ':role/([^"]*/)?([^"/]+)"', 2) AS roles
        FROM root_activity
        UNION ALL
        SELECT account_id, eventTime, awsRegion, eventSource, eventName, outcome, is_write, requestParameters, eventID,
            evidence_id, record_index,
            regexp_extract_all(CAST(requestParameters AS VARCHAR), ':role/([^"]*/)?([^"/]+)"', 2)
        FROM descendant_events
    )
    WHERE outcome = 'success' AND is_write IS DISTINCT FROM false AND (
        (replace(eventSource, '.amazonaws.com', '') IN (SELECT unnest(string_split($services, ' ')))
            AND NOT regexp_matches(eventName, '^(Cancel|Deregister|Disable|Pause|Stop|Tag|Terminate|Untag)')
            AND (eventName NOT LIKE 'Delete%' OR eventSource = 'cloudformation.amazonaws.com'))
        OR (eventSource = 'ssm.amazonaws.com' AND eventName IN (
            'CreateAssociation', 'RegisterTaskWithMaintenanceWindow', 'StartAutomationExecution',
            'StartChangeRequestExecution', 'UpdateAssociation', 'UpdateMaintenanceWindowTask'
        ))
        OR (len(roles) > 0 AND NOT regexp_matches(eventName, '^(Delete|Tag|Untag)') AND replace(
            eventSource, '.amazonaws.com', '') NOT IN (SELECT unnest(string_split($followed, ' '))))
        OR (eventSource = 'lambda.amazonaws.com' AND eventName IN ('Invoke', 'InvokeAsync', 'InvokeWithResponseStream'))
    )
    ORDER BY eventTime NULLS LAST, eventID, evidence_id, record_index
"""
#: Roles whose sessions wrote and are not known to come from root, by who opened them: a service, or no record tells.
#: What is on an instance, a service's own role and a person of IAM Identity Center do nothing for such a service.
_WROTE: Final = """
    WITH opened AS (
        SELECT
            responseElements->>'$.credentials.accessKeyId' AS access_key, any_value(eventTime) AS eventTime,
            bool_or(identity_type = 'AWSService') AS by_service, max(userIdentity.invokedBy) AS service
        FROM api_calls
        WHERE eventSource = 'sts.amazonaws.com' AND eventName LIKE 'AssumeRole%' AND outcome IS DISTINCT FROM 'failure'
        GROUP BY access_key
    ),
    wrote AS (
        SELECT
            coalesce(recipientAccountId, userIdentity.accountId) AS account_id, eventTime,
            userIdentity.accessKeyId AS access_key,
            TRY_CAST(userIdentity.sessionContext.attributes.creationDate AS TIMESTAMPTZ) AS created,
            concat(split_part(userIdentity.arn, ':', 5), ':', split_part(userIdentity.arn, '/', 2)) AS role,
            CASE WHEN split_part(userIdentity.arn, '/', 3) IN (SELECT unnest(string_split($functions, ' ')))
                THEN split_part(userIdentity.arn, '/', 3) END AS function,
            userIdentity.arn LIKE '%/AWSCloudFormation%' AS of_stacks
        FROM api_calls AS r
        WHERE identity_type = 'AssumedRole' AND is_write IS DISTINCT FROM false
            AND outcome IS DISTINCT FROM 'failure'
            AND userIdentity.arn NOT LIKE '%:assumed-role/AWSReservedSSO_%'
            AND userIdentity.arn NOT LIKE '%:assumed-role/AWSServiceRoleFor%'
            AND userIdentity.arn NOT LIKE '%/i-%' AND userIdentity.arn NOT LIKE '%/mi-%'
            AND NOT EXISTS (
                SELECT 1 FROM descendant_acts AS d
                WHERE d.evidence_id = r.evidence_id AND d.record_index = r.record_index
            )
    )
    SELECT
        w.account_id, w.role, w.function, w.of_stacks, o.service, o.access_key IS NOT NULL AS told,
        w.role LIKE '%:stacksets-exec-%' OR w.role LIKE '%:AWSCloudFormationStackSetExecutionRole' AS of_stack_sets,
        -- When the last of them wrote and began; of one that nobody dates this is not known.
        CASE WHEN count(w.eventTime) = count(*) THEN max(w.eventTime) END AS wrote_time,
        CASE WHEN count(coalesce(o.eventTime, w.created)) = count(*) THEN max(coalesce(o.eventTime, w.created)) END
            AS begun_time
    FROM wrote AS w LEFT JOIN opened AS o ON w.access_key = o.access_key
    WHERE o.access_key IS NULL OR o.by_service OR of_stack_sets
    GROUP BY ALL
    ORDER BY ALL
"""


class ServiceRoles:
    """What root told such services in all accounts of a case, and the roles that may have done it.

    Attributes:
        calls: what was told to them, as events with ``function``, the function that the call invoked.

    Args:
        case: to ask; once only where they were told nothing.
    """

    def __init__(self, case: Asks) -> None:
        self.calls: list[Row] = case.statement(_TOLD, services=_SERVICES, followed=_FOLLOWED).rows
        functions = sorted({row["function"] for row in self.calls if row["function"]})
        #: What wrote, by account; what stack sets did, under "".
        self._wrote: dict[str, list[Row]] = {}
        for row in case.statement(_WROTE, functions=" ".join(functions)).rows if self.calls else ():
            self._wrote.setdefault("" if row["of_stack_sets"] else row["account_id"], []).append(row)

    def unfollowed(self, calls: Iterable[Row]) -> Iterator[str]:
        """What may be missing of what some of the calls told a service to do, in words; each service once.

        Args:
            calls: of ``calls``, those of one root.
        """
        told: set[str] = set()
        for row in sorted(calls, key=lambda row: (row["eventTime"] is not None, sortable(row["eventTime"]))):
            service = row["eventSource"].removesuffix(_DOMAIN)
            if service in told:
                continue
            near = [*self._wrote.get("", ()), *self._wrote.get(row["account_id"], ())]
            names = sorted({one["role"].partition(":")[2] for one in near if _may_be(row, one)})
            if not names:
                continue
            told.add(service)
            yield (
                f"whether role {some(names)} acted for root:"
                f" {service}:{row['eventName']} at {at(row['eventTime'])} does not tell what came of it"
            )


def _may_be(call: Row, one: Row) -> bool:
    """Whether sessions of a role that wrote may have done what a service was told."""
    if _before(one["wrote_time"], call):
        return False
    if call["roles"] and one["role"].partition(":")[2] not in call["roles"]:
        return False
    if one["of_stack_sets"]:  # it reaches into all accounts of the organization
        return "Stack" in call["eventName"]
    if call["function"]:  # a function's session serves many calls
        return bool(one["function"] == call["function"])
    if not one["told"] and one["of_stacks"] != (call["eventSource"] == "cloudformation.amazonaws.com"):
        return False
    known = one["service"] in (call["eventSource"], None) if one["told"] else True
    return known and not _before(one["begun_time"], call)


def _before(moment: Any, call: Row) -> bool:  # noqa: ANN401 - a value of a row
    return moment is not None and call["eventTime"] is not None and bool(moment < call["eventTime"])
