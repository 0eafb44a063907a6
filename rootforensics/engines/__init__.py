"""Who answers SQL."""
