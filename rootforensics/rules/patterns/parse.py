"""Parse a filter pattern; what does not parse is told with its column.

Source: Amazon CloudWatch Logs User Guide, "Filter pattern syntax for metric filters, subscription filters, filter log
events, and Live Tail", the part on JSON log events.
"""

from __future__ import annotations

import re
from typing import Final, NoReturn

from rootforensics.errors import PatternError
from rootforensics.rules.patterns.regex import check_regex
from rootforensics.rules.patterns.tree import (
    MAX_LENGTH,
    NUMBER,
    PLAIN_NAME,
    PLAIN_TEXT,
    And,
    Any,
    Compare,
    Condition,
    Node,
    Number,
    Or,
    Pattern,
    Regex,
    Selector,
    State,
    Step,
    Text,
)

#: The filter of the CIS AWS Foundations Benchmark for the use of root.
CIS_ROOT: Final = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
)
#: The same, silent on sessions of AssumeRoot as far as their records say so.
CIS_ROOT_WITHOUT_SESSIONS: Final = CIS_ROOT.replace(" }", " && $.userIdentity.sessionContext.assumedRoot NOT EXISTS }")

_MAX_DEPTH: Final = 100
_MAX_REGEXES: Final = 2
_MAX_WILDCARDS: Final = 3
_BLANK: Final = " \t\r\n"
#: Control characters, and bytes of a command line that are no UTF-8.
_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_OPERATOR: Final = re.compile(r"!=|<=|>=|=|<|>")
_KEYWORDS: Final = re.compile(r"[A-Za-z]+(?:[ \t\r\n]+[A-Za-z]+)?")
_ITEM: Final = re.compile(r"\[(?:(?P<place>[0-9]{1,9})|(?P<any>\*)|'(?P<single>[^']+)'|\"(?P<double>[^\"]+)\")\]")
_STATES: Final = ("IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS")


def parse(text: str) -> Pattern:
    """Parse a pattern for JSON log events.

    Args:
        text: such as ``{ $.eventName = "StopLogging" }``.

    Raises:
        PatternError: it does not parse, or breaks a rule or a quota of CloudWatch Logs; says in which column.
    """
    return _Parser(text).pattern()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._regexes = 0

    def pattern(self) -> Pattern:
        if len(self._text) > MAX_LENGTH:
            self._fail(f"it has {len(self._text):,} characters, CloudWatch Logs takes {MAX_LENGTH:,}", MAX_LENGTH)
        if odd := _NO_TEXT.search(self._text):
            self._fail(f"{odd[0]!r} is no text", odd.start())
        self._skip()
        if not self._take("{"):
            hint = "Only patterns for JSON are replayed; they stand in { }: terms and [ ] patterns do not read fields"
            self._fail("it does not begin with {", hint=hint)
        root = self._or()
        if not self._take("}"):
            self._fail("&&, || or } is wanted here")
        if self._at < len(self._text):
            self._fail("nothing may follow the closing }")
        pattern = Pattern(root, self._text)
        wildcards = sum(isinstance(step, Any) for condition in pattern.conditions for step in condition.selector.steps)
        if wildcards > _MAX_WILDCARDS:
            self._fail(f"{wildcards} wildcard selectors, CloudWatch Logs takes {_MAX_WILDCARDS}", 0)
        return pattern

    def _or(self) -> Node:
        parts = [self._and()]
        while self._take("||"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _and(self) -> Node:
        parts = [self._part()]
        while self._take("&&"):
            parts.append(self._part())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _part(self) -> Node:
        if not self._take("("):
            return self._condition()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            self._fail(f"parentheses more than {_MAX_DEPTH} deep")
        inner = self._or()
        if not self._take(")"):
            self._fail("&&, || or ) is wanted here")
        self._depth -= 1
        return inner

    def _condition(self) -> Condition:
        selector = self._selector()
        self._skip()
        operator = _OPERATOR.match(self._text, self._at)
        if operator is None:
            return State(selector, self._state())
        start = self._at
        self._at = operator.end()
        if self._text.startswith("=", self._at):
            self._fail("there is no operator ==; equality is =", start)
        self._skip()
        value_start = self._at
        value = self._value()
        if operator[0] not in ("=", "!=") and not isinstance(value, Number):
            self._fail(f"{operator[0]} compares with a number (without quotes)", value_start)
        return Compare(selector, operator[0], value)

    def _state(self) -> str:
        found = _KEYWORDS.match(self._text, self._at)
        words = " ".join(found[0].split()) if found else ""
        if found is None or words not in _STATES:
            self._fail_state(words)
        self._at = found.end()
        return words

    def _fail_state(self, words: str) -> NoReturn:
        first = words.split(" ", maxsplit=1)[0]
        if words.upper() in _STATES:
            self._fail(f"{words} is documented in capitals only: {words.upper()}")
        if first.upper() == "EXISTS":
            hint = 'For "exists" write = "*", which matches text and numbers'
            self._fail("EXISTS is not supported by CloudWatch Logs, only NOT EXISTS is", hint=hint)
        if words.upper() == "IS NOT":
            hint = "Turn the condition round, such as IS FALSE for IS NOT TRUE"
            self._fail("IS NOT is not supported by CloudWatch Logs", hint=hint)
        self._fail("an operator (= != < > <= >=), IS NULL, IS TRUE, IS FALSE or NOT EXISTS is wanted here")

    def _selector(self) -> Selector:
        self._skip()
        start = self._at
        if not self._text.startswith("$", start):
            self._fail("a condition begins with a selector, such as $.eventName")
        self._at += 1
        steps: list[Step] = []
        while (step := self._step()) is not None:
            steps.append(step)
        if not steps:
            self._fail("a field is wanted after $, such as $.eventName")
        if sum(isinstance(step, Any) for step in steps) > 1:
            self._fail("a selector has one wildcard at most", start)
        return Selector(tuple(steps))

    def _step(self) -> Step | None:
        dotted = self._text.startswith(".", self._at)
        if dotted:
            self._at += 1
            if self._text.startswith("*", self._at):
                self._at += 1
                return Any.FIELD
            if name := PLAIN_NAME.match(self._text, self._at):
                self._at = name.end()
                return name[0]
        if not self._text.startswith("[", self._at):
            if dotted:
                self._fail("a field's name is wanted here (letters, digits, - and _; others as ['name'])")
            return None
        item = _ITEM.match(self._text, self._at)
        if item is None or (dotted and not (item["single"] or item["double"])):
            self._fail("in brackets stands a place [0], [*] or a name ['name']")
        self._at = item.end()
        if item["place"]:
            return int(item["place"])
        return Any.ITEM if item["any"] else item["single"] or item["double"]

    def _value(self) -> Text | Number | Regex:
        if self._text.startswith('"', self._at):
            return Text(self._quoted())
        if self._text.startswith("%", self._at):
            return self._regex()
        found = PLAIN_TEXT.match(self._text, self._at)
        if found is None:
            self._fail('a value is wanted here: text in quotes ("), a number, or %regex%')
        self._at = found.end()
        if NUMBER.fullmatch(found[0]):
            return Number(found[0])
        if self._text[self._at : self._at + 1] not in ("", ")", "}", "&", "|", *_BLANK):
            self._fail(f"a value with {self._text[self._at]!r} in it has to stand in quotes")
        return Text(found[0], quoted=False)

    def _quoted(self) -> str:
        start = self._at
        self._at += 1
        out: list[str] = []
        while self._at < len(self._text) and self._text[self._at] != '"':
            if self._text.startswith(("\\\\", '\\"'), self._at):
                self._at += 1
            out.append(self._text[self._at])
            self._at += 1
        if self._at >= len(self._text):
            self._fail("the quotation that begins here does not end", start)
        self._at += 1
        return "".join(out)

    def _regex(self) -> Regex:
        start = self._at
        end = self._text.find("%", start + 1)
        if end < 0:
            self._fail("the regular expression that begins here does not end with %")
        regex = self._text[start + 1 : end]
        if problem := check_regex(regex):
            self._fail(problem, start)
        self._regexes += 1
        if self._regexes > _MAX_REGEXES:
            self._fail(f"CloudWatch Logs takes {_MAX_REGEXES} regular expressions in a pattern", start)
        self._at = end + 1
        return Regex(regex)

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at] in _BLANK:
            self._at += 1

    def _take(self, token: str) -> bool:
        self._skip()
        found = self._text.startswith(token, self._at)
        if found:
            self._at += len(token)
            self._skip()
        return found

    def _fail(self, problem: str, at: int | None = None, hint: str = "") -> NoReturn:
        place = self._at if at is None else at
        near = self._text[place : place + 20]
        shown = f" (near {near!r})" if near else " (at its end)"
        raise PatternError(f"{problem}{shown}", where=f"pattern, column {place + 1}", hint=hint)
