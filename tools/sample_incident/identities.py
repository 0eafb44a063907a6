"""`userIdentity` objects, one function for each shape that CloudTrail writes."""

from __future__ import annotations

from typing import Any

from tools.sample_incident.ids import stable

Record = dict[str, Any]


def assumed_role(account: str, role: str, session: str, key: str, created: str, mfa: bool = False) -> Record:
    """Return the identity of a role session."""
    path = "aws-reserved/sso.amazonaws.com/" if role.startswith("AWSReservedSSO") else ""
    principal = stable("AROA", account + role)
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": principal,
                "arn": f"arn:aws:iam::{account}:role/{path}{role}",
                "accountId": account,
                "userName": role,
            },
            "attributes": {"creationDate": created, "mfaAuthenticated": str(mfa).lower()},
        },
    }


def instance_role(account: str, role: str, instance: str, key: str, created: str) -> Record:
    """Return the identity of an EC2 instance profile, with the IMDS version that gave the credentials."""
    identity = assumed_role(account, role, instance, key, created)
    identity["sessionContext"]["ec2RoleDelivery"] = "2.0"
    return identity


def iam_user(account: str, user: str, key: str | None, created: str | None = None) -> Record:
    """Return the identity of an IAM user; `created` gives a console or temporary session."""
    identity: Record = {
        "type": "IAMUser",
        "principalId": stable("AIDA", account + user),
        "arn": f"arn:aws:iam::{account}:user/{user}",
        "accountId": account,
    }
    if key is not None:
        identity["accessKeyId"] = key
    identity["userName"] = user
    if created is not None:
        identity["sessionContext"] = {
            "sessionIssuer": {},
            "webIdFederationData": {},
            "attributes": {"creationDate": created, "mfaAuthenticated": "true"},
        }
    return identity


def service(principal: str) -> Record:
    """Return the identity of an AWS service that acts for itself."""
    return {"type": "AWSService", "invokedBy": principal}


def internal(account: str) -> Record:
    """Return the identity of a service event: no type at all."""
    return {"accountId": account, "invokedBy": "AWS Internal"}


def other_account(account: str, session: str) -> Record:
    """Return the identity of a caller from an account outside."""
    return {
        "type": "AWSAccount",
        "principalId": f"{stable('AROA', account + session)}:{session}",
        "accountId": account,
    }


def web_identity(account: str, repository: str) -> Record:
    """Return the identity of a build job before it gets its role."""
    provider = f"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
    subject = f"repo:acme-example/{repository}:ref:refs/heads/main"
    return {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }


def saml_user(account: str, user: str) -> Record:
    """Return the identity of a SAML user before the role is assumed."""
    return {
        "type": "SAMLUser",
        "principalId": f"{stable('', account)}:{user}",
        "userName": user,
        "identityProvider": f"arn:aws:iam::{account}:saml-provider/LegacyIdp",
    }


def identity_center(account: str, user_id: str, credential: str) -> Record:
    """Return the identity of an IAM Identity Center user."""
    return {
        "type": "IdentityCenterUser",
        "accountId": account,
        "onBehalfOf": {
            "userId": user_id,
            "identityStoreArn": f"arn:aws:identitystore::{account}:identitystore/d-1234567890",
        },
        "credentialId": credential,
    }


def root(account: str, key: str | None = "", user_name: str | None = None) -> Record:
    """Return the root identity without a session; a key of "" is what sign-in events carry."""
    identity: Record = {
        "type": "Root",
        "principalId": account,
        "arn": f"arn:aws:iam::{account}:root",
        "accountId": account,
    }
    if key is not None:
        identity["accessKeyId"] = key
    if user_name is not None:
        identity["userName"] = user_name
    return identity


def root_session(
    account: str, key: str, created: str, mfa: bool, user_name: str | None = None, console: bool = True
) -> Record:
    """Return the root identity within a session: from the console, or from temporary credentials."""
    identity = root(account, key, user_name)
    attributes = {"creationDate": created, "mfaAuthenticated": str(mfa).lower()}
    identity["sessionContext"] = (
        {"sessionIssuer": {}, "webIdFederationData": {}, "attributes": attributes}
        if console
        else {"attributes": attributes}
    )
    return identity


def root_for_service(account: str, invoked_by: str, created: str | None = None) -> Record:
    """Return the root identity in a call that a service makes as root."""
    identity = root(account, None)
    if created is not None:
        identity["sessionContext"] = {"attributes": {"creationDate": created, "mfaAuthenticated": "false"}}
    identity["invokedBy"] = invoked_by
    return identity


def federated_by_root(account: str, name: str, key: str, created: str) -> Record:
    """Return the identity of a GetFederationToken session that root's credentials opened."""
    return {
        "type": "FederatedUser",
        "principalId": f"{account}:{name}",
        "arn": f"arn:aws:sts::{account}:federated-user/{name}",
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": {
                "type": "Root",
                "principalId": account,
                "arn": f"arn:aws:iam::{account}:root",
                "accountId": account,
            },
            "webIdFederationData": {},
            "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
        },
    }
