"""A step of containment, and the command that it comes with."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypedDict

from rootforensics.analysis.places import UNKNOWN
from rootforensics.evidence.cite import proof_of
from rootforensics.rules.entities import entity_in_words
from rootforensics.rules.undo import words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any


#: Why to ask first: about what only possibly descends from root.
POSSIBLY: Final = "this may not descend from root"
#: About what was made in an approved session, or changed in one.
APPROVED: Final = "this was done in an approved session"
#: About what an identity did that does not descend from root.
BY_OTHERS: Final = "root did not do this"
#: About an account that shows no sign of a takeover.
NO_SIGN: Final = "there is no sign that root of this account was taken over"


#: Columns of the steps as a table, and what they hold.
COLUMNS: Final = {
    "account_id": "VARCHAR; where",
    "what": "VARCHAR; what to do, in words",
    "why": "VARCHAR; why, in full sentences",
    "identity": "VARCHAR; as whom its commands run; empty where there are none",
    "command": "VARCHAR; for the AWS CLI, quoted for a POSIX shell, one on each line; empty where there is none",
    "eventID": "VARCHAR; of the event that makes it needed",
    "citation": "VARCHAR; evidence_id:record_index of that event",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset({"account_id", "what", "why", "identity", "command"})
#: As whom the commands of a step run that names nobody.
_ADMINISTRATOR: Final = "administrator of the account"
#: How a step says in which account or session its commands run; as root otherwise.
_AS: Final = {"management account": "in the management account", "AssumeRoot session": "in an AssumeRoot session"}
#: The same, to put before steps.
RUN_AS: Final = "Run commands as an administrator of the account, not as root, unless a step names another identity."


@dataclass(frozen=True, slots=True)
class Step:
    """One step of containment.

    Attributes:
        what: what to do, in words.
        why: the reason, in full sentences.
        command: for the AWS CLI, quoted for a POSIX shell, each on a line of its own; empty where there is none.
        account_id: where.
        in_account: what to do, in words that name the account.
        event_id: the event that makes it needed.
        citation: where its record lies.
        ask: why to ask first; empty where there is no need.
        deadline: ``hours`` or ``days`` if something is lost by itself unless somebody acts within these; else empty.
        due: when it is lost, UTC; None if that has no date.
        group: when to act, a row ``group`` of ``containment.toml``.
        identity: as whom the commands run, if not as an administrator of the account; else empty.
        more: the other events that make it needed, by eventID and place.
    """

    what: str
    why: str
    command: str = ""
    account_id: str = ""
    in_account: str = ""
    event_id: str | None = None
    citation: str = ""
    ask: str = ""
    deadline: str = ""
    due: datetime | None = None
    group: str = ""
    identity: str = ""
    more: tuple[tuple[str | None, str], ...] = ()

    def unless_approved(self, approved: Collection[str]) -> Step:
        """The same step, or one that asks first if its event is among these."""
        return self.approved() if self.citation in approved else self

    def approved(self) -> Step:
        """The step about what was done in an approved session: nothing is lost that was not meant to be."""
        return replace(self, ask=APPROVED, why="", deadline="")

    @property
    def proof(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The events that make it needed: eventIDs, and where their records lie."""
        return proof_of(((self.event_id, self.citation), *self.more))

    @property
    def as_whom(self) -> str:
        """As whom the commands run, to append to what to do; empty for an administrator of the account."""
        return f" (run {_AS.get(self.identity, f'as {self.identity}')})" if self.identity else ""

    def text(self, account_id: str) -> str:
        """What to do, as whom, and why, in sentences that name the account unless it is this one."""
        what = self.what if self.account_id in ("", account_id) else self.in_account
        return f"{what}{self.as_whom}. {self.why}".rstrip()

    def with_reason(self, ask: str) -> Step:
        """The step as it is read: why to ask first, for ``ask`` if for nothing else, and why it has no command."""
        reason = self.ask or ask
        first = f"Ask the owner first: {reason}. " if reason else ""
        last = "" if self.command or (self.what.isprintable() and not _FETCHED.search(self.what)) else _NO_COMMAND
        return replace(self, what=f"{first}{self.what}{last}", in_account=f"{first}{self.in_account}{last}")

    def as_row(self) -> dict[str, Any]:
        """The step as a row of a table."""
        return {
            "what": self.what,
            "why": self.why,
            "identity": self.identity or (_ADMINISTRATOR if self.command else ""),
            "command": self.command,
            "account_id": self.account_id,
            "eventID": self.event_id,
            "citation": self.citation or None,
        }


_NO_COMMAND: Final = " (no command: the AWS CLI cannot take this name as it is)"
_REGION: Final = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]")
#: Where the words of a rule name the account.
_ACCOUNT: Final = re.compile(r" (?P<word>about|in|of) ACCOUNT\b|THE-ACCOUNT\b")


def region_last(name: str) -> str:
    """The name of an entity that is unique in a Region only, as sentences have it: ``x in us-east-1``."""
    region, _, bare = name.partition("/")
    return f"{bare} in {region}" if bare and _REGION.fullmatch(region) else name


class Words(TypedDict):
    """What to do, as attributes of a step."""

    what: str
    account_id: str
    in_account: str


def worded(what: str, account_id: str, kind: str = "", name: str = "", about: str = "") -> Words:
    """What to do, without and with the account.

    Args:
        what: words of a rule, with ``ACCOUNT`` behind a preposition or ``THE-ACCOUNT``. Of an entity its name takes the
            place of ``the`` and its kind in the first sentence, or stands at the end of that.
        account_id: 12 digits or ``unknown``.
        kind: of the entity that it is done to.
        name: of the entity; empty if it is done to none.
        about: root's sessions, for ``SESSIONS``.
    """
    account = "an unknown account" if account_id in ("", UNKNOWN) else f"account {account_id}"
    if (kind or name) and not _ACCOUNT.search(what):
        first, stop, others = what.partition(". ")
        words = kind.split()
        nouns = "|".join(re.escape(" ".join(words[start:])) for start in range(len(words)))
        named = " ".join(entity_in_words(kind, name, account_id))
        named = f"the {named}" if kind == "contact" else named
        before, entity, after = first, "", ""
        if name and nouns and (match := re.search(rf"\bthe ({nouns})\b(?!')", first)):
            before, entity, after = first[: match.start()], named, first[match.end() :]
        elif name:
            before, entity = f"{first}: ", name if kind in first else named
        # The name of an account needs no account.
        is_clear = name == account_id or kind == "contact"
        where = "" if is_clear else f" in {account}"
        in_account = f"{before}{entity}{where}{after}{stop}{others}"
        return Words(what=f"{before}{entity}{after}{stop}{others}", account_id=account_id, in_account=in_account)

    def in_words(match: re.Match[str]) -> str:
        return f" {match['word']} {account}" if match["word"] else account

    plain = _ACCOUNT.sub(lambda match: "" if match["word"] else "the account", what).replace("SESSIONS", about)
    return Words(what=plain, account_id=account_id, in_account=_ACCOUNT.sub(in_words, what).replace("SESSIONS", about))


#: How rules name the moment at which AWS carries out a deletion.
_DELETION: Final = "the deletion date"


def dated(what: str, deletion: datetime | None, end: datetime | None) -> str:
    """What to do, with the date of a deletion and whether the logs go beyond it."""
    if deletion is None or _DELETION not in what:
        return what
    passed = " (the logs go beyond this time)" if end and end >= deletion else ""
    return what.replace(_DELETION, f"{deletion:%Y-%m-%d %H:%M} UTC{passed}")


def by_due(steps: Iterable[Step]) -> list[Step]:
    """Steps with a deadline in order of their dates; those without a date come first."""
    return sorted(steps, key=lambda step: step.due.timestamp() if step.due else float("-inf"))


def most_urgent(steps: Iterable[Step]) -> list[Step]:
    """The steps of several accounts, those before the others without which something is lost within hours."""
    every = list(steps)
    others = (step for step in every if step.deadline != "hours")
    return [*by_due(step for step in every if step.deadline == "hours"), *others]


#: The AWS CLI puts the content of a file or page in the place of such a value.
_FETCHED: Final = re.compile(r"(file|fileb|https?)://")


def _is_taken(word: str) -> bool:
    """Whether a word reaches AWS as it stands: not what is fetched, nor what no screen shows or no line holds."""
    return word.isprintable() and not _FETCHED.match(word)


def cli(*words: str, flag: str = "") -> str:
    """A command of the AWS CLI; empty where a name would not be taken as it is.

    Args:
        words: service, operation, then options, each with its value.
        flag: an option without a value.
    """
    if not all(map(_is_taken, words)):
        return ""
    start = next((place for place, word in enumerate(words) if word.startswith("--")), len(words))
    line = list(words[:start])
    for option, value in zip(words[start::2], words[start + 1 :: 2], strict=True):
        # Apart from its option a value that begins like one would be taken for one.
        line += [f"{option}={value}"] if value.startswith("-") else [option, value]
    return " ".join(["aws", *map(shlex.quote, line), *([flag] if flag else [])])


def command_with(template: str, values: Mapping[str, tuple[str, ...] | None]) -> str:
    """The commands of a row of ``containment.toml``; empty without any, or if a value is unknown or not taken as it is.

    Args:
        template: on each line service, operation, then options, each with its value; the last may have none.
        values: what placeholders stand for; None where it is not known.
    """
    commands = []
    for line in template.strip().splitlines():
        parts = [values.get(word, (word,)) for word in line.split()]
        words = [word for part in parts if part for word in part]
        flag = words.pop() if words[-1].startswith("--") and len(words) % 2 else ""
        commands.append("" if None in parts else cli(*words, flag=flag))
    return "\n".join(commands) if all(commands) else ""


def root_commands(
    template: str, account_id: str, partition: str = "aws", keys: Sequence[str] = (), devices: Sequence[str] = ()
) -> str:
    """The commands of a row about root itself, each on a line of its own; empty where the row has none.

    Args:
        template: of ``containment.toml``.
        account_id: of root.
        partition: of the account.
        keys: IDs of root's access keys; without any the responder has to fill one in.
        devices: serial numbers of root's MFA devices; likewise.
    """
    template = template.replace("MEMBER", account_id).replace("PARTITION", partition)
    names = {"KEY": keys or ("ACCESS-KEY-ID",), "DEVICE": devices or ("SERIAL-NUMBER",)}
    commands = []
    for line in template.splitlines():
        word = next((word for word in names if word in line.split()), "")
        commands += [command_with(line, {word: (name,)}) for name in names.get(word, ("",))]
    return "\n".join(filter(None, commands))


def filled(template: str, values: Mapping[str, Sequence[str]]) -> str:
    """A command of the catalogue with the values of a record; empty where one is missing or not taken as it is.

    Args:
        template: with placeholders as ``rules.undo`` has them; words in capitals are left to the responder.
        values: by path. Without a Region the option for it is left out.
    """
    commands = [_filled(line, values) for line in template.strip().splitlines()]
    return "\n".join(commands) if all(commands) else ""


def _filled(line: str, values: Mapping[str, Sequence[str]]) -> str:
    words: list[str] = []
    for word, paths, each in words_of(line):
        if not paths:
            words.append(word)
            continue
        selected = next((own for path in paths if (own := values.get(path))), ())
        if not selected and paths == ("awsRegion",):
            words.pop()
            continue
        options = [value for value in selected if value.startswith("-")]
        several = len(selected) > 1 and (each or options)
        if not selected or several or not all(map(_is_taken, selected)):
            return ""
        words += [f"{words.pop()}={selected[0]}"] if options else selected
    return " ".join(map(shlex.quote, words))


def dashed(name: str) -> str:
    """The option of the AWS CLI for a parameter, without its two dashes."""
    return re.sub(r"(?=[A-Z])", "-", name).lower()
