"""What has no word of its own, by any of the names it is asked by."""

from __future__ import annotations

from compiler.findings.recipe import Recipe, plain, plainer
from compiler.findings.recipes_indicators import INDICATOR_RECIPES
from compiler.findings.recipes_kept import KEPT_RECIPES
from compiler.findings.recipes_trading import TRADING_RECIPES

RECIPES: tuple[Recipe, ...] = (*INDICATOR_RECIPES, *TRADING_RECIPES, *KEPT_RECIPES)
_BY_NAME = {plain(name): recipe for recipe in RECIPES for name in recipe.names}


def recipe(word: str) -> Recipe | None:
    """Return how a card says what a word asks for, None where no row has it."""
    return next((_BY_NAME[name] for name in plainer(word) if name in _BY_NAME), None)
