"use strict";
// What the chart draws. A `view` is {from, to} in candles, `box` the pixel rectangle of a pane.
const AXIS = 76;
const MAX_ORDERS = 700;
const MAX_MARKS = 400;

const COLOURS = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "ink", "soft", "faint", "line", "wash", "buy", "sell", "gain", "loss", "zone", "up", "down", "focus"]) COLOURS[name] = style.getPropertyValue(`--${name}`).trim();
}
function faded(colour, alpha) {
  const value = parseInt(colour.slice(1), 16);
  return `rgb(${value >> 16} ${(value >> 8) & 255} ${value & 255} / ${alpha})`;
}

class Scale {
  // Pixels of one pane: x from candles, y from a value range.
  constructor(box, view, low, high) {
    Object.assign(this, { box, view, low, high, wide: box.w / (view.to - view.from) });
  }
  x(at) {
    return this.box.x + (at - this.view.from) * this.wide;
  }
  y(value) {
    return this.box.y + (1 - (value - this.low) / (this.high - this.low)) * this.box.h;
  }
  value(y) {
    return this.low + (1 - (y - this.box.y) / this.box.h) * (this.high - this.low);
  }
}

function ranged(low, high, pad = 0.06) {
  if (!(high > low)) {
    const room = Math.abs(high) * 0.01 || 1;
    return [low - room, high + room];
  }
  const room = (high - low) * pad;
  return [low - room, high + room];
}

// ---------------------------------------------------------------- price

// How many candles share one drawn candle, and the range of those in sight.
function grouping(view, width) {
  const each = width / (view.to - view.from);
  const group = Math.max(1, Math.ceil(3.2 / each));
  return { group, first: Math.max(0, Math.floor(view.from / group) * group), stop: Math.min(CANDLES.count, Math.ceil(view.to)) };
}

function drawCandles(g, scale, showVolume) {
  const { group, first, stop } = grouping(scale.view, scale.box.w);
  const wide = scale.wide * group, body = Math.max(1, Math.floor(wide * 0.72));
  const drawn = [];
  let mostVolume = 0;
  for (let i = first; i < stop; i += group) {
    const end = Math.min(i + group, CANDLES.count);
    let high = -Infinity, low = Infinity, volume = 0;
    for (let j = i; j < end; j++) {
      high = Math.max(high, CANDLES.high[j]);
      low = Math.min(low, CANDLES.low[j]);
      volume += CANDLES.volume[j];
    }
    mostVolume = Math.max(mostVolume, volume);
    drawn.push([scale.x(i + (end - i) / 2), CANDLES.open[i], high, low, CANDLES.close[end - 1], volume]);
  }
  const floor = scale.box.y + scale.box.h - 8, tall = scale.box.h * 0.13;
  for (const [x, open, high, low, close, volume] of drawn) {
    const isUp = close >= open, colour = isUp ? COLOURS.up : COLOURS.down, left = Math.round(x - body / 2);
    if (showVolume && mostVolume) {
      const size = (volume / mostVolume) * tall;
      g.fillStyle = faded(COLOURS.faint, 0.28);
      g.fillRect(left, floor - size, body, size);
    }
    g.fillStyle = colour;
    g.fillRect(Math.round(x - 0.5), scale.y(high), 1, Math.max(1, scale.y(low) - scale.y(high)));
    const top = scale.y(Math.max(open, close)), size = Math.max(1, Math.abs(scale.y(open) - scale.y(close)));
    if (isUp && body >= 5 && size > 3) {
      // Rising candles are hollow: told apart without colour.
      g.fillStyle = COLOURS.paper;
      g.fillRect(left, top, body, size);
      g.strokeStyle = colour;
      g.lineWidth = 1;
      g.strokeRect(left + 0.5, Math.round(top) + 0.5, body - 1, Math.max(1, Math.round(size) - 1));
    } else g.fillRect(left, top, body, size);
  }
  return drawn.length;
}

function drawZones(g, scale) {
  let count = 0;
  for (const zone of ZONES) {
    const from = zone.first / PER, to = Math.max(zone.last / PER, from + 0.2);
    if (to < scale.view.from || from > scale.view.to || zone.upper < scale.low || zone.lower > scale.high) continue;
    const x = Math.max(scale.box.x, scale.x(from)), end = Math.min(scale.box.x + scale.box.w, scale.x(to));
    if (end - x < 1.5) continue; // from afar only what is wide enough to be read
    const y = scale.y(zone.upper), tall = Math.max(1.5, scale.y(zone.lower) - y);
    g.fillStyle = faded(COLOURS.zone, 0.13);
    g.fillRect(x, y, end - x, tall);
    g.strokeStyle = faded(COLOURS.zone, zone.is_broken ? 0.25 : 0.5);
    g.lineWidth = 1;
    g.setLineDash(zone.is_broken ? [3, 3] : []);
    g.strokeRect(x, y, Math.max(0.5, end - x), tall);
    if (end - x > 90 && tall > 13) {
      g.setLineDash([]);
      g.fillStyle = faded(COLOURS.zone, 0.85);
      g.font = "11px system-ui, sans-serif";
      g.textAlign = "left";
      g.textBaseline = "top";
      g.fillText(zone.feature, x + 4, y + 1.5, end - x - 8);
    }
    count += 1;
  }
  g.setLineDash([]);
  return count;
}

// ---------------------------------------------------------------- orders and fills

const priceOf = (order) => (order.limit_price !== null ? order.limit_price : order.trigger_price);
// An order decided at the close of a bar works from the next bar on; protection from the fill on.
const startOf = (order) => (order.created_bar + (isProtection(order) ? 0.3 : 1)) / PER;
const endOf = (order) => (order.end_bar === null ? BARS : order.end_bar + 1) / PER;
const isProtection = (order) => order.role === "stop_loss" || order.role === "take_profit";
const DASHES = { filled: [], partial: [], pending: [], expired: [7, 4], cancelled: [2, 3], rejected: [1, 5] };

function orderColour(order) {
  if (order.role === "stop_loss" || order.role === "liquidation") return COLOURS.loss;
  if (order.role === "take_profit") return COLOURS.gain;
  return order.side === "buy" ? COLOURS.buy : COLOURS.sell;
}

function ordersInSight(view, shown) {
  return ORDERS.filter((o) => priceOf(o) !== null && endOf(o) >= view.from && startOf(o) <= view.to && (isProtection(o) ? shown.protection : shown.orders));
}

function drawOrders(g, scale, orders, taken) {
  const hits = [];
  for (const order of orders) {
    const price = priceOf(order), y = scale.y(price);
    if (y < scale.box.y - 4 || y > scale.box.y + scale.box.h + 4) continue;
    const x = Math.max(scale.box.x, scale.x(startOf(order))), end = Math.min(scale.box.x + scale.box.w, Math.max(scale.x(endOf(order)), scale.x(startOf(order)) + 2));
    const colour = orderColour(order);
    g.strokeStyle = faded(colour, isProtection(order) ? 0.75 : 0.95);
    g.lineWidth = isProtection(order) ? 1 : 1.5;
    g.setLineDash(DASHES[order.status] || []);
    g.beginPath();
    g.moveTo(x, y);
    g.lineTo(end, y);
    g.stroke();
    g.setLineDash([]);
    if (scale.wide * PER > 2.5) drawEnd(g, order, scale.x(endOf(order)), y, colour, scale.box);
    if (scale.wide * PER > 5) labelOrder(g, order, x, end, y, colour, taken);
    hits.push({ x, end, y, order });
  }
  return hits;
}

function drawEnd(g, order, x, y, colour, box) {
  if (x < box.x || x > box.x + box.w || order.end_bar === null) return;
  g.strokeStyle = colour;
  g.lineWidth = 1.5;
  g.beginPath();
  if (order.status === "cancelled" || order.status === "rejected") {
    g.moveTo(x - 3, y - 3);
    g.lineTo(x + 3, y + 3);
    g.moveTo(x + 3, y - 3);
    g.lineTo(x - 3, y + 3);
  } else if (order.status === "expired") {
    g.moveTo(x, y - 4);
    g.lineTo(x, y + 4);
  }
  g.stroke();
}

function labelOrder(g, order, x, end, y, colour, taken) {
  const text = isProtection(order) ? (order.role === "stop_loss" ? "stop" : "target") : order.order_ref || words(order.role);
  g.font = "11px system-ui, sans-serif";
  const wide = Math.min(150, g.measureText(text).width);
  const rect = [x + 3, y - 14, wide, 12];
  if (end - x < wide + 6 || taken.some((t) => rect[0] < t[0] + t[2] + 4 && t[0] < rect[0] + rect[2] + 4 && rect[1] < t[1] + t[3] && t[1] < rect[1] + rect[3])) return;
  taken.push(rect);
  g.fillStyle = colour;
  g.textAlign = "left";
  g.textBaseline = "alphabetic";
  g.fillText(text, x + 3, y - 4, wide);
}

// A fill stands where the bar's path (three segments) reached it, so two fills of a bar stay apart.
const fillAt = (fill) => (fill.bar + 0.2 + 0.6 * Math.min(1, (fill.path || 0) / 3)) / PER;

function drawFills(g, scale, fills) {
  const hits = [];
  for (const fill of fills) {
    const x = scale.x(fillAt(fill)), y = scale.y(fill.price);
    const isBuy = fill.side === "buy", size = Math.max(3.5, Math.min(6.5, 3 + scale.wide * PER * 0.25)), up = isBuy ? 1 : -1;
    g.beginPath();
    g.moveTo(x, y);
    g.lineTo(x - size, y + up * size * 1.6);
    g.lineTo(x + size, y + up * size * 1.6);
    g.closePath();
    const colour = isBuy ? COLOURS.buy : COLOURS.sell;
    // Entries are solid, exits hollow.
    g.fillStyle = fill.role === "entry" ? colour : COLOURS.paper;
    g.fill();
    g.lineWidth = 1.4;
    g.strokeStyle = fill.role === "entry" ? COLOURS.paper : colour;
    g.stroke();
    hits.push({ x, y: y + up * size, fill });
  }
  return hits;
}

function drawTradeLines(g, scale, trades) {
  for (const trade of trades) {
    const end = trade.exit_bar === null ? BARS : trade.exit_bar + 0.5;
    const price = trade.exit_price === null ? CANDLES.close[CANDLES.count - 1] : trade.exit_price;
    g.strokeStyle = faded(trade.net_pnl > 0 ? COLOURS.gain : COLOURS.loss, 0.9);
    g.lineWidth = 1.2;
    g.setLineDash([4, 3]);
    g.beginPath();
    g.moveTo(scale.x((trade.entry_bar + 0.5) / PER), scale.y(trade.entry_price));
    g.lineTo(scale.x(end / PER), scale.y(price));
    g.stroke();
  }
  g.setLineDash([]);
}

// Which side was held when: a strip along the foot of the price pane.
function drawRibbon(g, scale, trades) {
  const y = scale.box.y + scale.box.h - 6;
  for (const trade of trades) {
    const x = scale.x(trade.entry_bar / PER), end = scale.x((trade.exit_bar === null ? BARS : trade.exit_bar + 1) / PER);
    g.fillStyle = isLong(trade) ? COLOURS.buy : COLOURS.sell;
    g.fillRect(x, isLong(trade) ? y : y + 3, Math.max(1, end - x), 3);
  }
}

// ---------------------------------------------------------------- equity

// Both extremes of a group are drawn, so no spike gets lost, and what is unknown is a gap.
function drawLine(g, scale, values, colour, width = 1.5) {
  const step = Math.max(1, Math.floor((scale.view.to - scale.view.from) / (scale.box.w * 1.5)));
  const first = Math.max(0, Math.floor(scale.view.from) - 1), stop = Math.min(CANDLES.count, Math.ceil(scale.view.to) + 1);
  g.strokeStyle = colour;
  g.lineWidth = width;
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

function drawDepth(g, scale) {
  const step = Math.max(1, Math.floor((scale.view.to - scale.view.from) / (scale.box.w * 1.5)));
  const first = Math.max(0, Math.floor(scale.view.from) - 1), stop = Math.min(CANDLES.count, Math.ceil(scale.view.to) + 1);
  g.beginPath();
  g.moveTo(scale.x(first + 1), scale.y(0));
  let last = first;
  for (let i = first; i < stop; i += step) {
    let deepest = 0;
    for (let j = i; j < Math.min(i + step, stop); j++) deepest = Math.max(deepest, CANDLES.depth[j]);
    g.lineTo(scale.x(i + 1), scale.y(-deepest));
    last = i;
  }
  g.lineTo(scale.x(last + 1), scale.y(0));
  g.closePath();
  g.fillStyle = faded(COLOURS.loss, 0.22);
  g.fill();
  g.strokeStyle = COLOURS.loss;
  g.lineWidth = 1;
  g.stroke();
}
