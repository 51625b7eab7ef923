"use strict";
// One page, no network. Everything that is shown comes from the JSON in #data; nothing of it is ever parsed as HTML.
const data = JSON.parse(document.getElementById("data").textContent);
const { classes, edges, findings, sites, actors, code } = data;
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const PAGE = 200;
const STATES = {
  contradicts: "against the document", undeclared: "undeclared", declared: "declared", unseen: "never seen",
  implied: "with others between", cycles: "only cycles",
};

// ---- small helpers ----

/** An element with attributes and children; strings become text. */
function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}
const plural = (count, one, many) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
const times = (count) => count === 1 ? "recorded once" : `recorded ${count.toLocaleString("en")} times`;
const shown = (index) => classes[index].name ?? classes[index].label;
/** Text in which names stand in backquotes. */
const prose = (text) => text.split("`").map((part, index) => index % 2 ? el("code", {}, part) : part);
const place = (site) => site === null ? "" : `${sites[site][0]}:${sites[site][1]}:${sites[site][2]}`;
const who = ([thread, test]) => test && test !== thread ? `${thread} (test ${test})` : thread;
const testOf = ([thread, test]) => test || thread;

// ---- what can be searched ----

classes.forEach((node, index) => {
  node.index = index; node.out = []; node.in = [];
  node.text = [node.label, node.name, node.kind, node.crate, place(node.site)].join(" ").toLowerCase();
});
edges.forEach((edge, index) => {
  edge.index = index;
  edge.tests = new Set(edge.w.map((witness) => testOf(actors[witness.who])));
  const words = edge.w.flatMap((w) => [who(actors[w.who]), place(w.site), place(w.held_at)]);
  edge.text = [classes[edge.f].text, classes[edge.t].text, edge.kinds, edge.state, ...edge.cycle.map((f) => findings[f].id), ...new Set(words)].join(" ").toLowerCase();
  if (edge.state !== "unseen") { classes[edge.f].out.push(index); classes[edge.t].in.push(index); }
});
findings.forEach((finding, index) => {
  finding.index = index;
  finding.text = [finding.id, finding.code, finding.grade, finding.title, finding.rendered].join(" ").toLowerCase();
});

// ---- state, kept in the address so that a view can be sent to somebody ----

const state = { q: "", tab: findings.length ? "findings" : "edges", crate: "", class: "", test: "", hide: new Set(["unseen", "implied", "cycles"]), sel: null, more: PAGE };

function readHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  for (const key of ["q", "tab", "crate", "class", "test"]) if (hash.has(key)) state[key] = hash.get(key);
  if (hash.has("hide")) state.hide = new Set(hash.get("hide").split(",").filter(Boolean));
  state.sel = find(hash.get("sel"));
}
function writeHash() {
  const hash = new URLSearchParams();
  for (const key of ["q", "tab", "crate", "class", "test"]) if (state[key]) hash.set(key, state[key]);
  hash.set("hide", [...state.hide].join(","));
  if (state.sel) hash.set("sel", name(state.sel));
  history.replaceState(null, "", `#${hash}`);
}
function name({ kind, index }) {
  if (kind === "finding") return findings[index].id;
  if (kind === "class") return `class ${classes[index].label}`;
  return `edge ${classes[edges[index].f].label} -> ${classes[edges[index].t].label}`;
}
function find(text) {
  if (!text) return null;
  for (const [kind, all] of [["finding", findings], ["class", classes], ["edge", edges]]) {
    const index = all.findIndex((_, index) => name({ kind, index }) === text);
    if (index >= 0) return { kind, index };
  }
  return null;
}

// ---- filters ----

let hits;
function filter() {
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const says = (item) => words.every((word) => item.text.includes(word));
  const within = (node) => (!state.crate || node.crate === state.crate);
  const focus = state.class === "" ? -1 : classes.findIndex((node) => node.label === state.class);
  const drawn = (edge) => {
    if (!state.hide.has("cycles") && !edge.cycle.length) return false;
    if (edge.state !== null && state.hide.has(edge.state)) return false;
    if (!edge.adjacent && !edge.cycle.length && edge.state !== "unseen" && state.hide.has("implied")) return false;
    return true;
  };
  const fits = (edge) => (within(classes[edge.f]) || within(classes[edge.t]))
    && (focus < 0 || edge.f === focus || edge.t === focus)
    && (!state.test || edge.tests.has(state.test));
  const edgeHit = edges.map((edge) => drawn(edge) && fits(edge));
  const touched = new Set(edges.flatMap((edge, index) => edgeHit[index] ? [edge.f, edge.t] : []));
  const narrow = state.test || focus >= 0;
  const classHit = classes.map((node, index) => (within(node) || touched.has(index)) && (!narrow || touched.has(index) || index === focus)
    && (!node.ghost || !state.hide.has("unseen")) && (state.hide.has("cycles") || touched.has(index)));
  const findingHit = findings.map((finding) => !finding.edges.length && !narrow && !state.crate || finding.edges.some((edge) => fits(edges[edge])));
  hits = {
    drawnEdges: edgeHit, drawnClasses: classHit, searching: words.length > 0,
    edges: edges.filter((edge) => edgeHit[edge.index] && says(edge)),
    classes: classes.filter((node) => classHit[node.index] && says(node)),
    findings: findings.filter((finding) => findingHit[finding.index] && says(finding)),
  };
  hits.edgeSet = new Set(hits.edges.map((edge) => edge.index));
  hits.classSet = new Set(hits.classes.map((node) => node.index));
  if (hits.searching) for (const edge of hits.edges) { hits.classSet.add(edge.f); hits.classSet.add(edge.t); }
}

// ---- lists ----

function pick(kind, index, move = true) {
  state.sel = kind === null ? null : { kind, index };
  if (state.sel && move) reveal();
  update();
}
function itemOf(kind, item) {
  const on = state.sel && state.sel.kind === kind && state.sel.index === item.index;
  const open = { type: "button", class: `item ${kind}${on ? " on" : ""}`, "data-kind": kind, "data-index": item.index, onclick: () => pick(kind, item.index) };
  if (kind === "finding") {
    return el("button", open, el("span", { class: "name" }, el("span", { class: `dot ${item.level}` }), ...prose(item.title)),
      el("span", { class: "sub" }, `${item.code} \u00b7 ${item.grade} \u00b7 ${item.id}${item.accepted ? " \u00b7 accepted" : ""}`));
  }
  if (kind === "class") {
    return el("button", open, el("span", { class: "name" }, shown(item.index)),
      el("span", { class: "sub" }, item.ghost ? "in the document only" : `${item.kind} \u00b7 ${item.crate} \u00b7 under ${item.in.length}, over ${item.out.length}`));
  }
  const level = item.cycle.length ? "error" : "";
  return el("button", open, el("span", { class: `name ${level}` }, item.cycle.length ? el("span", { class: "dot" }) : null, shown(item.f)),
    el("span", { class: "name to" }, shown(item.t)),
    el("span", { class: "sub" }, item.state === "unseen" ? "declared, never seen" : [item.kinds, times(item.count), STATES[item.state]].filter(Boolean).join(" \u00b7 ")));
}
function list() {
  const all = hits[state.tab];
  const kind = { findings: "finding", edges: "edge", classes: "class" }[state.tab];
  const items = all.slice(0, state.more).map((item) => itemOf(kind, item));
  if (all.length > state.more) {
    items.push(el("button", { class: "more", type: "button", onclick: () => { state.more += PAGE; list(); } }, `${all.length - state.more} more`));
  }
  if (!all.length) items.push(el("div", { class: "none" }, hits.searching ? "Nothing matches." : state.tab === "findings" ? "No findings." : "Nothing to show."));
  $("list").replaceChildren(...items);
  const total = { findings, edges, classes }[state.tab].length;
  $("count").textContent = all.length === total ? plural(total, state.tab.replace(/(e)?s$/, state.tab === "classes" ? "" : "$1"), state.tab) : `${all.length} of ${total} ${state.tab}`;
  $("tabs").replaceChildren(...["findings", "edges", "classes"].map((tab) => el("button", {
    type: "button", role: "tab", id: `tab-${tab}`, "aria-selected": String(tab === state.tab), onclick: () => { state.tab = tab; state.more = PAGE; update(); },
  }, `${tab[0].toUpperCase()}${tab.slice(1)} `, el("b", {}, String(hits[tab].length)))));
}
function chips() {
  const count = (key) => {
    if (key === "cycles") return edges.filter((edge) => edge.cycle.length).length;
    if (key === "implied") return edges.filter((edge) => !edge.adjacent && !edge.cycle.length && edge.state !== "unseen").length;
    return edges.filter((edge) => edge.state === key).length;
  };
  const chips = Object.entries(STATES).map(([key, text]) => {
    const all = count(key);
    if (!all) return null;
    const pressed = !state.hide.has(key);
    return el("button", { type: "button", class: `chip ${key}`, id: `show-${key}`, "aria-pressed": String(pressed), onclick: () => {
      if (pressed) state.hide.add(key); else state.hide.delete(key);
      update();
    } }, el("i"), `${text} ${all.toLocaleString("en")}`);
  });
  $("overlay").replaceChildren(...chips.filter(Boolean));
}

// ---- details ----

function excerpt(site, bad) {
  if (site === null) return null;
  const [file, line, column, width] = sites[site];
  const lines = code[file];
  if (!lines || lines[line] === undefined) return null;
  const rows = [];
  for (let number = line - 2; number <= line + 2; number += 1) {
    const text = lines[number];
    if (text === undefined) continue;
    const characters = [...text];
    const content = number === line && width
      ? [characters.slice(0, column - 1).join(""), el("mark", {}, characters.slice(column - 1, column - 1 + width).join("")), characters.slice(column - 1 + width).join("")]
      : [text];
    rows.push(el("span", { class: `l${number === line ? " hit" : ""}` }, el("span", { class: "n" }, String(number)), ...content));
  }
  return el("pre", { class: bad ? "bad" : undefined }, ...rows);
}
function step(before, label, after, site, bad) {
  return [el("div", { class: "step" }, before, el("b", {}, label), after, " ", el("span", { class: "place" }, place(site))), excerpt(site, bad)];
}
function witness(edge, w) {
  const bad = edge.cycle.length > 0;
  const also = w.also.map(([label, mode, site], index) => [index ? ", " : "", el("b", {}, label), ` (${mode}) `, el("span", { class: "place" }, place(site))]);
  return el("div", { class: "witness" },
    el("div", { class: "who" }, "Thread ", el("b", {}, actors[w.who][0]), actors[w.who][1] && actors[w.who][1] !== actors[w.who][0] ? [", test ", el("b", {}, actors[w.who][1])] : ""),
    ...step("took ", shown(edge.f), ` (${w.mode})`, w.held_at, bad),
    ...step("and wanted ", shown(edge.t), ` (${w.want})`, w.site, bad),
    also.length ? el("div", { class: "also" }, "It also held ", ...also.flat()) : null);
}
function edgeButtons(list) {
  return el("div", { class: "edges" }, ...list.map((index) => el("button", { type: "button", onclick: () => pick("edge", index) },
    edges[index].cycle.length ? el("span", { class: "dot error" }) : null, `${shown(edges[index].f)} \u2192 ${shown(edges[index].t)}`)));
}
function findingButtons(list) {
  return el("div", { class: "edges" }, ...list.map((index) => el("button", { type: "button", onclick: () => pick("finding", index) },
    el("span", { class: `dot ${findings[index].level}` }), findings[index].id, " ", el("small", {}, ...prose(findings[index].title)))));
}
let witnesses = 12;
function detailOf({ kind, index }) {
  const close = el("button", { class: "close", type: "button", "aria-label": "Close", onclick: () => pick(null) }, "\u00d7");
  if (kind === "finding") {
    const finding = findings[index];
    const chain = finding.edges.map((edge) => el("li", {}, el("button", { type: "button", onclick: () => pick("edge", edge) },
      `${shown(edges[edge].f)} \u2192 ${shown(edges[edge].t)} `, el("small", {}, data.cut.includes(edge) ? "one of the fewest edges that have to go" : ""))));
    return [close, el("h2", {}, ...prose(finding.title)),
      el("div", { class: "tags" }, ...[[finding.code, finding.level], [finding.grade], [finding.id], finding.accepted ? [`accepted: ${finding.accepted}`] : null]
        .filter(Boolean).map(([text, tag]) => el("span", { class: `tag ${tag ?? ""}` }, text))),
      chain.length ? el("h3", {}, "The cycle") : null, chain.length ? el("ol", { class: "chain" }, ...chain) : null,
      el("h3", {}, "Report"), el("pre", { class: "report" }, finding.rendered)];
  }
  if (kind === "class") {
    const node = classes[index];
    const within = findings.filter((finding) => finding.edges.some((edge) => edges[edge].f === index)).map((finding) => finding.index);
    return [close, el("h2", {}, el("code", {}, shown(index))),
      el("div", { class: "tags" }, ...[node.kind, node.ghost ? null : node.crate, node.ghost ? "in the document only" : plural(node.instances, "lock", "locks"), node.keyed ? "named by a key" : null]
        .filter(Boolean).map((text) => el("span", { class: "tag" }, text))),
      node.name ? el("p", {}, `In graphs and order files: ${node.label}`) : null,
      node.site !== null ? el("p", {}, "Made at ", el("span", { class: "place" }, place(node.site))) : null, excerpt(node.site),
      within.length ? el("h3", {}, "Cycles") : null, within.length ? findingButtons(within) : null,
      el("h3", {}, `Taken under (${node.in.length})`), edgeButtons(node.in),
      el("h3", {}, `Taken while it is held (${node.out.length})`), edgeButtons(node.out)];
  }
  const edge = edges[index];
  const says = { declared: "declared", undeclared: "not in the document", contradicts: `against line ${edge.line} of the document`, unseen: "declared, never seen" };
  const tags = [[edge.kinds], edge.state === "unseen" ? null : [times(edge.count)], edge.state ? [says[edge.state], edge.state] : null,
    edge.cycle.length ? ["on a cycle", "error"] : null, data.cut.includes(index) ? ["one of the fewest edges that have to go", "warning"] : null, !edge.adjacent && edge.state !== "unseen" ? ["others between"] : null];
  const open = (end) => el("a", { href: "#", onclick: (event) => { event.preventDefault(); pick("class", end); } }, shown(end));
  return [close, el("h2", {}, el("code", {}, shown(edge.f)), el("span", { class: "arrow" }, " \u2192 "), el("code", {}, shown(edge.t))),
    el("div", { class: "tags" }, ...tags.filter(Boolean).filter(([text]) => text).map(([text, tag]) => el("span", { class: `tag ${tag ?? ""}` }, text))),
    el("p", {}, "Classes: ", open(edge.f), ", ", open(edge.t)),
    edge.cycle.length ? el("h3", {}, "Findings") : null, edge.cycle.length ? findingButtons(edge.cycle) : null,
    edge.w.length ? el("h3", {}, `Who was seen to do so (${edge.w.length})`) : null,
    ...edge.w.slice(0, witnesses).map((w) => witness(edge, w)),
    edge.w.length > witnesses ? el("button", { class: "more", type: "button", onclick: () => { witnesses = Infinity; detail(); } }, `${edge.w.length - witnesses} more`) : null];
}
let last = null;
function detail() {
  const now = state.sel && name(state.sel);
  if (now !== last) witnesses = 12;
  $("detail").hidden = !state.sel;
  $("detail").replaceChildren(...(state.sel ? detailOf(state.sel).filter(Boolean) : []));
  if (now !== last) $("detail").scrollTop = 0;
  last = now;
}

// ---- the picture ----

const canvas = $("graph"), context = canvas.getContext("2d");
const view = { x: 0, y: 0, scale: 1 };
const HEIGHT = 30;
let hover = null, colors = {};
for (const edge of edges) {
  edge.path = new Path2D(edge.d);
  const p = edge.p = edge.d.match(/-?[\d.]+/g).map(Number);
  edge.box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < p.length; i += 2) {
    edge.box = [Math.min(edge.box[0], p[i]), Math.min(edge.box[1], p[i + 1]), Math.max(edge.box[2], p[i]), Math.max(edge.box[3], p[i + 1])];
  }
}
function readColors() {
  const style = getComputedStyle(root);
  for (const name of ["bg", "panel", "text", "soft", "faint", "accent", "accent-soft", "red", "red-soft", "green", "amber", "edge", "node", "node-line"]) {
    colors[name] = style.getPropertyValue(`--${name}`).trim();
  }
  colors.font = `12px ${style.getPropertyValue("--mono")}`;
}
/** A hue for each crate, the same in every report. */
function hue(text) {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ character.codePointAt(0), 16777619) >>> 0;
  return hash % 360;
}
function colorOf(edge) {
  if (edge.cycle.length || edge.state === "contradicts") return colors.red;
  return { declared: colors.green, undeclared: colors.amber, unseen: colors.faint }[edge.state] ?? colors.edge;
}
/** What is in the foreground: the selection, or else what is pointed at, or else what is searched for. */
function foreground() {
  const item = state.sel ?? hover;
  if (item) {
    const chosen = new Set(item.kind === "edge" ? [item.index] : item.kind === "finding" ? findings[item.index].edges
      : [...classes[item.index].in, ...classes[item.index].out]);
    if (item.kind === "finding" && !chosen.size) return null;
    const nodes = new Set([...chosen].flatMap((index) => [edges[index].f, edges[index].t]));
    if (item.kind === "class") nodes.add(item.index);
    return { edges: chosen, classes: nodes };
  }
  return hits.searching ? { edges: hits.edgeSet, classes: hits.classSet } : null;
}
let frame = 0;
const redraw = () => { if (!frame) frame = requestAnimationFrame(() => { frame = 0; draw(); }); };
function draw() {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
  const seen = [-view.x / view.scale - 20, -view.y / view.scale - 20, (width - view.x) / view.scale + 20, (height - view.y) / view.scale + 20];
  const visible = (box) => box[0] <= seen[2] && box[2] >= seen[0] && box[1] <= seen[3] && box[3] >= seen[1];
  const front = foreground();
  const order = [];
  for (const edge of edges) {
    const lit = front?.edges.has(edge.index);
    if ((!hits.drawnEdges[edge.index] && !(lit && state.sel)) || !visible(edge.box)) continue;
    order.push([lit ? 2 : edge.cycle.length ? 1 : 0, edge, lit]);
  }
  order.sort((a, b) => a[0] - b[0]);
  const thin = Math.max(1, 0.7 / view.scale);
  // From afar thousands of edges are a texture, in which cycles still have to stand out.
  const faint = Math.max(0.18, Math.min(1, 3.5 * view.scale, 400 / order.length + view.scale));
  for (const [, edge, lit] of order) {
    context.globalAlpha = front && !lit ? 0.12 * faint : lit || edge.cycle.length ? 1 : faint;
    context.strokeStyle = context.fillStyle = colorOf(edge);
    context.lineWidth = (edge.cycle.length ? 2 : 1.3) * thin * (lit ? 1.5 : 1);
    context.setLineDash(edge.state === "unseen" ? [2, 5] : edge.shared ? [6, 4] : []);
    context.stroke(edge.path);
    context.setLineDash([]);
    if (view.scale > 0.25) arrow(edge);
  }
  for (const node of classes) {
    const lit = front?.classes.has(node.index);
    if (!hits.drawnClasses[node.index] && !(lit && state.sel)) continue;
    if (!visible([node.x - node.w / 2, node.y - HEIGHT / 2, node.x + node.w / 2, node.y + HEIGHT / 2])) continue;
    context.globalAlpha = front && !lit ? 0.25 : 1;
    box(node, lit);
  }
  context.globalAlpha = 1;
}
/** The tip of an edge, which arrives the way its last control point lies. */
function arrow(edge) {
  const [cx, cy, x, y] = edge.p.slice(-4), size = edge.cycle.length ? 8 : 6.5;
  const length = Math.hypot(x - cx, y - cy) || 1, dx = (x - cx) / length, dy = (y - cy) / length;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - dx * size - dy * size / 2, y - dy * size + dx * size / 2);
  context.lineTo(x - dx * size + dy * size / 2, y - dy * size - dx * size / 2);
  context.fill();
}
function box(node, lit) {
  const x = node.x - node.w / 2, y = node.y - HEIGHT / 2, round = node.soft ? HEIGHT / 2 : 7;
  const chosen = state.sel?.kind === "class" && state.sel.index === node.index;
  context.beginPath();
  context.roundRect(x, y, node.w, HEIGHT, round);
  context.fillStyle = node.bad ? colors["red-soft"] : colors.node;
  context.fill();
  context.strokeStyle = chosen ? colors.accent : node.bad ? colors.red : colors["node-line"];
  context.lineWidth = chosen ? 2.5 : lit ? 1.6 : 1.1;
  context.setLineDash(node.ghost ? [4, 4] : []);
  context.stroke();
  context.setLineDash([]);
  if (!node.ghost) {
    context.save();
    context.clip();
    context.fillStyle = `hsl(${hue(node.crate)} 55% 55%)`;
    context.fillRect(x, y, 4, HEIGHT);
    context.restore();
  }
  if (view.scale < 0.3) return;
  context.fillStyle = node.ghost ? colors.soft : colors.text;
  context.font = colors.font;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(node.drawn, node.x + 1, node.y + 0.5, node.w - 12);
}
function at(event) {
  const bounds = canvas.getBoundingClientRect();
  const x = (event.clientX - bounds.left - view.x) / view.scale, y = (event.clientY - bounds.top - view.y) / view.scale;
  for (const node of classes) {
    if (hits.drawnClasses[node.index] && Math.abs(x - node.x) <= node.w / 2 && Math.abs(y - node.y) <= HEIGHT / 2) return { kind: "class", index: node.index };
  }
  const reach = 6 / view.scale;
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.lineWidth = 2 * reach;
  const near = edges.filter((edge) => hits.drawnEdges[edge.index] && x >= edge.box[0] - reach && x <= edge.box[2] + reach
    && y >= edge.box[1] - reach && y <= edge.box[3] + reach && context.isPointInStroke(edge.path, x, y));
  context.restore();
  near.sort((a, b) => b.cycle.length - a.cycle.length);
  return near.length ? { kind: "edge", index: near[0].index } : null;
}
function bounds(nodes) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const node of nodes) {
    box[0] = Math.min(box[0], node.x - node.w / 2); box[1] = Math.min(box[1], node.y - HEIGHT / 2);
    box[2] = Math.max(box[2], node.x + node.w / 2); box[3] = Math.max(box[3], node.y + HEIGHT / 2);
  }
  return box;
}
function fit(nodes = classes.filter((node) => hits.drawnClasses[node.index]), most = 1.25) {
  if (!nodes.length) return;
  const box = bounds(nodes), width = canvas.clientWidth, height = canvas.clientHeight, border = 48;
  const scale = Math.min((width - border) / Math.max(1, box[2] - box[0]), (height - border) / Math.max(1, box[3] - box[1]));
  view.scale = Math.max(0.02, Math.min(most, scale));
  view.x = width / 2 - view.scale * (box[0] + box[2]) / 2;
  view.y = height / 2 - view.scale * (box[1] + box[3]) / 2;
  redraw();
}
function zoom(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const scale = Math.max(0.02, Math.min(4, view.scale * factor));
  view.x = x - (x - view.x) * scale / view.scale;
  view.y = y - (y - view.y) * scale / view.scale;
  view.scale = scale;
  redraw();
}
/** Brings the selection into view, once the panel beside it has its width. */
function reveal() {
  const { kind, index } = state.sel;
  const ends = kind === "class" ? [index] : (kind === "edge" ? [index] : findings[index].edges).flatMap((edge) => [edges[edge].f, edges[edge].t]);
  if (!ends.length) return;
  requestAnimationFrame(() => {
    const box = bounds(ends.map((end) => classes[end])), width = canvas.clientWidth, height = canvas.clientHeight;
    const inside = box[0] * view.scale + view.x >= 0 && box[2] * view.scale + view.x <= width && box[1] * view.scale + view.y >= 0 && box[3] * view.scale + view.y <= height;
    if (!inside || view.scale < 0.35) fit(ends.map((end) => classes[end]), Math.max(0.8, Math.min(1, view.scale)));
    redraw();
  });
}

// ---- events ----

let drag = null;
canvas.addEventListener("pointerdown", (event) => {
  drag = { x: event.clientX, y: event.clientY, moved: false };
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  if (drag) {
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (Math.abs(dx) + Math.abs(dy) > 3 || drag.moved) {
      drag = { x: event.clientX, y: event.clientY, moved: true };
      view.x += dx; view.y += dy;
      canvas.classList.add("drag");
      redraw();
    }
    return;
  }
  const now = at(event);
  if (now?.kind !== hover?.kind || now?.index !== hover?.index) { hover = now; redraw(); }
  canvas.classList.toggle("hit", now !== null);
  tip(now, event);
});
canvas.addEventListener("pointerup", (event) => {
  canvas.classList.remove("drag");
  if (drag && !drag.moved) { const now = at(event); pick(now?.kind ?? null, now?.index, false); }
  drag = null;
});
canvas.addEventListener("pointerleave", () => { hover = null; $("tip").hidden = true; redraw(); });
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = canvas.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * 0.0015), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
function tip(item, event) {
  $("tip").hidden = !item;
  if (!item) return;
  const box = canvas.getBoundingClientRect();
  const lines = item.kind === "class"
    ? [el("b", {}, shown(item.index)), el("span", {}, `${classes[item.index].kind}, ${classes[item.index].crate}`)]
    : [el("b", {}, `${shown(edges[item.index].f)} \u2192 ${shown(edges[item.index].t)}`), el("span", {}, [edges[item.index].kinds, STATES[edges[item.index].state], edges[item.index].cycle.length ? "on a cycle" : null].filter(Boolean).join(", "))];
  $("tip").replaceChildren(...lines);
  $("tip").style.left = `${Math.max(8, Math.min(event.clientX - box.left + 14, box.width - $("tip").offsetWidth - 8))}px`;
  $("tip").style.top = `${Math.max(8, Math.min(event.clientY - box.top + 16, box.height - $("tip").offsetHeight - 8))}px`;
}
canvas.addEventListener("keydown", (event) => {
  const move = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
  if (!move) return;
  event.preventDefault();
  view.x += move[0]; view.y += move[1];
  redraw();
});
$("list").addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const items = [...$("list").querySelectorAll("button")];
  items[Math.max(0, Math.min(items.length - 1, items.indexOf(document.activeElement) + step))]?.focus();
});
$("search").addEventListener("input", () => { state.q = $("search").value; state.more = PAGE; update(); });
$("search").addEventListener("keydown", (event) => {
  if (event.key === "Enter" || event.key === "ArrowDown") {
    event.preventDefault();
    const first = $("list").querySelector("button");
    first?.focus();
    if (event.key === "Enter") first?.click();
  }
});
for (const key of ["crate", "class", "test"]) $(key).addEventListener("change", () => { state[key] = $(key).value; update(); fit(); });
$("in").addEventListener("click", () => zoom(1.3));
$("out").addEventListener("click", () => zoom(1 / 1.3));
$("fit").addEventListener("click", () => fit());
$("keys").addEventListener("click", () => $("help").showModal());
const themes = ["", "light", "dark"];
$("theme").addEventListener("click", () => {
  const next = themes[(themes.indexOf(root.dataset.theme ?? "") + 1) % themes.length];
  if (next) root.dataset.theme = next; else delete root.dataset.theme;
  $("theme").textContent = { "": "Auto", light: "Light", dark: "Dark" }[next];
  readColors();
  redraw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColors(); redraw(); });
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $("help").open) return;
  if (event.key === "Escape") {
    if (state.sel) pick(null);
    else if (state.q) { state.q = $("search").value = ""; update(); }
    return;
  }
  if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) return;
  const keys = {
    "/": () => $("search").focus(), "?": () => $("help").showModal(), t: () => $("theme").click(), "+": () => zoom(1.3), "=": () => zoom(1.3),
    "-": () => zoom(1 / 1.3), 0: () => fit(), 1: () => $("tab-findings").click(), 2: () => $("tab-edges").click(), 3: () => $("tab-classes").click(),
  };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});
addEventListener("hashchange", () => { readHash(); update(); });
new ResizeObserver(redraw).observe(canvas);

// ---- begin ----

function options(select, all, any) {
  const values = [...new Set(all)].filter(Boolean).sort((a, b) => a < b ? -1 : 1);
  select.replaceChildren(el("option", { value: "" }, any), ...values.map((value) => el("option", { value }, value)));
}
function update() {
  filter();
  $("search").value = state.q;
  for (const key of ["crate", "class", "test"]) $(key).value = state[key];
  chips();
  list();
  detail();
  writeHash();
  redraw();
}
document.querySelector("h1").textContent = data.title;
$("stats").replaceChildren(...data.stats.map(([count, text, tone]) => el("span", { class: `stat ${tone}` }, el("b", {}, count.toLocaleString("en")), ` ${text}`)));
options($("crate"), classes.map((node) => node.ghost ? "" : node.crate), "all");
options($("class"), classes.map((node) => node.label), "all");
options($("test"), edges.flatMap((edge) => [...edge.tests]), "all");
for (const option of $("class").options) if (option.value) option.textContent = shown(classes.findIndex((node) => node.label === option.value));
$("empty").hidden = classes.length > 0;
readColors();
readHash();
update();
fit();
