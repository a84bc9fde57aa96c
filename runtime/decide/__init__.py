"""Rules to commands: blocks, intents, prices, sizes, limits, refusals, amendments."""
