"""Open a session of AWS, with a role taken on and a code of an MFA device where the role wants one.

A role is taken on once for a session. Its credentials are kept in memory only, and renewed when they run out; a role
that wants a code then asks for another one, since AWS takes a code once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from rootforensics.errors import SourceError
from rootforensics.sources.refusals import code_and_message

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3
    from botocore.exceptions import ClientError

    #: Given the serial number or ARN of an MFA device, returns the code that it shows.
    AskCode = Callable[[str], str]

#: How the session appears in CloudTrail.
SESSION_NAME: Final = "rootforensics"
#: Where STS is asked if nothing names a Region.
_USUAL_REGION: Final = "us-east-1"
_BOTOCORE_PROMPT: Final = "Enter MFA code for "


@dataclass(frozen=True, slots=True)
class Role:
    """A role to take on.

    Attributes:
        arn: of the role.
        external_id: that the role asks for; empty for none.
        mfa_serial: serial number or ARN of the MFA device whose code the role asks for; empty for none.
    """

    arn: str
    external_id: str = ""
    mfa_serial: str = ""


def open_session(profile: str = "", role: Role | None = None, ask_code: AskCode | None = None) -> boto3.Session:
    """A session with credentials that are there, if there are any at all.

    Args:
        profile: of the AWS configuration; the usual search for credentials if empty. It may name a role and an MFA
            device of its own.
        role: to take on with these credentials.
        ask_code: asked for the code of an MFA device.

    Raises:
        SourceError: a role is refused, or a code is wanted and there is nobody to ask.
        BotoCoreError: there is no such profile, no credentials to take on the role with, or no way to AWS.
    """
    import boto3
    from botocore.exceptions import ClientError

    session = boto3.Session(profile_name=profile or None)
    prompter = _prompter(ask_code)
    # boto3 asks on its own where a profile names a device, and offers no other way to ask differently.
    providers = session._session.get_component("credential_provider")  # noqa: SLF001
    providers.get_provider("assume-role")._prompter = prompter  # noqa: SLF001
    try:
        if role is not None:
            session = _taken_on(session, profile, role, prompter)
        if (credentials := session.get_credentials()) is not None:
            credentials.get_frozen_credentials()  # now, so that a refusal is told for what it is
    except ClientError as error:
        raise _refused(error, role) from error
    return session


def _taken_on(session: boto3.Session, profile: str, role: Role, prompter: Callable[[str], str]) -> boto3.Session:
    import boto3
    import botocore.session
    from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
    from botocore.exceptions import NoCredentialsError

    own = session.get_credentials()
    if own is None:
        raise NoCredentialsError
    extra = {"RoleSessionName": SESSION_NAME}
    if role.external_id:
        extra["ExternalId"] = role.external_id
    if role.mfa_serial:
        extra["SerialNumber"] = role.mfa_serial
    region = session.region_name or _USUAL_REGION
    inner = session._session  # noqa: SLF001 - boto3 offers no other way to the client creator
    make = partial(inner.create_client, region_name=region)
    fetcher = AssumeRoleCredentialFetcher(make, own, role.arn, extra_args=extra, mfa_prompter=prompter)
    taken = botocore.session.Session(profile=profile or None)
    renewed = DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")
    taken._credentials = renewed  # type: ignore[attr-defined]  # noqa: SLF001 - as botocore does itself
    return boto3.Session(botocore_session=taken, region_name=region)


def _prompter(ask_code: AskCode | None) -> Callable[[str], str]:
    """What botocore calls with its own prompt."""

    def prompt(text: str) -> str:
        serial = text.removeprefix(_BOTOCORE_PROMPT).rstrip(": ")
        if ask_code is None:
            raise SourceError(
                f"a code of the MFA device {serial} is needed", hint="Give ask_code, a function that asks"
            )
        return ask_code(serial)

    return prompt


def _refused(error: ClientError, role: Role | None) -> SourceError:
    code, message = code_and_message(error)
    said = f"{error.operation_name} answers {code}: {message}" if message else f"{error.operation_name} answers {code}"
    if "MultiFactorAuthentication failed" in message:
        hint = "AWS takes a code once: wait for the next one of the device, then run the same command again"
    elif error.operation_name == "AssumeRole" and "AccessDenied" in code:
        hint = "Does the role trust these credentials, and does it want an external ID or an MFA device?"
    else:
        hint = "Check the profile, the role and the AWS_ variables of the environment"
    where = role.arn if role else ""
    return SourceError(
        f"the role cannot be taken on ({said})" if role else f"no credentials ({said})", where=where, hint=hint
    )
