"""Root's timeline, all of it or a part: what lies in a time, what people did, what is cited by findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from rootforensics.errors import QueryError
from rootforensics.ingest.filters import check_span
from rootforensics.queries.result import table_of
from rootforensics.queries.secrets import without_secrets
from rootforensics.queries.within import table_within

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result

#: The parts of the timeline that one can ask for.
Only = Literal["", "activity", "noise", "findings"]


def select_timeline(
    case: Asks,
    *,
    account_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    only: Only = "",
    columns: tuple[str, ...] = (),
    show_secrets: bool = False,
) -> Result:
    """Root's timeline in order of time, or a part of it.

    Args:
        case: whatever answers questions.
        account_id: only this account; empty for all.
        since: only events at or after this time. An event without a time always stays.
        until: only events before this time.
        only: ``activity`` for what people did (with the ``AssumeRoot`` calls that opened sessions), ``noise`` for what
            AWS did as root, ``findings`` for the events of root's that a finding cites. All has the findings of other
            services of AWS, too, where they were last seen: ``origin_group`` is ``finding``, ``uri`` cites the answer.
        columns: these columns of ``root_timeline``, in this order; all if empty. ``findings`` may be asked for too.
        show_secrets: show user data and passwords in ``requestParameters``, not only their length and hash.

    Returns:
        The rows, with a column ``findings`` at the end: names of the findings that cite the event; NULL for none.

    Raises:
        QueryError: a column is unknown or named twice.
        FilterError: nothing can lie between the two times.
    """
    import pyarrow.compute as pc

    check_span(since, until)
    whole = case.query("root_timeline", account_id=account_id)
    table = whole.arrow() if show_secrets else _without_secrets(whole.arrow())
    cited = _cited(case)
    keys = zip(table["evidence_id"].to_pylist(), table["record_index"].to_pylist(), strict=True)
    names = ({"findings": cited.get(f"{evidence}:{index}")} for evidence, index in keys)
    table = table.append_column("findings", table_of(names, {"findings": "VARCHAR[]"})["findings"])
    if not only:
        table = _with_services(case, table, account_id)
    if only == "findings":
        table = table.filter(pc.is_valid(table["findings"]))
    elif only:
        is_noise = pc.equal(table["origin_group"], "noise")
        table = table.filter(is_noise if only == "noise" else pc.invert(is_noise))
    table = table_within(table, since, until)
    if columns:
        table = table.select(_known(columns, table.column_names))
    return whole.of_table(table)


def _without_secrets(table: pa.Table) -> pa.Table:
    import pyarrow as pa

    place = table.column_names.index("requestParameters")
    columns = (table.column(name).to_pylist() for name in ("requestParameters", "eventSource", "eventName"))
    shown = [without_secrets(*row) for row in zip(*columns, strict=True)]
    return table.set_column(place, table.schema.field(place), pa.array(shown, table.schema.field(place).type))


def _with_services(case: Asks, table: pa.Table, account_id: str) -> pa.Table:
    """With what other services of AWS report, but for controls that passed."""
    import pyarrow as pa

    found = [
        {
            "eventTime": row["last_time"],
            "account_id": row["account_id"],
            "awsRegion": row["region"],
            "origin_group": "finding",
            "eventSource": f"{row['service']}.amazonaws.com",
            "eventName": " ".join(filter(None, (row["kind"], row["resource"]))),
            "uri": row["citation"],
        }
        for row in case.query("service_findings", account_id=account_id).rows
        if row["status"] != "PASSED"
    ]
    if not found:
        return table
    kinds = dict.fromkeys(found[0], "VARCHAR") | {"eventTime": "TIMESTAMP WITH TIME ZONE"}
    told = table_of(found, kinds)
    told = told.cast(pa.schema([table.schema.field(name) for name in told.column_names]))
    return pa.concat_tables([table, told], promote_options="default").sort_by("eventTime")


def _cited(case: Asks) -> dict[str, list[str]]:
    """The findings that cite each event, by its place."""
    cited: dict[str, list[str]] = {}
    for row in case.findings().rows:
        for place in row["citations"]:
            names = cited.setdefault(place, [])
            if row["finding"] not in names:
                names.append(row["finding"])
    return cited


def _known(columns: tuple[str, ...], known: list[str]) -> list[str]:
    """The columns as they are spelled; case does not matter, as in SQL."""
    spelled = {name.lower(): name for name in known}
    for name in columns:
        if name.lower() not in spelled:
            raise QueryError(f"the timeline has no column {name!r}", where="columns", hint=f"It has {', '.join(known)}")
    chosen = [spelled[name.lower()] for name in columns]
    if twice := next((name for name in chosen if chosen.count(name) > 1), None):
        raise QueryError(f"the column {twice} is named twice", where="columns", hint="Name each column once")
    return chosen
