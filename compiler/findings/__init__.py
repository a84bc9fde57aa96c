"""Findings as data: source text and places, the table of codes, pages of rules, renderers, suggestions."""
