"""What a case derives of each event: who acted, how the call went, whether it changes something, which service it was.

One definition for all; NULL where the record does not say.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.spelling import ROOT_ARN, VERSION, sources_by_name, spelled_action
from rootforensics.schema import TELLING

if TYPE_CHECKING:
    import duckdb

#: Names of what reads, for records without ``readOnly``: old ones, and many of the billing pages, which put the thing
#: before the action (``Instruments_List``).
READS: Final = (
    "^(BatchGet|Describe|Download|Find|Get|Head|List|Lookup|Preview|Search|View)([A-Z0-9_]|$)"
    "|_(Describe|Get|List|View)([A-Z0-9_]|$)"
)
#: Names of what certainly changes something.
WRITES: Final = (
    "^(Batch)?(Accept|Activate|Add|Allocate|Associate|Attach|Authorize|Cancel|Change|Copy|Create|Deactivate|Delete|Deregister"
    "|Detach|Disable|Disassociate|Enable|Import|Leave|Modify|Purchase|Put|Reboot|Register|Release|Remove|Replace|Request"
    "|Reset|Restore|Revoke|Rotate|Run|Schedule|Send|Set|Start|Stop|Tag|Terminate|Transfer|Untag|Update|Upload)([A-Z0-9_]|$)"
)
#: What such a name may also be: issuing credentials is recorded as a read or a write, and queries are started.
MAY_BE_EITHER: Final = "Token|OAuth|Query"

#: Whether an event changes something: as ``readOnly`` says; without it, as its name says where that is certain.
IS_WRITE: Final = f"""CASE
    WHEN readOnly IS NOT NULL THEN NOT readOnly
    WHEN regexp_matches(action, '{MAY_BE_EITHER}') THEN NULL
    WHEN regexp_matches(action, '{READS}') THEN false
    WHEN regexp_matches(action, '{WRITES}') THEN true
END"""
#: What the response of a sign-in says, in lower case.
SIGN_IN_OUTCOME: Final = """lower(coalesce(
    responseElements->>'$.ConsoleLogin', responseElements->>'$.CheckMfa',
    responseElements->>'$.PasswordRecoveryRequested', responseElements->>'$.PasswordRecoveryCompleted',
    responseElements->>'$.PasswordUpdated', responseElements->>'$.EmailUpdated',
    responseElements->>'$.AccountNameUpdated', responseElements->>'$.GetSigninToken',
    responseElements->>'$.SwitchRole', responseElements->>'$.ExitRole', responseElements->>'$.RenewRole',
    additionalEventData->>'$.success'
))"""
#: How an error is named: a code as AWS gives one, with the service's name or a type before it, the status of an HTTP
#: answer, or an object or a list with a code in it. A small word is some program's, as are those for flags and nothing.
_CODE: Final = r"([A-Za-z][A-Za-z0-9._:#/-]*|[45][0-9][0-9]|(?s)[{\[].*[A-Z][a-z].*)"
_NO_CODE: Final = "[a-z]+"
_NO_ERROR: Final = "(?i)(true|false|yes|no|inf|infinity|nan|nat|none|null|undefined|unknown|empty)"
_HAS_CODE: Final = f"""(regexp_full_match(trim(errorCode), '{_CODE}')
    AND NOT regexp_full_match(trim(errorCode), '{_NO_CODE}|{_NO_ERROR}'))"""
_HAS_MESSAGE: Final = rf"""(regexp_matches(errorMessage, '\p{{L}}')
    AND NOT regexp_full_match(trim(errorMessage), '{_NO_ERROR}'))"""
#: How a call went. AWS writes the code and the message "if the request returns an error"; a sign-in says in its
#: response how it went, and a failed one carries no errorCode. If what is written there names no error, nobody knows
#: whether the call failed.
OUTCOME: Final = f"""CASE
    WHEN {_HAS_CODE} THEN 'failure'
    WHEN service = 'signin.amazonaws.com' THEN CASE
        WHEN {SIGN_IN_OUTCOME} IN ('success', 'true') THEN 'success'
        WHEN {SIGN_IN_OUTCOME} IN ('failure', 'false') OR {_HAS_MESSAGE} THEN 'failure'
    END
    WHEN {_HAS_MESSAGE} THEN 'failure'
    WHEN errorCode <> '' OR errorMessage <> '' THEN NULL
    ELSE 'success'
END"""


_FEDERATED: Final = """(lower(trim(userIdentity.type)) = 'federateduser'
    OR (coalesce(userIdentity.type, '') = '' AND userIdentity.arn LIKE '%:federated-user/%'))"""
_SERVICE: Final = "amazonaws[.](com([.]cn)?|eu)$"
#: What the sign-in service records of root alone: an event that names nobody, or the service itself, is root's.
SIGN_IN_OF_ROOT: Final = ("EmailUpdated", "PasswordRecoveryCompleted", "PasswordRecoveryRequested", "PasswordUpdated")
_OF_ROOT_ALONE: Final = f"""(service = 'signin.amazonaws.com'
        AND lower(action) IN ({", ".join(f"'{name.lower()}'" for name in SIGN_IN_OF_ROOT)})
        AND coalesce(userIdentity.type, '') IN ('', 'AWSService') AND coalesce(userIdentity.arn, '') = '')"""
#: Who acted, as columns of an event. ``root_basis`` is the field that makes it root's, NULL where the caller is not
#: root: a record whose type was left out may still have the ARN. Tools spell a type in small or capital letters, which
#: AWS does not; any other spelling is a type that nobody knows. No IAM user can have a blank in its name. OCSF has of
#: who opened a session its ARN alone. What names no service of AWS as ``invokedBy`` is no reason to take an event for
#: its work, and the console is a person's hand.
IDENTITY: Final = f"""
CASE
    WHEN {_OF_ROOT_ALONE} THEN 'eventName'
    WHEN userIdentity.type IN ('IAMUser', 'AssumedRole', 'AWSAccount', 'AWSService') THEN NULL
    WHEN trim(userIdentity.type) IN ('Root', 'root', 'ROOT') THEN 'userIdentity.type'
    WHEN {_FEDERATED} AND trim(userIdentity.sessionContext.sessionIssuer.type) IN ('Root', 'root', 'ROOT')
        THEN 'sessionIssuer.type'
    WHEN {_FEDERATED} AND coalesce(userIdentity.sessionContext.sessionIssuer.type, '') = ''
        AND regexp_matches(userIdentity.sessionContext.sessionIssuer.arn, '{ROOT_ARN}') THEN 'sessionIssuer.arn'
    WHEN userIdentity.type <> '' THEN NULL
    WHEN regexp_matches(userIdentity.arn, '{ROOT_ARN}') THEN 'userIdentity.arn'
    WHEN userIdentity.userName = 'AWS ROOT USER' THEN 'userName'
END AS root_basis,
CASE WHEN userIdentity.type IN ('IAMUser', 'AssumedRole', 'FederatedUser', 'AWSAccount', 'AWSService')
    THEN userIdentity.type
ELSE CASE lower(trim(coalesce(userIdentity.type, '')))
    WHEN 'iamuser' THEN 'IAMUser'
    WHEN 'assumedrole' THEN 'AssumedRole'
    WHEN 'federateduser' THEN 'FederatedUser'
    WHEN 'awsaccount' THEN 'AWSAccount'
    WHEN 'awsservice' THEN 'AWSService'
    WHEN '' THEN CASE
        WHEN userIdentity.arn LIKE '%:user/%' THEN 'IAMUser'
        WHEN userIdentity.arn LIKE '%:assumed-role/%' THEN 'AssumedRole'
        WHEN userIdentity.arn LIKE '%:federated-user/%' THEN 'FederatedUser'
    END
    ELSE userIdentity.type
END END AS identity_type,
CASE
    WHEN regexp_matches(lower(userIdentity.invokedBy), '^([a-z0-9-]+[.])*signin[.]{_SERVICE}') THEN 'console'
    WHEN regexp_matches(lower(userIdentity.invokedBy), '^[a-z0-9.-]+[.]{_SERVICE}|^aws internal') THEN 'service'
END AS invoker
"""
#: Whether an event holds a field that the table around it has no column for: then it is a whole record beside it.
_WHOLE: Final = " OR ".join(
    f"(e.{path} IS NOT NULL AND list_contains(t.lacking, '{path}'))" for path in TELLING if path != "eventSource"
)
#: Whether success of an event ``e`` is only assumed: its table ``t`` has no column for errors, and the row does not
#: have what AWS answers to those that it grants.
UNSAID: Final = f"""(
    list_contains(t.lacking, 'errorCode') AND e.responseElements IS NULL
    AND e.service IS DISTINCT FROM 'signin.amazonaws.com' AND ({_WHOLE}) IS NOT TRUE
)"""
#: Whether the user ``root`` of a row is root: the console's event history has neither type nor ARN in its tables. An
#: IAM user may be called so, too; anywhere else the name says nothing.
NAMED_ROOT: Final = """(
    coalesce(e.userIdentity.type, '') = '' AND e.userIdentity.userName = 'root'
    AND t.container LIKE '%event history CSV%'
)"""


def spell_actions(connection: duckdb.DuckDBPyConnection) -> int:
    """Give the actions of the objects that were just read the case that AWS gives them.

    Args:
        connection: a writer, with the table ``just_read``.

    Returns:
        How many of their events spell service or name otherwise than AWS.
    """
    pairs = connection.execute(
        "SELECT DISTINCT service, action FROM events SEMI JOIN just_read USING (evidence_id) WHERE action IS NOT NULL"
    ).fetchall()
    for service, action in pairs:
        if (spelled := spelled_action(action, service)) != action:
            connection.execute(
                "UPDATE events SET action = ? WHERE action = ? AND service IS NOT DISTINCT FROM ?"
                " AND evidence_id IN (SELECT evidence_id FROM just_read)",
                [spelled, action, service],
            )
            connection.execute(
                f"UPDATE events SET is_write = {IS_WRITE} WHERE action = ? AND is_write IS NULL"  # noqa: S608
                " AND evidence_id IN (SELECT evidence_id FROM just_read)",
                [spelled],
            )
    counted = connection.execute(
        "SELECT count(*) FROM events SEMI JOIN just_read USING (evidence_id)"  # noqa: S608 - a pattern of ours
        f" WHERE service <> eventSource OR action <> regexp_replace(eventName, '{VERSION}', '')"
    )
    return int(counted.fetchall()[0][0])


def infer_sources(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill in the service of events that name no source, where the name of the call tells it.

    One service of AWS has such a call, or of several the one whose resource of that name the event lists: CreateUser of
    an ``AWS::IAM::User``. ``inferred`` says so; ``eventSource`` stays as it is. Events with other names, and with
    names that no rule reads, stay without a service.

    Args:
        connection: a writer.
    """
    if not connection.execute("SELECT 1 FROM events WHERE service IS NULL LIMIT 1").fetchall():
        return
    connection.execute(
        """
        UPDATE events SET service = told.source, inferred = 'eventSource'
        FROM (
            SELECT entry.key AS name, unnest(entry.value) AS source, len(entry.value) = 1 AS is_alone
            FROM (SELECT unnest(map_entries(from_json(?, '"MAP(VARCHAR, VARCHAR[])"'))) AS entry)
        ) AS told
        WHERE service IS NULL AND told.name IN (
            action, concat(action, replace(regexp_extract(eventName, ?), '_', '')[:8])
        ) AND (
            told.is_alone
            OR [told.source] = list_distinct([
                concat(lower(split_part(one.type, '::', 2)), '.amazonaws.com') FOR one IN resources
                IF one.type LIKE 'AWS::_%::_%' AND contains(action, split_part(one.type, '::', 3))
            ])
        )
        """,
        [json.dumps(sources_by_name()), VERSION],
    )
    connection.execute(
        f"UPDATE events SET outcome = {OUTCOME} WHERE inferred = 'eventSource' AND service = 'signin.amazonaws.com'"  # noqa: S608
    )


def judge_by_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Judge what a record alone does not tell, by the columns of the table that it is a row of.

    Args:
        connection: a writer; the rows of ``evidence`` are written.
    """
    of_its_table = "FROM evidence AS t WHERE e.evidence_id = t.evidence_id"
    if connection.execute("SELECT 1 FROM evidence WHERE list_contains(lacking, 'errorCode') LIMIT 1").fetchall():
        connection.execute(
            f"UPDATE events AS e SET outcome = NULL {of_its_table} AND e.outcome = 'success' AND {UNSAID}"  # noqa: S608
        )
    connection.execute(
        f"UPDATE events AS e SET root_basis = 'userName' {of_its_table} AND e.root_basis IS NULL AND {NAMED_ROOT}"  # noqa: S608
    )
