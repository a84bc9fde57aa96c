"use strict";
// Tables that sort, filter, page and open; everything is set as text, never as markup.
function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") node.className = value;
    else if (key in node && key !== "list") node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

// A column: {key, label, num?, text(row), sort?(row), node?(row), tone?(row), cls?, hint?}.
function cell(column, row) {
  const td = el("td", { class: [column.num ? "num" : "", column.cls || "", column.tone ? column.tone(row) : ""].join(" ").trim() });
  if (column.node) td.append(column.node(row));
  else td.textContent = column.text(row);
  if (column.cls === "name") td.title = column.text(row);
  return td;
}

function plainTable(columns, rows, caption) {
  const head = el("tr", {}, ...columns.map((c) => el("th", { scope: "col", class: c.num ? "num" : "" }, c.label)));
  const body = rows.map((row) => el("tr", {}, ...columns.map((c) => cell(c, row))));
  return el("table", {}, el("caption", { class: "unseen" }, caption), el("thead", {}, head), el("tbody", {}, ...body));
}

class DataTable {
  // spec: {title, size, columns, rows, total, empty, filters: [{label, options: [[label, test]]}], open?(row), detail?(row), hint?}
  constructor(host, spec) {
    Object.assign(this, { host, spec, page: 0, sortKey: null, down: false, text: "", chosen: null, opened: new Set() });
    this.tests = (spec.filters || []).map(() => () => true);
    this.searchable = new Map();
    this.build();
  }

  build() {
    const { spec, host } = this;
    this.count = el("span", { class: "count" });
    const tools = el("div", { class: "tools" }, el("h2", {}, spec.title, this.count));
    if (spec.rows.length) tools.append(...this.inputs());
    host.append(tools);
    if (spec.hint && spec.rows.length) host.append(el("p", { class: "hint" }, spec.hint));
    if (!spec.rows.length) {
      host.append(el("p", { class: "nothing" }, spec.empty));
      this.count.textContent = "none";
      return;
    }
    this.head = el("tr");
    this.body = el("tbody");
    const table = el("table", { class: `rows${spec.open ? " linked" : ""}` }, el("caption", { class: "unseen" }, spec.title), el("thead", {}, this.head), this.body);
    host.append(el("div", { class: "scroll" }, table));
    this.pager = el("div", { class: "pager" });
    host.append(this.pager);
    this.body.addEventListener("keydown", (event) => this.onKey(event));
    this.drawHead();
    this.refresh();
  }

  inputs() {
    const search = el("input", { type: "search", placeholder: "Filter rows", "aria-label": `Filter ${this.spec.title.toLowerCase()}` });
    search.addEventListener("input", () => {
      this.text = search.value.trim().toLowerCase();
      this.page = 0;
      this.refresh();
    });
    const selects = (this.spec.filters || []).map((filter, at) => {
      const options = filter.options.map(([label], i) => el("option", { value: String(i) }, label));
      const select = el("select", { "aria-label": filter.label }, ...options);
      select.addEventListener("change", () => {
        this.tests[at] = filter.options[Number(select.value)][1];
        this.page = 0;
        this.refresh();
      });
      return select;
    });
    const save = el("button", { type: "button", title: "Save the rows that are shown, all columns" }, "CSV");
    save.addEventListener("click", () => this.save());
    return [...selects, search, save];
  }

  // The rows that fit the filter, in the order shown, as text of comma-separated values.
  csv() {
    const keys = this.spec.rows.length ? columnsOf(this.spec.rows[0]) : [];
    const quote = (value) => {
      // A text that a spreadsheet would take for a formula stays a text.
      const text = value === null || value === undefined ? "" : typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
      return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    };
    return [keys, ...this.shown.map((row) => keys.map((k) => row[k]))].map((line) => line.map(quote).join(",")).join("\r\n") + "\r\n";
  }

  save() {
    const link = el("a", { download: `${this.spec.title.toLowerCase()}.csv`, href: URL.createObjectURL(new Blob([this.csv()], { type: "text/csv" })) });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  drawHead() {
    const cells = this.spec.columns.map((column) => {
      const th = el("th", { scope: "col", class: column.num ? "num" : "" });
      if (this.sortKey === column.key) th.setAttribute("aria-sort", this.down ? "descending" : "ascending");
      const button = el("button", { type: "button", title: column.hint || `Sort by ${column.label.toLowerCase()}` }, column.label);
      button.addEventListener("click", () => this.sort(column));
      th.append(button);
      return th;
    });
    if (this.spec.detail) cells.unshift(el("th", { scope: "col" }, el("span", { class: "unseen" }, "Details")));
    const place = [...this.head.children].findIndex((th) => th.contains(document.activeElement));
    this.head.replaceChildren(...cells);
    if (place >= 0) cells[place].querySelector("button")?.focus();
  }

  sort(column) {
    // First click: largest first for numbers, A to Z for text; second: the other way; third: as it was.
    if (this.sortKey !== column.key) Object.assign(this, { sortKey: column.key, down: !!column.num });
    else if (this.down === !!column.num) this.down = !this.down;
    else this.sortKey = null;
    this.page = 0;
    this.drawHead();
    this.refresh();
  }

  words(row) {
    let text = this.searchable.get(row.index);
    if (text === undefined) {
      text = this.spec.columns.map((c) => c.text(row)).join(" ").toLowerCase();
      this.searchable.set(row.index, text);
    }
    return text;
  }

  refresh() {
    const parts = this.text.split(/\s+/).filter(Boolean);
    this.shown = this.spec.rows.filter((row) => this.tests.every((test) => test(row)) && parts.every((p) => this.words(row).includes(p)));
    const column = this.spec.columns.find((c) => c.key === this.sortKey);
    if (column) {
      const key = column.sort || ((row) => row[column.key]);
      const sign = this.down ? -1 : 1;
      // Unknown values stay last either way.
      this.shown.sort((a, b) => {
        const x = key(a), y = key(b);
        if (x === null || y === null) return (x === null) - (y === null) || a.index - b.index;
        return (x < y ? -sign : x > y ? sign : 0) || a.index - b.index;
      });
    }
    const all = this.spec.rows.length, total = this.spec.total ?? all;
    const some = this.shown.length === all ? num(all, 0) : `${num(this.shown.length, 0)} of ${num(all, 0)}`;
    this.count.textContent = total > all ? `${some} (the first of ${num(total, 0)}; the rest is in the Parquet file)` : some;
    this.draw();
  }

  draw() {
    const pages = Math.max(1, Math.ceil(this.shown.length / this.spec.size));
    this.page = Math.min(this.page, pages - 1);
    const first = this.page * this.spec.size;
    const rows = this.shown.slice(first, first + this.spec.size);
    const nodes = [];
    rows.forEach((row, i) => {
      nodes.push(this.row(row, i === 0));
      if (this.opened.has(row.index)) nodes.push(this.detail(row));
    });
    const wide = this.spec.columns.length + (this.spec.detail ? 1 : 0);
    if (!rows.length) nodes.push(el("tr", {}, el("td", { colSpan: wide, class: "nothing" }, "No row fits the filter.")));
    this.body.replaceChildren(...nodes);
    this.drawPager(pages, first, rows.length);
  }

  row(row, isFirst) {
    const cells = this.spec.columns.map((c) => cell(c, row));
    if (this.spec.detail) {
      const isOpen = this.opened.has(row.index);
      const twist = el("button", { type: "button", class: "twist", "aria-expanded": String(isOpen), "aria-label": "Layers and fills" }, "▸");
      twist.addEventListener("click", (event) => {
        event.stopPropagation();
        this.toggle(row);
      });
      cells.unshift(el("td", {}, twist));
    }
    const tr = el("tr", { class: `row${this.chosen === row.index ? " chosen" : ""}`, tabIndex: isFirst ? 0 : -1 }, ...cells);
    tr.dataset.index = row.index;
    if (this.spec.open) tr.addEventListener("click", () => this.open(row));
    return tr;
  }

  detail(row) {
    const td = el("td", { class: "detail", colSpan: this.spec.columns.length + 1 }, ...this.spec.detail(row));
    return el("tr", { class: "more" }, td);
  }

  toggle(row) {
    if (!this.opened.delete(row.index)) this.opened.add(row.index);
    this.draw();
    const twist = this.body.querySelector(`tr[data-index="${row.index}"] .twist`);
    if (twist) twist.focus({ preventScroll: true });
  }

  open(row) {
    this.choose(row.index);
    this.spec.open(row);
  }

  choose(index) {
    this.chosen = index;
    for (const tr of this.body.querySelectorAll("tr.row")) tr.classList.toggle("chosen", Number(tr.dataset.index) === index);
  }

  onKey(event) {
    const tr = event.target.closest("tr.row");
    if (!tr || event.target !== tr) return;
    const rows = [...this.body.querySelectorAll("tr.row")];
    const at = rows.indexOf(tr);
    const row = this.spec.rows[Number(tr.dataset.index)];
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 };
    if (event.key in moves) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, moves[event.key]))];
      tr.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    } else if (event.key === "Enter" && this.spec.open) this.open(row);
    else if ((event.key === " " || event.key === "ArrowRight" || event.key === "ArrowLeft") && this.spec.detail) {
      if (event.key === " " || (event.key === "ArrowRight") !== this.opened.has(row.index)) this.toggle(row);
      this.body.querySelector(`tr[data-index="${row.index}"]`)?.focus();
    } else return;
    event.preventDefault();
  }

  drawPager(pages, first, count) {
    if (pages === 1) return this.pager.replaceChildren();
    const turn = (label, step, isOff) => {
      const button = el("button", { type: "button", disabled: isOff }, label);
      button.addEventListener("click", () => {
        this.page += step;
        this.draw();
      });
      return button;
    };
    const where = el("span", {}, `${num(first + 1, 0)}–${num(first + count, 0)} of ${num(this.shown.length, 0)}`);
    return this.pager.replaceChildren(where, turn("Previous", -1, this.page === 0), turn("Next", 1, this.page === pages - 1));
  }
}
