"""From bytes to events: inflating, framing, decoding, loading, the ledger."""
