"""Card text to nodes that know their places; scalars, overrides and suppressions."""
