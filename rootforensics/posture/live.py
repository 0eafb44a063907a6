"""Ask AWS: the calls of the table and no others; what is refused is an answer too."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import sleep
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.analysis.places import sign_in_regions
from rootforensics.errors import SourceError
from rootforensics.posture.calls import (
    ASSUME_ROOT,
    AUDIT,
    BESIDE,
    CALLER,
    CALLS,
    EARLIER,
    FRESH,
    MEMBERS,
    ORGANIZATION,
    TASK_POLICY,
)
from rootforensics.posture.folder import without_secrets
from rootforensics.posture.saved import Saved
from rootforensics.sources.history_aws import ask_caller, expected_errors, explain, make_client, open_history_session
from rootforensics.sources.refusals import code_and_message
from rootforensics.sources.roles import SESSION_NAME, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import boto3

    from rootforensics.posture import shapes as of
    from rootforensics.posture.calls import Call

_USUAL_REGION: Final = "us-east-1"
_REPORT: Final = CALLS["iam:GetCredentialReport"]
#: Nothing is lost if a report is made.
_NO_REPORT: Final = ("ReportNotPresent", "ReportExpired", "ReportInProgress")
_REPORT_TRIES: Final = 10
_AT_ONCE: Final = 8
_ACCOUNTS_AT_ONCE: Final = 6
#: How long a session of AssumeRoot can be used: a few calls, and some that are asked again.
_AUDIT_SECONDS: Final = 120


def fetch(
    profile: str,
    role_arn: str,
    member_role: str = "",
    progress: Callable[[int, int], None] = lambda *_: None,
    *,
    keep: Callable[[Saved], object] | None = None,
    wait_seconds: float = 3.0,
    assume_root_audit: bool = False,
) -> list[Saved]:
    """Ask AWS all that controls read.

    Args:
        profile: of the AWS configuration.
        role_arn: a role to assume.
        member_role: a role to assume in each account of the organization; empty for one account.
        progress: called with the number of finished accounts and their total.
        keep: takes each answer when it comes, in several threads; without it a credential report that is there is not
            made anew, as AWS keeps one only.
        wait_seconds: between two looks whether the credential report is there.
        assume_root_audit: whether sessions of root are opened in the other members, to look at its credentials.

    Returns:
        The answers and the refusals; of an account that cannot be entered, the refusal alone.

    Raises:
        SourceError: there are no credentials, AWS does not say whose they are, or the accounts cannot be listed.
    """
    session = open_history_session(profile, Role(role_arn) if role_arn else None, None)
    session.events.register("before-call", _only({*_ASKED, *((ASSUME_ROOT,) if assume_root_audit else ())}))
    home = session.region_name or _USUAL_REGION
    caller = ask_caller(session, home)
    if not caller.account:
        raise SourceError(f"AWS does not report the account of these credentials ({caller.problem})")
    own = _Fetching(session, home, caller.account, keep, wait_seconds)
    if not member_role:
        return own.all()
    # Only Regional endpoints offer AssumeRoot, but a configuration may name the global one.
    session._session.set_config_variable("sts_regional_endpoints", "regional")  # noqa: SLF001
    listed = own.members()  # before all(), which asks of each of them
    others = [one for one in listed.typed() if one.Id != caller.account]
    partition = caller.arn.split(":")[1]

    def enter(member: of.Member) -> list[Saved]:
        arn = f"arn:{partition}:iam::{member.Id}:role/{member_role}"
        told = _member(session, home, member, arn, keep, wait_seconds)
        is_audited = assume_root_audit and member.Id not in masters and _is_active(member)
        return told + (_audit(session, home, member.Id, partition, keep) if is_audited else [])

    found = own.all()
    # Nobody opens the root user of the management account in this way.
    masters = {told.MasterAccountId for one in found if one.call == ORGANIZATION and (told := one.told())}
    with ThreadPoolExecutor(_ACCOUNTS_AT_ONCE) as pool:
        for done, saved in enumerate(pool.map(enter, others), 1):
            found += saved
            progress(done, len(others))
    return found


def _member(
    session: boto3.Session,
    home: str,
    member: of.Member,
    arn: str,
    keep: Callable[[Saved], object] | None,
    wait_seconds: float,
) -> list[Saved]:
    """The answers of another account of the organization, or why it cannot be entered."""
    account = _Fetching(session, home, member.Id, keep, wait_seconds)
    if not _is_active(member):
        return [account.refused(member.State or member.Status, "the account is not active")]
    try:
        told = make_client(session, "sts", home).assume_role(RoleArn=arn, RoleSessionName=SESSION_NAME)
        entered = _entered(session, home, told["Credentials"], _ASKED)
        return _Fetching(entered, home, member.Id, keep, wait_seconds).all()
    except expected_errors() as error:
        return [account.refused(*_refusal(error))]


def _is_active(member: of.Member) -> bool:
    return (member.State or member.Status) in ("ACTIVE", "")


def _audit(
    session: boto3.Session, home: str, account_id: str, partition: str, keep: Callable[[Saved], object] | None
) -> list[Saved]:
    """What a session of a member's root user sees of its credentials, or why there is none."""
    account, call = _Fetching(session, home, account_id, keep, 0), CALLS[ASSUME_ROOT]
    try:
        told = make_client(session, "sts", home).assume_root(
            TargetPrincipal=account_id,
            TaskPolicyArn={"arn": f"arn:{partition}{TASK_POLICY}"},
            DurationSeconds=_AUDIT_SECONDS,
        )
    except expected_errors() as error:
        return [account.kept(call, home, "", {}, *_refusal(error))]
    entered = _entered(session, home, told["Credentials"], {*AUDIT} - {ASSUME_ROOT})
    opened = account.kept(call, home, "", told)
    return [opened, *_Fetching(entered, home, account_id, keep, 0).all(as_root=True)]


def _entered(session: boto3.Session, home: str, keys: dict[str, str], allowed: Iterable[str]) -> boto3.Session:
    """A session with these keys."""
    import boto3
    import botocore.session

    # What botocore read of its models is not read again for each account.
    inner = botocore.session.Session()
    inner.register_component("data_loader", session._session.get_component("data_loader"))  # noqa: SLF001
    entered = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], home, botocore_session=inner
    )
    entered.events.register("before-call", _only(allowed))
    return entered


#: What is asked with the role or the credentials of an account.
_ASKED: Final = ({*CALLS} - {*AUDIT}) | {*BESIDE, "sts:AssumeRole"}


def _only(allowed: Iterable[str]) -> Callable[..., None]:
    """What lets no call be made but those that the printed policy allows."""
    names = frozenset(allowed)

    def refuse_others(model: Any, **_: object) -> None:  # noqa: ANN401 - of botocore
        name = f"{model.service_model.service_name}:{model.name}"
        if name not in names:
            raise SourceError(f"posture does not make the call {name}")

    return refuse_others


class _Fetching:
    """One run: calls in the order of the table, so that what is asked of an item comes after the list."""

    def __init__(
        self,
        session: boto3.Session,
        home: str,
        account_id: str,
        keep: Callable[[Saved], object] | None,
        wait_seconds: float,
    ) -> None:
        self._session = session
        self._home = home
        self._account_id = account_id
        self._keeper = keep
        self._wait_seconds = wait_seconds
        self._saved: list[Saved] = []
        self._clients: dict[tuple[str, str], Any] = {}

    def all(self, *, as_root: bool = False) -> list[Saved]:
        calls = [one for one in CALLS.values() if (one.where == "root") == as_root]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for call in calls:
                if call is _REPORT:
                    self._saved += self._reports()
                    continue
                asked = dict.fromkeys(json.dumps(one, sort_keys=True) for one in self._asked(call))
                requests = [json.loads(one) for one in asked]
                for region, *_ in requests:
                    self._client(call.service, region)
                self._saved += pool.map(lambda one, call=call: self._ask(call, *one), requests)
        return self._saved

    def members(self) -> Saved:
        """The accounts of the organization.

        Raises:
            SourceError: they cannot be listed with these credentials.
        """
        told = self._ask(CALLS[MEMBERS], self._home, "", {})
        if told.code:
            hint = "Use credentials of the management account, or of a delegated administrator"
            raise SourceError(f"the accounts of the organization cannot be listed ({told.code})", hint=hint)
        self._saved.append(told)
        return told

    def refused(self, code: str, message: str) -> Saved:
        """The answer of an account that cannot be entered."""
        return self.kept(CALLS[CALLER], self._home, "", {}, code, message)

    def _asked(self, call: Call) -> list[tuple[str, str, dict[str, Any]]]:
        """Region, argument and parameters of each request."""
        if call.parent:
            return [
                (
                    region or answer.region,
                    answer.argument if call.passes else argument,
                    {**parameters, **({call.passes: answer.argument} if call.passes else {})},
                )
                for parent in call.parent
                for answer in self._answers(parent)
                for argument, parameters, region in call.items(answer.typed())
            ]
        regions = {"trails": self._trail_regions(), "every": self._regions()}.get(call.where, [self._home])
        items = list(call.items(self._account_id))
        return [(region, argument, parameters) for region in regions for argument, parameters, _ in items]

    def _answers(self, call: str) -> list[Saved]:
        found = []
        for one in self._saved:
            if one.call == call and not one.code:
                try:
                    one.typed()
                except msgspec.ValidationError:  # the control that reads it says so
                    continue
                found.append(one)
        return found

    def _regions(self) -> list[str]:
        told = [region["RegionName"] for answer in self._answers("account:ListRegions") for region in answer.typed()]
        return sorted(told) or sorted({self._home, *sign_in_regions(self._home)})

    def _trail_regions(self) -> list[str]:
        trails = [trail for answer in self._answers("cloudtrail:DescribeTrails") for trail in answer.typed()]
        return sorted({self._home, *(one.HomeRegion for one in trails if one.HomeRegion)})

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        if (service, region) not in self._clients:
            self._clients[service, region] = make_client(self._session, service, region)
        return self._clients[service, region]

    def _ask(self, call: Call, region: str, argument: str, parameters: dict[str, Any]) -> Saved:
        client, code, message, body = self._client(call.service, region), "", "", {}
        try:
            if client.can_paginate(call.method):
                body = client.get_paginator(call.method).paginate(**parameters).build_full_result()
            else:
                body = getattr(client, call.method)(**parameters)
        except expected_errors() as error:
            code, message = _refusal(error)
        return self.kept(call, region, argument, body, code, message)

    def kept(
        self, call: Call, region: str, argument: str, body: dict[str, Any], code: str = "", message: str = ""
    ) -> Saved:
        told = {name: value for name, value in body.items() if name != "ResponseMetadata"}
        text = json.dumps(without_secrets(told), default=_plain)
        time = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        saved = Saved(call.name, self._account_id, region, argument, time, "", json.loads(text), code, message)
        if self._keeper:
            self._keeper(saved)
        return saved

    def _reports(self) -> list[Saved]:
        """The existing credential report, then a new one if that is old. AWS keeps only one."""
        earlier = self._ask(_REPORT, self._home, "", {})
        made = datetime.fromisoformat(earlier.body["GeneratedTime"]) if "GeneratedTime" in earlier.body else None
        is_lost = earlier.code not in _NO_REPORT if earlier.code else not self._keeper
        if is_lost or (made and datetime.now(UTC) - made < FRESH):
            return [earlier]
        kept = [self.kept(_REPORT, self._home, EARLIER, earlier.body)] if earlier.body else []
        client = self._client("iam", self._home)
        try:
            for _ in range(_REPORT_TRIES):
                if client.generate_credential_report()["State"] == "COMPLETE":
                    break
                sleep(self._wait_seconds)
        except expected_errors() as error:
            return [earlier] if kept else [self.kept(_REPORT, self._home, "", {}, *_refusal(error))]
        fresh = self._ask(_REPORT, self._home, "", {})
        return [*kept, fresh] if fresh.body or not kept else [earlier]


def _refusal(error: Exception) -> tuple[str, str]:
    from botocore.exceptions import ClientError

    return code_and_message(error) if isinstance(error, ClientError) else (type(error).__name__, explain(error).words)


def _plain(value: object) -> str:
    """A value without a JSON form, as the AWS CLI prints it."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        import base64

        return base64.b64encode(value).decode("ascii")
    return str(value)
