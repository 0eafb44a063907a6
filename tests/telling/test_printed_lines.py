"""Each printed line that tells a fact of an event is a statement, a heading, a step, an answer or a row of a table.

No module but those of statements puts an event into words: what is left of a line, if all known texts are taken out of
it, has no time, address or name of an event.
"""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from io import StringIO
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from rootforensics.cli.paragraphs import write_sections
from rootforensics.cli.triage import print_triage
from rootforensics.reports.handover import unseen, write_handover
from rootforensics.reports.html import render_report
from rootforensics.reports.markdown import markdown_of
from rootforensics.telling.brief import brief
from rootforensics.telling.caveats import tell_limits
from rootforensics.telling.checks import failed_checks, worded
from rootforensics.telling.finding_groups import grouped
from rootforensics.telling.hypotheses import hypotheses
from rootforensics.telling.standing import standing
from rootforensics.telling.still_open import still_open
from rootforensics.telling.story import story, tell
from rootforensics.telling.summary import summarize
from rootforensics.telling.timeline import incident_lines
from rootforensics.telling.times import times_of
from rootforensics.telling.triage import triage_sections
from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.builders import event
from tests.queries.test_root import sign_in
from tests.reports.page import Page
from tests.stories import told_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.analysis import Analysis


#: Lines of figures and rows of queries, by how they begin.
FIGURES = (
    "First and last event",  # case_totals
    "Chart in words",  # the rows behind a chart
    "Still open at the end of the logs (",  # the heading with the time of the last event
    "Not removed or restored at the end of our logs",  # likewise
    "Last successful root event",  # a time of ``times_of`` with its label
)
#: A row of logging_impairment as an entry of a list.
IMPAIRED = re.compile("Anything it would have recorded or detected in this period may be missing")
#: Lines of handover/facts.md and support-case.txt that word events on their own.
ON_THEIR_OWN = re.compile(
    r"- (Possibly: )?[A-Z].*; account [0-9]{12}, (at|from) [0-9-]{10} [0-9:]{8}.*, from "
    r"|- \*\*Account [0-9]{12}:\*\* the logs "
    r"|- [A-Za-z, ]+ \([0-9,]+ calls?\), (at|from) [0-9-]{10} [0-9:]{8}.*; account [0-9]{12}"
    r"|- Our logs have gaps after "
    r"|- (\*\*Who was given access:\*\* )?(account [0-9]{12}|everyone) \("
)


def texts(analysis: Analysis) -> Iterator[str]:
    """The renderings of every statement, heading, step and answer of a case."""
    for section in (*brief(analysis).sections(), *triage_sections(analysis)):
        yield section.heading
        yield from (line.text for line in section.statements)
    for line in (*tell(analysis), *incident_lines(analysis)):
        yield from (line.text, line.sentence)
    yield from (limit.text for limit in tell_limits(analysis, analysis.scope))
    yield from (group.text for group in grouped(analysis.findings().rows))
    yield from (row["explanation"] for row in analysis.findings().rows)
    for verdict in analysis.verdicts:
        result = standing(analysis, verdict)
        yield from (result.heading, result.use.text, *unseen(analysis, verdict)["unseen"])
        yield from (line.text for line in still_open(analysis, [(verdict, result)], verdict.account_id))
        for for_support in (False, True):
            yield from (line.text for line in times_of(analysis, verdict.account_id, for_support=for_support))
            yield from (line.text for line in failed_checks(analysis, result.bad, for_support=for_support))
        for step in verdict.steps:
            yield from (step.what, step.in_account, step.why, *step.command.splitlines())
        for answer in (*verdict.answers, *worded(analysis, verdict).answers):
            yield from (answer.told, *answer.missing)
    for way in hypotheses(analysis):
        yield from (line.text for line in (*way.speaks_for, *way.speaks_against, *way.approved))
        yield from way.missing


def rows(analysis: Analysis) -> Iterator[str]:
    """What names the object in rows of queries that are printed as lines."""
    for row in analysis.query("rotate").rows:
        yield f"{row['kind']} {row['name']}"
    for entity in analysis.radius.rows:
        yield f"{entity['entity_kind']} {entity['entity_name']}"


def plain(text: str) -> str:
    """A text by its letters and digits, whatever marks a form puts around them."""
    return re.sub(r"[^\w]+", "", text)


def facts_of(analysis: Analysis) -> re.Pattern[str]:
    """What only an event can tell, as ``plain`` leaves it: when, from where, and what it is about."""
    events = [row for row in analysis.query("root_timeline").rows if row["origin_group"] == "activity"]
    names = {row["entity_name"].rpartition("/")[2] for row in analysis.radius.rows}
    names |= {row["sourceIPAddress"] for row in events if row["sourceIPAddress"]}
    names |= {f"{row['eventTime']:%Y-%m-%d %H:%M:%S}" for row in events if row["eventTime"]}
    told = {plain(name) for name in names if len(name) > 5 and not re.fullmatch("[0-9]{12}", name)}
    return re.compile("|".join(sorted(told, key=len, reverse=True)) or "(?!)")


#: Citations: eventIDs in brackets, or short in code with a count.
_CITED = re.compile(r"\[[0-9a-f:, ()-]{8,}(and [0-9,]+ more)?\]|`[0-9a-f]{8}`")


def own_words(lines: Iterable[str], known: Iterable[str], facts: re.Pattern[str]) -> list[str]:
    """The lines in which facts of events are left if all that is known is taken out of them."""
    whole = sorted({plain(text) for text in known} - {""}, key=len, reverse=True)
    odd = []
    for line in lines:
        text, dots, _ = _CITED.sub("", line).partition("…")  # a long line is cut
        rest = plain(text)
        for one in whole:
            rest = rest.replace(one, "")
        cut = plain(text)
        is_cut = dots and any(one.endswith(cut[-40:]) or cut[-40:] in one for one in whole)
        is_row = plain(line).startswith(tuple(map(plain, FIGURES))) or IMPAIRED.search(line) or ON_THEIR_OWN.match(line)
        if facts.search(rest) and not is_cut and not is_row:
            odd.append(line)
    return odd


def unwrapped(text: str) -> list[str]:
    """The lines of a text, whose wrapped lines begin with blanks."""
    return re.sub(r"\n +(?=\S)(?!- )", " ", text).splitlines()


def printed(analysis: Analysis) -> dict[str, list[str]]:
    """The lines that each command prints or writes, but for rows of tables."""
    with redirect_stdout(StringIO()) as triage:
        print_triage(summarize(analysis), triage_sections(analysis), analysis.shared_ids)
    with redirect_stdout(StringIO()) as of_brief:
        write_sections(brief(analysis).sections(), analysis.shared_ids)
    page = render_report(analysis)
    elements = [element for tag in ("li", "p") for element in Page(page).root.all(tag)]
    found = {
        "triage": triage.getvalue().splitlines(),
        "brief": of_brief.getvalue().splitlines(),
        "story": [row["text"] for row in story(analysis).rows],
        "report.html": [" ".join(element.text.split()) for element in elements],
        "report.md": markdown_of(page).splitlines(),
    }
    with TemporaryDirectory() as folder:
        for path in write_handover(analysis, f"{folder}/handover", ""):
            found[path.name] = unwrapped(path.read_text(encoding="utf-8"))
    return {name: [line for line in lines if not line.startswith("|")] for name, lines in found.items()}


def check(analysis: Analysis) -> dict[str, list[str]]:
    """The lines of each command that no statement accounts for."""
    known, named, facts = [*texts(analysis)], [*rows(analysis)], facts_of(analysis)
    found = {}
    for name, lines in printed(analysis).items():
        assert lines, name
        listed = named if name in ("steps.md", "support-case.txt") else []
        if odd := own_words(lines, [*known, *listed], facts):
            found[name] = odd
    return found


def test_the_lines_on_the_sample(sample_analysis: Analysis) -> None:
    assert check(sample_analysis) == {}


OWNER, INTRUDER = "198.51.100.7", "203.0.113.9"
STORIES = {
    "an owner and an intruder": [
        event(eventTime="2026-07-01T09:00:00Z", sourceIPAddress=OWNER),
        sign_in(eventTime="2026-08-03T09:00:00Z", sourceIPAddress=OWNER),
        sign_in(eventTime="2026-08-05T10:00:00Z", sourceIPAddress=INTRUDER),
        did("iam:CreateUser", 1, {"userName": "support-desk"}, sourceIPAddress=INTRUDER),
        made_key("AKIASUPPORTDESK00001", 2, "support-desk", sourceIPAddress=INTRUDER),
        did("signin:EmailUpdated", 3, None, {"EmailUpdated": "Success"}, sourceIPAddress=INTRUDER),
        did("cloudtrail:StopLogging", 4, {"name": "main-trail"}, who=user("support-desk", "AKIASUPPORTDESK00001")),
    ],
    "a deletion and a refusal": [
        did("kms:ScheduleKeyDeletion", 1, {"keyId": "billing-archive", "pendingWindowInDays": 7}),
        did("secretsmanager:DeleteSecret", 2, {"secretId": "prod/checkout"}),
        did("secretsmanager:GetSecretValue", 3, {"secretId": "prod/payroll"}, errorCode="AccessDenied"),
        did("s3:PutBucketPolicy", 4, {"bucketName": "orders-2026", "bucketPolicy": {"Statement": []}}),
    ],
}


@pytest.mark.parametrize("name", STORIES)
async def test_the_lines_on_a_story(name: str) -> None:
    assert await told_of(check, *STORIES[name]) == {}


def test_a_line_that_words_an_event_on_its_own_is_found(sample_analysis: Analysis) -> None:
    known, facts = [*texts(sample_analysis)], facts_of(sample_analysis)
    (shared,) = [line.text for line in incident_lines(sample_analysis) if "shared snapshot" in line.text]
    for line in (
        "- Root took access key AKIA7P5O2MSTTEXAMPLE",
        "Sign-in of root at 2026-08-05 01:21:53",
        f"{shared} (from 198.51.100.23)",
    ):
        assert own_words([shared, line], known, facts) == [line]
