"""The graph of the blast radius: every entity counted, what is alike together."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.charts.blast import blast_chart, blast_data
from rootforensics.charts.blast_tree import hidden, several, tree
from tests.seeds import seeds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    import rootforensics as rf

ROOT = "root user (111122223333)"


def entity(kind: str, name: str, actor: str = ROOT, **fields: Any) -> dict[str, Any]:
    usual = {
        "first_time": None,
        "account_id": "111122223333",
        "entity_kind": kind,
        "entity_name": name,
        "actor": actor,
        "certainty": "certain",
        "state": "active",
        "still_open": True,
        "trusts": "others" if kind == "role" else None,
        "ended_by": None,
        "ended_time": None,
        "use_count": None,
        "root_accounts": ["111122223333"],
    }
    return usual | fields


def of_account(kind: str, name: str, account_id: str, **fields: Any) -> dict[str, Any]:
    return entity(kind, name, f"root user ({account_id})", account_id=account_id, root_accounts=[account_id], **fields)


def named(kind: str, name: str) -> str:
    return f"{kind} {name} (111122223333)"


def test_of_the_sample(sample_case: rf.Case) -> None:
    """docs/sample-incident.md: a key of the user that root made changed a role's trust; the owners ended 20 instances."""
    rows = blast_data(sample_case)
    nodes = tree(rows, 22)
    assert hidden(rows, nodes) == 0
    assert sum(node.layer == 0 for node in nodes) == 3
    assert [node.label for node in nodes if node.layer == 2] == ["role OrgAuditAccess"]
    (instances,) = [node for node in nodes if node.label == "20 instances"]
    assert instances.state == "removed"
    # Its owners started the trail again: nothing of root's is left of it.
    (trail,) = [row for row in rows if row["entity_kind"] == "trail"]
    assert (trail["entity_name"], trail["state"]) == ("us-east-1/prod-trail", "back on")
    figure = blast_chart(rows)
    (told,) = [text.get_text() for text in figure.axes[0].texts if "reached" in text.get_text()]
    # Of two buckets others wrote the policies anew, as the plan's daily work has it.
    assert ", 14 still open, " in told
    words = [text.get_text() for text in figure.axes[0].child_axes[0].texts]
    assert {"root of 111122223333", "user support-sync", "20 instances"} <= set(words)


@pytest.mark.heavy
def test_a_chart_of_few_entities_is_as_high_as_they_need() -> None:
    """A node has 24 points; 88 are for title, line, key and margins, and no figure is lower than 1.6 inches."""
    users = [entity("user", f"u{number}", state=state) for number, state in enumerate(("active", "removed", "changed"))]
    few = [blast_chart(rows).get_figheight() for rows in ([], users[:1], users)]
    assert few == [1.6, 1.6, (88 + 3 * 24) / 72]
    many = [entity(f"kind{number}", f"u{number}") for number in range(60)]
    assert blast_chart(many).get_figheight() == 5.0


def test_what_can_go_on_stands_alone() -> None:
    rows = [entity("user", f"u{number}") for number in range(6)] + [entity("bucket", "b", named("user", "u3"))]
    nodes = tree(rows, 20)
    assert [(node.layer, node.label) for node in nodes] == [
        (0, "root of 111122223333"),
        (1, "5 users"),
        (1, "user u3"),
        (2, "bucket b"),
    ]
    assert list(nodes[3].parents) == [named("user", "u3")]


def test_any_number_fits_and_none_is_lost() -> None:
    rows = [entity("user", f"u{number}") for number in range(900)]
    rows += [entity("access key", f"k{number}", named("user", f"u{number}")) for number in range(900)]
    nodes = tree(rows, 20)
    for layer in (1, 2):
        assert sum(node.layer == layer for node in nodes) <= 20
    shown = sum(len(node.rows) for node in nodes)
    assert shown + hidden(rows, nodes) == 1_800
    assert sum(len(node.rows) for node in nodes if node.layer == 1) == 900
    figure = blast_chart(rows)
    (told,) = [text.get_text() for text in figure.axes[0].texts if "reached" in text.get_text()]
    assert told.startswith("1,800 entities reached, 1,800 still open")
    assert "further on not drawn" in told


def test_roots_that_have_no_room_stand_together_with_what_they_reached() -> None:
    """Twenty accounts with one user each, and room for 19: the last two are one node."""
    rows = [of_account("user", "u", str(100000000000 + n)) for n in range(20)]
    nodes = tree(rows, 19)
    assert hidden(rows, nodes) == 0
    labels = [node.label for node in nodes if node.layer == 0]
    assert (len(labels), labels[-1]) == (19, "root users of 2 more accounts")
    assert nodes[-1].label == "2 users"
    assert list(nodes[-1].parents) == [labels[-1]]
    (told,) = [text.get_text() for text in blast_chart(rows).axes[0].texts if "reached" in text.get_text()]
    assert told == "20 entities reached, 20 still open, 20 accounts"


def test_a_circle_ends() -> None:
    rows = [entity("role", "a"), entity("role", "b", named("role", "a")), entity("role", "a", named("role", "b"))]
    assert blast_chart(rows).axes[0].child_axes
    lost = [entity("role", "a", named("role", "b")), entity("role", "b", named("role", "a"))]
    assert hidden(lost, tree(lost, 20)) == 2


def test_an_entity_with_several_lives_is_one_node_that_tells_the_last() -> None:
    def at(day: int, **fields: Any) -> dict[str, Any]:
        return entity("MFA device", "d", first_time=datetime(2026, 8, day, tzinfo=UTC), **fields)

    rows = [at(5), at(1, state="removed", ended_time=datetime(2026, 8, 4, tzinfo=UTC)), entity("user", "bob")]
    root, device, bob = tree(rows, 20)
    assert (root.label, device.label, bob.label) == ("root of 111122223333", "MFA device d", "user bob")
    assert (device.state, len(device.rows)) == ("active", 2)
    words = [text.get_text() for text in blast_chart(rows).axes[0].child_axes[0].texts]
    assert "active, the last of 2 of that name" in words


def test_a_name_that_several_made_one_after_another_is_one_node() -> None:
    rows = [entity("user", "a"), entity("user", "b"), entity("role", "x", named("user", "a"))]
    rows += [entity("role", "x", named("user", "b"), state="removed"), entity("key", "k", named("role", "x"))]
    nodes = tree(rows, 20)
    (role,) = [node for node in nodes if node.label == "role x"]
    assert sorted(role.parents) == [named("user", "a"), named("user", "b")]
    assert blast_chart(rows).axes[0].child_axes


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.heavy) for part in (1, 2))])
@seeds(20)
def test_whatever_was_reached_is_drawn_or_counted_and_each_node_has_a_name_of_its_own(part: int, seed: int) -> None:
    dice = random.Random(20 * part + seed)
    names = [named(kind, f"t{number}") for kind in ("user", "role") for number in range(4)]
    rows = [
        entity(
            dice.choice(("user", "role", "key")),
            f"t{dice.randrange(4)}",
            dice.choice((ROOT, *names)),
            state=dice.choice(("active", "removed", "unknown")),
            certainty=dice.choice(("certain", "possible")),
        )
        for _ in range(dice.randrange(1, 40))
    ]
    nodes = tree(rows, dice.choice((2, 3, 20)))
    assert len({node.name for node in nodes}) == len(nodes)
    drawn = [id(row) for node in nodes for row in node.rows]
    assert len(set(drawn)) == len(drawn)
    assert len(set(drawn) & {id(row) for row in rows}) + hidden(rows, nodes) == len(rows)
    blast_chart(rows)


def test_plurals() -> None:
    kinds = ("policy", "access key", "bucket", "access", "user")
    assert [several(2, kind) for kind in kinds] == ["2 policies", "2 access keys", "2 buckets", "2 accesses", "2 users"]
    assert several(1, "policy") == "policy"


def in_panel(figure: Figure) -> set[str]:
    return {text.get_text() for text in figure.axes[0].child_axes[0].texts}


def test_what_root_acted_through_stands_between_root_and_what_that_reached() -> None:
    """Root sent a command to an instance that was there before; with the instance's role a user was made."""
    instance = named("instance", "i-0a1b2c3d4e5f60718")
    rows = [entity("command", "c-1"), entity("user", "ghost", instance, certainty="possible")]
    nodes = tree(rows, 20)
    assert [(node.layer, node.label, node.state) for node in nodes] == [
        (0, "root of 111122223333", ""),
        (1, "command c-1", "active"),
        (1, "instance i-0a1b2c3d4e5f60718", "used"),
        (2, "user ghost", "active"),
    ]
    assert (nodes[2].parents, nodes[3].parents) == ({ROOT: True}, {instance: False})
    assert hidden(rows, nodes) == 0
    figure = blast_chart(rows)
    label = str(figure.get_label())
    assert "2 entities reached, 2 still open" in label
    assert label.endswith(
        "Reached by root itself. Active: command c-1. Used, not created: instance i-0a1b2c3d4e5f60718"
    )
    assert {"instance i-0a1b2c3d4e5f60718", "used, not created", "user ghost"} <= in_panel(figure)


def test_of_many_that_root_acted_through_the_rest_stand_together_with_what_they_reached() -> None:
    rows = [entity("user", f"ghost{n}", named("instance", f"i-{n:03}"), certainty="possible") for n in range(30)]
    nodes = tree(rows, 18)
    assert [node.label for node in nodes if node.is_root] == ["root of 111122223333"]
    used = [node for node in nodes if node.layer == 1]
    assert (len(used), used[-1].label, {node.state for node in used}) == (9, "22 instances", {"used"})
    assert [node.label for node in nodes if node.layer == 2][-1] == "22 users"
    assert hidden(rows, nodes) == 0


def test_a_way_in_that_is_still_there_has_a_node_before_what_is_more() -> None:
    """Twenty accounts, each with a role, three instances and a trail that root removed."""
    rows = []
    for number in range(20):
        account = str(100000000000 + number)
        rows += [of_account("role", f"r{number}", account), of_account("trail", "t", account, state="removed")]
        rows += [of_account("instance", f"i-{number}-{n}", account) for n in range(3)]
    nodes = tree(rows, 20)
    assert hidden(rows, nodes) == 0
    labels = [node.label for node in nodes if node.layer == 1]
    assert sum(label.startswith("role r") for label in labels) == 18
    assert labels[18:] == ["2 more roles", "80 more entities"]


def test_the_year_is_told_and_the_key_has_one_line() -> None:
    moment = datetime(2026, 8, 5, 8, 8, tzinfo=UTC)
    rows = [
        entity("user", "a", first_time=moment, state="removed", ended_time=moment, ended_by="arn:aws:iam::1:user/b")
    ]
    figure = blast_chart(rows)
    assert "removed 08-05 08:08 by b" in in_panel(figure)
    (told,) = [text.get_text() for text in figure.axes[0].texts if "reached" in text.get_text()]
    assert told.endswith("account 111122223333, 2026-08-05 08:08 to 2026-08-05 08:08 UTC")
    late = {"state": "removed", "ended_time": datetime(2027, 1, 1, tzinfo=UTC)}
    figure = blast_chart([*rows, entity("user", "c", **late), entity("user", "d", named("instance", "i-1"))])
    assert "removed 2027-01-01 00:00" in in_panel(figure)
    assert "used, not created" in {text.get_text() for text in figure.axes[0].texts}
    key = [text.get_position()[1] for text in figure.axes[0].texts if "reached" not in text.get_text()]
    assert len(set(key)) == 1


def test_names_of_the_sample_are_whole(sample_case: rf.Case) -> None:
    said = [text.get_text() for text in blast_chart(blast_data(sample_case)).axes[0].child_axes[0].texts]
    assert "MFA device mfa/root-account-mfa-device" in said
    assert not [text for text in said if "…" in text]
