"use strict";
// The lines of the card: over the bars where they are levels of price, else each feature in a pane of its own.
const HUES = ["#b8870f", "#8e5bd0", "#2f8f4e", "#c2487f", "#2b87b8", "#8a6d4f"];
const PANE_TALL = 88;

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

// Both extremes of a group are drawn, and what is unknown is a gap.
function drawSeries(g, scale, values, colour) {
  const step = Math.max(1, Math.floor((scale.view.to - scale.view.from) / (scale.box.w * 1.5)));
  const first = Math.max(0, Math.floor(scale.view.from) - 1), stop = Math.min(CANDLES.count, Math.ceil(scale.view.to) + 1);
  g.strokeStyle = colour;
  g.lineWidth = 1.3;
  g.lineJoin = "round";
  g.beginPath();
  let isDown = false, points = 0;
  for (let i = first; i < stop; i += step) {
    let low = -1, high = -1;
    for (let j = i; j < Math.min(i + step, stop); j++) {
      if (values[j] !== values[j]) continue;
      if (low < 0 || values[j] < values[low]) low = j;
      if (high < 0 || values[j] > values[high]) high = j;
    }
    if (low < 0) {
      isDown = false;
      continue;
    }
    for (const j of low === high ? [low] : low < high ? [low, high] : [high, low]) {
      // A value holds from the close of its bar on.
      if (isDown) g.lineTo(scale.x(j + 1), scale.y(values[j]));
      else g.moveTo(scale.x(j + 1), scale.y(values[j]));
      isDown = true;
      points += 1;
    }
  }
  g.stroke();
  return points;
}

function lineTexts(lines, i) {
  return lines.map((line) => {
    const value = line.values[i], unit = line.unit ? ` ${line.unit}` : "";
    const node = el("span", {}, `${line.name} `, el("b", {}, value === value ? `${num(value, Math.min(line.digits, 4))}${unit}` : "unknown"));
    node.style.color = line.colour;
    return node;
  });
}
