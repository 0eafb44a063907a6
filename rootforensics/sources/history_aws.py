"""Talk to AWS for the event history: the session, the account, the Regions, and refusals in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import SourceError
from rootforensics.sources.answers import LateAnswerError, OddAnswerError, ask
from rootforensics.sources.refusals import Failure, Kind, by_boto, by_code, code_and_message, one_line
from rootforensics.sources.roles import open_session

if TYPE_CHECKING:
    import boto3

    from rootforensics.sources.roles import AskCode, Role

_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_REGION: Final = re.compile(r"[a-z]{2,}(-[a-z0-9]+)+")
#: Within this time an answer must have come whole, all repetitions of its request included.
ANSWER_SECONDS: Final = 300.0


class HistoryError(SourceError):
    """The event history cannot be asked at all."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: ``account`` and ``arn``, both empty if AWS did not say, then ``problem`` tells why."""

    account: str = ""
    arn: str = ""
    problem: str = ""


def expected_errors() -> tuple[type[Exception], ...]:
    """What a call of boto3 raises when AWS, the network or the set-up is in the way."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    return (BotoCoreError, ClientError, OddAnswerError, LateAnswerError, ResponseParserError)


def explain(error: Exception) -> Failure:
    """Say what an error of boto3 means."""
    from botocore.exceptions import BotoCoreError, ClientError

    if isinstance(error, ClientError):
        code, message = code_and_message(error)
        known = by_code(code, message) or Failure("refused")
        if known.kind is Kind.OTHER and int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500:
            known = Failure("the service failed", kind=Kind.BUSY)
        return replace(known, words=f"{known.words} ({code}: {message})" if message else f"{known.words} ({code})")
    if isinstance(error, BotoCoreError):
        return by_boto(error)
    late = isinstance(error, LateAnswerError)
    return Failure(one_line(error), kind=Kind.BUSY if late else Kind.OTHER)


def open_history_session(profile: str | None, role: Role | None, ask_code: AskCode | None) -> boto3.Session:
    """A session of boto3.

    Raises:
        HistoryError: there is no such profile, or the configuration cannot be read.
        SourceError: a role is refused, or a code is wanted and there is nobody to ask.
    """
    try:
        return open_session(profile or "", role, ask_code)
    except expected_errors() as error:
        raise _ending(explain(error)) from error


def _ending(failure: Failure, where: str = "") -> HistoryError:
    return HistoryError(failure.words, where=where, hint=failure.hint)


def make_client(
    session: boto3.Session, service: str, region: str, *, endpoint_url: str | None = None, attempts: int = 3
) -> Any:  # noqa: ANN401 - boto3 makes the class of a client when it is asked for
    """A client that asks again by itself, and asks less often once it was throttled.

    Raises:
        HistoryError: the Region or the endpoint cannot be understood.
    """
    from botocore.config import Config

    config = Config(retries={"total_max_attempts": attempts, "mode": "adaptive"}, connect_timeout=10, read_timeout=60)
    try:
        return session.client(service, region_name=region, endpoint_url=endpoint_url, config=config)  # type: ignore[call-overload]
    except expected_errors() as error:
        raise _ending(explain(error), region) from error
    except ValueError as error:  # an endpoint that is no URL
        raise HistoryError(f"the endpoint cannot be used ({error})", where=endpoint_url or "") from error


def ask_caller(session: boto3.Session, home: str) -> Caller:
    """Ask STS who we are; an answer is wanted, not needed.

    Raises:
        HistoryError: there are no credentials, or AWS does not take them.
    """
    client = make_client(session, "sts", home)
    try:
        answer = ask(client.get_caller_identity, ANSWER_SECONDS)
    except expected_errors() as error:
        refusal = explain(error)
        if refusal.kind in (Kind.CREDENTIALS, Kind.KEYS):
            raise _ending(refusal) from error
        return Caller(problem=refusal.words)
    finally:
        client.close()
    account = str(answer.get("Account", ""))
    if not _ACCOUNT.fullmatch(account):
        return Caller(problem="the answer names no account")
    return Caller(account, str(answer.get("Arn", "")))


def enabled_regions(session: boto3.Session, home: str, caller: Caller) -> tuple[list[str], str]:
    """The Regions that are enabled for the account.

    Returns:
        The Regions, sorted, and a problem: empty, or why these are boto3's list for the partition instead.
    """
    client = make_client(session, "ec2", home)
    try:
        found = ask(lambda: [one["RegionName"] for one in client.describe_regions()["Regions"]], ANSWER_SECONDS)
        problem = ""
    except expected_errors() as error:
        refusal = explain(error)
        if refusal.kind is Kind.CREDENTIALS:
            raise _ending(refusal) from error
        problem = refusal.words
        partition = caller.arn.split(":")[1] if caller.arn.count(":") > 1 else session.get_partition_for_region(home)
        found = session.get_available_regions("cloudtrail", partition_name=partition)
    finally:
        client.close()
    return sorted(check_regions(found)), problem


def check_regions(regions: list[str]) -> list[str]:
    """The Regions without repetition, each fit to be part of a host name and of a path.

    Raises:
        HistoryError: one of them is no name of a Region.
    """
    for region in regions:
        if not _REGION.fullmatch(region):
            raise HistoryError(f"{region!r} is not a Region", hint="Write it like us-east-1")
    return list(dict.fromkeys(regions))
