"use strict";
// What stands beside the panes of the chart: values, times, titles.
function niceSteps(low, high, count) {
  const raw = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 2.5, 5, 10].find((m) => m * power >= raw) || 10);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high; v += step) out.push(Math.abs(v) < step / 1e6 ? 0 : v);
  return [out, Math.max(0, Math.min(8, -Math.floor(Math.log10(step) + 1e-9) + (String(step / power).includes(".") ? 1 : 0)))];
}


// The values an axis names: finer steps where fewer than two of the wanted ones are inside, as long as their texts stand apart.
function axisSteps(scale, count) {
  const { box } = scale;
  const inside = (value) => Math.abs(Math.round(scale.y(value)) - box.y - box.h / 2) <= box.h / 2 - 5;
  let found = null;
  for (let more = count; more <= 2 * count; more++) {
    const [steps, digits] = niceSteps(scale.low, scale.high, more), shown = steps.filter(inside);
    if (found && shown.length > 1 && Math.abs(scale.y(shown[1]) - scale.y(shown[0])) < 15) break;
    found = [shown, digits];
    if (shown.length > 1) break;
  }
  return found;
}

function drawValueAxis(g, scale, text, count) {
  const { box } = scale;
  const [steps, digits] = axisSteps(scale, count);
  g.font = "11.5px system-ui, sans-serif";
  g.textBaseline = "middle";
  g.textAlign = "left";
  for (const value of steps) {
    const y = Math.round(scale.y(value)) + 0.5;
    g.strokeStyle = COLOURS.line;
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(box.x, y);
    g.lineTo(box.x + box.w, y);
    g.stroke();
    g.fillStyle = COLOURS.soft;
    g.fillText(text(value, digits), box.x + box.w + 7, y);
  }
}

function paneTitle(g, box, text) {
  g.font = "600 11.5px system-ui, sans-serif";
  g.textAlign = "left";
  g.textBaseline = "bottom";
  g.fillStyle = COLOURS.soft;
  g.fillText(text, box.x + 1, box.y - 3);
}

const MINUTE = 60000, HOUR = 3600000, DAY = 86400000;
const TIME_STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

// The first candle that opens at or after a time.
function candleAt(ts) {
  let low = 0, high = CANDLES.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (openTime(middle * PER) < ts) low = middle + 1;
    else high = middle;
  }
  return low;
}

function timeTicks(view, count) {
  const first = openTime(Math.max(0, Math.floor(view.from)) * PER), last = openTime(Math.min(CANDLES.count, Math.ceil(view.to)) * PER);
  const want = (last - first) / count;
  const step = TIME_STEPS.find((s) => s >= want);
  const times = [];
  if (step) {
    // Weeks start on Mondays: the epoch was a Thursday.
    const shift = step >= 7 * DAY ? 4 * DAY : 0;
    for (let t = Math.ceil((first - shift) / step) * step + shift; t <= last; t += step) times.push(t);
  } else {
    const months = MONTH_STEPS.find((m) => m * 30 * DAY >= want) || 120;
    const start = new Date(first);
    for (let m = Math.ceil((start.getUTCFullYear() * 12 + start.getUTCMonth()) / months) * months; ; m += months) {
      const t = Date.UTC(Math.floor(m / 12), m % 12, 1);
      if (t > last) break;
      if (t >= first) times.push(t);
    }
  }
  return times.map((t) => [candleAt(t), tickText(t)]);
}
function tickText(t) {
  const d = new Date(t);
  if (t % DAY) return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}`;
  if (d.getUTCDate() === 1 && d.getUTCMonth() === 0) return String(d.getUTCFullYear());
  return d.getUTCDate() === 1 ? MONTHS[d.getUTCMonth()] : `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`;
}

function drawTimeAxis(g, scale, boxes, y) {
  g.font = "11.5px system-ui, sans-serif";
  g.textAlign = "center";
  g.textBaseline = "top";
  let free = -Infinity;
  for (const [at, text] of timeTicks(scale.view, Math.max(2, Math.floor(scale.box.w / 110)))) {
    const x = Math.round(scale.x(at)) + 0.5, half = g.measureText(text).width / 2;
    if (x - half < scale.box.x || x - half < free || x + half > scale.box.x + scale.box.w) continue;
    free = x + half + 14;
    g.strokeStyle = COLOURS.line;
    for (const box of boxes) {
      g.beginPath();
      g.moveTo(x, box.y);
      g.lineTo(x, box.y + box.h);
      g.stroke();
    }
    g.fillStyle = COLOURS.soft;
    g.fillText(text, x, y + 5);
  }
}
