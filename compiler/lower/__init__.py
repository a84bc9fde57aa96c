"""Syntax to rule graph, rule graph to program."""
