"""What a case derives of each event: how the call went, and whether it changes something. One definition for all.

Both are NULL where the record does not say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.schema import TELLING

if TYPE_CHECKING:
    import duckdb

#: Names of what reads, for records without ``readOnly``: old ones, and many of the billing pages, which put the thing
#: before the deed (``Instruments_List``).
_READS: Final = (
    "^(BatchGet|Describe|Download|Find|Get|Head|List|Lookup|Preview|Search|View)([A-Z0-9_]|$)"
    "|_(Describe|Get|List|View)([A-Z0-9_]|$)"
)
#: Names of what certainly changes something.
_WRITES: Final = (
    "^(Batch)?(Accept|Activate|Add|Allocate|Associate|Attach|Authorize|Cancel|Change|Copy|Create|Deactivate|Delete|Deregister"
    "|Detach|Disable|Disassociate|Enable|Import|Leave|Modify|Purchase|Put|Reboot|Register|Release|Remove|Replace|Request"
    "|Reset|Restore|Revoke|Rotate|Run|Schedule|Send|Set|Start|Stop|Tag|Terminate|Transfer|Untag|Update|Upload)([A-Z0-9_]|$)"
)
#: What such a name may also be: issuing credentials is recorded as a read or a write, and queries are started.
_EITHER: Final = "Token|OAuth|Query"

#: Whether an event changes something: as ``readOnly`` says; without it, as its name says where that is certain.
IS_WRITE: Final = f"""CASE
    WHEN readOnly IS NOT NULL THEN NOT readOnly
    WHEN regexp_matches(eventName, '{_EITHER}') THEN NULL
    WHEN regexp_matches(eventName, '{_READS}') THEN false
    WHEN regexp_matches(eventName, '{_WRITES}') THEN true
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
#: How a call went. AWS writes the code and the message "if the request returns an error"; a sign-in says in its
#: response how it went, and a failed one carries no errorCode.
OUTCOME: Final = f"""CASE
    WHEN errorCode <> '' THEN 'failure'
    WHEN eventSource = 'signin.amazonaws.com' THEN CASE
        WHEN {SIGN_IN_OUTCOME} IN ('success', 'true') THEN 'success'
        WHEN {SIGN_IN_OUTCOME} IN ('failure', 'false') OR errorMessage <> '' THEN 'failure'
    END
    WHEN errorMessage <> '' THEN 'failure'
    ELSE 'success'
END"""


#: Whether an event holds a field that the table around it has no column for: then it is a whole record beside it.
_WHOLE: Final = " OR ".join(f"(e.{path} IS NOT NULL AND list_contains(t.lacking, '{path}'))" for path in TELLING)


def forget_unsaid_outcomes(connection: duckdb.DuckDBPyConnection) -> None:
    """Take the outcome from rows of tables that have no column for errors.

    Such a row cannot say how a call went, unless it has what AWS answers to those that it grants.

    Args:
        connection: a writer; the rows of ``evidence`` are written.
    """
    connection.execute(f"""
        UPDATE events SET outcome = NULL
        WHERE outcome = 'success' AND responseElements IS NULL AND eventSource IS DISTINCT FROM 'signin.amazonaws.com'
            AND evidence_id IN (SELECT evidence_id FROM evidence WHERE list_contains(lacking, 'errorCode'))
            AND rowid NOT IN (
                SELECT e.rowid FROM events AS e JOIN evidence AS t ON e.evidence_id = t.evidence_id
                WHERE list_contains(t.lacking, 'errorCode') AND ({_WHOLE})
            )
    """)  # noqa: S608 - names come from the schema
