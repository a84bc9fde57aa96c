"""A live session as a program: made, checked, run, shown, spoken to, lived through again.

The law: what trades is `runtime.live`; everything here only makes it, feeds it, shows it and hands on what
people say. Nothing here decides.
"""
