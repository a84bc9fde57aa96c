"""Faults of searches: a set that gets another's columns, tries that are forgotten, a first that was not chosen."""

from __future__ import annotations

from tools.fault import Fault

_WALK = "tests/tools/search/test_walk.py"
_CLUSTER = "tests/tools/search/test_cluster.py"
_PAGE = "tests/tools/search/test_sweep_page.py"
_PROMISES = "tests/tools/search/test_promises.py"
_SWEEP = "tests/tools/search/test_sweep.py"

SWEEP_FAULTS: tuple[Fault, ...] = (
    Fault(
        "columns-of-another-set", "only sets that read the same of the market share its columns",
        "tools/search/jobs.py", "features = number((graph.timeframe, graph.features))",
        "features = number(graph.timeframe)", (_SWEEP,),
    ),
    Fault(
        "bars-beyond-a-stretch", "a set sees nothing of the bars behind its stretch",
        "tools/search/jobs.py", "return column if self.stop == len(column) else column[: self.stop]",
        "return column", (_SWEEP,),
    ),
    Fault(
        "tries-forgotten", "whatever was tried on these bars counts, also in another search",
        "tools/search/sweep.py", "Selection(known.sets(), t)", "Selection(len(tried), t)", (_SWEEP,),
    ),
    Fault(
        "killed-sweep-begins-anew", "what was run is kept as soon as it is known",
        "tools/search/kept.py", "            self._outcomes.put(missing[place], outcome)\n", "", (_SWEEP,),
    ),
    Fault(
        "front-of-one", "a set stays on the front unless another is preferable in everything",
        "tools/search/plans.py", "all(map(float.__ge__, other, mine))", "any(map(float.__gt__, other, mine))",
        (_SWEEP,),
    ),
    Fault(
        "broken-and-first", "a set that breaks a promise of its card is marked",
        "tools/search/promises.py", "return tuple(_words(row) for row in record.promises if row.times)",
        "return ()", (_PROMISES,),
    ),
    Fault(
        "unlooked-keeps-all", "a set that nobody looked at is not said to keep its promises",
        "tools/search/sweep.py", "made.broken.get(one.params) if made.promises", "made.broken.get(one.params, ()) if made.promises",
        (_PROMISES,),
    ),
    Fault(
        "promise-broken-behind-the-choice", "a walk says where its choice broke a promise, on either side",
        "tools/search/walk.py", "broke=(looks(Job(params, fold.cut.train)), there)", "broke=((), there)", (_PROMISES,),
    ),
    Fault(
        "conclusion-without-promises", "the conclusion names the promises that the run broke",
        "tools/search/words.py", "    return f\"Conclusion: {made}.{but}\"", "    return f\"Conclusion: {made}.\"", (_PROMISES,),
    ),
    Fault(
        "lost-with-its-worker", "what a lost worker had in hand, the others run",
        "tools/search/cluster.py", "_FAILURES = 5", "_FAILURES = 0", (_CLUSTER,),
    ),
    Fault(
        "cluster-in-name", "`--dask` runs where it says",
        "tools/search/cluster.py", "    count = _count(where)\n", "    yield None\n    return\n    count = _count(where)\n",
        (_CLUSTER,),
    ),
    Fault(
        "worker-of-another-version", "a worker with other code is refused",
        "tools/search/cluster.py", "if code_digest() != code:", "if not code:", (_CLUSTER,),
    ),
    Fault(
        "python-searches-another-card", "a search in Python is that of the card with the settings above it",
        "tools/face_search.py", "card.source, bars.feeds, card.settings, _texts(params)",
        "card.source, bars.feeds, (), _texts(params)", ("tests/tools/test_face_search.py",),
    ),
    Fault(
        "any-set-a-neighbour", "neighbours of the first are one step away on one axis",
        "tools/sweep_page.py", "    return steps == [1]", "    return bool(steps)", (_PAGE,),
    ),
    Fault(
        "sides-exchanged", "a circle stands where a set was chosen, a dot where it was looked at",
        "tools/walk_page.py", "    here, there = ys\n", "    there, here = ys\n", ("tests/tools/search/test_walk_page.py",),
    ),
    Fault(
        "map-without-the-low", "the colour of a cell is its place between the lowest and the highest",
        "tools/sweep_page.py", "(height - low) / span)", "height / span)", (_PAGE,),
    ),
    Fault(
        "choice-beside-its-look", "between choice and look lies all that could reach from one into the other",
        "tools/search/walk.py", "reach = workers.warmup(chosen.params) + chosen.figures.longest_hold",
        "reach = workers.warmup(chosen.params)", (_WALK,),
    ),
    Fault(
        "choice-that-saw-the-look", "a choice knows nothing of the bars it is looked at on",
        "tools/search/walk.py", "asked.plan, cut.train, kept)", "asked.plan, Stretch(cut.train.first, cut.test.stop), kept)",
        (_WALK,),
    ),
)  # fmt: skip
