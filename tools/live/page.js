"use strict";
// Reads the picture of a session once a second and shows it. Everything is written as text, never as markup.
const token = location.hash.slice(1);
const $ = (id) => document.getElementById(id);
const at = (id) => $(id).querySelector("div");
let failures = 0;

const el = (tag, words, cls) => {
  const made = document.createElement(tag);
  if (cls) made.className = cls;
  for (const one of [].concat(words ?? [])) made.append(one);
  return made;
};
const num = (v, d = 8) => v === null || v === undefined ? "–" : String(Number(v.toPrecision(d)));
const money = (v) => v === null || v === undefined ? "–" : v.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const signed = (v) => v === null || v === undefined ? "–" : (v > 0 ? "+" : "") + money(v);
const tone = (v) => v > 0.005 ? "gain" : v < -0.005 ? "loss" : "";
const time = (ts) => ts ? new Date(ts).toISOString().slice(5, 19).replace("T", " ") : "never";
const age = (ms) => {
  if (ms === null || ms === undefined) return "never";
  const s = ms / 1000;
  return s < 120 ? `${Math.round(s)} s` : s < 7200 ? `${Math.round(s / 60)} min` : `${(s / 3600).toFixed(1)} h`;
};
const fill = (node, ...parts) => node.replaceChildren(...parts.filter(Boolean));
const none = (words) => el("p", words, "none");

function table(heads, rows) {
  if (!rows.length) return null;
  const name = (h) => h.replace(/^#/, "");
  const cls = (h) => h.startsWith("#") ? "n" : "";
  const head = el("thead", el("tr", heads.map((h) => el("th", name(h), cls(h)))));
  const body = el("tbody", rows.map((row) => el("tr", row.map((cell, i) => {
    const made = el("td", cell instanceof Node ? cell : String(cell), cls(heads[i]));
    made.dataset.label = name(heads[i]);
    return made;
  }))));
  return el("table", [head, body]);
}

const list = (pairs) => {
  const made = el("dl");
  for (const [name, value, cls] of pairs) made.append(el("dt", name), el("dd", value, cls));
  return made;
};

function tiles(v) {
  const p = v.position;
  const stale = v.bar_age_ms !== null && v.bar_age_ms > 3 * barMs(v);
  const all = [
    ["Equity, USDT", money(v.equity), "", `${signed(v.equity - v.start_equity)} since the start`],
    ["Today", signed(v.today), tone(v.today), "since midnight UTC"],
    ["Position", p ? `${p.side} ${num(p.quantity)}` : "flat", p ? (p.side === "long" ? "buy" : "sell") : "", p ? `at ${num(p.entry)}` : `${v.figures.closed} closed so far`],
    ["Open profit", p ? signed(p.unrealized) : "–", p ? tone(p.unrealized) : "", p && p.to_liquidation_pct !== null ? `${p.to_liquidation_pct.toFixed(1)} % to liquidation` : "no position"],
    ["Last price", num(v.close), "", `bar closed ${age(v.bar_age_ms)} ago`, stale],
    ["Uncovered", v.cover.open_lots ? `${v.cover.open_lots} lots` : "nothing", v.cover.open_lots ? "loss" : "gain", v.cover.count ? `stop after ${v.cover.median_ms} ms, worst ${v.cover.worst_ms}` : "no fill yet"],
  ];
  fill($("tiles"), ...all.map(([name, big, cls, small, warn]) => {
    const made = el("div", [el("span", name), el("b", big, cls), el("span", small, warn ? "note" : "")], "tile");
    made.title = `${name}: ${big}, ${small}`;
    return made;
  }));
}

const UNIT = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
const barMs = (v) => parseInt(v.timeframe, 10) * (UNIT[v.timeframe.slice(-1)] || 60) * 1000;

function chart(v) {
  const box = $("plot"), points = v.curve.slice(-300);
  if (points.length < 2) return fill(box, none("Two closed bars are needed for a line."));
  const W = Math.max(300, box.clientWidth || 900), H = window.innerWidth <= 560 ? 190 : 240, R = 112, B = 18;
  const lines = [];
  if (v.position) lines.push(["entry", v.position.entry, "--ink"]);
  for (const o of v.stops) lines.push([o.role === "stop_loss" ? "stop" : "target", o.trigger ?? o.price, o.role === "stop_loss" ? "--loss" : "--gain"]);
  for (const o of v.orders) lines.push([o.ref || o.id, o.price ?? o.trigger, o.side === "buy" ? "--buy" : "--sell"]);
  const close = points.map((p) => p[1]);
  let low = Math.min(...close), high = Math.max(...close);
  const span = high - low || high * 0.001;
  const near = lines.filter(([, y]) => y !== null && y > low - 2 * span && y < high + 2 * span);
  low = Math.min(low, ...near.map((l) => l[1])); high = Math.max(high, ...near.map((l) => l[1]));
  const pad = (high - low) * 0.06 || 1;
  low -= pad; high += pad;
  const t0 = points[0][0], t1 = points[points.length - 1][0];
  const x = (t) => (t - t0) / (t1 - t0 || 1) * (W - R), y = (p) => (high - p) / (high - low) * (H - B);
  const svg = (tag, attrs) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [k, value] of Object.entries(attrs)) made.setAttribute(k, value);
    return made;
  };
  const root = svg("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `closes from ${num(low)} to ${num(high)}, last ${num(v.close)}` });
  const path = points.map((p, i) => `${i ? "L" : "M"}${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join("");
  root.append(svg("path", { d: path, fill: "none", stroke: "var(--soft)", "stroke-width": 1.4 }));
  const taken = [];
  const label = (text, price, colour) => {
    let place = y(price);
    while (taken.some((other) => Math.abs(other - place) < 12)) place += 12;
    taken.push(place);
    const made = svg("text", { x: W - R + 6, y: Math.min(H - B, place + 4) });
    made.style.fill = `var(${colour})`;
    made.textContent = `${text} ${num(price)}`;
    root.append(made);
  };
  for (const [name, price, colour] of near.sort((a, b) => b[1] - a[1])) {
    root.append(svg("line", { x1: 0, x2: W - R, y1: y(price), y2: y(price), stroke: `var(${colour})`, "stroke-dasharray": "4 3" }));
    label(name.length > 8 ? `${name.slice(0, 7)}…` : name, price, colour);
  }
  for (const f of v.fills) {
    if (f.ts < t0 || f.ts > t1) continue;
    root.append(svg("circle", { cx: x(f.ts), cy: y(f.price), r: 3.5, fill: f.side === "buy" ? "var(--buy)" : "var(--sell)" }));
  }
  for (const [text, place] of [[time(t0), 0], [time(t1), W - R - 96]]) {
    const made = svg("text", { x: place, y: H - 4 });
    made.textContent = text;
    root.append(made);
  }
  fill(box, root);
  $("legend").textContent = "closes; dashed: what works at the venue; dots: fills, blue bought, orange sold";
}

function orders(rows, empty) {
  return table(["Order", "Side", "#Quantity", "#Filled", "Type", "#Price", "#Age", "Venue"], rows.map((o) => [
    `${o.ref || o.role.replaceAll("_", " ")} (${o.id})`, el("span", o.side, o.side), num(o.quantity), num(o.filled), o.type.replaceAll("_", " "),
    [o.trigger !== null ? `at ${num(o.trigger)}` : "", o.price !== null ? num(o.price) : ""].filter(Boolean).join(", ") || "market",
    `${o.age_bars} bars`,
    o.doubt ? el("span", o.doubt, "note") : el("span", o.is_confirmed ? "confirmed" : "not confirmed", o.is_confirmed ? "gain" : "loss"),
  ])) || none(empty);
}

function show(v) {
  document.title = `${v.state} · ${v.card} · ${money(v.equity)}`;
  $("card").textContent = v.card;
  $("what").textContent = `${v.symbol} ${v.timeframe} · ${v.venue} · run ${v.run} · ${time(v.now)}`;
  $("state").textContent = v.state;
  $("state").className = `pill ${v.state}`;
  $("why").hidden = !v.why;
  $("why").className = `why ${v.state}`;
  $("why").textContent = v.do ? `${v.why}. What to do: ${v.do}` : v.why;
  tiles(v);
  chart(v);
  const p = v.position;
  fill(at("position"), p ? list([
    ["held", `${p.side} ${num(p.quantity)} at ${num(p.entry)}`], ["open profit", signed(p.unrealized), tone(p.unrealized)],
    ["stop", p.stop === null ? "none" : num(p.stop), p.stop === null ? "loss" : ""], ["target", p.target === null ? "none" : num(p.target) + (p.target_missing ? ` (${num(p.target_missing)} does not stand)` : ""), p.target_missing ? "loss" : ""],
    ["liquidation", p.liquidation === null ? "cannot be reached" : `${num(p.liquidation)} (${p.to_liquidation_pct.toFixed(1)} % away)`],
  ]) : none("flat"), p && table(["Layer", "#Quantity", "#Entry", "#Open profit"], p.layers.map((l) => [l.ref, num(l.quantity), num(l.entry), el("span", signed(l.unrealized), tone(l.unrealized))])));
  fill(at("decision"), el("p", `${time(v.last_bar)}: ${v.decision}`), v.outcomes.length ? el("ul", v.outcomes.map((o) => el("li", o))) : null);
  fill(at("orders"), orders(v.orders, "none"));
  fill(at("stops"), orders(v.stops, p ? "none: nothing protects the position" : "none: flat"));
  fill(at("health"), list([
    ...v.links.map(([name, why]) => [`${name} stream`, why ? `down: ${why}` : "up", why ? "loss" : "gain"]),
    ["compared", v.reconciled_ago_ms === null ? "not yet" : `${age(v.reconciled_ago_ms)} ago`],
    ["fill to stop", v.cover.count ? `median ${v.cover.median_ms} ms, worst ${v.cover.worst_ms} ms, ${v.cover.count} times` : "no fill yet"],
    ...v.unknown.map(([what, ms]) => ["unknown", `${what}, ${age(ms)}`, "note"]),
  ]));
  fill(at("limits"), ...(v.limits.length ? v.limits.flatMap((l) => {
    const share = l.used === null ? null : Math.min(1, l.limit ? l.used / l.limit : 1);
    const meter = el("i", [], share >= 1 ? "full" : share >= 0.7 ? "near" : "");
    meter.style.width = `${(share || 0) * 100}%`;
    return [el("p", `${l.name}: ${l.used === null ? "" : num(l.used, 5) + " of "}${num(l.limit)}`), share === null ? null : el("div", meter, "meter")];
  }) : [none("none set: ideacard live … --limit max_daily_loss_usdt=50")]));
  $("promises").hidden = !v.promises.length;
  fill(at("promises"), table(["Promise", "#Card line", "So far", "#Times broken", "#Closes broken", "#Closes unknown"], v.promises.map((one) => [
    one.text, one.line, el("span", one.closes ? "broken" : "kept", one.closes ? "loss" : "gain"), one.times, one.closes, one.unknown,
  ])));
  fill(at("fills"), table(["Time", "Order", "Side", "#Quantity", "#Price", "#Fee"], v.fills.map((f) => [time(f.ts), `${f.ref} (${f.order})`, el("span", f.side, f.side), num(f.quantity), num(f.price), num(f.fee, 4)])) || none("none yet"));
  fill(at("refused"), table(["Time", "What", "Why"], v.refused.map((r) => [time(r.ts), r.what, `${r.code}: ${r.text}`])) || none("nothing"));
  fill(at("notices"), table(["Time", "What", "Text"], v.notices.map((n) => [time(n.ts), el("span", `${n.kind} (${n.loudness})`, n.loudness === "halt" ? "loss" : n.loudness === "note" ? "" : "note"), n.text])) || none("nothing"));
  fill(at("figures"), el("p", Object.entries(v.figures).map(([k, n]) => `${n} ${k.replaceAll("_", " ")}`).join(" · ")), el("p", `realized ${signed(v.realized)} · fees ${money(v.fees)}${Object.entries(v.coin_fees).map(([c, n]) => ` + ${n} ${c}`).join("")} · funding ${money(v.funding)}`, "soft"));
  document.body.dataset.state = v.state;
}

function lost(text) {
  document.body.classList.add("lost");
  $("state").textContent = "no answer";
  $("state").className = "pill lost";
  $("why").hidden = false;
  $("why").className = "why lost";
  $("why").textContent = text;
  document.body.dataset.state = "lost";
}

async function look() {
  try {
    const answer = await fetch("view", { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
    if (answer.status === 403) return lost("This address lacks the session's token: open the one that `ideacard live status` names.");
    if (!answer.ok) throw new Error(answer.status);
    failures = 0;
    document.body.classList.remove("lost");
    show(await answer.json());
  } catch (error) {
    failures += 1;
    if (failures >= 2) lost("The session does not answer: it has ended, or it hangs. What it showed last is below. Stops stand at the venue; `ideacard live panic` closes everything.");
  }
  setTimeout(look, 1000);
}
look();
