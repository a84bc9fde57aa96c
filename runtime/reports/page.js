"use strict";
// The page: fills the tables, wires them to the chart, says when it is ready.
window.addEventListener("error", (event) => {
  document.documentElement.dataset.error = event.message;
  const box = document.getElementById("failure");
  box.textContent = `A part of this page could not be drawn: ${event.message}`;
  box.hidden = false;
});

const tag = (text, tone) => el("span", { class: `tag ${tone}` }, text);
const sideTag = (side) => tag(side, side === "buy" || side === "long" ? "buy" : "sell");
const price = (value) => num(value, DIGITS);
const quantity = (value) => num(value, LOT);
const toneOf = (value) => (value > 0 ? "gain" : value < 0 ? "loss" : "");
const rule = (row) => (row.line ? `${row.block}, line ${row.line}` : row.block || DASH);

// The line of the card that asked, linked where the page holds the card.
function lineLink(row) {
  if (!row.line || !document.getElementById(`line-${row.line}`)) return document.createTextNode(row.line ? String(row.line) : DASH);
  const link = el("a", { class: "line", href: `#line-${row.line}`, "aria-label": `line ${row.line} of the card` }, String(row.line));
  link.addEventListener("click", (event) => event.stopPropagation());
  return link;
}

function fillFacts(fill) {
  return [["Price", price(fill.price)], ["Quantity", quantity(fill.quantity)], ["Fee", `${num(fill.fee, 4)} USDT, ${fill.is_maker ? "maker" : "taker"}`], ["Reference", fill.order_ref || DASH], ["Reason", words(fill.reason) || DASH], ["Bar", time(openTime(fill.bar))]];
}
function orderFacts(order) {
  const lines = [["Price", price(priceOf(order))], ["Filled", `${quantity(order.filled)} of ${quantity(order.quantity)}`], ["Status", words(order.status) + (order.reason ? ` (${words(order.reason)})` : "")], ["Reference", order.order_ref || DASH], ["Placed", time(openTime(order.created_bar + 1))], ["Ended", order.end_bar === null ? "still working" : time(openTime(order.end_bar + 1))]];
  if (order.block) lines.push(["Rule", rule(order)]);
  return lines;
}

// ---------------------------------------------------------------- columns

const TRADE_COLUMNS = [
  { key: "trade_id", label: "#", num: true, text: (t) => String(t.trade_id) },
  { key: "side", label: "Side", text: (t) => (isLong(t) ? "long" : "short"), node: (t) => sideTag(isLong(t) ? "long" : "short") },
  { key: "entry_ts", label: "Entry (UTC)", text: (t) => time(t.entry_ts) },
  { key: "exit_ts", label: "Exit (UTC)", text: (t) => (t.is_open ? "open" : time(t.exit_ts)) },
  { key: "bars_held", label: "Bars", num: true, text: (t) => num(t.bars_held, 0) },
  { key: "quantity", label: "Quantity", num: true, text: (t) => quantity(t.quantity) },
  { key: "entry_price", label: "Entry price", num: true, text: (t) => price(t.entry_price) },
  { key: "exit_price", label: "Exit price", num: true, text: (t) => price(t.exit_price) },
  { key: "layers", label: "Layers", num: true, text: (t) => num(t.layers, 0), hint: "Entry orders that were filled" },
  { key: "fees", label: "Fees, USDT", num: true, text: (t) => num(t.fees) },
  { key: "net_pnl", label: "Net PnL, USDT", num: true, text: (t) => num(t.net_pnl, 2, true), tone: (t) => toneOf(t.net_pnl), hint: "After fees and funding, USDT" },
  { key: "return_pct", label: "Return %", num: true, text: (t) => num(t.return_pct, 2, true), tone: (t) => toneOf(t.return_pct), hint: "Net result relative to the entry notional" },
  { key: "mae_pct", label: "MAE %", num: true, text: (t) => num(t.mae_pct), hint: "Worst excursion against the average entry as it stood then, on the path from entry to exit" },
  { key: "mfe_pct", label: "MFE %", num: true, text: (t) => num(t.mfe_pct), hint: "Best excursion from the average entry as it stood then, on the path from entry to exit" },
  { key: "exit_reason", label: "Exit reason", cls: "name", text: (t) => words(t.exit_reason) + (t.at_end ? " (end of data)" : "") },
];
const STATUS_TONE = { filled: "good", rejected: "bad", partial: "buy" };
const ORDER_COLUMNS = [
  { key: "created_bar", label: "Placed (UTC)", text: (o) => time(openTime(o.created_bar + 1)) },
  { key: "role", label: "Role", text: (o) => words(o.role) },
  { key: "side", label: "Side", text: (o) => o.side, node: (o) => sideTag(o.side) },
  { key: "order_type", label: "Type", text: (o) => words(o.order_type) },
  { key: "order_ref", label: "Reference", cls: "name", text: (o) => o.order_ref || DASH },
  { key: "price", label: "Price", num: true, sort: (o) => priceOf(o), text: (o) => price(priceOf(o)) },
  { key: "quantity", label: "Quantity", num: true, text: (o) => quantity(o.quantity) },
  { key: "filled", label: "Filled", num: true, text: (o) => quantity(o.filled) },
  { key: "avg_fill_price", label: "Fill price", num: true, text: (o) => price(o.avg_fill_price) },
  { key: "status", label: "Status", text: (o) => o.status, node: (o) => tag(o.status, STATUS_TONE[o.status] || "dim") },
  { key: "reason", label: "Reason", cls: "name", text: (o) => words(o.reason) || DASH },
  { key: "worked", label: "Bars worked", num: true, sort: (o) => (o.end_bar === null ? BARS : o.end_bar) - o.created_bar, text: (o) => num((o.end_bar === null ? BARS - 1 : o.end_bar) - o.created_bar, 0) },
  { key: "block", label: "Rule", cls: "name", text: rule },
];
const LAYER_COLUMNS = [
  { key: "trade_id", label: "Trade", num: true, text: (l) => String(l.trade_id) },
  { key: "order_ref", label: "Reference", cls: "name", text: (l) => l.order_ref || DASH },
  { key: "side", label: "Side", text: (l) => l.side, node: (l) => sideTag(l.side) },
  { key: "entry_ts", label: "Entry (UTC)", text: (l) => time(l.entry_ts) },
  { key: "exit_ts", label: "Exit (UTC)", text: (l) => (l.exit_ts === null ? "open" : time(l.exit_ts)) },
  { key: "quantity", label: "Quantity", num: true, text: (l) => quantity(l.quantity) },
  { key: "entry_price", label: "Entry price", num: true, text: (l) => price(l.entry_price) },
  { key: "exit_price", label: "Exit price", num: true, text: (l) => price(l.exit_price) },
  { key: "pnl_layer", label: "PnL before fees, USDT", num: true, text: (l) => num(l.pnl_layer, 2, true), tone: (l) => toneOf(l.pnl_layer) },
];
const REFUSAL_COLUMNS = [
  { key: "ts", label: "Time (UTC)", text: (r) => time(r.ts) },
  { key: "code", label: "Code", text: (r) => r.code, node: (r) => el("code", {}, r.code) },
  { key: "action", label: "Action", cls: "name", text: (r) => r.action },
  { key: "order_ref", label: "Reference", cls: "name", text: (r) => r.order_ref || DASH },
  { key: "block", label: "Block", cls: "name", text: (r) => r.block || DASH },
  { key: "line", label: "Card line", num: true, text: (r) => (r.line ? String(r.line) : DASH), node: lineLink },
  { key: "text", label: "Why", cls: "long", text: (r) => r.text },
];
const REMARK_COLUMNS = [
  { key: "ts", label: "Time (UTC)", text: (r) => time(r.ts) },
  { key: "kind", label: "What", text: (r) => words(r.kind) },
  { key: "order_id", label: "Order", cls: "name", text: (r) => r.order_id || DASH },
  { key: "order_ref", label: "Reference", cls: "name", text: (r) => r.order_ref || DASH },
  { key: "line", label: "Card line", num: true, text: (r) => (r.line ? String(r.line) : DASH), node: lineLink },
  { key: "text", label: "How", cls: "long", text: (r) => r.text },
];
const FILL_COLUMNS = [
  { key: "bar", label: "Bar (UTC)", text: (f) => time(openTime(f.bar)) },
  { key: "side", label: "Side", text: (f) => f.side, node: (f) => sideTag(f.side) },
  { key: "role", label: "Role", text: (f) => words(f.role) },
  { key: "order_ref", label: "Reference", cls: "name", text: (f) => f.order_ref || DASH },
  { key: "quantity", label: "Quantity", num: true, text: (f) => quantity(f.quantity) },
  { key: "price", label: "Price", num: true, text: (f) => price(f.price) },
  { key: "notional", label: "Notional, USDT", num: true, text: (f) => num(f.notional) },
  { key: "fee", label: "Fee, USDT", num: true, text: (f) => num(f.fee, 4) },
  { key: "is_maker", label: "As", text: (f) => (f.is_maker ? "maker" : "taker") },
  { key: "position_after", label: "Position after", num: true, text: (f) => quantity(f.position_after) },
  { key: "reason", label: "Reason", text: (f) => words(f.reason) || DASH },
];

function tradeDetail(trade) {
  const layers = LAYERS_OF_TRADE.get(trade.trade_id) || [], fills = FILLS_OF_TRADE[trade.index];
  const costs = `Gross ${num(trade.gross_pnl, 2, true)}, fees ${num(trade.fees)}, funding ${trade.funding < 0 ? "received" : "paid"} ${num(Math.abs(trade.funding))}, net ${num(trade.net_pnl, 2, true)} USDT. Largest position ${quantity(trade.max_quantity)}, ${num(trade.partial_exits, 0)} partial exits.` + (trade.initial_risk_usdt ? ` Result ${num(trade.net_pnl / trade.initial_risk_usdt, 2, true)} R.` : "");
  const parts = [el("p", { class: "hint" }, costs)];
  if (layers.length) parts.push(el("h3", {}, "Layers"), plainTable(LAYER_COLUMNS.slice(1), layers, "Layers of the trade"));
  if (fills.length) parts.push(el("h3", {}, "Fills"), plainTable(FILL_COLUMNS, fills, "Fills of the trade"));
  return parts;
}

// ---------------------------------------------------------------- the page

const choices = (name, rows, key) => ({ label: name, options: [[`All ${name.toLowerCase()}`, () => true], ...[...new Set(rows.map(key))].sort().map((v) => [words(v), (row) => key(row) === v])] });
const within = (id) => document.getElementById(id);

const chart = new Chart(within("plot"));
const toChart = () => within("chart").scrollIntoView({ block: "start" });
const tradeTable = new DataTable(within("trades"), {
  title: "Trades", size: 25, columns: TRADE_COLUMNS, rows: TRADES, total: RAW.totals.trades, detail: tradeDetail,
  hint: "Click a trade to see it in the chart, or move with the arrow keys: Enter shows it, Space opens its layers and fills.",
  empty: "No position was opened. The orders and refusals below say what was tried.",
  filters: [{ label: "Sides", options: [["Long and short", () => true], ["Long", isLong], ["Short", (t) => !isLong(t)]] }, { label: "Results", options: [["Wins and losses", () => true], ["Wins", (t) => t.net_pnl > 0], ["Losses", (t) => t.net_pnl < 0]] }],
  open: (trade) => {
    showTrade(trade);
    toChart();
  },
});
new DataTable(within("orders"), {
  title: "Orders", size: 15, columns: ORDER_COLUMNS, rows: ORDERS, total: RAW.totals.orders, empty: "No order was placed.",
  filters: [choices("Roles", ORDERS, (o) => o.role), choices("Statuses", ORDERS, (o) => o.status)],
  open: (order) => {
    chart.lookAtBar(order.created_bar);
    toChart();
  },
});
new DataTable(within("layers"), {
  title: "Layers", size: 15, columns: LAYER_COLUMNS, rows: LAYERS, total: RAW.totals.layers, empty: "No layer was entered.",
  open: (layer) => {
    const trade = TRADES.find((t) => t.trade_id === layer.trade_id);
    if (trade) showTrade(trade);
    toChart();
  },
});
new DataTable(within("refusals"), {
  title: "Refusals", size: 15, columns: REFUSAL_COLUMNS, rows: REFUSALS, total: RAW.totals.refusals, empty: "Every action of the card became an order.",
  hint: "Actions that did not become an order, with the line of the card that asked.",
  filters: [choices("Codes", REFUSALS, (r) => r.code)],
  open: (refusal) => {
    chart.lookAtBar(refusal.bar);
    toChart();
  },
});

new DataTable(within("remarks"), {
  title: "Changed wishes", size: 10, columns: REMARK_COLUMNS, rows: REMARKS, total: RAW.totals.remarks, empty: "Every order was taken as the card asked.",
  hint: "What the run made of an action without refusing it: sizes cut, stops without margin, entries that netted.",
  filters: [choices("Kinds", REMARKS, (r) => words(r.kind))],
  open: (remark) => {
    chart.lookAtBar(remark.bar);
    toChart();
  },
});

const where = el("span", { class: "where" });
function showTrade(trade) {
  chart.show(trade);
  tradeTable.choose(trade.index);
  where.textContent = `trade ${num(trade.index + 1, 0)} of ${num(TRADES.length, 0)}`;
}
chart.onPick = showTrade;
chart.onStep = (by) => {
  if (!TRADES.length) return;
  const at = chart.trade ? chart.trade.index + by : by > 0 ? 0 : TRADES.length - 1;
  showTrade(TRADES[Math.max(0, Math.min(TRADES.length - 1, at))]);
};

function buildRanges() {
  const whole = CANDLES.count ? openTime(BARS) - openTime(0) : 0;
  const ranges = [["All", Infinity], ["6 M", 182 * DAY], ["1 M", 30 * DAY], ["1 W", 7 * DAY], ["1 D", DAY]];
  const buttons = ranges.map(([label, ms]) => {
    const button = el("button", { type: "button", disabled: ms !== Infinity && ms >= whole, "aria-pressed": String(ms === Infinity) }, label);
    button.addEventListener("click", () => {
      const size = ms / RAW.interval / PER, end = Math.min(CANDLES.count, Math.max(size, chart.view.to));
      if (ms === Infinity) chart.all();
      else chart.look(end - size, end);
    });
    return [button, ms];
  });
  within("ranges").append(...buttons.map(([button]) => button));
  chart.listeners.push((view) => {
    const size = view.to - view.from;
    for (const [button, ms] of buttons) {
      const wanted = ms === Infinity ? CANDLES.count : ms / RAW.interval / PER;
      button.setAttribute("aria-pressed", String(Math.abs(size - wanted) < wanted * 0.01));
    }
  });
}

function buildSteps() {
  const step = (label, name, by) => {
    const button = el("button", { type: "button", "aria-label": name, title: name, disabled: !TRADES.length }, label);
    button.addEventListener("click", () => chart.onStep(by));
    return button;
  };
  where.textContent = TRADES.length ? `${num(TRADES.length, 0)} trade${TRADES.length === 1 ? "" : "s"}` : "no trades";
  within("steps").append(step("◂", "Previous trade (p)", -1), where, step("▸", "Next trade (n)", 1));
}

function buildToggles() {
  const names = [["orders", "Orders", ORDERS.length], ["protection", "Stops and targets", ORDERS.some(isProtection)], ["zones", "Zones", ZONES.length], ["lines", "Indicators", LINES.length], ["volume", "Volume", true], ["hold", "Buy and hold", CANDLES.count]];
  for (const [key, label, has] of names) {
    if (!has) continue;
    const box = el("input", { type: "checkbox", checked: chart.shown[key] });
    box.addEventListener("change", () => {
      chart.shown[key] = box.checked;
      chart.size();
      chart.request();
    });
    within("layers-shown").append(el("label", {}, box, label));
  }
}

function buildKey() {
  const svg = (...shapes) => {
    const node = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    node.setAttribute("width", "26");
    node.setAttribute("height", "12");
    for (const [name, attributes] of shapes) {
      const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [k, v] of Object.entries(attributes)) shape.setAttribute(k, v);
      node.append(shape);
    }
    return node;
  };
  const line = (colour, dash) => ["line", { x1: 1, x2: 25, y1: 6, y2: 6, stroke: `var(--${colour})`, "stroke-width": 1.8, "stroke-dasharray": dash }];
  const up = (fill, stroke) => ["path", { d: "M13 1 L8 10 L18 10 Z", fill, stroke, "stroke-width": 1.4 }];
  const down = (fill, stroke) => ["path", { d: "M13 11 L8 2 L18 2 Z", fill, stroke, "stroke-width": 1.4 }];
  const entries = [
    [svg(up("var(--buy)", "none")), "buy (solid: entry)"], [svg(down("var(--paper)", "var(--sell)")), "sell (hollow: exit)"],
    [svg(line("buy", "")), "working order, filled"], [svg(line("buy", "7 4"), ["line", { x1: 25, x2: 25, y1: 2, y2: 10, stroke: "var(--buy)", "stroke-width": 1.8 }]), "expired"],
    [svg(line("buy", "2 3")), "cancelled"], [svg(line("loss", "")), "stop"], [svg(line("gain", "")), "target"],
  ];
  if (ZONES.length) entries.push([svg(["rect", { x: 1, y: 1, width: 24, height: 10, fill: "var(--zone)", "fill-opacity": 0.2, stroke: "var(--zone)" }]), "zone"]);
  document.querySelector(".key").append(...entries.map(([drawing, text]) => el("span", {}, drawing, text)), el("span", {}, "Drag to move, click the chart then wheel to zoom (or Ctrl and wheel), two fingers on a touch screen, double-click for all."));
  if (RAW.lines_left.length) document.querySelector(".key").append(el("span", {}, `Not drawn, too many: ${RAW.lines_left.join(", ")}.`));
}

buildRanges();
buildSteps();
buildToggles();
buildKey();
if (!within("card").querySelector("li")) {
  within("card").remove();
  document.querySelector('nav a[href="#card"]').remove();
}
if (!within("cases").querySelector("table")) {
  within("cases").remove();
  document.querySelector('nav a[href="#cases"]').remove();
}
if (!within("months-panel").querySelector("table")) within("months-panel").remove();
// `#trade=12` opens the page at a trade (its number in the table).
function openLinked() {
  const match = /^#trade=(\d+)$/.exec(location.hash);
  const trade = match && TRADES.find((t) => String(t.trade_id) === match[1]);
  if (!trade) return;
  showTrade(trade);
  toChart();
}
window.addEventListener("hashchange", openLinked);
openLinked();
document.documentElement.dataset.ready = "true";
