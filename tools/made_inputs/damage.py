"""Inputs that are wrong on purpose: cards with one fault, random bytes, hostile YAML.

Every function takes its randomness from the `Random` given and returns what goes into a file.
"""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random
from typing import Any

from tools.made_inputs.cards import json_like, text_of, valid_card, valid_data
from tools.made_inputs.told import told_data

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]+")
_TYPOS = "aZ_019 .,:;'\"-+*/%=<>!?&|()[]{}#@\\\t\n\u00a0\u2028\u00e9\U0001f600\x00\x85"
_EXTREMES = (
    0, -1, -0.0, 1e308, -1e308, 1e-320, 10**18, 10**400, 2**63, 0.1 + 0.2, 501, 100_000_000,
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    True, False, 0, 1, -1, 0.5, "", "x", "close", "flat", [], {}, [[]], [1, 2], ["close"], {"a": 1},
    {"feature_id": "close"}, {"builtin": "equity"}, {"var": "x"}, {"param": "p"}, "=p", "10% of equity",
    "close >", "close[1]", "not", "2026-11-24", "12:30", "1_000", "0x10", "1h", "long", {"not": {}},
    {"all": []}, {"any": [True]}, {"holds_for": {"bars": 0, "expr": "close > 1"}},
)  # fmt: skip
_PARTS = (
    " and", " or", "not ", "(", ")", "[1]", "[-1]", "[501]", " for 3 bars", " within last 2h", "@4h",
    "??", " ?? 1", " crosses above ", " near ", " within 1%", " between 1 and 2", " in [1, 2]", "%",
    " is missing", " at least 2 of last 3 bars", "..", "close.close", "=x", "'", '"', "\\", "&&", "1e999",
    " < 1 < 2", "min(", "log(0)", "sqrt(-1)", " / 0", "order_pending(x)", "\n", "#", "\u2264", "08", "1.2.3",
    " then close > open within 3 bars", " is rising", " is never", " crosses ", " if ", " else ", " of ", "5% of ",
    "bars_since(", "value_when(", "rsi(14)", "mod(", "risk 1%", "rest of position", " in 22:00-02:00", "08:00",
    "25:61", "2025-02-30", "2025-01-01", "OTHERUSDT.close", "now_utc", "order_due(x)", "0.01 base", "9 bars",
)  # fmt: skip
_BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n"
_SCALARS = (
    ".nan", ".inf", "-.INF", "1e999", "0x1F", "0o17", "017", "1_000", "~", "null", "yes", "On", "=", "<<",
    "2026-01-01", "2026-01-01T00:00:00.5+14:00", "99999-99-99", "12:30:45", "190:20:30.15", "+.1", "1.",
    "1e-999", "0b11", "9" * 400, "-0", "!!python/object/apply:os.system [ls]", "!!python/name:os.system",
    "!!binary aGk=", "!!set {a}", "!!timestamp 1", "!<tag:yaml.org,2002:int> 1", "!", "! x", "&a x", "*a",
    '"\\ud800"', '"\\udfff\\ud800"', '"\\x00"', '"\\U00110000"', '"\\/"', "'\u202e'", "\ufeff", "\u2028",
    "{a: *b}", "[*a, *a]", "? x", "{? [a] : b}", "- - -", "|+9", ">-\n\n\n", "%YAML 9.9", "--- x", "...",
    "`x`", "@x", "\t", "{,}", "[,]", "{{}}", "{a: {b: {c: }}}", "!!str", '"', "'", "[", "{", "}", "]",
)  # fmt: skip


def damaged_card(rng: Random) -> str:
    """Return a card with one fault, in its data or in its text."""
    card = told_data(rng) if rng.random() < 0.4 else valid_data(rng)
    if rng.random() < 0.5:
        _hurt_data(card, rng)
        return text_of(card, rng)
    return _hurt_text(text_of(card, rng), rng)


def misspelt_card(rng: Random) -> tuple[str, str]:
    """Return a right card, and the same with a slip of the finger in one of its words."""
    text = valid_card(rng)
    words = [m for m in _WORD.finditer(text) if not _is_comment(text, m.start())]
    word = rng.choice(words)
    return text, text[: word.start()] + _slip(word.group(), rng) + text[word.end() :]


def _is_comment(text: str, at: int) -> bool:
    return "#" in text[text.rfind("\n", 0, at) + 1 : at]


def _slip(word: str, rng: Random) -> str:
    """Return a word with one letter put in, left out, replaced, or exchanged with the next."""
    at = rng.randrange(len(word) - 1)
    letter = rng.choice("abcdefghijklmnopqrstuvwxyz_")
    head, one, two, rest = word[:at], word[at], word[at + 1], word[at + 2 :]
    return rng.choice(
        (
            head + letter + one + two + rest,
            head + two + rest,
            head + letter + two + rest,
            head + two + one + rest,
        )
    )


def _hurt_data(card: dict[str, Any], rng: Random) -> None:
    """Change one place of a card: a key, a value, a number, an expression, or its presence."""
    places = list(_places(card))
    holder, key = rng.choice(places)
    kind = rng.randrange(6)
    if kind == 0 and isinstance(holder, dict):
        renamed = _typo(key, rng) if rng.random() < 0.6 else str(rng.choice(places)[1])
        holder[renamed] = holder.pop(key)
    elif kind == 1:
        del holder[key]
    elif kind == 2:
        other, there = rng.choice(places)
        # A copy as text: a part put into itself would have no end.
        holder[key] = json_like(other[there])
    elif kind == 3:
        holder[key] = rng.choice(_EXTREMES)
    elif kind == 4 and (texts := [(h, k) for h, k in places if isinstance(h[k], str)]):
        holder, key = rng.choice(texts)
        text = holder[key]
        at = rng.randint(0, len(text))
        holder[key] = text[:at] + rng.choice(_PARTS) + text[at + rng.choice((0, 0, 1, 4)) :]
    else:
        holder[key] = rng.choice(_VALUES)


def _places(value: Any) -> Any:
    """Yield (holder, key or index) of every value in a card."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in list(pairs):
        yield value, key
        if isinstance(part, dict | list):
            yield from _places(part)


def _typo(word: object, rng: Random) -> str:
    text = str(word)
    at = rng.randint(0, len(text))
    return text[:at] + rng.choice(("", rng.choice(_TYPOS))) + text[at + rng.choice((0, 1)) :]


def _hurt_text(text: str, rng: Random) -> str:
    kind = rng.randrange(7)
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    if kind == 0:
        where = rng.randint(0, len(text))
        return text[:where] + rng.choice(_TYPOS) + text[where + rng.choice((0, 1)) :]
    if kind == 1:
        del lines[at]
    elif kind == 2:
        lines.insert(rng.randrange(len(lines)), lines[at])
    elif kind == 3:
        spaces = rng.choice(("  ", " ", "\t", "      "))
        lines[at] = spaces + lines[at] if rng.random() < 0.5 else lines[at].lstrip()
    elif kind == 4:
        words = lines[at].split(" ")
        which = rng.randrange(len(words))
        words[which : which + 1] = rng.choice(([], [words[which]] * 2, [rng.choice(_PARTS)]))
        lines[at] = " ".join(words)
    elif kind == 5:
        return text[: rng.randint(0, len(text))]
    else:
        head, colon, _ = lines[at].partition(": ")
        lines[at] = head + (colon or ": ") + rng.choice(_SCALARS)
    return "\n".join(lines)


# ---------------------------------------------------------------- bytes


def random_bytes(rng: Random) -> bytes:
    """Return bytes as a broken file may hold them: noise, or a card with foreign bytes in it."""
    kind = rng.randrange(6)
    if kind == 0:
        return rng.randbytes(rng.randint(0, 300))
    if kind == 1:
        signs = "abc:{}[]-? \n\t'\"|>&*!%@`#,0.1\x00\x85\ufeff\u2028\ud7ff"
        return "".join(rng.choices(signs, k=rng.randint(0, 200))).encode("utf-8")
    card = valid_card(rng)
    if kind == 2:
        mark, coding = rng.choice(
            (
                (b"\xef\xbb\xbf", "utf-8"),
                (b"\xff\xfe", "utf-16-le"),
                (b"", "utf-16-be"),
                (b"", "cp1252"),
            )
        )
        return mark + card.encode(coding)
    if kind == 3:
        return card.replace("\n", rng.choice(("\r\n", "\r", "\n\r", "\x85", "\u2028"))).encode()
    data = bytearray(card.encode())
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(data))
        data[at : at + rng.randint(0, 2)] = rng.choice(
            (
                b"\x00",
                b"\xff",
                b"\xc3",
                b"\xed\xa0\x80",
                b"\xf5\x80\x80\x80",
                b"\xef\xbb\xbf",
                rng.randbytes(3),
            )
        )
    return bytes(data)


# ---------------------------------------------------------------- hostile YAML


def hostile_yaml(rng: Random) -> str:
    """Return YAML made to overwhelm its reader, alone or inside a card."""
    kind = rng.random()
    if kind < 0.6:
        return _hurt_text_with(rng.choice(_SCALARS), valid_card(rng), rng)
    if kind < 0.8:
        return _hurt_text_with(_huge_value(rng, rng.choice((10, 100, 700))), valid_card(rng), rng)
    if kind < 0.985:
        return _bomb(rng, rng.choice((3, 10, 70)))
    if kind < 0.9995:
        return _bomb(rng, rng.choice((1_000, 10_000)))
    return "name: '" + "x" * 10_000_000 + "'\n"


def _hurt_text_with(value: str, card: str, rng: Random) -> str:
    """Put a value behind a key of a card."""
    lines = card.split("\n")
    places = [i for i, line in enumerate(lines) if ": " in line]
    at = rng.choice(places)
    head, _, rest = lines[at].partition(": ")
    lines[at] = f"{head}: {value}"
    if rng.random() < 0.3:
        before, _, after = rest.rpartition(" ")
        lines[at] = f"{head}: {before} {value} {after}"
    return "\n".join(lines)


def _huge_value(rng: Random, size: int) -> str:
    """Return a value that is long or deep: `size` parts."""
    quoted = (
        "(" * size + "close" + ")" * size + " > 1",
        "not " * size + "close > 1",
        "-" * size + "close > 1",
        " and ".join(["close > open"] * size),
        " or ".join(f"close > {i}" for i in range(size)),
        " + ".join(["close"] * size) + " > 1",
        "close" + "[1]" * size + " > 1",
        "min(" * size + "close" + ", 1)" * size + " > 1",
        "close ?? " * size + "1 > 1",
        "close in [" + ", ".join(map(str, range(size))) + "]",
        "x" * size * 10,
        "(close > open) for 500 bars" + " for 500 bars" * size,
        "1" * size + " > close",
        "0." + "0" * size + "1 > close",
    )
    bare = ("{ not: " * size + "{ }" + " }" * size, "{ all: [" * size + "]}" * size, "[" * size)
    if rng.random() < 0.25:
        return rng.choice(bare)
    return f'"{rng.choice(quoted)}"'


def _bomb(rng: Random, size: int) -> str:
    names = [f"a{i}" for i in range(min(size, 60))]
    chain = "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in pairwise(names)
    )
    merges = "".join(
        f"{name}: &{name}\n  <<: [{', '.join(['*' + before] * 9)}]\n"
        for before, name in pairwise(names)
    )
    forms = (
        "a0: &a0 [x, x, x]\n" + chain + "blocks: *" + names[-1],
        "a0: &a0 {x: 1}\n" + merges + "account: *" + names[-1],
        "a: &a [*a]\n" * size,
        "&a a: *a\nb: {<<: *a}\n" * min(size, 70),
        "[" * size + "]" * size,
        "{a: " * size + "}" * size,
        "- " * size + "x",
        "".join(" " * i + "a:\n" for i in range(min(size, 300))),
        "? " * size,
        "k: 1\n" * size,
        "".join(f"k{i}: {i}\n" for i in range(size)),
        "name: " + "x" * size * 20,
        "name: >\n" + "  x # y\n" * size,
        "# ic: ignore[never-true]\n" * size,
        "---\na: 1\n" * size,
        "%TAG ! tag:x,2000:\n" * size + "--- !x",
        "!!python/object/new:os.system [x]\n" + "- !!omap [a: 1]\n" * size,
        "blocks: [" + "{id: b, cases: []}, " * size + "]",
        "a: " + "'" * size,
        'a: "' + "\\" * size,
        'a: "' + "\\ud83d\\ude00" * size + '"',
        "&" * size + " *" * size,
        _BOMB * min(size, 50),
    )
    return rng.choice(forms)
