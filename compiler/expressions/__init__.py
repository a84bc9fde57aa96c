"""The string form of conditions and numbers: grammar, parser, repair of what does not fit."""
