"""The account kernel against the readable engine: random cards, markets and models, to the last bit."""
