"""Signatures of files by SSH keys, as ``ssh-keygen -Y sign -n file`` makes and ``ssh-keygen -Y verify`` checks them.

Source: OpenSSH, PROTOCOL.sshsig. By hand: ``cryptography`` has the keys and no such format, ``sshsig`` only verifies.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512

from rootforensics.errors import IntegrityError

if TYPE_CHECKING:
    from os import PathLike

#: Lies beside what was signed.
SIGNATURE_SUFFIX: Final = ".sig"
_MAGIC: Final = b"SSHSIG"
_NAMESPACE: Final = b"file"
_ARMOR: Final = re.compile(
    rb"-----BEGIN SSH SIGNATURE-----\s(?P<content>[A-Za-z0-9+/=\s]+)-----END SSH SIGNATURE-----\s*"
)
_LINE: Final = 70
_HASHES: Final = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_RSA: Final = b"rsa-sha2-512"
_KINDS: Final = "Only Ed25519 and RSA keys are supported; ssh-keygen -Y supports others"


def sign(data: bytes, key: str | PathLike[str]) -> bytes:
    """The signature of some data.

    Args:
        data: what is signed.
        key: file of a private key: Ed25519 or RSA, of OpenSSH or PEM, without a passphrase.

    Returns:
        The content of a ``.sig`` file.

    Raises:
        IntegrityError: the key cannot be read, or is of another kind.
    """
    private = _private_key(key)
    public = _spelled(private.public_key())
    signed = _signed_data(data, b"sha512")
    if isinstance(private, RSAPrivateKey):
        signature = _string(_RSA) + _string(private.sign(signed, PKCS1v15(), SHA512()))
    else:
        signature = _string(b"ssh-ed25519") + _string(private.sign(signed))
    fields = (public, _NAMESPACE, b"", b"sha512", signature)
    content = base64.b64encode(_MAGIC + struct.pack(">I", 1) + b"".join(map(_string, fields)))
    lines = [content[place : place + _LINE] for place in range(0, len(content), _LINE)]
    return b"\n".join([b"-----BEGIN SSH SIGNATURE-----", *lines, b"-----END SSH SIGNATURE-----", b""])


def signer_of(data: bytes, signature: bytes) -> str:
    """The fingerprint of the key that signed some data, as ``ssh-keygen -l`` has it; whose it is nobody says.

    Raises:
        IntegrityError: the signature is none, or does not fit.
    """
    try:
        public, algorithm, signed = _fields(signature)
        key = serialization.load_ssh_public_key(_line(public))
        told = _signed_data(data, algorithm)
        kind, value = _strings(signed, 2)
        if isinstance(key, Ed25519PublicKey) and kind == b"ssh-ed25519":
            key.verify(value, told)
        elif isinstance(key, RSAPublicKey) and kind == _RSA:
            key.verify(value, told, PKCS1v15(), SHA512())
        else:
            raise IntegrityError("unsupported type of signature", hint=_KINDS)
    except InvalidSignature as error:
        raise IntegrityError("the signature does not match: the file or the signature was changed") from error
    except (ValueError, KeyError, struct.error, UnsupportedAlgorithm) as error:
        raise IntegrityError("the signature cannot be read", hint=_KINDS) from error
    return _fingerprint(public)


def fingerprint_in(path: str | PathLike[str]) -> str:
    """The fingerprint of the public key in a file: a line as OpenSSH has it, or PEM.

    Raises:
        IntegrityError: the file cannot be read, or holds none.
    """
    try:
        content = Path(path).read_bytes()
        is_pem = content.lstrip().startswith(b"-----BEGIN")
        load = serialization.load_pem_public_key if is_pem else serialization.load_ssh_public_key
        return _fingerprint(_spelled(load(content)))
    except OSError as error:
        raise IntegrityError(f"cannot read the public key ({error.strerror})", where=str(path)) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise IntegrityError("not a public key", where=str(path), hint=_KINDS) from error


def _private_key(path: str | PathLike[str]) -> Ed25519PrivateKey | RSAPrivateKey:
    try:
        content = Path(path).read_bytes()
        is_ssh = b"BEGIN OPENSSH PRIVATE KEY" in content
        load = serialization.load_ssh_private_key if is_ssh else serialization.load_pem_private_key
        key = load(content, None)
    except OSError as error:
        raise IntegrityError(f"cannot read the key ({error.strerror})", where=str(path)) from error
    except TypeError as error:
        hint = "Write the file without --sign, then sign it with ssh-keygen -Y sign -n file -f KEY FILE"
        raise IntegrityError("the key has a passphrase", where=str(path), hint=hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise IntegrityError("not a private key", where=str(path), hint=_KINDS) from error
    if not isinstance(key, Ed25519PrivateKey | RSAPrivateKey):
        raise IntegrityError("unsupported type of key", where=str(path), hint=_KINDS)
    return key


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def _strings(content: bytes, count: int) -> list[bytes]:
    """The strings that some bytes consist of.

    Raises:
        ValueError: they do not.
    """
    found = []
    for _ in range(count):
        (length,) = struct.unpack_from(">I", content)
        found.append(content[4 : 4 + length])
        if len(found[-1]) < length:
            raise ValueError(length)
        content = content[4 + length :]
    if content:
        raise ValueError(len(content))
    return found


def _fields(signature: bytes) -> tuple[bytes, bytes, bytes]:
    """Public key, hash algorithm and signature in a ``.sig`` file."""
    armor = _ARMOR.fullmatch(signature)
    if not armor:
        raise ValueError(len(signature))
    content = base64.b64decode(b"".join(armor["content"].split()), validate=True)
    if content[:6] != _MAGIC or content[6:10] != struct.pack(">I", 1):
        raise ValueError(content[:10])
    public, namespace, _, algorithm, signed = _strings(content[10:], 5)
    if namespace != _NAMESPACE:
        raise ValueError(namespace)
    return public, algorithm, signed


def _signed_data(data: bytes, algorithm: bytes) -> bytes:
    hashed = _HASHES[algorithm](data).digest()
    return _MAGIC + b"".join(map(_string, (_NAMESPACE, b"", algorithm, hashed)))


def _spelled(key: object) -> bytes:
    """A public key as signatures have it."""
    if not isinstance(key, Ed25519PublicKey | RSAPublicKey):
        raise ValueError(type(key))  # noqa: TRY004 - told like any other key that cannot be read
    line = key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return base64.b64decode(line.split()[1])


def _line(public: bytes) -> bytes:
    (length,) = struct.unpack_from(">I", public)
    return public[4 : 4 + length] + b" " + base64.b64encode(public)


def _fingerprint(public: bytes) -> str:
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")
