"use strict";
// The page's data as arrays and rows, and how numbers and times are written.
const RAW = JSON.parse(document.getElementById("data").textContent);

const DASH = "–";
const FORMATS = Array.from({ length: 9 }, (_, digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
function num(value, digits = 2, signed = false) {
  if (value === null || value === undefined) return DASH;
  const text = FORMATS[digits].format(Math.abs(value));
  const isZero = !/[1-9]/.test(text);
  return (value < 0 && !isZero ? "−" : signed && value > 0 && !isZero ? "+" : "") + text;
}
const pad = (n) => String(n).padStart(2, "0");
function time(ts, withSeconds = false) {
  if (ts === null || ts === undefined) return DASH;
  const d = new Date(ts);
  const clock = `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}` + (withSeconds ? `:${pad(d.getUTCSeconds())}` : "");
  return `${d.getUTCFullYear()}-${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())} ${clock}`;
}
function span(ms) {
  const minutes = ms / 60000;
  if (minutes < 60) return `${num(minutes, minutes % 1 ? 1 : 0)} min`;
  if (minutes < 2880) return `${num(minutes / 60, minutes % 60 ? 1 : 0)} h`;
  return `${num(minutes / 1440, minutes % 1440 ? 1 : 0)} d`;
}

// COST: a row reads its columns when it is asked; tens of thousands of rows with every value in them take half a second.
function rowsOf(table) {
  const columns = Object.entries(table);
  class Row {
    constructor(index) {
      this.index = index;
    }
  }
  for (const [name, column] of columns) {
    const { words, at } = column;
    const get = words ? function () { return words[at[this.index]]; } : function () { return column[this.index]; };
    Object.defineProperty(Row.prototype, name, { get, enumerable: true });
  }
  const [, first] = columns[0] || [null, []], count = (first.words ? first.at : first).length;
  return Array.from({ length: count }, (_, index) => new Row(index));
}
// The names of a row's columns.
function columnsOf(row) {
  const names = [];
  for (const name in row) if (name !== "index") names.push(name);
  return names;
}

// Bars: `candles` hold `PER` bars each; rows refer to bars, the chart divides.
const PER = RAW.bars.per;
const BARS = RAW.bars.count;
const DIGITS = RAW.bars.digits;
const LOT = RAW.lot_digits;
const CANDLES = (() => {
  const { o, h, l, c, v, digits } = RAW.bars, scale = 10 ** digits, count = o.length;
  const out = { count, open: new Float64Array(count), high: new Float64Array(count), low: new Float64Array(count), close: new Float64Array(count), volume: Float64Array.from(v), equity: new Float64Array(count), depth: new Float64Array(count) };
  let last = 0, money = 0;
  for (let i = 0; i < count; i++) {
    const open = last + o[i], close = open + c[i];
    out.open[i] = open / scale;
    out.close[i] = close / scale;
    out.high[i] = (Math.max(open, close) + h[i]) / scale;
    out.low[i] = (Math.min(open, close) - l[i]) / scale;
    last = close;
    money += RAW.equity.e[i];
    out.equity[i] = money / RAW.equity.scale;
    out.depth[i] = RAW.equity.d[i] / 100;
  }
  return out;
})();

// The starting money held in the symbol from the first open on, without costs.
const HOLD = CANDLES.close.map((close) => (RAW.start * close) / CANDLES.open[0]);

function lastAtOrBefore(list, value, key) {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (key(list[middle]) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
// The open time of a bar; past the end it goes on at the bar interval.
function openTime(bar) {
  const jump = RAW.bars.jumps[Math.max(0, lastAtOrBefore(RAW.bars.jumps, bar, (j) => j[0]))];
  return jump ? jump[1] + (bar - jump[0]) * RAW.interval : null;
}
function positionAt(bar) {
  const change = RAW.equity.positions[lastAtOrBefore(RAW.equity.positions, bar, (p) => p[0])];
  return change ? change[1] : 0;
}

const ORDERS = rowsOf(RAW.orders);
const FILLS = rowsOf(RAW.fills);
const LAYERS = rowsOf(RAW.layers);
const TRADES = rowsOf(RAW.trades);
const REFUSALS = rowsOf(RAW.refusals);
const REMARKS = rowsOf(RAW.remarks);
const ZONES = rowsOf(RAW.zones);

const FILLS_OF_TRADE = TRADES.map(() => []);
for (const fill of FILLS) {
  if (fill.trade !== null && FILLS_OF_TRADE[fill.trade]) FILLS_OF_TRADE[fill.trade].push(fill);
  if (fill.closes !== null && FILLS_OF_TRADE[fill.closes]) FILLS_OF_TRADE[fill.closes].push(fill);
}
const LAYERS_OF_TRADE = new Map();
for (const layer of LAYERS) {
  if (!LAYERS_OF_TRADE.has(layer.trade_id)) LAYERS_OF_TRADE.set(layer.trade_id, []);
  LAYERS_OF_TRADE.get(layer.trade_id).push(layer);
}

const isLong = (trade) => trade.side === "long" || trade.side === "buy";
const words = (text) => String(text === null ? "" : text).replaceAll("_", " ");
