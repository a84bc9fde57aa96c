"use strict";
// The lines of the card: over the bars where they are levels of price, else each feature in a pane of its own.
const HUES = ["#b8870f", "#8e5bd0", "#2f8f4e", "#c2487f", "#2b87b8", "#8a6d4f"];
const PANE_TALL = 88;
const THIN = 1.3;  // CSS pixels of a line

const LINES = RAW.lines.map((line, at) => {
  const values = new Float64Array(line.v.length);
  let last = 0;
  line.v.forEach((step, i) => {
    if (step !== null) last += step;
    values[i] = step === null ? NaN : last / line.scale;
  });
  return { ...line, values, colour: HUES[at % HUES.length] };
});
const OVER = LINES.filter((line) => line.pane === "");
// A pane holds the lines of one feature in one unit.
const PANES = [...new Set(LINES.filter((line) => line.pane !== "").map((line) => line.pane))].map((key) => {
  const lines = LINES.filter((line) => line.pane === key);
  return { key, lines, unit: lines[0].unit, digits: Math.max(...lines.map((line) => line.digits)) };
});

function rangeOfLines(lines, view) {
  let low = Infinity, high = -Infinity;
  const first = Math.max(0, Math.floor(view.from)), stop = Math.min(CANDLES.count, Math.ceil(view.to));
  for (const { values } of lines) {
    for (let i = first; i < stop; i++) {
      if (values[i] < low) low = values[i];
      if (values[i] > high) high = values[i];
    }
  }
  return low <= high ? ranged(low, high, 0.08) : null;
}

function lineTexts(lines, i) {
  return lines.map((line) => {
    const value = line.values[i], unit = line.unit ? ` ${line.unit}` : "";
    const node = el("span", {}, `${line.name} `, el("b", {}, value === value ? `${num(value, Math.min(line.digits, 4))}${unit}` : "unknown"));
    node.style.color = line.colour;
    return node;
  });
}
