"""Logs that could have shown whatever there was, and the types of what is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.limits import SIGN_IN_REGIONS
from tests.builders import ACCOUNT, event

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.answer import Verdict
    from rootforensics.analysis.steps import Step

    Told = tuple[dict[str, Verdict], list[Step]]
    Tell = Callable[..., Told]

ANOTHER = event(identity={"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/another"})
EVERYWHERE = [ANOTHER, *(event(awsRegion=region) for region in SIGN_IN_REGIONS)]
#: A policy that lets everybody read.
OPEN = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
