"""The frozen syntax tree of a card, its printer and its walker."""
