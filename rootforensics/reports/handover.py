"""What is handed on after the verdict: a text for AWS Support, a sheet of facts for counsel, and the steps in order.

What no log tells is marked to fill in, between ⟦ and ⟧.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.containment.step import RUN_AS
from rootforensics.analysis.coverage.whole import Whole
from rootforensics.analysis.exposure.receivers import receivers_of
from rootforensics.analysis.one_window import WINDOW_NOTE
from rootforensics.analysis.verdict.recorded import told_of
from rootforensics.errors import FilterError, StorageError
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import and_more, at, between, plural, some, some_of, when
from rootforensics.reports.files import make_folder, replacing
from rootforensics.reports.runbook import harmless
from rootforensics.rules.entities import EVERYWHERE
from rootforensics.rules.undo import measures
from rootforensics.telling.acts import acts_of, clauses_of
from rootforensics.telling.caveats import tell_limits
from rootforensics.telling.checks import failed_checks, served_since, worded
from rootforensics.telling.hypotheses import WORDS, hypotheses
from rootforensics.telling.standing import standing
from rootforensics.telling.still_open import still_open
from rootforensics.telling.times import times_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from os import PathLike

    from jinja2 import Environment

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.queries import rows as of
    from rootforensics.reports.redaction.redactor import Redactor
    from rootforensics.telling.acts import Act
    from rootforensics.telling.hypotheses import Hypothesis
    from rootforensics.telling.standing import Standing

#: The files that are written.
FILES: Final = ("steps.md", "support-case.txt", "facts.md")
_CITED: Final = 3
#: Calls that may return a secret; others create or set it.
_READS: Final = re.compile("Batch|Describe|Export|Get|List|Retrieve")
_OPEN_SHOWN: Final = 20
_GAPS: Final = 10
_WIDTH: Final = 100


def write_handover(
    analysis: Analysis,
    folder: str | PathLike[str],
    version: str,
    *,
    known_at: datetime | None = None,
    title: str = "",
    investigator: str = "",
    redactor: Redactor | None = None,
) -> tuple[Path, ...]:
    """Write ``steps.md``, ``support-case.txt`` and ``facts.md`` to a folder.

    Args:
        analysis: of the case, or of one account.
        folder: made if it is not there.
        version: of this package.
        known_at: when the organization first knew, UTC; it is marked to fill in if not given, for no log tells it.
        title: a name for the case; as it keeps it if not given.
        investigator: who answers for it; likewise.
        redactor: masks what tells whose the case is; its key file is written before what needs it.

    Returns:
        The files.

    Raises:
        StorageError: one of the files is there already, or cannot be written.
        FilterError: the moment of knowledge is still to come.
    """
    if known_at and known_at > datetime.now(UTC):
        raise FilterError(
            f"{at(known_at)} is still to come",
            hint="Give the time at which the organization first knew, in UTC or with its offset",
        )
    paths = tuple(Path(folder, name) for name in FILES)
    if there := next((path for path in paths if path.exists()), None):
        raise StorageError("there is a file already; nothing that was filled in is written over", where=str(there))
    facts = _facts(analysis) | {"known_at": at(known_at) if known_at else "", "version": version}
    facts["title"] = title or analysis.head.get("title", "root incident")
    facts["investigator"] = investigator or analysis.head.get("investigator", "")
    if redactor:
        facts = redactor.value(facts)
        redactor.save()
    make_folder(folder)
    for path in paths:
        text = _environment(is_markdown=path.suffix == ".md").get_template(f"{path.name}.j2").render(facts)
        with replacing(path) as file:
            file.write("".join(map(_wrapped, text.splitlines())) if path.suffix == ".txt" else text)
    return paths


def _facts(analysis: Analysis) -> dict[str, Any]:
    accounts = [(verdict, standing(analysis, verdict)) for verdict in analysis.verdicts]
    reported = [pair for pair in accounts if pair[1].is_bad] or [pair for pair in accounts if pair[0].account_id]
    head, rotate = analysis.query("custody_head").rows, analysis.query("rotate").rows
    ended: dict[tuple[str | None, ...], str] = {}
    # Of several of one name, one may still be there.
    for row in sorted(analysis.radius.rows, key=lambda row: row["state"] not in ("removed", "disabled")):
        is_gone = row["state"] in ("removed", "disabled") and row["ended_time"]
        ended[row["account_id"], row["entity_kind"], row["entity_name"]] = (
            f"already {row['state']} at {at(row['ended_time'])}" if is_gone else ""
        )
    shown = {verdict.account_id for verdict, _ in reported}
    taken_over = {verdict.account_id for verdict, _ in accounts if verdict.is_takeover}
    steps = [step for verdict, _ in accounts for step in verdict.steps if step.group == "rotation"]
    rotated = {place for step in steps for place in step.proof[1]}
    touched = list(_touched(analysis))
    ways_in = [hypothesis for hypothesis in hypotheses(analysis) if hypothesis.account_id in shown]
    lacks = Counter(line for hypothesis in ways_in for line in hypothesis.missing)
    missing = [line for line, count in lacks.items() if count > 1]
    return {
        "run_as": RUN_AS,
        "period": analysis.time,
        "window_note": WINDOW_NOTE,
        "written": f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        "never": [{"what": measure["what"], "why": measure["why"]} for measure in measures("never")],
        "withheld": "passwords, secret keys, MFA codes and seeds, logs, and your customers' data",
        "accounts": [_account(analysis, *pair) | unseen(analysis, pair[0]) for pair in reported],
        "gaps": analysis.coverage.of(analysis.account_id).gaps(without_effect=True),
        "standings": [
            {
                "id": verdict.account_id,
                "heading": result.heading or result.use.text,
                "unknown": [result.inconclusive] if result.inconclusive else [],
                **unseen(analysis, verdict),
            }
            for verdict, result in accounts
        ],
        "parts": list(analysis.scope.filters),
        "rotate": [
            _plain(row)
            | {
                "ended": ended.get((row["account_id"], row["kind"], row["name"]), ""),
                "is_certain": row["standing"] == "rotate" or (row["kind"] == "root user" and row["name"] in taken_over),
            }
            for row in rotate
            if not rotated.issuperset(row["citations"])
        ],
        "has_rotation": any(rotated.issuperset(row["citations"]) for row in rotate),
        "other_steps": [step for verdict, _ in accounts if verdict.account_id not in shown for step in verdict.steps],
        "touched": touched,
        "disclosed": list(_disclosed(rotate, touched)),
        "served": [statement for verdict, _ in accounts for statement in served_since(analysis, verdict)],
        "end": at(max((row["last_time"] for row in analysis.coverage.times if row["last_time"]), default=None)),
        "receivers": _receivers(analysis),
        "hypotheses": [_hypothesis(hypothesis, missing) for hypothesis in ways_in],
        "missing": missing,
        "limits": [{"text": limit.text} for limit in tell_limits(analysis, analysis.scope)],
        "evidence_count": f"{len(analysis.query('evidence').rows):,}",
        "custody": f"row {head[0]['custody_id']} (rootforensics custody CASE), SHA-256 {head[0]['sha256']}"
        if head
        else "empty",
    }


def unseen(analysis: Analysis, verdict: AccountVerdict) -> dict[str, Any]:
    """What the logs of an account may not show from the first event that its verdict cites to their end."""
    first = [answer.first_time for answer in verdict.answers if answer.first_time]
    first = first or [row["first_time"] for row in analysis.coverage.times if row["first_time"]]
    whole = Whole(analysis.coverage, min(first), None) if first else None
    gaps = whole.gaps(verdict.account_id) if whole else ("logs: the case has no events",)
    return {
        "since": at(whole.since) if whole else "",
        "until": at(whole.until) if whole else "",
        "unseen": list(gaps),
        "unseen_shown": _first(gaps, _GAPS),
    }


def _first(texts: Sequence[str], count: int) -> list[str]:
    """The first texts, and how many more there are."""
    return [*texts[:count], *filter(None, [and_more(len(texts) - count)])]


def _plain(row: of.Rotate) -> dict[str, Any]:
    names = ("standing", "kind", "name", "account_id", "action", "reason", "eventIDs", "citations")
    values: dict[str, Any] = dict(row)
    entity = f"{row['kind']} {row['name']}" if row["name"] != "all of the Region" else ""
    region = row["awsRegion"] if row["kind"] not in EVERYWHERE else None
    return {name: values[name] for name in names} | {"entity": " in ".join(filter(None, (entity, region)))}


def _hypothesis(hypothesis: Hypothesis, missing: list[str]) -> dict[str, Any]:
    """A hypothesis with what is missing for it; what several hypotheses lack has a number."""
    numbers = ", ".join(str(number) for number, line in enumerate(missing, 1) if line in hypothesis.missing)
    return {
        **{name: getattr(hypothesis, name) for name in ("account_id", "title", "outside")},
        "missing": [
            *(line for line in hypothesis.missing if line not in missing),
            *([f"see {numbers} below"] if numbers else []),
        ],
        "standing": WORDS[hypothesis.standing],
        "speaks_for": list(hypothesis.speaks_for),
        "speaks_against": list(hypothesis.speaks_against),
        "approved": list(hypothesis.approved),
    }


def _account(analysis: Analysis, verdict: AccountVerdict, result: Standing) -> dict[str, Any]:
    account_id = verdict.account_id
    failed = sorted(verdict.failed, key=lambda answer: (answer.first_time is None, at(answer.first_time)))
    use, is_held = analysis.use_by_people(account_id), analysis.coverage.of(account_id).is_held
    open_resources = still_open(analysis, [(verdict, result)], account_id)
    return {
        "id": account_id or "unknown",
        "steps": list(verdict.steps),
        "is_bad": bool(failed),
        # What is still there is listed on its own.
        "bad": failed_checks(analysis, [answer for answer in failed if not answer.asked.is_state], for_support=True),
        "verdict": worded(analysis, verdict),
        "use": verdict.use.told,
        "is_held": is_held,
        "times": list(times_of(analysis, account_id)),
        "support_times": list(times_of(analysis, account_id, for_support=True)),
        "recorded": "; ".join(told_of([row], account_id) for row in (use.recorded if use else ())),
        "still_open": open_resources[:_OPEN_SHOWN],
        "more_open": and_more(len(open_resources) - _OPEN_SHOWN),
        "receivers": _receivers(analysis, account_id),
        "asked": [answer.asked.support for answer in failed if answer.asked.support],
        "unknown": [
            {"about": answer.asked.about, "missing": some(answer.missing, by="; ")}
            for answer in verdict.answers
            if answer.answer == "unknown"
        ],
    }


def _touched(analysis: Analysis) -> Iterator[dict[str, Any]]:
    """The calls that read or exposed data, or may have, grouped by act; certain ones first."""
    acts = acts_of(analysis)
    # The calls that root made with a key do not stay because the key does.
    changes = [row for row in analysis.radius.still_open if row["effect"] != "uses"]
    open_places = {place for row in changes for place in row["citations"]}
    groups: dict[tuple[Any, ...], list[Act]] = {}
    for row in analysis.query("listed_calls").rows:
        if row["result"] != "attempted" and row["exposes"]:
            is_doubtful = (row["result"], row["certainty"], row["exposes"]) != ("succeeded", "certain", "yes")
            has_data = row["exposes"] == "yes" or row["category"] == "data"
            act = acts[place_text(row)]
            groups.setdefault((is_doubtful, not has_data, act.account_id or "unknown", act.phrase), []).append(act)
    for (is_doubtful, is_door, account, _), group in sorted(groups.items(), key=lambda item: item[0][:2]):
        for clause in clauses_of(group):
            yield {
                "account_id": account,
                "did": clause.did[:1].upper() + clause.did[1:],
                "is_door": is_door,
                "is_doubtful": is_doubtful,
                "is_open": _not_undone(sum(act.place in open_places for act in clause.acts), len(clause.acts)),
                "when": when(act.time for act in clause.acts),
                "sources": some_of(act.source_ip for act in clause.acts),
                "event_ids": [event_id or place for event_id, place in clause.events],
                "citations": [place for _, place in clause.events],
            }


def _disclosed(rotate: Iterable[of.Rotate], touched: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Calls whose answer may have contained a secret, and that are not among those that read or exposed data."""
    known = {place for group in touched for place in group["citations"]}
    for row in rotate:
        if _READS.match(row["reason"] or "") and known.isdisjoint(row["citations"]):
            span = between(row["first_time"], row["last_time"])
            plain = _plain(row)
            what = plain["entity"] if row["kind"] in plain["entity"] else f"{row['kind']} in {plain['entity']}"
            yield plain | {"calls": f"{row['reason']} ({plural(row['event_count'], 'call')}), {span}: {what}"}


def _not_undone(count: int, of_all: int) -> str:
    """How many calls of a clause were not undone, as the end of a sentence; empty if all were."""
    calls = "" if count == of_all else f"{count:,} of {of_all:,} calls "
    return f"; {calls}not undone by the end of the logs" if count else ""


def _receivers(analysis: Analysis, account_id: str = "") -> list[str]:
    """Who was given access, and to what, by requests that succeeded or may have: accounts, networks or everyone."""
    requests = [
        row for row in analysis.query("listed_calls").rows
        if row["result"] != "attempted" and (row["exposes"] or row["category"] in ("data", "privileges", "persistence"))
        and account_id in ("", row["account_id"])
    ]  # fmt: skip
    acts = acts_of(analysis)
    receivers: dict[str, dict[str, None]] = {}
    for row in requests:
        act = acts.get(place_text(row))
        for name in chain.from_iterable(receivers_of(row["requestParameters"], row["account_id"])):
            objects = receivers.setdefault(name, {})
            for kind, what in act.objects if act else ():
                objects[f"{kind} {what}{', which trusts it' if kind == 'role' else ''}"] = None
    return [f"{name} ({some(list(objects), by='; ')})" if objects else name for name, objects in receivers.items()]


def _wrapped(line: str) -> str:
    indent = " " * (line.find("- ") + 2) if line.lstrip().startswith("- ") else ""
    return fill(line, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) + "\n"


class _Safe(str):
    """A text in which nothing has to be made harmless any more."""

    __slots__ = ()


def _cited(event_ids: Iterable[str | None], places: Iterable[str]) -> _Safe:
    """The eventIDs that prove a sentence, in brackets; for an event without an ID, the place of its record."""
    shown = [str(harmless(event_id or place)) for event_id, place in zip(event_ids, places, strict=True)]
    return _Safe(f" [{some(shown, _CITED)}]" if shown else "")


def _printable(value: object) -> object:
    """A text of logs on one line, in which nothing asks to be filled in."""
    if not isinstance(value, str) or isinstance(value, _Safe):
        return value
    return "".join(char if char.isprintable() and char not in "⟦⟧" else " " for char in value)


@cache
def _environment(*, is_markdown: bool) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - Markdown and text; what logs say is made harmless by finalize
        loader=PackageLoader("rootforensics.reports", "templates/handover"),
        undefined=StrictUndefined,
        finalize=(lambda value: value if isinstance(value, _Safe) else harmless(value)) if is_markdown else _printable,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["cited"] = _cited
    environment.filters["at"] = at
    environment.filters["code"] = lambda command: _Safe(_printable(command))
    return environment
