"""The simulator: answers commands from bars. Each file is one question about a bar.

`exchange.py` the life of a bar · `path.py` where price goes inside it · `walk.py` who is met on the
way · `arrival.py` what happens to an order when it arrives · `protection.py` stops and targets as
working orders · `marks.py` mark prices for liquidation · `rules.py` settings of a run.
"""
