"""What AWS documents of its own API, as botocore carries it: operations, their members, the command line's spelling."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

#: Services whose models stand under another name than the event source.
_MODELS: Final = {
    "monitoring": ("cloudwatch",),
    "elasticfilesystem": ("efs",),
    "elasticmapreduce": ("emr",),
    "access-analyzer": ("accessanalyzer",),
    "sso": ("sso-admin",),
    "servicequotas": ("service-quotas",),
    "ses": ("ses", "sesv2"),
    "bedrock": ("bedrock", "bedrock-runtime", "bedrock-agent"),
    "s3": ("s3", "s3control"),
    "states": ("stepfunctions",),
}
#: Commands of the AWS CLI that are named otherwise than the model.
_COMMANDS: Final = {"s3api": "s3", "configservice": "config"}
#: Commands that the AWS CLI has in place of those of the model, and options: the API behind them is the same.
_OWN_COMMANDS: Final = {("emr", "terminate-clusters"): "terminate-job-flows"}
_OWN_OPTIONS: Final = {"job-flow-ids": "cluster-ids"}


@cache
def models() -> tuple[tuple[str, ServiceModel], ...]:
    """Every model, with the event source of its operations, without the domain."""
    short = {model: source for source, models in _MODELS.items() for model in models}
    found = ((name, _session().get_service_model(name)) for name in _session().get_available_services())
    return tuple((short.get(name) or model.endpoint_prefix.removeprefix("api."), model) for name, model in found)


@cache
def sources() -> dict[str, frozenset[str]]:
    """The event sources of each operation of any service, by its name."""
    found: dict[str, set[str]] = {}
    for source, model in models():
        for name in model.operation_names:
            found.setdefault(name, set()).add(f"{source}.amazonaws.com")
    return {name: frozenset(held) for name, held in found.items()}


@cache
def versioned_sources() -> dict[str, str]:
    """The event source of an operation by its name and the version of its API, where its address has one."""
    loader = _session().get_component("data_loader")
    found: dict[str, str] = {}
    for model in _session().get_available_services():
        described = loader.load_service_model(model, "service-2")
        source = described["metadata"]["endpointPrefix"]
        for name, operation in described["operations"].items():
            if version := re.match(r"/(20[0-9]{2})-([0-9]{2})-([0-9]{2})/", operation["http"]["requestUri"]):
                found[name + "".join(version.groups())] = f"{source}.amazonaws.com"
    return found


@cache
def services() -> frozenset[str]:
    """Event sources that a service may have: its model's name, and the names of its endpoint and of its signature."""
    loader = _session().get_component("data_loader")
    names: set[str] = {*_MODELS}
    for model in _session().get_available_services():
        metadata = loader.load_service_model(model, "service-2")["metadata"]
        names |= {model, metadata["endpointPrefix"].removeprefix("api."), metadata.get("signingName", model)}
    return frozenset(f"{name}.amazonaws.com" for name in names)


@cache
def _service(name: str) -> ServiceModel | None:
    session = _session()
    return session.get_service_model(name) if name in session.get_available_services() else None


@cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


def operations(source: str, name: str) -> list[OperationModel]:
    """The operations that an event may record; none if no API of that name is documented."""
    short = source.removesuffix(".amazonaws.com")
    models = [_service(model) for model in _MODELS.get(short, (short,))]
    return [model.operation_model(name) for model in models if model and name in model.operation_names]


def command_operation(service: str, command: str) -> OperationModel | None:
    """The operation that ``aws service command`` calls; None if there is no such command."""
    model = _service(_COMMANDS.get(service, service))
    if model is None:
        return None
    spelled = {xform_name(operation_name, "-"): operation_name for operation_name in model.operation_names}
    command = _OWN_COMMANDS.get((service, command), command)
    return model.operation_model(spelled[command]) if command in spelled else None


def spelled_option(name: str) -> str:
    """A parameter as the AWS CLI spells its option, without the dashes."""
    return _OWN_OPTIONS.get(name, name)


def option_shape(operation: OperationModel, option: str) -> Shape | None:
    """What an option of the command line takes; None if the operation has no such parameter."""
    members = operation.input_shape.members if operation.input_shape else {}
    spelled = {f"--{spelled_option(xform_name(name, '-'))}": shape for name, shape in members.items()}
    return spelled.get(option)


def options(operation: OperationModel) -> set[str]:
    """The options that the command line has for an operation."""
    members = operation.input_shape.members if operation.input_shape else {}
    names = {f"--{spelled_option(xform_name(name, '-'))}" for name in members}
    flags = {f"--no-{xform_name(name, '-')}" for name, shape in members.items() if shape.type_name == "boolean"}
    return names | flags | {"--region"}


def has_path(operation: OperationModel, path: str) -> bool:
    """True if ``requestParameters`` or ``responseElements`` has this path: members with a small first letter."""
    return _shape_at(operation, path) is not None


def is_list(operation: OperationModel, path: str) -> bool:
    """True if there is a list at this path, of which each has to be taken (``[*]``)."""
    return isinstance(_shape_at(operation, path), ListShape)


def _shape_at(operation: OperationModel, path: str) -> Shape | None:
    top, *steps = re.split(r"\.", path)
    shape: Shape | None = operation.input_shape if top == "requestParameters" else operation.output_shape
    for step in steps:
        if not isinstance(shape, StructureShape):
            return None
        name, _, index = step.partition("[")
        members: dict[str, Any] = {f"{one[0].lower()}{one[1:]}": held for one, held in shape.members.items()}
        shape = members.get(name)
        if index and isinstance(shape, ListShape):
            shape = shape.member
    return shape
