"""The simulator: answers commands from bars. Each file is one question about a bar.

The life of a bar: `exchange.py`; its phases `jump.py`, `opening.py` (with `arrival.py` for one command),
then the path, gone along by `line.py`. `parts.py` which (finer) bars there are · `path.py` where price
goes inside one · `marks.py` where mark goes · `funding.py` when it is due and who pays.

Who is met has a turn: `matcher.py` how much and at what price · `budget.py` what the bar's volume has
left · `turns.py` who had one · `takeover.py` and `liquidation.py` when the margin is gone · `teller.py`
tells it and does what follows; what follows is decided in `runtime/consequences.py`. All of it happens
on a `scene.py`. `alternatives.py` tells a bar two ways · `tally.py` counts what a result must say ·
`terms.py` the settings of a run · `fill_models.py` which formula each model is · `quiet.py` which bars nobody
notices.
"""
