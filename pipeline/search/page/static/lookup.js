// Many values at once, each with its answer.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const g = window.gabung;
  const form = document.getElementById("lookup"), field = document.getElementById("values"), said = form.querySelector(".said");
  const schemes = JSON.parse(form.dataset.schemes);
  const values = () => [...new Set(field.value.split(/[\n\t;]+/).map((one) => one.trim()).filter(Boolean))];
  const count = () => { document.getElementById("lookup-count").textContent = `${values().length} / 200 ${form.dataset.counted}`; };
  field.addEventListener("input", count);
  count();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    let found;
    try { found = await g.api("/api/v1/lookup", { method: "POST", body: JSON.stringify({ values: values() }) }); } catch (error) { g.say(said, error.message, true); return; }
    const there = found.answers.filter((one) => one.reports || one.entities.length);
    g.say(said, `${there.length} / ${found.answers.length} ${form.dataset.found}`);
    g.raise(found.answers.flatMap((one) => one.entities.map((each) => each.tlp)));
    const heads = g.heads(document.getElementById("answers"));
    document.querySelector("#answers tbody").replaceChildren(...found.answers.map((one) => {
      // What something was found by comes first.
      const by = (each) => one.entities.some((entity) => entity.by.some((found) => found.scheme === each.scheme));
      const read = [...one.readings].sort((a, b) => by(b) - by(a));
      const entities = g.make("td");
      for (const each of one.entities) {
        entities.append(g.make("div", {}, each.tlp ? g.marking(each.tlp) : null, " ", g.make("a", { href: g.address("entity", each.id), text: each.label }), " ", ...(each.agencies || []).flatMap((id) => [g.agency(id), " "])));
      }
      if (!one.entities.length && !one.reports) entities.append(g.make("span", { class: "quiet", text: form.dataset.none }));
      const reports = g.make("td", { class: "number", "data-th": heads[3] });
      if (one.reports) reports.append(g.make("a", { href: `/?${new URLSearchParams({ q: `identifier:"${one.value.replace(/["\\]/g, "\\$&")}"`, doc: "report" })}`, text: String(one.reports) }));
      else reports.textContent = "0";
      return g.make("tr", {}, g.make("th", { scope: "row", text: one.value }), g.make("td", { class: "value", text: read.slice(0, 4).map((each) => `${schemes[each.scheme] || each.scheme} ${each.value}`).join(", ") + (read.length > 4 ? ` +${read.length - 4}` : "") }), entities, reports);
    }));
  });
});
