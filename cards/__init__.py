"""The cards that come with IdeaCard, as package data: `gallery/` and `cookbook/` to read and to run.

`validation/` and `broken/` are the tests' own and lie in the checkout only.
"""
