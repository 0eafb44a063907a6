"""The page of the controls on the root user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.posture.calls import ASSUME_ROOT, AUDIT, CALLS
from rootforensics.posture.posture import controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.posture.posture import Control

_INTRODUCTION: Final = """
The logs show what root did. `posture` checks root's current controls, and whether alarms notify anyone of the next
use. It reads answers from AWS: from a live run, or from files that the AWS CLI wrote.

```bash
rootforensics posture --print-policy
rootforensics posture case.duckdb --profile audit --save answers/
rootforensics posture case.duckdb --from answers/ --format json
```

In the library, use `rootforensics.open_case("case.duckdb").posture(from_folder="answers/")`, or without a case
`rootforensics.check_posture(from_folder="answers/")`. The result has `answers`, `exposures` (open risks) and `counts`.

| answer | meaning |
|---|---|
| `pass` | the answers from AWS show that the control is met |
| `fail` | they show that it is not met |
| `warn` | it is partly met, or needs a review |
| `info` | a fact to compare with the case |
| `not_applicable` | it does not apply to this account |
| `unknown` | a permission or a file is missing; `missing` names it |

The table begins with the open risks. There is no score. `evidence` lists for each answer the calls, their Regions,
times and files. Commands in `remedy` are printed and never run. The exit status is 3 if a control fails or is unknown,
otherwise 0. `--format asff` writes findings for `aws securityhub batch-import-findings`, which accepts 100 per call.
Import them in the Region in which Security Hub answered.

**With a case**, the case stores the results, the answers from AWS, the time, your login and the identity that asked
AWS. The chain of custody records this as one act with a hash. Run `rootforensics query CASE posture` for the last
result of each control and account, and `aws-answers` for the answers from AWS.

- A later check may cover fewer accounts or have fewer permissions. Results that it cannot renew stay, and `why` says so.
  A `pass` of this kind becomes a `warn`.
- A `pass` from before the last load of logs also becomes a `warn`, because these logs may show who made the setting.
  Run `posture` again.
- Files saved without the [list](#files) have no time. Results from them have an unknown time, not that of the check.

## A live run

A live run makes the calls [below](#controls), `sts:GetCallerIdentity` and `iam:GenerateCredentialReport`, and no
others. It never calls `account:GetPrimaryEmail`. Only `--org` adds `account:GetPrimaryEmailUpdateStatus` and
`organizations:ListAccounts`, and only [the audit](#root-in-the-members) adds its own calls. `--print-policy` prints
the IAM policy for them and states which identity needs each statement.

- If AWS denies a call, its controls are unknown. The other controls are still checked.
- AWS keeps only one credential report. The existing report is downloaded before a new one is generated. `--save` keeps
  both.
- Seeds and QR codes of MFA devices are not stored. For a subscriber's URL, only the host is stored.
- `--redact KEYFILE` masks the table, CSV and JSON, but not saved files.
- Trails, EventBridge and GuardDuty are read in each enabled Region, the rest in the home Regions of trails.

## An organization

```bash
rootforensics posture --org --member-role SecurityAudit --print-policy
rootforensics posture case.duckdb --org --member-role SecurityAudit --profile management --save answers/
```

Use credentials of the management account or of a delegated administrator. `posture` lists the accounts and assumes the
role in each, six at a time. The table is a matrix with a row for each account and a letter for each control. Every
result is in `--format json` and `csv`. With `--save`, each account gets a folder. In the library, use
`member_role="SecurityAudit"`.

An account is unknown if it denies access, is not active, or was not read; the reason is shown. Some answers come from
another account: from the management account, or from the owner of an organization trail, its bucket and its alarm.

An SCP counts for an account if it is attached to the account, or to an organizational unit or root above it. What no
policy at one of these levels allows is denied. An allow list in place of `FullAWSAccess` therefore also denies root
and `AssumeRoot` sessions everything else. A `Deny` with `NotAction` gives a `warn` that names what stays allowed.

## Root in the members

```bash
rootforensics posture --org --member-role SecurityAudit --assume-root-audit --print-policy
rootforensics posture case.duckdb --org --member-role SecurityAudit --assume-root-audit --save answers/
```

With `--assume-root-audit` (in the library `assume_root_audit=True`), `sts:AssumeRoot` opens a root session in each
active member, except the management account. The session lasts two minutes and has the task policy
`IAMAuditRootUserCredentials`. It makes only these calls: {AUDIT}.

The session shows root's credentials even where no role can be assumed. `NoSuchEntity` from `GetLoginProfile` means
that root has no password. If AWS refuses the session and no other answer decides a control, the control is unknown and
`missing` names `sts:AssumeRoot`. If two answers from AWS differ, the worse one counts.

The session is a write. Central root access must allow root sessions, and your credentials need the statement
`RootAudit` from `--print-policy`. It allows `sts:AssumeRoot` on root of the accounts, only with this task policy.
The audit leaves these events:

- In your account: one `AssumeRoot` for each member, also if refused. It is a finding (`action:sts-assume-root`).
- In the member: the calls of the session, as root with a key `ASIA…`. Their `origin` is `privileged_session`, and the
  verdict counts them as use of root. Without a root password, `GetLoginProfile` fails.
- They trigger the member's alarm on root, and GuardDuty may report `ShortTermRootCredentialUsage`. Inform the readers
  of both in advance.

The key ID of each session is stored in `sts/assume-root.json` and, with a case, in `aws-answers`.
`rootforensics query CASE privileged-sessions` shows the sessions and their openers. To approve the audit, add a row
for each member to the [approvals](approvals.md): `who` is the ARN that ran it, `tasks` is `none`.

## Where root can sign in from

```bash
rootforensics posture case.duckdb --from answers/ --our-networks 192.0.2.0/24,198.51.100.0/24
```

If console authorization is enabled, AWS Sign-In checks the network before it asks root for a password. It applies the
account's own sign-in policy and the resource control policies above it. `sign-in-network` passes if root can sign in
only from your networks. It fails if your networks are locked out.

- Without `--our-networks`, a limit is unknown, because an unauthorized party may have set it.
- If console authorization is disabled or root is exempt, there is no limit.
- A condition that cannot be evaluated, such as one with a policy variable (`${…}`), never leads to a `pass`.
- `root-sessions` fails if AWS lists an active root session from `aws login`. AWS does not list browser sessions, so an
  empty list is not a `pass`.

## Files

`--save` writes one file for each answer into folders for account and Region:
`answers/111122223333/us-east-1/cloudtrail/get-trail-status--….json`

It also writes the list `saved.jsonl` with call, argument and time. The option `--from` also reads folders without it.

- A file is JSON as the AWS CLI prints it. The credential report can also be CSV. An error from AWS is
  `{"Error": {"Code": "…", "Message": "…"}}`.
- The file name begins with the operation, as in `describe-trails.json`. Otherwise the content must identify the call.
- The argument follows the operation: `get-trail-status--management.json`. With only one trail, you can omit it.
- Most answers do not name their account and Region. Name the folders with them. Files from two accounts without such
  folders are rejected, and so are two different answers to one call.
- Add `--root` to the name of an answer that root, or an `AssumeRoot` session in the member, requested about itself:
  `list-access-keys--root.json`. The same applies to `list-signing-certificates`, `get-login-profile` and
  `list-mfa-devices`. Without `--root`, the answer belongs to the caller and does not count.
- `list-mfa-devices` also counts without `--root` if it names root's devices. Only this call shows how many devices there
  are, and whether a passkey or security key exists in addition to a virtual device.
- A file with a `NextToken` is incomplete, so its controls are unknown.

## The alarm

`root-alarm` passes if the deployed filter and alarm would notify a person of root's events. It follows this chain:

1. The log group of the trail has a metric filter.
2. An alarm on its metric and namespace fires on one event. An average does so if the metric has no default value.
3. The alarm's actions are enabled, and no active mute rule applies.
4. The topic accepts messages from CloudWatch. Its policy allows CloudWatch to publish, and no data protection policy
   denies a message. It is not encrypted with `alias/aws/sns`, or with a key that CloudWatch cannot use.
5. The topic has a confirmed subscription without a filter policy.

`root-event-rule` checks the same for EventBridge, which the default topic policy does not allow to publish.

With a case, the filter is replayed on its root events, except `AssumeRoot` sessions. Without root events, the filter
must match three sample records. It must not match a successful call of a user or a role, because an alarm that fires
all day does not report root. The column `why` adds what Security Hub's `CloudWatch.1` would report. That control
requires one exact pattern and accepts a pending subscription. The output of [`rootforensics alarm --emit`](alarm.md)
passes.

## Who made a setting

With a case, no control passes because of a setting from the incident. The result is a `warn` in these cases:

- A call that makes the setting is by root, by an identity that root created or may have created, or by an
  unknown identity. Examples are an MFA device, a contact, a trail or a subscriber of the alarm. `why` names the event.
- AWS reports that an MFA device was enabled during the incident.
- The logs have gaps during the incident, so the call may be missing. `missing` names the gaps.

The incident lasts from the first to the last event of root, and of follow-on activity, in the account.
The file `setters.toml` lists the relevant calls.

## Where AWS and the logs contradict each other

With a case, these facts from AWS are compared with the events:

- the last use and the last change of the password and of each key, and the last change of each certificate
- when an MFA device was enabled, and when a trail was started
- MFA that is enabled although the last sign-in did not use it, and changes of alternate contacts

Run `rootforensics query CASE posture-findings` for the results, with AWS's answers and the events.

| standing | meaning |
|---|---|
| `contradiction` | the logs cover the time in all relevant Regions, logging was not impaired, and there is no such event |
| `gap` | the logs do not cover the time, or trails may exclude the call; `why` has the reason |
| `confirmed` | the logs contain the event, and its result still exists |

The gap `trail_silent` means that the trail was logging, but the case has no logs from the account for 6 hours. The
finding `alarm_silent` means that the deployed alarm would not have reported all root events. Times before the first
log are ignored.
Brief, verdict and report show open risks, contradictions and gaps. The report has a separate part for them.

The chart [posture](charts.md) has a row for each control and a column for each account. The notebook `09_posture` shows
everything for a case. Try it on the sample incident with `--from docs/examples/posture`.

## A runbook

```bash
rootforensics runbook case.duckdb --out runbook.md
rootforensics runbook case.duckdb --check runbook.md
```

`runbook` writes a Markdown file for the use of root and for its misuse. It covers where passwords and MFA devices are
kept, who may use root and why, and which tasks still need root. It also covers how a use is recorded for
[`approvals`](approvals.md), the steps after each use, and the steps if a use was not approved.

Accounts, known facts and failed controls come from the case, or from `--from FOLDER`. White square brackets (`⟦…⟧`) mark
what you must fill in. Existing files are never overwritten. `--check` lists by line what is still to fill in, which
sections, points and accounts are missing, and which are empty. The exit status is then 3. It also checks your own
runbook, if that has the same headings and the same points in bold.

## Limits

- AWS User Notifications and Amazon WorkMail mailboxes are not read. No public API shows whether IAM users can see
  billing.
- Resource control policies are read only for their effect on sign-in.

## Controls
"""


def posture_page(note: str) -> str:
    """The text of docs/reference/posture.md.

    Args:
        note: the first line, which says that the page is generated.
    """
    rows = [_row(control) for control in controls().values()]
    head = ["| id | control | severity | Security Hub | CIS | Config rule | calls |", f"|{'---|' * 7}"]
    remedies = [f"- `{one.id}`: {one.remedy} ([source]({one.sources[0]}))" for one in controls().values()]
    audit = ", ".join(f"`{one}`" for one in AUDIT if one != ASSUME_ROOT)
    lines = [
        note,
        "# Posture",
        _INTRODUCTION.replace("{AUDIT}", audit),
        *head,
        *rows,
        "",
        *_numbers(),
        "",
        "## What to do",
        "",
        *remedies,
    ]
    return "\n".join(lines) + "\n"


def _row(one: Control) -> str:
    cis = ", ".join(f"{number} ({version})" for version, number in one.cis.items())
    calls = ", ".join(f"`{CALLS[call].permission}`" for call in one.calls)
    cells = (f"`{one.id}`", one.title, one.severity, one.security_hub, cis, one.config_rule, calls)
    return f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |")


def _numbers() -> Iterator[str]:
    yield "Severities are those of Security Hub if it has the control, except `root-alarm`, which it rates Low. The CIS numbers"
    yield "are those that Security Hub maps. The calls are IAM actions."
