"""Contestant: downloading objects with boto3 in threads and nothing else. Run by `s3.py`."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config


def main() -> None:
    """Downloads the keys in the file ``argv[3]`` of bucket ``argv[2]`` at ``argv[1]`` in ``argv[4]`` threads.

    Prints the total size. It lists nothing and keeps nothing.
    """
    url, bucket, names, threads = sys.argv[1:]
    config = Config(max_pool_connections=int(threads), s3={"addressing_style": "path"})
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config)

    def size(key: str) -> int:
        return len(client.get_object(Bucket=bucket, Key=key)["Body"].read())

    with ThreadPoolExecutor(int(threads)) as pool:
        print(sum(pool.map(size, Path(names).read_text(encoding="utf-8").split())))


main()
