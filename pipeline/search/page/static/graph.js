// The link graph, grown by click, filtered as it stands; the same nodes and links as a table.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const g = window.gabung;
  const place = document.getElementById("graph"), form = document.getElementById("graph-filters"), said = document.getElementById("graph-said");
  const chosen = document.getElementById("graph-chosen"), table = document.getElementById("graph-table");
  const names = window.gabung.words("kind"), relations = window.gabung.words("link");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const TLP = { RED: "#ff2b2b", AMBER: "#ffc000", "AMBER+STRICT": "#ffc000", GREEN: "#33ff00", CLEAR: "#ffffff" };
  const nodes = new Map(), edges = new Map(), grown = new Set();
  let root = place.dataset.root;

  const cy = cytoscape({
    container: place, minZoom: 0.2, maxZoom: 3,
    style: [
      { selector: "node", style: { label: "data(label)", "background-color": "data(fill)", "border-color": "data(border)", "border-width": 3, width: "data(size)", height: "data(size)", color: colour("--ink"), "font-size": 12, "text-wrap": "ellipsis", "text-max-width": 150, "text-valign": "bottom", "text-margin-y": 4, "text-background-color": colour("--surface"), "text-background-opacity": 0.85, "text-background-padding": 2, shape: "data(shape)" } },
      { selector: "node[?root]", style: { "font-weight": "bold", "border-width": 5 } },
      { selector: "node:selected", style: { "overlay-color": colour("--accent"), "overlay-opacity": 0.25 } },
      { selector: "edge", style: { width: "data(width)", "line-color": colour("--border"), "curve-style": "bezier", "target-arrow-shape": "triangle", "target-arrow-color": colour("--border"), label: "data(label)", "font-size": 10, color: colour("--quiet"), "text-rotation": "autorotate", "text-background-color": colour("--surface"), "text-background-opacity": 0.85 } },
    ],
  });
  const SHAPES = { person: "ellipse", organisation: "round-rectangle", vehicle: "diamond", vessel: "diamond", aircraft: "diamond", phone: "hexagon", address: "triangle" };

  const CLOSEST = 1.3;  // a few nodes would else fill the screen
  async function grow(id, depth = 1) {
    const given = new FormData(form), query = new URLSearchParams({ depth: String(depth), limit: "100" });
    for (const name of ["kind", "agency", "from", "to"]) if (given.get(name)) query.set(name, given.get(name));
    if (place.dataset.exercise) query.set("exercise", place.dataset.exercise);
    let found;
    try { found = await g.api(`${place.dataset.graph}${g.path(id)}?${query}`); } catch (error) { g.say(said, error.message, true); return; }
    if (id === place.dataset.root) root = found.root;
    found.nodes.forEach((one) => nodes.set(one.id, one));
    found.edges.forEach((one) => edges.set(`${one.from}|${one.kind}|${one.to}`, one));
    grown.add(id);
    const choice = form.elements.agency;
    for (const one of found.nodes.flatMap((each) => each.agencies || [])) if (![...choice.options].some((each) => each.value === one)) choice.add(new Option(one, one));
    g.raise(found.nodes.map((one) => one.tlp));
    show(found.cut);
  }

  // Filters by what is known here too, so that they act at once on what has already grown.
  function passes(node, degree) {
    const given = new FormData(form);
    const kind = given.get("kind"), agency = given.get("agency"), from = given.get("from"), to = given.get("to");
    return node.id === root || ((!kind || node.kind === kind) && (!agency || (node.agencies || []).includes(agency)) &&
      (!from || (node.last_reported || "").slice(0, 10) >= from) && (!to || (node.first_reported || "").slice(0, 10) <= to) && degree >= Number(given.get("least") || 0));
  }
  function show(cut = false) {
    const degrees = new Map();
    for (const one of edges.values()) for (const end of [one.from, one.to]) degrees.set(end, (degrees.get(end) || 0) + 1);
    const kept = [...nodes.values()].filter((one) => passes(one, Math.max(degrees.get(one.id) || 0, one.degree || 0)));
    const ids = new Set(kept.map((one) => one.id));
    const drawn = [...edges.entries()].filter(([, one]) => ids.has(one.from) && ids.has(one.to));
    const fresh = kept.filter((one) => cy.getElementById(one.id).empty()).length > 0 || cy.nodes().length !== kept.length;
    cy.batch(() => {
      cy.elements().forEach((one) => { if (one.isNode() ? !ids.has(one.id()) : !drawn.some(([key]) => key === one.id())) one.remove(); });
      for (const one of kept) if (cy.getElementById(one.id).empty()) {
        cy.add({ data: { id: one.id, label: one.label, fill: one.doc === "report" ? colour("--quiet") : colour("--bars"), border: TLP[one.tlp] === "#ffffff" ? colour("--edge") : TLP[one.tlp] || colour("--edge"), size: 22 + Math.min(26, 4 * (one.reports || 1)), shape: SHAPES[one.kind] || "round-hexagon", root: one.id === root } });
      }
      for (const [key, one] of drawn) if (cy.getElementById(key).empty()) cy.add({ data: { id: key, source: one.from, target: one.to, label: relations[one.kind] || one.kind, width: 1 + Math.min(4, (one.reports || []).length) } });
    });
    if (fresh) cy.layout({ name: "cose", animate: false, padding: 40, nodeDimensionsIncludeLabels: true, nodeRepulsion: () => 60000, idealEdgeLength: () => 110, randomize: false, fit: true }).run();
    if (cy.zoom() > CLOSEST) { cy.zoom(CLOSEST); cy.center(); }
    g.say(said, `${kept.length} ${said.dataset.count} ${drawn.length}.${cut ? ` ${said.dataset.cut}` : ""}`, cut);
    rows(kept, drawn.map(([, one]) => one));
  }
  function rows(kept, drawn) {
    const heads = g.heads(table);
    const link = (one) => g.make("a", { href: g.address(one.doc || "entity", one.id), text: one.label });
    table.tBodies[0].replaceChildren(...kept.map((one) => {
      const beside = g.make("td");
      for (const edge of drawn.filter((each) => each.from === one.id || each.to === one.id)) {
        const kind = relations[edge.kind] || edge.kind, quiet = (text) => g.make("span", { class: "quiet", text });
        // What leads here is told as a sentence of its own: "owned" is no word that every kind of link has.
        if (edge.from === one.id) beside.append(quiet(`${kind} `), link(nodes.get(edge.to)), g.make("br"));
        else beside.append(link(nodes.get(edge.from)), quiet(` ${kind} ${one.label}`), g.make("br"));
      }
      const more = g.make("button", { type: "button", class: "plain" }, table.dataset.grow, g.make("span", { class: "unseen", text: ` ${one.label}` }));
      more.addEventListener("click", () => grow(one.id));
      return g.make("tr", {}, g.make("th", { scope: "row" }, link(one)), g.make("td", { text: names[one.kind] || one.kind }), g.make("td", {}, one.tlp ? g.marking(one.tlp) : null),
        g.make("td", {}, ...(one.agencies || []).flatMap((each) => [g.agency(each), " "])), g.make("td", { class: "number", "data-th": heads[4], text: String(drawn.filter((each) => each.from === one.id || each.to === one.id).length) }), beside,
        g.make("td", {}, grown.has(one.id) ? null : more));
    }));
  }
  cy.on("tap", "node", (event) => {
    const one = nodes.get(event.target.id());
    chosen.replaceChildren(...(one.tlp ? [g.marking(one.tlp), " "] : []), g.make("a", { href: g.address(one.doc || "entity", one.id), text: one.label }), ` ${names[one.kind] || one.kind} `, ...(one.agencies || []).flatMap((each) => [g.agency(each), " "]));
    if (!grown.has(one.id)) grow(one.id);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value && value !== "0"));
    history.replaceState(null, "", `?${query}${place.dataset.exercise ? `&exercise=${place.dataset.exercise}` : ""}`);
    if (event.target.name === "depth") grow(place.dataset.root, Number(event.target.value));
    else show();
  });
  for (const [name, value] of new URLSearchParams(location.search)) if (form.elements[name]) form.elements[name].value = value;
  grow(place.dataset.root, Number(form.elements.depth.value));
});
