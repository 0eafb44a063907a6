"""What a case has to do with integrity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.queries.asking import CaseFile

if TYPE_CHECKING:
    from datetime import datetime
    from os import PathLike

    from rootforensics.integrity.keys import PublicKeys
    from rootforensics.integrity.verdicts import Integrity


class Verifying(CaseFile):
    """A case whose logs can be verified."""

    def verify(
        self,
        public_keys: str | PathLike[str] | PublicKeys | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Integrity:
        """Judge all digest files and logs of the case by CloudTrail's digests, and keep the verdicts in the case.

        No evidence is read again: the load noted what it takes. A later load empties the verdicts.

        Args:
            public_keys: a file of them, as ``rootforensics verify --fetch-keys`` writes it, or what was read or fetched
                already. Without the right key every digest is ``key_unknown``.
            since: of the verdicts that are returned, UTC; all are judged.
            until: likewise, exclusive.

        Returns:
            The verdicts, of digest files and of logs.

        Raises:
            IntegrityError: the file cannot be read, or is no file of public keys.
            CaseLockedError: another process has the case open.
            CaseError: there is no such case.

        Example:
            >>> integrity = case.verify("docs/examples/public-keys.json")
            >>> "verified" in integrity.objects["verdict"]
            True
        """
        from rootforensics.integrity.keys import PublicKeys, read_keys
        from rootforensics.integrity.verdicts import verdicts_hash, verdicts_of
        from rootforensics.integrity.verify import verify_case

        named = None if isinstance(public_keys, PublicKeys) else public_keys
        keys = public_keys or PublicKeys()
        if not isinstance(keys, PublicKeys):
            keys = read_keys(keys)
        act = self._act("verify", public_keys=named, fingerprints=keys.fingerprints, verdicts_sha256=verdicts_hash)
        self._statement("SELECT 1")  # it is a case, and there
        self.close()
        verify_case(self.path, keys, self._set_up, act)
        return verdicts_of(self, since, until)
