"""What Trino and Athena mean by their SQL, said in DuckDB's: the same answer, or a refusal that names the construct."""
