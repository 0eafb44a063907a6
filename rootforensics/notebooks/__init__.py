"""What a notebook gets: the magic ``%%rootsql`` with completion, tables that sort, and the notebooks that are shipped."""
