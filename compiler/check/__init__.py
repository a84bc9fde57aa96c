"""Types, units, equality, clocks and actions of a card as it is written."""
