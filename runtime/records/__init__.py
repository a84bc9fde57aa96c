"""What a run writes down from its events."""
