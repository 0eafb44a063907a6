"""Objects of S3: addresses, connections, listing, fetching. boto3 is imported only when one is used."""
