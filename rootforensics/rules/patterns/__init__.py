"""CloudWatch Logs filter patterns for JSON log events: parse, print, match, push down.

>>> from rootforensics.rules.patterns.parse import parse
>>> from rootforensics.rules.patterns.match import matches
>>> matches(parse('{ $.userIdentity.type = "Root" }'), {"userIdentity": {"type": "Root"}})
True
"""
