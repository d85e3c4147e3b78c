// The screen of one view: the status line, the chart, the table.

class Screen {
  constructor(el) {
    this.root = add(el, "div", "coinex-live");
    this.line = new StatusLine(add(this.root, "div", "coinex-line"));
    this.chart = add(this.root, "div", "coinex-chart");
    this.box = add(this.root, "div", "coinex-box");
    this.box.tabIndex = 0; // it scrolls, so the keyboard must reach it
    this.box.setAttribute("role", "region");
    this.table = null;
  }

  show(content) {
    this.root.dataset.state = content.failed ? "failed" : content.status.state;
    if (content.failed) return this.line.fail(content.failed);
    if (content.name) this.name(content.name);
    this.line.show(content.status);
    if (content.columns || (content.whole && content.ladder)) this.begin(content.columns);
    else if (content.whole && this.table) this.table.clear();
    if (content.chart) drawSparkline(this.chart, content.chart);
    if (content.ladder) this.ladder = content.ladder;
    if (content.ladder || (this.ladder && content.rows !== this.table.limit)) {
      this.table.limit = content.rows;
      this.table.showLadder(this.ladder);
      drawDepth(this.chart, this.ladder);
    } else if (!this.ladder) {
      this.table.update(content);
    }
  }

  name(name) {
    this.line.name.textContent = name;
    this.box.setAttribute("aria-label", `${name}, newest first`);
  }

  begin(columns) {
    this.ladder = null;
    this.chart.replaceChildren();
    const ladder = [["side", false, false], ["price", true, false], ["amount", true, false]];
    this.table = new Table(this.box, columns || ladder);
  }
}

class StatusLine {
  constructor(el) {
    this.name = add(el, "strong");
    this.state = add(el, "span", "coinex-state");
    this.words = add(el, "span", "coinex-words");
    this.spoken = add(el, "span", "coinex-spoken"); // only a new state is read aloud, not every count
    this.spoken.setAttribute("role", "status");
  }

  show(status) {
    if (this.state.textContent !== status.state) this.spoken.textContent = status.state;
    this.state.textContent = status.state;
    this.status = status;
    this.since = performance.now();
    this.tick();
  }

  // The age goes on by itself, so that the line shows when nothing comes.
  tick() {
    if (!this.status || this.failed) return;
    const { age, facts, pause, state } = this.status;
    const waited = state === "stopped" ? 0 : (performance.now() - this.since) / 1000;
    const old = age === null ? "no data yet" : `data ${(age + waited).toFixed(1)} s old`;
    this.words.textContent = [...(pause || []), old, facts].join(" · ");
  }

  fail(text) {
    this.failed = true;
    this.state.textContent = "failed";
    this.words.textContent = this.spoken.textContent = `the view stopped: ${text}`;
  }
}
