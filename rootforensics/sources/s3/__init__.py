"""Objects of S3: addresses, connections, listing, fetching. boto3 and obstore are imported only when one is used."""
