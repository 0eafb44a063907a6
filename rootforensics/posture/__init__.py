"""What guards the root user now: controls as data, answered from saved or fetched answers of AWS."""
