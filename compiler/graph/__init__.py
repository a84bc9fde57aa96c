"""The rule graph: the narrow waist between the compiler and everything that runs a card."""
