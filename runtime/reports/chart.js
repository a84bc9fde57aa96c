"use strict";
// The chart: what is in sight, and how it is drawn.
const FEWEST = 8;

class Chart {
  constructor(host) {
    this.host = host;
    [this.canvas, this.overlay] = host.querySelectorAll("canvas");
    this.legend = host.querySelector(".legend");
    this.tip = host.querySelector(".tip");
    this.view = { from: 0, to: Math.max(FEWEST, CANDLES.count) };
    this.shown = { orders: true, protection: true, zones: true, volume: true, lines: true, hold: this.holdFits() };
    this.trade = null;
    this.listeners = [];
    this.hits = { fills: [], orders: [] };
    if (!CANDLES.count) {
      const empty = host.querySelector(".empty");
      empty.textContent = "The run has no bars.";
      empty.hidden = false;
      host.classList.add("bare");
    }
    this.notes = [OVER, ...PANES.map((pane) => pane.lines)].map(() => host.appendChild(el("div", { class: "note", "aria-hidden": "true" })));
    this.size();
    new ResizeObserver(() => this.draw()).observe(host);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    new Gestures(this);
    this.draw();
  }

  // Every pane of a feature makes the chart taller; none takes from the price.
  size() {
    if (CANDLES.count) this.host.style.height = `${680 + (this.shown.lines ? PANES.length * PANE_TALL : 0)}px`;
  }

  // Holding the symbol is drawn at once where it does not flatten the equity.
  holdFits() {
    const reach = (values) => {
      let low = RAW.start, high = RAW.start;
      for (const value of values) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      return [low, high];
    };
    const [low, high] = reach(CANDLES.equity), [less, more] = reach(HOLD);
    return Math.max(more, high) - Math.min(less, low) < 4 * (high - low);
  }

  // ------------------------------------------------------------ moving

  look(from, to) {
    const count = Math.max(FEWEST, CANDLES.count);
    const size = Math.max(FEWEST, Math.min(count * 1.04, to - from));
    const centre = Math.min(count + size * 0.04 - size / 2, Math.max(size / 2 - size * 0.04, (from + to) / 2));
    this.view = size >= count ? { from: 0, to: count } : { from: centre - size / 2, to: centre + size / 2 };
    this.request();
    for (const listener of this.listeners) listener(this.view);
  }
  zoom(factor, at = (this.view.from + this.view.to) / 2) {
    this.look(at - (at - this.view.from) * factor, at + (this.view.to - at) * factor);
  }
  pan(share) {
    const step = (this.view.to - this.view.from) * share;
    this.look(this.view.from + step, this.view.to + step);
  }
  all() {
    this.look(0, CANDLES.count);
  }
  // Show a trade with its surroundings.
  show(trade) {
    this.trade = trade;
    const from = trade.entry_bar / PER, to = (trade.exit_bar === null ? BARS : trade.exit_bar + 1) / PER;
    const room = Math.max(18, (to - from) * 0.6);
    this.look(from - room, to + room);
  }
  lookAtBar(bar) {
    const half = Math.max(40, Math.min(150, (this.view.to - this.view.from) / 2));
    this.look(bar / PER - half, bar / PER + half);
  }

  request() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw();
    });
  }

  // ------------------------------------------------------------ drawing

  fit(canvas) {
    const { clientWidth: w, clientHeight: h } = this.host, ratio = devicePixelRatio || 1;
    if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) {
      canvas.width = Math.round(w * ratio);
      canvas.height = Math.round(h * ratio);
    }
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, w, h);
    return g;
  }

  boxes() {
    const w = Math.max(80, this.host.clientWidth - AXIS), h = this.host.clientHeight;
    // The gap above a pane holds its title.
    const panes = this.shown.lines ? PANES : [], gap = 22, free = h - 24 - 64 - 2 * gap - panes.length * PANE_TALL;
    const price = { x: 0, y: 24, w, h: Math.round(free * 0.66) };
    const foot = price.y + price.h;
    const lines = panes.map((pane, at) => ({ pane, x: 0, y: foot + gap + at * PANE_TALL, w, h: PANE_TALL - gap }));
    const equity = { x: 0, y: foot + gap + panes.length * PANE_TALL, w, h: Math.round(free * 0.2) };
    const depth = { x: 0, y: equity.y + equity.h + gap, w, h: free - price.h - equity.h };
    const map = { x: 0, y: depth.y + depth.h + 26, w, h: 36 };
    return { price, equity, depth, lines, map, axis: depth.y + depth.h };
  }

  priceRange() {
    let low = Infinity, high = -Infinity;
    const first = Math.max(0, Math.floor(this.view.from)), stop = Math.min(CANDLES.count, Math.ceil(this.view.to));
    for (let i = first; i < stop; i++) {
      low = Math.min(low, CANDLES.low[i]);
      high = Math.max(high, CANDLES.high[i]);
    }
    // Close up, stops and targets a little outside the bars belong to the picture.
    if (stop - first < 400) {
      const room = (high - low) * 0.7, bottom = low - room, top = high + room;
      for (const order of ordersInSight(this.view, this.shown)) {
        const price = priceOf(order);
        if (price > bottom && price < top) [low, high] = [Math.min(low, price), Math.max(high, price)];
      }
    }
    return ranged(low, high);
  }
  range(values, more) {
    let low = Math.min(...more), high = Math.max(...more);
    const first = Math.max(0, Math.floor(this.view.from)), stop = Math.min(CANDLES.count, Math.ceil(this.view.to));
    for (let i = first; i < stop; i++) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
    return ranged(low, high, 0.1);
  }

  draw() {
    readColours();
    const g = this.fit(this.canvas);
    this.fit(this.overlay);
    if (!CANDLES.count || this.host.clientWidth < 120) return;
    const boxes = this.boxes();
    const first = Math.max(0, Math.floor(this.view.from));
    const price = new Scale(boxes.price, this.view, ...this.priceRange());
    const equity = new Scale(boxes.equity, this.view, ...this.moneyRange(first));
    let deepest = 0;
    for (let i = first; i < Math.min(CANDLES.count, Math.ceil(this.view.to)); i++) deepest = Math.max(deepest, CANDLES.depth[i]);
    const depth = new Scale(boxes.depth, this.view, deepest ? -deepest * 1.12 : -1, 0);
    this.scales = { price, equity, depth };
    const framed = [boxes.price, ...boxes.lines, boxes.equity, boxes.depth];
    drawTimeAxis(g, price, framed, boxes.axis);
    drawValueAxis(g, price, (v, d) => num(v, Math.min(d, DIGITS)), 7);
    drawValueAxis(g, equity, (v, d) => num(v, d), 3);
    drawValueAxis(g, depth, (v, d) => `${num(v, d)} %`, 3);
    const drawn = this.drawPrice(g, price);
    this.drawEquity(g, equity, depth);
    drawn.points = this.drawPanes(g, boxes.lines) + (drawn.points || 0);
    drawn.panes = boxes.lines.length;
    this.drawMap(g, boxes.map);
    for (const box of framed) {
      g.strokeStyle = COLOURS.line;
      g.lineWidth = 1;
      g.strokeRect(box.x + 0.5, box.y + 0.5, box.w - 1, box.h - 1);
    }
    Object.assign(this.host.dataset, drawn);
    this.tell(null);
  }

  moneyRange(first) {
    const money = this.range(CANDLES.equity, [CANDLES.equity[first]]);
    return this.shown.hold ? this.range(HOLD, [...money, HOLD[first]]) : money;
  }

  // A pane per feature that is no level of price; its title and values stand above it.
  drawPanes(g, boxes) {
    let points = 0;
    for (const [at, box] of boxes.entries()) {
      const range = rangeOfLines(box.pane.lines, this.view);
      this.notes[at + 1].style.top = `${box.y - 19}px`;
      if (!range) continue;
      const scale = new Scale(box, this.view, ...range);
      this.scales[`pane${at}`] = Object.assign(scale, { pane: box.pane });
      drawValueAxis(g, scale, (v, d) => num(v, d) + (box.pane.unit === "%" ? " %" : ""), 3);
      this.clip(g, box, () => {
        for (const line of box.pane.lines) points += drawLine(g, scale, line.values, line.colour, THIN);
      });
    }
    return points;
  }

  clip(g, box, work) {
    g.save();
    g.beginPath();
    g.rect(box.x, box.y, box.w, box.h);
    g.clip();
    work();
    g.restore();
  }

  drawPrice(g, scale) {
    const { view } = this, drawn = {};
    const trades = TRADES.filter((t) => (t.exit_bar === null ? BARS : t.exit_bar + 1) / PER >= view.from && t.entry_bar / PER <= view.to);
    const fills = FILLS.filter((f) => fillAt(f) >= view.from && fillAt(f) <= view.to);
    let orders = ordersInSight(view, this.shown);
    const tooMany = orders.length > MAX_ORDERS || fills.length > MAX_MARKS;
    // Too many lines hide the price: from afar the strip at the foot says when a position was held.
    if (orders.length > MAX_ORDERS) orders = [];
    this.clip(g, scale.box, () => {
      this.drawChosen(g, scale);
      drawn.zones = this.shown.zones ? drawZones(g, scale) : 0;
      drawn.candles = drawCandles(g, scale, this.shown.volume);
      if (this.shown.lines) drawn.points = OVER.reduce((points, line) => points + drawLine(g, scale, line.values, line.colour, THIN), 0);
      if (trades.length <= 300) drawTradeLines(g, scale, trades);
      this.hits.orders = drawOrders(g, scale, orders, []);
      this.hits.fills = fills.length <= MAX_MARKS ? drawFills(g, scale, fills) : [];
      drawRibbon(g, scale, trades);
    });
    Object.assign(drawn, { orders: this.hits.orders.length, fills: this.hits.fills.length, trades: trades.length });
    this.remark = tooMany ? "zoom in to see orders and fills" : "";
    return drawn;
  }

  drawChosen(g, scale) {
    if (!this.trade) return;
    const x = scale.x(this.trade.entry_bar / PER), end = scale.x((this.trade.exit_bar === null ? BARS : this.trade.exit_bar + 1) / PER);
    g.fillStyle = faded(COLOURS.focus, 0.08);
    g.fillRect(x, scale.box.y, Math.max(2, end - x), scale.box.h);
  }

  drawEquity(g, equity, depth) {
    this.clip(g, equity.box, () => {
      this.drawChosen(g, equity);
      const y = equity.y(RAW.start);
      g.strokeStyle = COLOURS.faint;
      g.setLineDash([3, 3]);
      g.beginPath();
      g.moveTo(equity.box.x, y);
      g.lineTo(equity.box.x + equity.box.w, y);
      g.stroke();
      g.setLineDash([]);
      if (this.shown.hold) drawLine(g, equity, HOLD, COLOURS.faint);
      drawLine(g, equity, CANDLES.equity, COLOURS.focus);
    });
    paneTitle(g, equity.box, this.shown.hold ? "Equity, USDT; grey: the symbol held" : "Equity, USDT");
    this.clip(g, depth.box, () => {
      this.drawChosen(g, depth);
      drawDepth(g, depth);
    });
    paneTitle(g, depth.box, "Drawdown below the highest equity so far, %");
  }

  wholeHistory(box, whole, ratio) {
    const canvas = el("canvas", { width: Math.round(box.w * ratio), height: Math.round(box.h * ratio) });
    const g = canvas.getContext("2d"), inner = { x: 0, y: 0, w: box.w, h: box.h };
    let low = Infinity, high = -Infinity;
    for (const value of CANDLES.close) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    g.scale(ratio, ratio);
    g.fillStyle = COLOURS.wash;
    g.fillRect(0, 0, box.w, box.h);
    drawLine(g, new Scale(inner, whole, ...ranged(low, high, 0.1)), CANDLES.close, COLOURS.faint);
    return canvas;
  }

  drawMap(g, box) {
    const whole = { from: 0, to: Math.max(FEWEST, CANDLES.count) };
    const scale = new Scale(box, whole, 0, 1), ratio = devicePixelRatio || 1;
    const key = [box.w, box.h, ratio, COLOURS.wash, COLOURS.faint].join(" ");
    // COST: the whole history is the same at every step of a drag: drawn once for a size and its colours.
    if (this.mapKey !== key) Object.assign(this, { mapKey: key, mapDrawn: this.wholeHistory(box, whole, ratio) });
    g.drawImage(this.mapDrawn, box.x, box.y, box.w, box.h);
    const x = scale.x(Math.max(0, this.view.from)), end = scale.x(Math.min(whole.to, this.view.to));
    g.fillStyle = faded(COLOURS.focus, 0.13);
    g.fillRect(x, box.y, Math.max(3, end - x), box.h);
    g.fillStyle = COLOURS.focus;
    for (const edge of [x, Math.max(x + 3, end) - 2]) g.fillRect(edge, box.y + 8, 2, box.h - 16);
    this.map = scale;
  }

  // ------------------------------------------------------------ reading

  tell(at) {
    const i = at === null ? Math.min(CANDLES.count - 1, Math.max(0, Math.ceil(this.view.to) - 1)) : at;
    const { group } = grouping(this.view, this.scales.price.box.w);
    const parts = [["", time(openTime(i * PER))]];
    // On a phone the close stands for the candle: there is room for one price.
    const columns = [["O", "open"], ["H", "high"], ["L", "low"], ["C", "close"]].slice(this.host.clientWidth < 560 ? 3 : 0);
    for (const [name, column] of columns) parts.push([name, num(CANDLES[column][i], DIGITS)]);
    parts.push(["equity", num(CANDLES.equity[i])], ["drawdown", `${num(-CANDLES.depth[i])} %`]);
    if (this.shown.hold) parts.push(["held", num(HOLD[i])]);
    const held = positionAt(Math.min(BARS, (i + 1) * PER) - 1);
    parts.push(["position", held ? num(held, LOT, true) : "flat"]);
    this.legend.replaceChildren(...parts.flatMap(([name, value]) => [name ? `${name} ` : "", el("b", {}, value)]));
    const noted = this.shown.lines ? [OVER, ...PANES.map((pane) => pane.lines)] : [];
    this.notes.forEach((note, at) => note.replaceChildren(...(noted[at] ? lineTexts(noted[at], i) : [])));
    const bars = group * PER;
    if (bars > 1 || this.remark) this.legend.append([bars > 1 ? `1 candle = ${bars} bars` : "", this.remark].filter(Boolean).join(", "));
  }

  hover(x, y) {
    const g = this.fit(this.overlay), { price } = this.scales;
    const at = Math.floor(price.view.from + (x - price.box.x) / price.wide);
    if (x > price.box.w || at < 0 || at >= CANDLES.count || y > this.boxes().axis) return this.leave();
    const middle = Math.round(price.x(at + 0.5)) + 0.5;
    g.strokeStyle = COLOURS.soft;
    g.setLineDash([2, 3]);
    g.beginPath();
    g.moveTo(middle, price.box.y);
    g.lineTo(middle, this.boxes().axis);
    g.moveTo(0, Math.round(y) + 0.5);
    g.lineTo(price.box.w, Math.round(y) + 0.5);
    g.stroke();
    g.setLineDash([]);
    this.drawValueTag(g, y);
    this.tell(at);
    return this.showTip(x, y);
  }

  drawValueTag(g, y) {
    const named = Object.entries(this.scales).find(([, s]) => y >= s.box.y && y <= s.box.y + s.box.h);
    if (!named) return;
    const [name, scale] = named, value = scale.value(y);
    const text = name === "depth" ? `${num(value)} %` : num(value, name === "price" ? DIGITS : scale.pane ? Math.min(4, scale.pane.digits) : 2);
    g.font = "11.5px system-ui, sans-serif";
    g.fillStyle = COLOURS.ink;
    g.fillRect(scale.box.w + 2, y - 9, AXIS - 4, 18);
    g.fillStyle = COLOURS.paper;
    g.textBaseline = "middle";
    g.textAlign = "left";
    g.fillText(text, scale.box.w + 7, y + 0.5, AXIS - 12);
  }

  nearest(x, y) {
    let best = null, distance = 11;
    for (const hit of this.hits.fills) {
      const d = Math.hypot(hit.x - x, hit.y - y);
      if (d < distance) [best, distance] = [hit, d];
    }
    if (best) return best;
    distance = 6;
    for (const hit of this.hits.orders) {
      const d = x >= hit.x - 3 && x <= hit.end + 3 ? Math.abs(hit.y - y) : 99;
      if (d < distance) [best, distance] = [hit, d];
    }
    return best;
  }

  showTip(x, y) {
    const hit = this.nearest(x, y);
    this.tip.hidden = !hit;
    if (!hit) return;
    const order = hit.fill ? ORDERS[hit.fill.order] : hit.order;
    const lines = hit.fill ? fillFacts(hit.fill) : orderFacts(order);
    const title = hit.fill ? `${hit.fill.side} fill · ${words(hit.fill.role)}` : `${order.side} ${words(order.order_type)} · ${words(order.role)}`;
    this.tip.replaceChildren(el("b", {}, title), ...lines.map(([k, v]) => el("div", {}, el("span", {}, k), el("span", {}, v))));
    const { offsetWidth: w, offsetHeight: h } = this.tip;
    this.tip.style.left = `${Math.max(4, x + 16 + w > this.host.clientWidth ? x - w - 14 : x + 16)}px`;
    this.tip.style.top = `${Math.max(4, Math.min(this.host.clientHeight - h - 4, y - h / 2))}px`;
  }

  leave() {
    this.fit(this.overlay);
    this.tip.hidden = true;
    if (CANDLES.count) this.tell(null);
  }
}
