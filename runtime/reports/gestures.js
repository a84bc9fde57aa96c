"use strict";
// How a reader moves in the chart: a pointer drags, two pinch, the wheel and the keys zoom.
const NARROWEST = 12; // pixels between two fingers below which their distance means nothing

class Gestures {
  constructor(chart) {
    Object.assign(this, { chart, host: chart.host, fingers: new Map(), grip: null, pinch: null });
    const on = (name, work) => this.host.addEventListener(name, (event) => this.chart.scales && work(event));
    on("pointerdown", (event) => this.down(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.up(event));
    on("pointercancel", (event) => this.up(event));
    on("pointerleave", () => this.chart.leave());
    this.host.addEventListener("dblclick", () => this.chart.all());
    this.host.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    this.host.addEventListener("keydown", (event) => this.onKey(event));
  }

  place(event) {
    const rect = this.host.getBoundingClientRect();
    return [event.clientX - rect.left, event.clientY - rect.top];
  }

  // ------------------------------------------------------------ pointers

  down(event) {
    if (event.button) return;
    const [x, y] = this.place(event), { view, map } = this.chart;
    this.fingers.set(event.pointerId, x);
    if (event.isTrusted) this.host.setPointerCapture(event.pointerId);
    if (this.fingers.size === 2) return this.beginPinch();
    this.grip = { x, y, view: { ...view }, onMap: y >= map.box.y, moved: false };
    if (this.grip.onMap) this.dragMap(x);
  }

  move(event) {
    const [x, y] = this.place(event), { grip, chart } = this;
    if (this.fingers.has(event.pointerId)) this.fingers.set(event.pointerId, x);
    if (this.pinch) return this.pinched();
    if (!grip) return chart.hover(x, y);
    grip.moved ||= Math.hypot(x - grip.x, y - grip.y) > 3;
    if (grip.onMap) return this.dragMap(x);
    if (!grip.moved) return;
    this.host.classList.add("dragging");
    const by = (grip.x - x) / chart.scales.price.wide;
    chart.look(grip.view.from + by, grip.view.to + by);
  }

  up(event) {
    const { grip } = this;
    if (grip && !grip.moved && !grip.onMap && event.type === "pointerup") this.pick(...this.place(event));
    this.fingers.delete(event.pointerId);
    // A finger that stays after a pinch holds nothing: the chart would leap to it.
    this.grip = this.pinch = null;
    this.host.classList.remove("dragging");
  }

  // Each finger keeps the candle it was put on.
  beginPinch() {
    const { view, scales } = this.chart;
    this.grip = null;
    const [left, right] = [...this.fingers].sort((a, b) => a[1] - b[1]);
    if (right[1] - left[1] < NARROWEST) return;
    const at = (x) => view.from + x / scales.price.wide;
    this.pinch = { left: left[0], right: right[0], from: at(left[1]), to: at(right[1]) };
  }

  pinched() {
    const { left, right, from, to } = this.pinch, x = this.fingers.get(left), end = this.fingers.get(right);
    if (end - x < NARROWEST) return;
    const each = (to - from) / (end - x), start = from - x * each;
    this.chart.look(start, start + each * this.chart.scales.price.box.w);
  }

  dragMap(x) {
    const { map, view } = this.chart;
    const centre = (x / map.box.w) * CANDLES.count, half = (view.to - view.from) / 2;
    this.chart.look(centre - half, centre + half);
  }

  // A click on a fill chooses its trade.
  pick(x, y) {
    const hit = this.chart.nearest(x, y);
    const index = hit && hit.fill ? hit.fill.trade : null;
    if (index !== null && TRADES[index] && this.chart.onPick) this.chart.onPick(TRADES[index]);
  }

  // ------------------------------------------------------------ wheel and keys

  // The page keeps the wheel until the chart is clicked (or with Ctrl), so that reading on works.
  onWheel(event) {
    const { chart } = this;
    if (!chart.scales) return;
    const isOurs = event.ctrlKey || event.metaKey || document.activeElement === this.host;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      return chart.pan(event.deltaX / chart.scales.price.box.w);
    }
    if (!isOurs) return;
    event.preventDefault();
    const factor = Math.exp(Math.max(-0.5, Math.min(0.5, event.deltaY * 0.0018)));
    chart.zoom(factor, chart.view.from + this.place(event)[0] / chart.scales.price.wide);
  }

  onKey(event) {
    const { chart } = this;
    const moves = { ArrowLeft: () => chart.pan(-0.15), ArrowRight: () => chart.pan(0.15), "+": () => chart.zoom(0.7), "=": () => chart.zoom(0.7), "-": () => chart.zoom(1.4), 0: () => chart.all(), n: () => chart.onStep?.(1), p: () => chart.onStep?.(-1) };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moves[event.key]();
  }
}
