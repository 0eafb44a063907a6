"""Contestant: reading and inflating all files, or hashing them, too, threads on all cores. Run by `run.py`."""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_GZIP_WINDOW = 31


def main() -> None:
    """Inflates ``argv[2]/**/*.json.gz`` with the module ``argv[1]`` and prints the total size.

    With a third argument, SHA-256 of each file and of its content is worked out, too.

    Each inflater is told the size in the gzip trailer, so that none of them grows its buffer.
    """
    module = importlib.import_module(sys.argv[1])
    is_hashed = len(sys.argv) > 3
    whole = getattr(module, "gzip_decompress", None)

    def inflated_size(path: Path) -> int:
        data = path.read_bytes()
        size = int.from_bytes(data[-4:], "little")
        content = whole(data, size) if whole else module.decompress(data, _GZIP_WINDOW, size)
        for part in (data, content) if is_hashed else ():
            hashlib.sha256(part).digest()
        return len(content)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        print(sum(pool.map(inflated_size, Path(sys.argv[2]).rglob("*.json.gz"))))


main()
