"""Results in the forms of other people's tools, read again by those tools."""
