"""The acts of the catalogue as sentences: tenses, articles, and the names of what was touched."""

from __future__ import annotations

import re
from typing import Final

import pytest

from rootforensics.rules.entities import entity_rules
from rootforensics.rules.wording import attempt, infinitive, is_kind, kind_of_object, past, past_tense, with_article
from tools.docs.catalogue import actions

VERBS: Final = {row.act.split(" ")[0] for row in actions().values()}
#: Each verb with which an act begins, and its past tense, written by hand from a dictionary.
PAST: Final = {
    "accept": "accepted", "activate": "activated", "add": "added", "allocate": "allocated", "allow": "allowed",
    "archive": "archived", "assign": "assigned", "associate": "associated", "assume": "assumed", "attach": "attached",
    "authorize": "authorized", "begin": "began", "block": "blocked", "buy": "bought", "change": "changed",
    "cancel": "canceled", "check": "checked", "close": "closed", "complete": "completed", "configure": "configured", "converse": "conversed",
    "copy": "copied", "create": "created", "deactivate": "deactivated", "decline": "declined", "delete": "deleted",
    "deregister": "deregistered", "detach": "detached", "disable": "disabled", "disassociate": "disassociated",
    "download": "downloaded", "enable": "enabled", "end": "ended", "exchange": "exchanged", "generate": "generated",
    "get": "got", "give": "gave", "grant": "granted", "hide": "hid", "import": "imported", "invite": "invited",
    "invoke": "invoked", "issue": "issued", "launch": "launched", "leave": "left", "let": "let", "list": "listed",
    "make": "made", "modify": "modified", "move": "moved", "narrow": "narrowed", "offer": "offered", "open": "opened",
    "overwrite": "overwrote", "pause": "paused", "permit": "permitted", "purchase": "purchased", "put": "put",
    "reach": "reached", "read": "read", "record": "recorded", "redeem": "redeemed", "register": "registered", "remove": "removed",
    "rename": "renamed", "replace": "replaced", "replicate": "replicated", "request": "requested", "reset": "reset",
    "restore": "restored", "resume": "resumed", "resynchronize": "resynchronized", "retrieve": "retrieved",
    "revoke": "revoked", "run": "ran", "schedule": "scheduled", "search": "searched", "sell": "sold", "send": "sent",
    "set": "set", "share": "shared", "sign": "signed", "simulate": "simulated", "start": "started", "stop": "stopped",
    "submit": "submitted", "suspend": "suspended", "switch": "switched", "tag": "tagged", "take": "took",
    "terminate": "terminated", "transfer": "transferred", "update": "updated", "upload": "uploaded",
    "verify": "verified", "withdraw": "withdrew", "write": "wrote",
}  # fmt: skip


def test_the_past_tense_of_each_verb_is_that_of_the_dictionary() -> None:
    assert PAST.keys() >= VERBS
    assert {verb: past_tense(verb) for verb in PAST} == PAST


def test_an_act_has_one_object_of_a_kind_that_its_call_names() -> None:
    kinds: dict[tuple[str, str], set[str]] = {}
    for rule in entity_rules():
        kinds.setdefault(rule.event, set()).add(rule.kind)
    for row in actions().values():
        noun = kind_of_object(row.act)
        assert len([one for one in re.findall(r"\{(.*?)\}", row.act) if one != "receiver"]) <= 1, row.id
        assert not re.search(r"^[^a-z]|[.;:]$", row.act), row.id
        known = kinds.get((row.eventSource, row.eventName), set())
        if noun and known and not is_kind(noun, "account"):  # the request names accounts that are no entities
            assert any(is_kind(noun, kind) for kind in known), (row.id, noun, known)


NAMES: Final = [("bucket", "acme-logs"), ("user", "eve")]


@pytest.mark.parametrize(
    ("act", "objects", "receiver", "expected"),
    [
        ("delete the policy of {bucket}", NAMES, "", "delete the policy of bucket acme-logs"),
        ("delete the policy of {bucket}", [], "", "delete the policy of a bucket"),
        ("delete the policy of {bucket}", [("user", "eve")], "", "delete the policy of a bucket"),
        ("delete the policy of {bucket}", [("bucket", "")], "", "delete the policy of a bucket"),
        ("delete {IAM user}", NAMES, "", "delete IAM user eve"),
        ("delete {IAM user}", [], "", "delete an IAM user"),
        ("delete {instance profile}", [("instance", "i-1")], "", "delete an instance profile"),
        ("launch {instance(s)}", [], "", "launch instances"),
        ("launch {instance(s)}", [("instance", "i-1"), ("instance", "i-1")], "", "launch instance i-1"),
        (
            "launch {instance(s)}", [("instance", f"i-{n}") for n in range(1, 21)], "",
            "launch 20 instances (i-1, i-2, i-3 and 17 more)",
        ),
        ("delete {policy(s)}", [("policy", "a"), ("policy", "b")], "", "delete 2 policies (a, b)"),
        ("share {snapshot} with {receiver}", [], "", "share a snapshot with others"),
        (
            "share {snapshot} with {receiver}", [("snapshot", "snap-1")], "account 999988887777",
            "share snapshot snap-1 with account 999988887777",
        ),
        ("put a policy on {bucket}[ that gives {receiver} access]", NAMES, "", "put a policy on bucket acme-logs"),
        (
            "put a policy on {bucket}[ that gives {receiver} access]", NAMES, "everyone",
            "put a policy on bucket acme-logs that gives everyone access",
        ),
        ("start a change[ of {account}]", [("account", "999988887777")], "", "start a change of account 999988887777"),
        ("start a change[ of {account}]", NAMES, "", "start a change"),
        ("sign in to the console without MFA", NAMES, "", "sign in to the console without MFA"),
        ("delete {bucket}", [("bucket", "{receiver}")], "x", "delete bucket {receiver}"),
    ],
)  # fmt: skip
def test_the_object_of_an_act_is_named_if_it_is_known(
    act: str, objects: list[tuple[str, str]], receiver: str, expected: str
) -> None:
    assert infinitive(act, objects, receiver) == expected
    assert attempt(act, objects, receiver) == f"tried to {expected}"
    verb, others = expected.split(" ", 1)
    assert past(act, objects, receiver) == f"{PAST[verb]} {others}"


def test_a_name_in_a_sentence_is_cut() -> None:
    assert len(past("delete {bucket}", [("bucket", "x" * 5000)])) < 200


AN: Final = """
MFA device, IAM user, S3 bucket, SNS topic, EC2 fleet, RDS instance, SSM document, SQS queue, access key, instance,
event rule, organization, AMI, App Runner service, IoT certificate, EKS cluster, unused Region"""
A: Final = """
user, bucket, trail, KMS key, VPC, DNS query log, SAML provider, usage report, URL, CloudFront key, Lambda function,
DB instance, web firewall, GuardDuty detector, unit, Transfer user"""


@pytest.mark.parametrize(("article", "nouns"), [("an", AN), ("a", A)])
def test_the_article_goes_by_the_sound(article: str, nouns: str) -> None:
    for noun in nouns.replace("\n", " ").strip().split(", "):
        assert with_article(noun) == f"{article} {noun}"
