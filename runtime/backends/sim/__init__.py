"""The simulator: answers commands from bars. Each file is one question about a bar.

`exchange.py` the life of a bar · `path.py` where price goes inside it · `walk.py` who is met on the
way · `aftermath.py` what follows from a fill · `alternatives.py` which of two paths, and whether it
matters · `arrival.py` what happens to an order when it arrives · `protection.py` stops and targets as
working orders · `liquidation.py` when the margin is gone · `marks.py` mark prices · `rules.py`
settings of a run.
"""
