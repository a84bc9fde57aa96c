"""The simulator: answers commands from bars. Each file is one question about a bar.

`exchange.py` the life of a bar · `path.py` where price goes inside it · `walk.py` who is met on the
way, and carrying out what follows · `alternatives.py` which of two paths, and whether it matters ·
`arrival.py` what happens to an order when it arrives · `liquidation.py` when the margin is gone ·
`marks.py` mark prices · `rules.py` settings of a run. What follows from an event is decided in
`runtime/consequences.py`.
"""
