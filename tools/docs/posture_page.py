"""The page of the controls on the root user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.posture.calls import ASSUME_ROOT, AUDIT, CALLS
from rootforensics.posture.posture import controls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.posture.posture import Control

_INTRODUCTION: Final = """
The logs say what root did. `posture` answers what root can do now, and whether somebody would be told of the next use.
It stands on answers of AWS: of a live run, or of files that the AWS CLI wrote.

```bash
rootforensics posture --print-policy
rootforensics posture case.duckdb --profile audit --save answers/
rootforensics posture case.duckdb --from answers/ --format json
```

In the library `rootforensics.open_case("case.duckdb").posture(from_folder="answers/")` gives the same, and without a case
`rootforensics.check_posture(from_folder="answers/")`; `answers`, `exposures` and `counts` of what they return are rows,
what is still open, and how many controls have each answer.

With a case the answers are kept in it, with the answers of AWS on which they stand, the time, the login and the
identity that asked AWS: one act of its chain of custody, which also holds their hash. The case is open for writing for
that alone. `rootforensics query CASE posture` shows what was answered last to each control of each account, with the
time of the answers of AWS, and `aws-answers` these. A later check of fewer accounts, or with fewer permissions, leaves
what it could not read as it was answered before; `why` says so. Such a `pass` is then a `warn`, and so is one of before
the last load of logs, for these may tell who set it: run `posture` again. Files that somebody saved without the list below do
not tell when AWS was asked: what stands on them is told as of a time that is not known, and never as of now.

| answer | meaning |
|---|---|
| `pass` | the answers of AWS show that the control is met |
| `fail` | they show that it is not |
| `warn` | it is met in part, or somebody has to look |
| `info` | a fact to compare with the case |
| `not_applicable` | it does not concern this account |
| `unknown` | a permission or a file is missing; `missing` names it |

The exit status is 0 if nothing fails and nothing is unknown, and 3 otherwise. The table begins with what is still open.
There is no score. `evidence` names for each answer the calls, their Regions, times and files. `--format asff` writes
findings for `aws securityhub batch-import-findings`, which takes 100 in a call, for the Region in which Security Hub
answered. Commands in `remedy` are printed and never run.

## A live run

It makes the calls below (but not `account:GetPrimaryEmail`; `account:GetPrimaryEmailUpdateStatus` and `organizations:ListAccounts` only with `--org`, and those of
[the audit](#root-in-the-members) only if it is asked for), `sts:GetCallerIdentity` and `iam:GenerateCredentialReport`, and refuses to make any other. `--print-policy` prints the IAM
policy for them, and says to whom each statement belongs: your own credentials, the role of `--role-arn`, or the role in
each account. What is refused makes its controls unknown, and the others are
answered. AWS keeps one credential report: the one that is there is fetched before a new one is made, and `--save` keeps
both. Seeds and QR codes of MFA devices are not kept, and of the URL of a subscriber only the host.
With `--redact KEYFILE` the table, CSV and JSON are masked; what is saved is not. AWS is asked in each enabled Region about trails, EventBridge and
GuardDuty, and in the home Regions of trails about the rest.

## An organization

```bash
rootforensics posture --org --member-role SecurityAudit --print-policy
rootforensics posture case.duckdb --org --member-role SecurityAudit --profile management --save answers/
```

With credentials of the management account or of a delegated administrator, the accounts are listed, and the role is
taken on in each, six at a time. The table is a matrix: a row for each account, a letter for each control. An account
that refuses, is not active, or is listed and was not read, is unknown, with the reason. What only the management account
can answer, or the owner of an organization's trail, its bucket and its alarm, is read from the answers of that account. A service
control policy counts for an account if it is attached to it, or to a unit or root above it. `--format json` and `csv` have every answer, `--save` a
folder for each account. In the library this is `member_role="SecurityAudit"`. No session of `AssumeRoot` is opened unless
[the audit](#root-in-the-members) is asked for.

What no policy at an account, or at a unit or root above it, allows is denied: an allow list instead of `FullAWSAccess`
denies root all else, and sessions of `AssumeRoot` too. A denial with `NotAction` warns and names what stays allowed.

## Root in the members

```bash
rootforensics posture --org --member-role SecurityAudit --assume-root-audit --print-policy
rootforensics posture case.duckdb --org --member-role SecurityAudit --assume-root-audit --save answers/
```

With `--assume-root-audit` (in the library `assume_root_audit=True`) `sts:AssumeRoot` opens a session of root in each active
member but the management account, for two minutes and with the task policy `IAMAuditRootUserCredentials`. The session
makes the calls {AUDIT}, and no other. So it is known what
root has in a member, also where no role can be taken on: `NoSuchEntity` of `GetLoginProfile` says that there is no
password. If the session is refused, a control that no other answer decides is unknown, and `missing` names
`sts:AssumeRoot`. If two answers of AWS differ, the worse one counts.

The session is a write. Central root access must allow root sessions, and your credentials need the statement
`RootAudit` that `--print-policy` prints: `sts:AssumeRoot` on root of the accounts, with that task policy alone. It leaves:

- in your account one `AssumeRoot` for each member, refused ones too; it is a finding (`action:sts-assume-root`);
- in the member the calls of the session, as root with a key `ASIA…`: their `origin` is `privileged_session`. The verdict
  counts them as use of root. Where root has no password `GetLoginProfile` is a failed one. They set off the member's alarm on root, and GuardDuty
  may report `ShortTermRootCredentialUsage`. Tell whoever reads these.

The key ID of each session is kept in `sts/assume-root.json`, and with a case in `aws-answers`; `rootforensics query CASE
privileged-sessions` shows them with who opened them. To approve the audit, put a row for each member into the file of
[approvals](approvals.md): `who` is the ARN that ran it, `tasks` is `none`.

## From where root may sign in

```bash
rootforensics posture case.duckdb --from answers/ --our-networks 192.0.2.0/24,198.51.100.0/24
```

AWS Sign-In judges the network before it asks root for a password, if console authorization is on, by the account's own
sign-in policy and by resource control policies above it. `sign-in-network` passes if root can sign in from your networks
alone, and fails if they are locked out. Without `--our-networks` a limit is unknown, for nobody said whose the networks
are: an unauthorized party may have set it. Off, or with root exempted, it limits nothing. A condition that is not
understood, such as one with a policy variable (`${…}`), passes nothing, in whichever policy it stands. `root-sessions` fails if AWS
lists an active session of root by `aws login`; sessions of browsers are not listed, so none is no pass.

## Files

`--save` writes one file for each answer, by account and Region, and `saved.jsonl` with call, argument and time:
`answers/111122223333/us-east-1/cloudtrail/get-trail-status--….json`. `--from` also reads files without that list.

- A file is JSON as the AWS CLI prints it, the credential report also as CSV. An error of AWS is
  `{"Error": {"Code": "…", "Message": "…"}}`.
- Its name begins with the operation, as `describe-trails.json`; or what it holds says what it is.
- Behind the operation stands of what it was asked: `get-trail-status--management.json`. If there is one trail only,
  that may be left out.
- Most answers do not say whose they are. Folders named by account ID and Region say so. Files of two accounts that do
  not say whose they are, and two different answers to one question, are refused.
- What root, or a session of `AssumeRoot` in the member, asked of its own has `--root` in its name:
  `list-access-keys--root.json`, so with `list-signing-certificates`, `get-login-profile` and `list-mfa-devices`. Without it
  the answer is of whoever asked, and does not count. Of devices it counts if it names those of root: only that
  tells a passkey or a security key beside a virtual device, and how many there are.
- A file with a `NextToken` is not the whole answer, so its controls are unknown.

## The alarm

`root-alarm` passes if the deployed filter and alarm would bring root's events to a person. It follows the filter of the
trail's log group, its metric, an alarm on that metric and namespace that fires at one event, actions that are switched
on, no mute rule that is active, a confirmed subscription without a filter policy, and a topic that takes what CloudWatch
sends: its policy lets CloudWatch publish, no data protection policy denies a message, and it is not encrypted with
`alias/aws/sns`, or with a key whose policy does not let CloudWatch use it. `root-event-rule` asks the same for EventBridge, which the first policy of a topic does not let publish. A mean fires at one event if the metric has no default
value. With a case the filter is replayed on its root events; sessions of `AssumeRoot` are left out of that. Without root events the filter must match three sample records. It must not
match a successful call of a user or a role: an alarm that fires all day tells nobody of root. `why` adds
what Security Hub's `CloudWatch.1` would report, for it wants one exact pattern, and takes a subscription that is
pending. What [`rootforensics alarm --emit`](alarm.md) writes passes.

## Who set it

With a case no control passes by what was set in the incident. If root, an identity that descends from root or may, or
nobody knows whom made a call that sets what the control stands on (an MFA device, a contact, a trail, a subscriber of
the alarm, an organization), it warns and names the event. So it does if AWS tells that an MFA device was enabled in the
incident, and if the logs do not cover all of it, for then the call may be missing; `missing` says what they lack. The
incident lasts from the first to the last event of root, and of what descends from it, in the account. Which calls are meant
stands in `setters.toml`, by what is read.

## Where AWS and the logs contradict each other

With a case the times that AWS tells are held against the events: last use of the password and of each key, when these
and certificates were last changed, when an MFA device was enabled, when a trail was started. So are MFA that is on
though the last sign-in had none, and an alternate contact that was changed. `rootforensics query CASE posture-findings`
lists them, each with the answer of AWS and the events.

| standing | meaning |
|---|---|
| `contradiction` | the logs cover the time in all Regions in question, nothing impaired logging, and they hold no such event |
| `gap` | the logs do not cover the time, or the call may be of a kind that trails leave out: nobody knows; `why` has the reason |
| `confirmed` | the logs hold the event, and what it made is still there |

`trail_silent` is a gap: a trail says that it was logging while the case holds nothing of the account for 6 hours.
`alarm_silent` says that the deployed alarm would not have told of root's events. What AWS tells of times before the
logs begin is left out. Brief, verdict and report have what is open now, contradictions and gaps; the report has a part
of its own.

The chart [posture](charts.md) has a row for each control and a column for each account, and the notebook `09_posture`
all of this for a case. On the sample incident `--from docs/examples/posture` shows it.

## A runbook

```bash
rootforensics runbook case.duckdb --out runbook.md
rootforensics runbook case.duckdb --check runbook.md
```

`runbook` writes in Markdown where passwords and MFA devices are kept, who may use root, what justifies it, which tasks
need root and which no longer do, how a use is recorded for [`approvals`](approvals.md), what is done after each, and the
order of steps if nobody approved it, with what not to do. Accounts, what is known of each, and what fails come from
the case, or from `--from FOLDER`; what nobody but you knows stands in white square brackets (`⟦…⟧`). A file that is
there is never written over. `--check` lists, line by line, what is still to fill in, sections and points that are missing or say
nothing, and accounts that are not named; the exit status is then 3. It takes a runbook of your own too, with the same
headings and the same points in bold.

## What it does not do yet

- It does not read AWS User Notifications, or mailboxes of Amazon WorkMail. No public API tells whether IAM
  users see billing.
- Of resource control policies it reads what they say of sign-in.

## Controls
"""


def posture_page(note: str) -> str:
    """The text of docs/reference/posture.md.

    Args:
        note: the first line, which says that the page is generated.
    """
    rows = [_row(one) for one in controls().values()]
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
    yield "Severities are those of Security Hub where it has the control; it has `root-alarm` as Low. The numbers of CIS are"
    yield "those that Security Hub maps. The calls are actions of IAM."
