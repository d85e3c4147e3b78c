// The charts, drawn by hand as SVG so that the theme's colours apply by themselves.

function drawSparkline(el, { name, heights, low, high, last }) {
  const step = 100 / Math.max(1, heights.length - 1);
  const points = heights.map((height, i) => `${(i * step).toFixed(1)},${100 - height}`);
  if (points.length === 1) points.push(`100,${100 - heights[0]}`);
  const svg = drawing(`${name}: last ${last}, lowest ${low}, highest ${high}`);
  shape(svg, "polygon", "coinex-area", { points: `0,100 ${points.join(" ")} 100,100` });
  shape(svg, "polyline", "coinex-stroke", { points: points.join(" ") });
  el.replaceChildren(svg, legend(name, [`high ${high}`, `last ${last}`, `low ${low}`]));
}

function drawDepth(el, { asks, price, amount }) {
  const level = (i) => [Number(price[i]), Number(amount[i])];
  const askSide = sums(Array.from({ length: asks }, (_, i) => level(asks - 1 - i)));
  const bidSide = sums(Array.from({ length: price.length - asks }, (_, i) => level(asks + i)));
  const all = [...bidSide, ...askSide];
  if (!all.length) return el.replaceChildren(legend("empty book", []));
  const prices = all.map(([at]) => at);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const most = Math.max(...all.map(([, total]) => total)) || 1;
  const across = (at) => ((at - low) / (high - low || 1)) * 100;
  const upwards = (total) => 100 - (total / most) * 96;
  const svg = drawing(`depth: ${depthFacts(asks, price).join(", ")}`);
  svg.classList.add("coinex-depth");
  for (const [side, look] of [[bidSide, "coinex-up"], [askSide, "coinex-down"]]) {
    const steps = stairs(side, across, upwards);
    if (!steps.length) continue;
    const foot = `${steps[steps.length - 1].split(",")[0]},100`;
    shape(svg, "polygon", `coinex-area ${look}`, { points: `${steps.join(" ")} ${foot}` });
    shape(svg, "polyline", `coinex-stroke ${look}`, { points: steps.join(" ") });
  }
  el.replaceChildren(svg, legend("depth", depthFacts(asks, price)));
}

function depthFacts(asks, price) {
  const [ask, bid] = [price[asks - 1], price[asks]];
  const decimals = Math.max(places(ask || ""), places(bid || ""));
  const spread = ask && bid ? (Number(ask) - Number(bid)).toFixed(decimals) : "none";
  return [`ask ${ask || "none"}`, `spread ${spread}`, `bid ${bid || "none"}`];
}

function sums(levels) {
  let total = 0;
  return levels.map(([at, size]) => [at, (total += size)]);
}

function stairs(side, x, y) {
  const points = [];
  let height = 100;
  for (const [at, total] of side) {
    points.push(`${x(at).toFixed(2)},${height.toFixed(1)}`);
    height = y(total);
    points.push(`${x(at).toFixed(2)},${height.toFixed(1)}`);
  }
  return points;
}

function drawing(label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", label);
  return svg;
}

function shape(svg, tag, look, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  element.setAttribute("class", look);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  svg.append(element);
}

function legend(name, lines) {
  const el = document.createElement("div");
  el.className = "coinex-legend";
  add(el, "span", "coinex-name").textContent = name;
  for (const line of lines) add(el, "span").textContent = line;
  return el;
}
