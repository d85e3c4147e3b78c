// The table: rows are added on top or below, and only the newest are kept.

const BLOCK = 30; // rows before a new block is begun
const ROW_HEIGHT = 18; // pixels, as in live_table.css

class Table {
  constructor(box, columns) {
    this.columns = columns.map(([name, number, marked]) => ({ name, number, marked, width: 0, places: new Map() }));
    this.market = columns.findIndex(([name]) => name === "market");
    this.rows = []; // newest first; a hole among them has no cells
    const table = document.createElement("div");
    table.className = "coinex-table";
    table.setAttribute("aria-live", "off");
    table.setAttribute("role", "table");
    this.style = table.style;
    const head = rowElement("coinex-row coinex-head");
    table.append(head);
    this.columns.forEach((column, c) => {
      const cell = this.cell(head, "columnheader", c);
      cell.textContent = cell.title = column.name;
    });
    this.blocks = new Blocks(table);
    box.replaceChildren(table);
    this.columns.forEach((column, index) => this.widen(index, column.name.length));
  }

  clear() {
    this.cut(0);
  }

  update({ rows, top, older, hole }) {
    this.limit = rows;
    if (hole) this.put([this.holeRow()], 0);
    if (top) this.put(this.newRows(top), 0);
    if (older) {
      const end = this.rows.findIndex((row) => !row.cells);
      if (end >= 0) this.cut(end); // what lies below the hole comes again
      this.put(this.newRows(older), this.rows.length);
    }
    this.trim();
  }

  put(rows, at) {
    const elements = rows.map((row) => row.el);
    if (at) this.blocks.append(elements);
    else this.blocks.prepend(elements);
    this.rows.splice(at, 0, ...rows);
  }

  cut(from) {
    this.blocks.remove(this.rows.splice(from).map((row) => row.el));
  }

  trim() {
    let kept = 0;
    const end = this.rows.findIndex((row) => row.cells && ++kept > this.limit);
    if (end >= 0) this.cut(end);
    if (this.rows.length && !this.rows[this.rows.length - 1].cells) this.cut(this.rows.length - 1);
  }

  newRows({ columns, marks }) {
    let above;
    const texts = columns.map((column) => column.map((cell) => (above = cell === 0 ? above : cell)));
    const lines = Array.from(marks, (_mark, i) => texts.map((column) => column[i]));
    lines.forEach((cells) => this.learn(cells));
    return lines.map((cells, i) => this.row(cells, marks[i]));
  }

  row(cells, mark) {
    const row = { cells, market: this.marketOf(cells), el: rowElement("coinex-row") };
    this.columns.forEach((column, c) => {
      const cell = this.cell(row.el, "cell", c);
      if (column.marked && ARROWS[mark]) {
        cell.classList.add(mark === "+" ? "coinex-up" : "coinex-down");
        cell.dataset.arrow = ARROWS[mark];
      }
      this.write(row, c);
    });
    return row;
  }

  marketOf(cells) {
    return this.market < 0 ? "" : cells[this.market];
  }

  cell(row, role, c) {
    const cell = add(row, "span", this.columns[c].number ? "coinex-number" : "");
    cell.setAttribute("role", role);
    cell.style.width = `var(--coinex-width-${c})`;
    return cell;
  }

  // A market's numbers get as many decimals as its longest has, so that their points are in line.
  learn(cells) {
    const market = this.marketOf(cells);
    this.columns.forEach((column, c) => {
      const count = column.number ? places(cells[c]) : 0;
      if (count <= (column.places.get(market) || 0)) return;
      column.places.set(market, count);
      for (const row of this.rows) if (row.cells && row.market === market) this.write(row, c);
    });
  }

  write(row, c) {
    const column = this.columns[c];
    const text = column.number ? pad(row.cells[c], column.places.get(row.market) || 0) : row.cells[c];
    row.el.children[c].textContent = text;
    this.widen(c, text.length + (column.marked ? 2 : 0));
  }

  widen(c, characters) {
    if (characters <= this.columns[c].width) return;
    this.columns[c].width = characters;
    this.style.setProperty(`--coinex-width-${c}`, `calc(${characters}ch + 1.2em)`);
    this.style.width = `calc(${this.columns.map((_column, i) => `var(--coinex-width-${i}, 0px)`).join(" + ")})`;
  }

  holeRow() {
    const el = rowElement("coinex-hole");
    const cell = add(el, "span");
    cell.setAttribute("role", "cell");
    cell.setAttribute("aria-colspan", this.columns.length);
    cell.textContent = "⋯ more rows than could be painted; a pause fills them in ⋯";
    return { cells: null, el };
  }

  showLadder({ asks, price, amount }) {
    this.clear();
    const half = Math.max(1, Math.floor(this.limit / 2));
    const lines = price.map((text, i) => [i < asks ? "ask" : "bid", text, amount[i]]);
    const best = lines.slice(Math.max(0, asks - half), asks + half);
    best.forEach((cells) => this.learn(cells));
    this.put(best.map((cells) => this.level(cells)), 0);
    this.rows.find(({ cells }) => cells[0] === "bid")?.el.classList.add("coinex-best");
  }

  level(cells) {
    const row = this.row(cells, " ");
    row.el.classList.add(cells[0] === "ask" ? "coinex-down" : "coinex-up");
    return row;
  }
}

// Rows are in blocks that the browser lays out and paints separately: most of them only move.
class Blocks {
  constructor(table) {
    this.table = table;
  }

  prepend(rows) {
    const first = this.table.children[1]; // after the head
    const block = this.open(first) || this.newBlock(first);
    block.prepend(...rows);
    this.measure(block);
  }

  append(rows) {
    const block = this.open(this.table.lastChild) || this.newBlock(null);
    block.append(...rows);
    this.measure(block);
  }

  remove(rows) {
    const blocks = new Set(rows.map((row) => row.parentNode));
    for (const row of rows) row.remove();
    for (const block of blocks) this.measure(block);
  }

  open(block) {
    return block && block.className === "coinex-block" && block.childElementCount < BLOCK ? block : null;
  }

  newBlock(before) {
    const block = document.createElement("div");
    block.className = "coinex-block";
    block.setAttribute("role", "rowgroup");
    this.table.insertBefore(block, before || null);
    return block;
  }

  measure(block) {
    block.style.height = `${block.childElementCount * ROW_HEIGHT}px`;
    if (!block.childElementCount) block.remove();
  }
}

function rowElement(look) {
  const el = document.createElement("div");
  el.className = look;
  el.setAttribute("role", "row");
  return el;
}

function add(parent, tag, look) {
  const el = document.createElement(tag);
  if (look) el.className = look;
  parent.append(el);
  return el;
}

function places(text) {
  const point = text.indexOf(".");
  return point < 0 ? 0 : text.length - point - 1;
}

function pad(text, count) {
  if (!text || !count) return text;
  return text + (text.includes(".") ? "" : ".") + "0".repeat(count - places(text));
}
