"""Puts callers and calls together to whole CloudTrail records, as JSON text."""

from __future__ import annotations

import functools
import itertools
from datetime import datetime, timedelta
from typing import NamedTuple

from identities import Caller, make_callers, make_root_callers, make_user
from templates import Call, Compiled, Service, compile_template, read_services
from world import TOKENS, World

_VERSIONS = ("1.11", "1.10", "1.09", "1.08", "1.07", "1.06", "1.05", "1.04", "1.03", "1.02", "1.01", "1.0")
_VERSION_WEIGHTS = (45, 15, 12, 12, 3, 3, 6, 1, 1, 1, 0.5, 0.5)
_KINDS = {
    "R": ("true", "true", "Management"),
    "W": ("false", "true", "Management"),
    "D": ("true", "false", "Data"),
    "P": ("false", "false", "Data"),
}
_CIPHERS = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES128-GCM-SHA256")
_ERROR_SHARE = 0.05
_SIGNIN = (
    '{"eventVersion":"%s","userIdentity":%s,"eventTime":"%s","eventSource":"signin.amazonaws.com","eventName":'
    '"ConsoleLogin","awsRegion":"us-east-1","sourceIPAddress":"%s","userAgent":"%s","requestParameters":null,'
    '"responseElements":{"ConsoleLogin":"%s"},"additionalEventData":{"LoginTo":"https://console.aws.amazon.com/'
    'console/home?hashArgs=%%23&isauthcode=true&state=hashArgsFromTB_%s_%s","MobileVersion":"No","MFAUsed":"%s"},'
    '"eventID":"%s","readOnly":false,"eventType":"AwsConsoleSignIn","managementEvent":true,"recipientAccountId":'
    '"%s","eventCategory":"Management","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",'
    '"clientProvidedHostHeader":"signin.aws.amazon.com"}}'
)
#: What root does first in a file: it makes a user, and a key with which that user acts from then on.
_FIRST_STEPS = {
    "CreateUser": (
        '{"userName":"%(name)s"}',
        '{"user":{"path":"/","userName":"%(name)s","userId":"%(unique)s","createDate":"%(time)s"}}',
    ),
    "CreateAccessKey": (
        '{"userName":"%(name)s"}',
        '{"accessKey":{"userName":"%(name)s","accessKeyId":"%(key)s","status":"Active","createDate":"%(time)s"}}',
    ),
}
_SERVICE_EVENT = (
    '{"eventVersion":"%s","userIdentity":{"accountId":"%s","invokedBy":"AWS Internal"},"eventTime":"%s",'
    '"eventSource":"kms.amazonaws.com","eventName":"RotateKey","awsRegion":"%s","sourceIPAddress":'
    '"AWS Internal","userAgent":"AWS Internal","requestParameters":null,"responseElements":null,"eventID":'
    '"%s","readOnly":false,"resources":[{"accountId":"%s","type":"AWS::KMS::Key","ARN":"arn:aws:kms:%s:%s:'
    'key/%s"}],"eventType":"AwsServiceEvent","managementEvent":true,"recipientAccountId":"%s",'
    '"serviceEventDetails":{"rotationType":"AUTOMATIC","keyOrigin":"AWS_KMS","keyId":"%s"},"eventCategory":'
    '"Management"}'
)


class Action(NamedTuple):
    """A call with everything compiled that its records need."""

    call: Call
    source: str
    api_version: str
    request: Compiled
    response: Compiled
    resources: Compiled
    extra: Compiled
    errors: tuple[tuple[str, Compiled], ...]


def _action(service: Service, call: Call) -> Action:
    parts = [compile_template(text, TOKENS) for text in (call.request, call.response, call.resources, call.extra)]
    errors = tuple((code, compile_template(text, TOKENS)) for code, text in service.errors)
    return Action(call, service.source, service.api_version, parts[0], parts[1], parts[2], parts[3], errors)


@functools.cache
def all_actions() -> tuple[tuple[Action, ...], tuple[float, ...]]:
    """Returns every action and the running sum of the weights."""
    actions = tuple(_action(service, call) for service in read_services() for call in service.calls)
    return actions, tuple(itertools.accumulate(action.call.weight for action in actions))


class Writer:
    """Makes the records of one log file."""

    def __init__(self, world: World, written: datetime) -> None:
        """Takes the world of the file and the time at which the file was written."""
        self.world = world
        self.times = [f"{written - timedelta(seconds=age):%Y-%m-%dT%H:%M:%SZ}" for age in range(20, 600)]
        world.time = self.times[-1]
        self.callers = make_callers(world, 60)
        self.roots = make_root_callers(world)
        self.actions, self.weights = all_actions()
        self.caller, self.action = self.callers[0], self.actions[0]
        self.first_steps = self._first_steps()

    def record(self) -> str:
        """Returns the next record that is not the root user's.

        Real trails come in bursts, but in most records the session of a role is another one than in the last.
        """
        world = self.world
        world.begin(world.pick(self.times))
        draw = world.rng.random()
        if draw < 0.006:
            return self._service_event()
        if draw < 0.15:
            self.caller = self.callers[int(world.rng.random() ** 2 * len(self.callers))]
        elif draw < 0.9:
            self.caller = make_callers(world, 1)[0]
        if draw < 0.010:
            return self._sign_in(self.caller)
        return self._api_call(self.caller)

    def root_record(self) -> str:
        """Returns the next record of the root user: an API call or a sign-in; the first ones make a user that acts."""
        world = self.world
        if self.first_steps:
            world.begin(self.times[-1])
            step = self.first_steps.pop()
            if not self.first_steps:
                self.callers.insert(len(self.callers) // 2, self.made_user)
            return self._api_call(self.roots[1], step)
        world.begin(world.pick(self.times))
        if world.rng.random() < 0.2:
            return self._sign_in(self.roots[1])
        return self._api_call(self.roots[int(world.rng.random() * len(self.roots))])

    def _first_steps(self) -> list[Action]:
        """Returns the calls with which root makes a user and its key, the last one first."""
        world = self.world
        made = {"name": "helper-" + world.hexes(6), "unique": world.key_id("AIDA"), "key": world.key_id("AKIA")}
        told = made | {"account": world.account, "time": world.time}
        nothing = Compiled("", ())
        steps = []
        for name, texts in _FIRST_STEPS.items():
            request, response = (Compiled(text % told, ()) for text in texts)
            steps.append(
                Action(Call(name, "W"), "iam.amazonaws.com", "2010-05-08", request, response, nothing, nothing, ())
            )
        self.made_user = make_user(world, made["name"], made["unique"], made["key"])
        return steps[::-1]

    def _version(self) -> str:
        return self.world.rng.choices(_VERSIONS, _VERSION_WEIGHTS)[0]

    def _sign_in(self, caller: Caller) -> str:
        world = self.world
        failed = world.rng.random() < 0.1
        return _SIGNIN % (
            _VERSIONS[int(world.rng.random() * 4)],
            caller.identity,
            world.time,
            caller.address,
            caller.agent,
            "Failure" if failed else "Success",
            world.region,
            world.hexes(16),
            "No" if failed else "Yes",
            world.uuid(),
            world.account,
        )

    def _service_event(self) -> str:
        world = self.world
        key = world.pick(world.kms_keys)
        return _SERVICE_EVENT % (
            self._version(),
            world.account,
            world.time,
            world.region,
            world.uuid(),
            world.account,
            world.region,
            world.account,
            key,
            world.account,
            key,
        )

    def _outcome(self, action: Action) -> str:
        """Returns the part from the error to the response."""
        world = self.world
        request = action.request.render(world)
        if action.errors and world.rng.random() < _ERROR_SHARE:
            code, message = action.errors[int(world.rng.random() * len(action.errors))]
            return (
                f'"errorCode":"{code}","errorMessage":"{message.render(world)}",'
                f'"requestParameters":{request},"responseElements":null'
            )
        return f'"requestParameters":{request},"responseElements":{action.response.render(world)}'

    def _api_call(self, caller: Caller, chosen: Action | None = None) -> str:
        world, rng = self.world, self.world.rng
        if rng.random() < 0.5:
            self.action = rng.choices(self.actions, cum_weights=self.weights)[0]
        action = chosen or self.action
        version = self._version()
        read_only, management, category = _KINDS[action.call.kind]
        resources, extra = action.resources.render(world), action.extra.render(world)
        new = version in _VERSIONS[:5]
        start = (
            f'{{"eventVersion":"{version}","userIdentity":{caller.identity},"eventTime":"{world.time}","eventSource":'
            f'"{action.source}","eventName":"{action.call.name}","awsRegion":"{world.region}","sourceIPAddress":'
            f'"{caller.address}","userAgent":"{caller.agent}",{self._outcome(action)}'
        )
        parts = [
            start,
            f',"additionalEventData":{extra}' if extra else "",
            f',"requestID":"{world.uuid()}","eventID":"{world.uuid()}","readOnly":{read_only}',
            f',"resources":{resources}' if resources else "",
            ',"eventType":"AwsApiCall"',
            f',"apiVersion":"{action.api_version}"' if action.api_version else "",
            f',"managementEvent":{management}' if new or version == "1.06" else "",
            f',"recipientAccountId":"{world.account}"',
            f',"sharedEventID":"{world.uuid()}"' if '"AWSAccount"' in caller.identity else "",
            f',"eventCategory":"{category}"' if new else "",
        ]
        if new and not caller.agent.endswith(".amazonaws.com"):
            parts.append(self._connection(action, caller))
        return "".join(parts) + "}"

    def _connection(self, action: Action, caller: Caller) -> str:
        """Returns the last fields of a newer record: end point, TLS, console mark."""
        draw = self.world.rng.random()
        endpoint = f',"vpcEndpointId":"vpce-{self.world.hexes(17)}"' if draw < 0.05 else ""
        host = f"{action.source.partition('.')[0]}.{self.world.region}.amazonaws.com"
        version, cipher = ("TLSv1.2", _CIPHERS[2]) if draw > 0.85 else ("TLSv1.3", _CIPHERS[draw > 0.7])
        console = ',"sessionCredentialFromConsole":"true"' if caller.console else ""
        return (
            f'{endpoint},"tlsDetails":{{"tlsVersion":"{version}","cipherSuite":"{cipher}",'
            f'"clientProvidedHostHeader":"{host}"}}{console}'
        )
