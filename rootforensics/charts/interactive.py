"""The incident as a timeline in which one zooms, drawn by the Vega-Lite that JupyterLab brings along: offline."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final, cast

from rootforensics.charts.drawing.look import COLORS, MFA_SHAPES, mfa_words
from rootforensics.charts.drawing.times import TimeScale
from rootforensics.charts.drawing.view import View, shown_by_clocks, window_text, zone_name, zone_of
from rootforensics.charts.incident_rows import ROWS
from rootforensics.phrases import plural
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.standing import WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, tzinfo

    from rootforensics.charts.drawing.figure import ChartFigure
    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of

#: JupyterLab 4, Notebook 7 and VS Code draw it, without the network.
_MIME: Final = "application/vnd.vegalite.v5+json"
_SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
_APPROVALS: Final = "Approvals"
#: What does not tell how severe it is has a color of its own.
_OTHERS: Final = {
    "response by other users": "response",
    "approved": "approved",
    "privileged session": "read",
    "logging impaired": "noise",
}
_KINDS: Final = {
    "response": "response by other users",
    "approval": "approved",
    "opening": "privileged session",
    "window": "logging impaired",
}
_STANDINGS: Final = {"approved_use": "approved", "privileged_session": "privileged session"}
#: Labels of the axis: a day at midnight, else a time of day.
_CLOCK: Final = (
    "utcFormat(datum.value, utcseconds(datum.value) ? '%H:%M:%S'"
    " : utchours(datum.value) || utcminutes(datum.value) ? '%H:%M' : '%d %b')"
)
#: Pixels at both ends of the axis, so that the first and the last mark are whole.
_PADDING: Final = 10
_SHAPES: Final = {"o": "circle", "^": "triangle-up", "s": "square"}
_TOLD: Final = {
    "at": "time",
    "what": "what",
    "account": "account",
    "kind": "severity or kind",
    "eventID": "eventID",
}


class InteractiveChart:
    """A chart that a notebook draws; without scripts, a picture.

    Attributes:
        spec: in Vega-Lite, a dict; ``altair.Chart.from_dict`` takes it.
        picture: draws the same rows for a viewer without scripts; ``Case.chart`` sets it.
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self.spec = spec
        self.picture: Callable[[], ChartFigure] | None = None

    def __repr__(self) -> str:
        return f"<InteractiveChart {self.spec['title']['text']}: {len(self.spec['data']['values']):,} marks>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        bundle = {_MIME: self.spec, "text/plain": repr(self)}
        if self.picture:
            bundle["image/png"] = base64.b64encode(self.picture()._repr_png_()).decode()
        return bundle


def incident_interactive(
    rows: Sequence[of.IncidentMark],
    account_id: str = "",
    *,
    title: str = "",
    tz: str | tzinfo = "",
    since: Moment = None,
    until: Moment = None,
    width: int = 500,
) -> InteractiveChart:
    """Draw the incident for a notebook: the wheel zooms in time, dragging moves, a mark tells its event.

    Args:
        rows: as ``incident_data`` returns them; those without a time are counted in the title.
        account_id: the account that they were asked for, to name it where there are none.
        title: in the place of the usual one.
        tz: the zone of all times, an IANA name or a ``tzinfo``; UTC if empty.
        since: the time that the rows were asked for begins here; the chart says so.
        until: and ends before this.
        width: of the rows, in pixels.

    Returns:
        What JupyterLab draws by itself, without the network.

    Raises:
        ChartError: there is no such time zone.
    """
    view = View(zone=zone_of(tz))
    shown = [row for row in rows if row["kind"] != "action"]
    timed = [cast("of.TimedMark", row) for row in shown if row["from_time"]]
    values = [_value(row, view) for row in timed]
    untimed = len(shown) - len(values)
    last = max((value["until"] for value in values), default="")
    for value in values:
        value["until"] = value["until"] or last
    aside = f"; {untimed:,} without a time not drawn" if untimed else ""
    found = sorted(
        (row for row in timed if row["kind"] == "finding"), key=lambda row: -SEVERITIES.index(row["severity"])
    )
    categories = [_APPROVALS, *dict.fromkeys(row["text"] for row in found), *ROWS]
    groups = dict.fromkeys(map(_group, sorted(timed, key=lambda row: row["standing"] != "takeover")))
    stretch = _busiest(timed, view) if timed else None
    told = "The wheel zooms in time, dragging moves"
    if not timed:
        told = f"No mark with a time{f' in account {account_id}' if account_id else ''}"
    if stretch:
        beside = sum(not stretch[0] <= row["from_time"] <= stretch[1] for row in timed)
        told += f"; shown first: {view.span(*stretch)}, without {plural(beside, 'mark')} before or after it"
    window = window_text(since, until, view.zone)
    only = f". {window}" if window else ""
    header = {
        "labelFontWeight": "bold",
        "labelAngle": 0,
        "labelAlign": "left",
        "labelOrient": "top",
        "labelAnchor": "start",
    }
    spec = {
        "$schema": _SCHEMA,
        "title": {"text": (title or "The incident: root activity") + aside, "subtitle": told + only},
        "data": {"values": values},
        "facet": {"row": {"field": "group", "type": "nominal", "title": None, "sort": [*groups], "header": header}},
        "resolve": {"scale": {"y": "independent"}},
        "spec": {
            "width": width,
            "height": {"step": 18},
            "encoding": _places(view, categories, stretch),
            "layer": _layers(),
        },
        "config": _config(),
    }
    return InteractiveChart(spec)


def _config() -> dict[str, Any]:
    """Each color by name: a dark theme of JupyterLab gives a chart white words, whatever it lies on."""
    words, lines = COLORS["ink"], COLORS["rule"]
    told = {"labelColor": words, "titleColor": words}
    return {
        "background": "#ffffff",
        "title": {"color": words, "subtitleColor": COLORS["muted"]},
        "axis": told | {"gridColor": lines, "domainColor": lines, "tickColor": lines},
        "legend": told | {"orient": "bottom", "columns": 3},
        "header": told,
        "view": {"stroke": lines},
    }


def _value(row: of.TimedMark, view: View) -> dict[str, Any]:
    """What a mark holds: times as clocks of the zone show them, and what it tells."""
    kind = _KINDS.get(row["kind"]) or (_STANDINGS.get(row["standing"]) if row["kind"] == "event" else None)
    label = row["label"] or row["text"]
    tried = "(attempted)" if row["result"] == "attempted" and row["kind"] != "finding" else ""
    words = [label, mfa_words(row["mfa"]) if row["mfa"] else "", tried]
    until = row["until_time"] or (None if row["kind"] in ("window", "approval") else row["from_time"])
    return {
        "from": f"{shown_by_clocks(row['from_time'], view.zone):%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{shown_by_clocks(until, view.zone):%Y-%m-%dT%H:%M:%SZ}" if until else "",
        "at": view.at(row["from_time"]),
        "account": row["account_id"] or "no account",
        "group": _group(row),
        "category": {"finding": row["text"], "approval": _APPROVALS}.get(row["kind"], row["category"]),
        "kind": kind or row["severity"],
        "what": " ".join(filter(None, words)) + (f": {row['text']}" if row["text"] != label else ""),
        "mfa_words": mfa_words(row["mfa"]) if row["mfa"] else "",
        "is_span": row["kind"] in ("finding", "window", "approval"),
        "is_attempt": row["result"] == "attempted",
        "eventID": ", ".join(row["eventIDs"][:3]) + (" …" if len(row["eventIDs"]) > 3 else ""),
    }


def _group(row: of.IncidentMark) -> str:
    """The account of a row, and what is known of its use."""
    words = next((words for standing, words in WORDS.items() if standing == row["standing"]), "")
    return ": ".join(filter(None, (row["account_id"] or "no account", words)))


def _places(view: View, categories: list[str], stretch: tuple[datetime, datetime] | None) -> dict[str, Any]:
    kinds = [*SEVERITIES, *_OTHERS]
    colors = [COLORS[_OTHERS.get(kind, kind)] for kind in kinds]
    x: dict[str, Any] = {
        "field": "from",
        "type": "temporal",
        "scale": {"type": "utc", "padding": _PADDING},
        "title": f"Time ({zone_name(view.zone)})",
    }
    x["axis"] = {"labelExpr": _CLOCK, "labelOverlap": True}
    if stretch:
        x["scale"]["domain"] = [round(shown_by_clocks(moment, view.zone).timestamp() * 1000) for moment in stretch]
    y = {"field": "category", "type": "nominal", "sort": categories, "title": None, "axis": {"labelLimit": 400}}
    color = {"field": "kind", "type": "nominal", "scale": {"domain": kinds, "range": colors}, "title": None}
    tooltip = [{"field": name, "type": "nominal", "title": title} for name, title in _TOLD.items()]
    return {"x": x, "y": y, "color": color, "tooltip": tooltip}


def _busiest(rows: Sequence[of.TimedMark], view: View) -> tuple[datetime, datetime] | None:
    """The piece of the still chart that has the most room, if that has cuts."""
    scale = TimeScale((row["from_time"] for row in rows), 500, zone=view.zone)
    widest = max(scale.stretches, key=lambda one: one.right - one.left)
    return (widest.start, widest.end) if len(scale.stretches) > 1 and widest.start < widest.end else None


def _layers() -> list[dict[str, Any]]:
    """Spans behind, points before them; the points are what zooms."""
    zoom = {"name": "zoom", "select": {"type": "interval", "encodings": ["x"]}, "bind": "scales"}
    shape = {
        "field": "mfa_words",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": [*map(mfa_words, MFA_SHAPES)],
            "range": [_SHAPES[mfa_shape] for mfa_shape in MFA_SHAPES.values()],
        },
    }
    return [
        {
            "transform": [{"filter": "datum.is_span"}],
            "mark": {
                "type": "bar",
                "clip": True,
                "height": 7,
                "stroke": COLORS["muted"],
                "strokeWidth": 0.5,
                "minBandSize": 3,
            },
            "encoding": {"x2": {"field": "until"}},
        },
        {
            "transform": [{"filter": "!datum.is_span"}],
            "params": [zoom],
            "mark": {
                "type": "point",
                "filled": True,
                "opacity": 1,
                "size": 70,
                "stroke": COLORS["ink"],
                "strokeWidth": 0.6,
            },
            "encoding": {
                "shape": shape,
                "fillOpacity": {"condition": {"test": "datum.is_attempt", "value": 0.15}, "value": 1},
            },
        },
    ]
