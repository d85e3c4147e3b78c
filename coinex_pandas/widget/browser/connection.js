// The connection to Python. Plain JavaScript: nothing to build, nothing loaded from elsewhere; the files of this folder
// are joined in the order that panel.py names.
//
// Python sends numbered frames, each the difference to the one before; every number is text and stays text, so that
// ids and decimals are exact. This side sends which frame it has drawn, whether it misses one, and when it is hidden.

const ARROWS = { "+": "▲", "-": "▼" };
const HEARTBEAT = 5000; // milliseconds; a lost frame is noticed after that long

export default { render };

function render({ model, el }) {
  const screen = new Screen(el);
  const connection = new Connection(model, screen);
  const stopWatching = watchVisibility(el, (visible) => connection.setVisible(visible));
  const seconds = setInterval(() => connection.visible && screen.line.tick(), 1000);
  const heartbeat = setInterval(() => connection.visible && connection.send({}), HEARTBEAT);
  return () => {
    clearInterval(seconds);
    clearInterval(heartbeat);
    stopWatching();
    connection.close();
  };
}

class Connection {
  constructor(model, screen) {
    this.id = Math.random().toString(36).slice(2);
    this.model = model;
    this.screen = screen;
    this.visible = null; // not known yet: a view that starts hidden sends that, too
    this.waiting = [];
    this.receive = (content) => this.queue(content);
    model.on("msg:custom", this.receive);
    const opening = model.get("opening") || {};
    this.last = opening.frame || 0;
    if (this.last) screen.show(opening);
  }

  send(message) {
    try {
      this.model.send({ view: this.id, last: this.last, ...message });
    } catch {
      // The kernel is gone; what was drawn last stays.
    }
  }

  setVisible(visible) {
    if (visible === this.visible) return;
    this.visible = visible;
    this.send(visible ? {} : { hidden: true });
  }

  queue(content) {
    // Hidden: another view of the same widget is being painted. A duplicate: some hosts deliver twice.
    if (!this.visible || !content.frame || content.frame <= this.last) return;
    this.waiting.push(content);
    if (this.waiting.length === 1) requestAnimationFrame(() => this.draw());
  }

  draw() {
    const contents = this.waiting.splice(0);
    if (!this.visible) return; // hidden meanwhile: a message now would count as looking
    let missing = false;
    for (const content of contents) {
      missing = !content.whole && !content.failed && content.frame !== this.last + 1;
      if (missing) break;
      this.screen.show(content);
      this.last = content.frame;
    }
    this.send(missing ? { missing } : {});
  }

  close() {
    this.setVisible(false);
    this.model.off("msg:custom", this.receive);
  }
}

function watchVisibility(el, report) {
  let onScreen = false;
  const look = () => report(onScreen && document.visibilityState === "visible");
  const leave = () => report(false);
  const observer = new IntersectionObserver((entries) => {
    onScreen = entries[entries.length - 1].isIntersecting;
    look();
  });
  observer.observe(el);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", look);
  return () => {
    observer.disconnect();
    document.removeEventListener("visibilitychange", look);
    window.removeEventListener("pagehide", leave);
    window.removeEventListener("pageshow", look);
  };
}
