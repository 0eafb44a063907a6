"""Detective controls that were stopped, narrowed or taken away: how to switch them on again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.containment.step import BY_OTHERS, Step, cli, command_with, dashed, worded
from rootforensics.analysis.remarks import remarks_on
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at, short_actor
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.queries import rows as of

#: Where S3 makes a bucket that names no place; it takes no other name for it.
_FIRST_REGION: Final = "us-east-1"


def watching_again(evidence: Evidence) -> list[Step]:
    """A step for each part of a detective control that root, or what descends from it, broke and nobody mended.

    A trail that others stopped needs one, too: without it nobody sees what comes next.
    """
    broken: dict[tuple[str | None, ...], of.LoggingImpairment] = {}
    done = [row for row in evidence.impairment if row["result"] == "succeeded" and row["until_time"] is None]
    deleted = {_which(row) for row in done if row["control"] == "trail" and row["impairment"] == "removed"}
    for row in sorted(done, key=_is_ours):  # of several that broke a part, root's act counts
        is_stopped = (row["control"], row["impairment"], row["restored_citation"]) == ("trail", "stopped", None)
        is_others = is_stopped and _which(row) not in deleted
        if (_is_ours(row) or is_others) and _is_record(row):
            broken[*_which(row), row["part"]] = row
    gone = {_which(row) for row in broken.values() if row["impairment"] == "removed" and row["control"] == "trail"}
    return [
        step
        for row in broken.values()
        if "elsewhere" not in _measure_of(row) and (row["impairment"] == "removed" or _which(row) not in gone)
        for step in (_made_again(row, evidence) if _which(row) in gone else [_step(row)])
    ]


def _is_ours(row: of.LoggingImpairment) -> bool:
    """Whether root did it, what descends from it, or a service as root."""
    return bool(row["by_root"] or row["by_descendant"] or remarks_on(row).get("by_service"))


def _is_record(row: of.LoggingImpairment) -> bool:
    """Whether it belongs to the record; of a trail's settings that may be others than before, a look tells."""
    is_trails = row["control"] in ("trail", "event data store")
    return row["certainty"] == "certain" or (is_trails and (row["impairment"], row["part"]) != ("changed", "selectors"))


def has_step_of_entity(entry: of.ActionsTable) -> bool:
    """Whether a call about a detective control has the step of the entity that it changed."""
    return _measure_of(entry).get("elsewhere") == "entity"


def _measure_of(row: of.LoggingImpairment | of.ActionsTable) -> of.Measure:
    """What is done about a part of a control: the first row that fits, and the last one fits all."""
    parts = {"control": row["control"], "part": row["part"], "impairment": row["impairment"]}
    return next(row for row in measures("control") if all(row.get(name, part) == part for name, part in parts.items()))


def _which(row: of.LoggingImpairment) -> tuple[str | None, ...]:
    return row["account_id"], row["awsRegion"], row["control"], row["entity"]


def _step(row: of.LoggingImpairment) -> Step:
    measure, entity, region = _measure_of(row), row["entity"], row["awsRegion"]
    what = measure["what"].replace("the control", f"the {row['control']}" if entity else row["control"])
    stands_for = {
        "NAME": (entity,) if entity else None,
        "HERE": ("--region", region) if region else (),
        "PLACE": ("--create-bucket-configuration", f"LocationConstraint={region}")
        if region not in (None, _FIRST_REGION)
        else (),
    }
    command = command_with(measure.get("command", ""), stands_for)
    where = f" in {region}" if entity and region and not command and row["impairment"] == "removed" else ""
    return Step(
        **worded(what, row["account_id"] or "", row["control"], f"{entity or ''}{where}"),
        why=_why(row),
        command=command,
        event_id=row["eventID"],
        citation=place_text(row),
        deadline=measure.get("deadline", ""),
        ask="" if _is_ours(row) else BY_OTHERS,
    )


def _why(row: of.LoggingImpairment) -> str:
    who = "Root" if row["by_root"] else short_actor(row["actor"])
    part = "trail" if (row["part"], row["impairment"]) == ("recording", "removed") else row["part"]
    impairment = "deleted" if row["impairment"] == "removed" else row["impairment"]
    return f"{who} {impairment} the {part} at {at(row['from_time'])} ({row['eventName']})."


# Settings of a trail that hold a value, and those that are on or off.
_VALUES: Final = ("s3BucketName", "s3KeyPrefix", "snsTopicName", "kmsKeyId")
_LOG_GROUP: Final = ("cloudWatchLogsLogGroupArn", "cloudWatchLogsRoleArn")
_SWITCHED: Final = (
    "isMultiRegionTrail",
    "includeGlobalServiceEvents",
    "isOrganizationTrail",
    "enableLogFileValidation",
)


def _made_again(row: of.LoggingImpairment, evidence: Evidence) -> list[Step]:
    """How to have a trail again that was deleted; what the AWS CLI makes records nothing until it is started."""
    name, region = row["entity"] or "", row["awsRegion"] or ""
    where = ("--region", region) if region else ()
    settings, shown = _settings(row, evidence)
    command = _creation(name, settings, where) if name and "s3BucketName" in settings else ""
    unknown = [name for name in ("s3BucketName", *_SWITCHED) if name not in settings]
    reasons = [_why(row)]
    if shown:
        reasons.append(
            f"The settings are from {shown['eventName']} {shown['eventID']} of {shown['eventTime']:%Y-%m-%d %H:%M:%S}."
        )
    if unknown:
        reasons.append(f"These logs do not record {', '.join(unknown)}.")
    reasons.append("Restore its event selectors as well.")
    start = cli("cloudtrail", "start-logging", "--name", name, *where) if name else ""
    recreated = Step(
        **worded("Recreate the trail", row["account_id"] or "", "trail", name),
        why=" ".join(reasons),
        command=command,
        event_id=row["eventID"],
        citation=place_text(row),
    )
    started = replace(
        recreated,
        **worded("Start logging on the trail", row["account_id"] or "", "trail", name),
        why="A new trail records nothing until you start it.",
        command=start,
    )
    return [recreated, started]


def _creation(name: str, settings: Mapping[str, Any], where: tuple[str, ...]) -> str:
    """The command that makes a trail with these settings."""
    valued = [name for name in _VALUES if name in settings]
    valued += _LOG_GROUP if settings.keys() >= {*_LOG_GROUP} else ()  # AWS takes neither without the other
    values = [word for name in valued for word in (f"--{dashed(name)}", settings[name])]
    flags = " ".join(f"--{'' if settings[name] else 'no-'}{dashed(name)}" for name in _SWITCHED if name in settings)
    return cli("cloudtrail", "create-trail", "--name", name, *values, *where, flag=flags)


def _settings(row: of.LoggingImpairment, evidence: Evidence) -> tuple[dict[str, Any], of.TrailSettings | None]:
    """A trail's settings before root, or what descends from it, touched it, and the last record that tells of them."""
    touched = [
        change
        for change in evidence.impairment
        if _which(change) == _which(row) and change["result"] == "succeeded" and _is_ours(change)
    ]
    times = [moment for change in touched if (moment := change["from_time"])]
    if len(times) < len(touched):
        return {}, None
    first_touched = min(times)
    trail = row["account_id"], row["awsRegion"], row["entity"]
    records = [
        record
        for record in evidence.trails
        if (record["account_id"], record["home"], record["trail"]) == trail
        and record["eventTime"]
        and record["eventTime"] < first_touched
    ]
    names = (*_VALUES, *_LOG_GROUP, *_SWITCHED)
    settings = {
        name: value for record in records for name, value in record.items() if name in names and value not in (None, "")
    }
    return settings, records[-1] if records else None
