"""Write the sample incident: `python -m tools.sample_incident [--out sample_logs]`."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from tools.sample_incident.breakglass import add_breakglass
from tools.sample_incident.damage import inflict, share_event_id
from tools.sample_incident.delivery import deliver
from tools.sample_incident.digests import public_keys, sidecar, sign_chains
from tools.sample_incident.expected import Outcome, write_expected
from tools.sample_incident.ids import Ids
from tools.sample_incident.machines import add_machines
from tools.sample_incident.noise import add_noise
from tools.sample_incident.ordinary import add_ordinary, new_plan
from tools.sample_incident.people import SEED
from tools.sample_incident.posture import write_answers
from tools.sample_incident.privileged import add_privileged
from tools.sample_incident.rsa import Key, make_key
from tools.sample_incident.story_end import add_story
from tools.sample_incident.trails import add_trails

_EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
_PARTS = (add_ordinary, add_machines, add_noise, add_trails, add_breakglass, add_privileged)


def make(key: Key) -> Outcome:
    """Plan the incident, place its events in files, sign the digests and spoil what is to be spoilt."""
    story = new_plan("story")
    marks = add_story(story)
    events = list(story.events)
    for part in _PARTS:
        plan = new_plan(part.__name__)
        part(plan)
        events += plan.events
    share_event_id(marks["admin"], events)
    files = deliver(events, Ids("delivery"))
    digests = sign_chains(files, key)
    damage = inflict(files, marks, Ids("damage"))
    return Outcome(files, digests, damage)


def write(outcome: Outcome, out: Path) -> None:
    """Replace the folder by the files of the incident."""
    shutil.rmtree(out / "AWSLogs", ignore_errors=True)
    stored = {file.path: file.stored for file in outcome.present}
    stored |= {digest.path: digest.stored for digest in outcome.digests}
    stored |= {f"{digest.path}.s3.json": sidecar(digest) for digest in outcome.digests}
    for path, data in stored.items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (out / "EXPECTED.toml").write_text(write_expected(outcome), encoding="utf-8")


def main() -> None:
    """Write the logs, and the public keys and the answers of AWS into the examples of the manual."""
    parser = argparse.ArgumentParser(prog="tools.sample_incident", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("sample_logs"), help="default: %(default)s")
    out = parser.parse_args().out
    key = make_key(SEED)
    outcome = make(key)
    write(outcome, out)
    keys = _EXAMPLES / "public-keys.json"
    keys.write_text(public_keys(key), encoding="ascii")
    answers = write_answers(_EXAMPLES / "posture")
    counts = f"{len(outcome.present)} log files, {len(outcome.digests)} digests, {len(outcome.events)} events"
    counts += f", {answers} answers of AWS"
    sys.stdout.write(f"{counts} in {out}\n")


if __name__ == "__main__":
    main()
