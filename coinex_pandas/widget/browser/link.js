// The conversation with Python. Plain JavaScript: nothing to build, nothing loaded from elsewhere; the files of this
// folder are joined in the order that panel.py names.
//
// Python sends numbered frames, each the difference to the one before; every number is text and stays text, so that
// ids and decimals are exact. This side says which frame it has drawn, and when it is no longer looked at.

const ARROWS = { "+": "▲", "-": "▼" };
const HEARTBEAT = 5000; // milliseconds; a lost frame is noticed after that long

export default { render };

function render({ model, el }) {
  const screen = new Screen(el);
  const link = new Link(model, screen);
  const stopWatching = watchVisibility(el, (visible) => link.look(visible));
  const seconds = setInterval(() => link.visible && screen.line.tick(), 1000);
  const heartbeat = setInterval(() => link.visible && link.say({}), HEARTBEAT);
  return () => {
    clearInterval(seconds);
    clearInterval(heartbeat);
    stopWatching();
    link.close();
  };
}

class Link {
  constructor(model, screen) {
    this.id = Math.random().toString(36).slice(2);
    this.model = model;
    this.screen = screen;
    this.visible = null; // not known yet: a view that begins out of sight says so, too
    this.waiting = [];
    this.receive = (content) => this.take(content);
    model.on("msg:custom", this.receive);
    const opening = model.get("opening") || {};
    this.last = opening.frame || 0;
    if (this.last) screen.show(opening);
  }

  say(what) {
    try {
      this.model.send({ view: this.id, last: this.last, ...what });
    } catch {
      // The kernel is gone; what was drawn last stays.
    }
  }

  look(visible) {
    if (visible === this.visible) return;
    this.visible = visible;
    this.say(visible ? {} : { gone: true });
  }

  take(content) {
    // Hidden: another view of the same widget is being painted. A duplicate: some hosts deliver twice.
    if (!this.visible || !content.frame || content.frame <= this.last) return;
    this.waiting.push(content);
    if (this.waiting.length === 1) requestAnimationFrame(() => this.draw());
  }

  draw() {
    const contents = this.waiting.splice(0);
    if (!this.visible) return; // hidden meanwhile: a word now would count as looking
    let lacks = false;
    for (const content of contents) {
      lacks = !content.whole && !content.failed && content.frame !== this.last + 1;
      if (lacks) break;
      this.screen.show(content);
      this.last = content.frame;
    }
    this.say(lacks ? { lacks } : {});
  }

  close() {
    this.look(false);
    this.model.off("msg:custom", this.receive);
  }
}

function watchVisibility(el, tell) {
  let onScreen = false;
  const look = () => tell(onScreen && document.visibilityState === "visible");
  const leave = () => tell(false);
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
