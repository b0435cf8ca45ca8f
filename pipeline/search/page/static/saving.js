// Saved searches: kept from the page of hits, listed, changed, and how their alerts are delivered.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const g = window.gabung;
  const MANY = ["kind", "agency", "tlp", "mention", "country", "caveat"];
  const field = (panel, name) => panel.querySelector(`[data-name=${name}]`);

  // Exactly the question on screen.
  function questionOf(panel) {
    const question = {};
    for (const [name, value] of new URLSearchParams(panel.dataset.question)) {
      if (MANY.includes(name)) (question[name] ||= []).push(value);
      else if (name === "near" || name === "box") question[name] = value.split(",").map(Number);
      else if (name !== "from" && name !== "to") question[name] = value;
    }
    if (panel.dataset.start) question.start = panel.dataset.start;
    if (panel.dataset.end) question.end = panel.dataset.end;
    return question;
  }
  // What is delivered beside the page is asked where there are alerts; while they are off, what is kept of it shows.
  function offer(panel) {
    const on = field(panel, "alerts").checked;
    panel.querySelector(".delivery").hidden = !on && !["webhook", "email"].some((name) => field(panel, name).value.trim());
    panel.querySelector(".on").hidden = !on;
    panel.querySelector(".paused").hidden = on;
  }
  function reveal(panel, secret) {
    panel.querySelector(".secret").hidden = !secret;
    if (secret) panel.querySelector(".delivery").hidden = true;
    field(panel, "secret").value = secret || "";
    if (secret) { field(panel, "secret").focus(); field(panel, "secret").select(); }
  }
  async function keep(panel, id, question) {
    const wanted = { name: field(panel, "name").value, question, shared_with: g.list(field(panel, "shared_with").value), alerts: field(panel, "alerts").checked };
    if (id) wanted.id = id;
    for (const name of ["webhook", "email"]) if (field(panel, name).value.trim()) wanted[name] = field(panel, name).value.trim();
    const kept = await g.api("/api/v1/saved", { method: "POST", body: JSON.stringify(wanted) });
    reveal(panel, kept.delivery.secret);
    return kept;
  }
  const panelOf = (event) => event.target.closest(".saving");
  document.addEventListener("input", (event) => {
    const panel = panelOf(event);
    if (!panel) return;
    offer(panel);
    panel.querySelector("[data-save]").disabled = false;  // the same is not kept twice
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && panelOf(event) && event.target.matches("input:not([readonly])")) { event.preventDefault(); panelOf(event).querySelector("[data-save]").click(); }
  });
  document.addEventListener("click", async (event) => {
    const panel = panelOf(event);
    if (!panel) return;
    const said = panel.querySelector(".said"), save = event.target.closest("[data-save]"), copy = event.target.closest("[data-copy]");
    if (copy) {
      field(panel, "secret").select();
      try { await navigator.clipboard.writeText(field(panel, "secret").value); g.say(said, copy.dataset.done); } catch (_) { /* it is selected, to be copied by hand */ }
    }
    if (!save) return;
    save.disabled = true;
    try {
      if (panel.dataset.question !== undefined) await keep(panel, null, questionOf(panel));
      else await change(panel);
      g.say(said, panel.dataset.done);
    } catch (error) { g.say(said, error.message, true); save.disabled = false; }
  });

  // The list.
  const list = document.getElementById("saved");
  if (!list) return;
  const said = document.querySelector("main > .sheet > .said"), dialog = document.getElementById("change"), panel = dialog.querySelector(".saving");
  let changed = null;
  const button = (text, name, act) => {
    const made = g.make("button", { type: "button" }, text, g.make("span", { class: "unseen", text: ` ${name}` }));
    made.addEventListener("click", act);
    return made;
  };
  function open(one) {
    changed = one;
    field(panel, "name").value = one.name;
    field(panel, "shared_with").value = one.shared_with.join(", ");
    field(panel, "alerts").checked = one.alerts;
    for (const name of ["webhook", "email"]) field(panel, name).value = one.delivery[name] || "";
    offer(panel);
    reveal(panel, null);
    g.say(panel.querySelector(".said"), "");
    panel.querySelector("[data-save]").disabled = false;
    dialog.showModal();
  }
  async function change(panel) {
    const kept = await keep(panel, changed.id, changed.question);
    await load();
    if (!dialog.open) back();  // it was closed meanwhile, onto a row that is another now
    else if (!kept.delivery.secret) { dialog.close(); g.say(said, panel.dataset.done); }
  }
  const back = () => list.querySelector(`[data-id="${changed.id}"] button`)?.focus();
  dialog.addEventListener("close", back);

  // Deleting is asked once more.
  const deleting = document.getElementById("delete"), forget = deleting.querySelector("[data-forget]");
  let deleted = null;
  function ask(one) {
    deleted = one;
    document.getElementById("delete-what").textContent = one.name;
    g.say(deleting.querySelector(".said"), "");
    deleting.showModal();
  }
  forget.addEventListener("click", async () => {
    forget.disabled = true;
    try {
      await g.api(`/api/v1/saved/${encodeURIComponent(deleted.id)}`, { method: "DELETE" });
      await load();
      deleting.close();
      g.say(said, list.dataset.deleted);
    } catch (error) { g.say(deleting.querySelector(".said"), error.message, true); } finally { forget.disabled = false; }
  });
  deleting.addEventListener("close", () => (list.querySelector(`[data-id="${deleted.id}"] .does button:last-child`) || said).focus());

  function row(one) {
    const words = g.query(one.question), to = list.dataset, paused = one.alerts ? "" : ` (${to.paused})`;
    const about = [
      one.shared_with.length ? `${to.shared} ${one.shared_with.join(", ")}` : to.private,
      one.alerts ? to.alerts : null,
      one.delivery.webhook ? `${to.webhook} ${new URL(one.delivery.webhook).host}${paused}` : null,
      one.delivery.email ? `${to.email} ${one.delivery.email}${paused}` : null,
    ].filter(Boolean).join("\u00a0· ");
    const made = g.make("li", { "data-id": one.id }, g.make("span", { class: "grow" }, g.make("a", { href: `/?${words}`, text: one.name }), g.make("br"), g.make("code", { class: "quiet", text: [...words].map(([name, value]) => name === "q" ? value : `${name}:${value}`).join("  ") })),
      g.agency(one.owner.agency), g.make("span", { class: "quiet about", text: about }));
    if (one.own) {
      made.append(g.make("span", { class: "does" }, button(to.change, one.name, () => open(one)), button(to.delete, one.name, () => ask(one))));
    }
    return made;
  }
  async function load() {
    try {
      const found = await g.api("/api/v1/saved");
      list.replaceChildren(...found.saved.map(row));
      if (!found.saved.length) list.append(g.make("li", { class: "quiet", text: list.dataset.none }));
    } catch (error) { g.say(said, error.message, true); }
  }
  load();
});
