"""What thousands of runs of one card are for: how far its result can be trusted."""
