"""Nodes to the syntax tree: the schema, and both card versions."""
