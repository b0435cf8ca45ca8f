// The alerts of saved searches.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const g = window.gabung;
  const said = document.querySelector("main .said");
  const failed = (error) => g.say(said, error.message, true);
  const empty = (list) => { if (!list.children.length) list.append(g.make("li", { class: "quiet", text: list.dataset.none })); };

  const fresh = document.getElementById("alerts-new"), before = document.getElementById("alerts-old");
  let newest = null;
  const load = async () => {
    try {
      const [found, searches] = await Promise.all([g.api("/api/v1/alerts"), g.api("/api/v1/saved")]);
      const names = Object.fromEntries(searches.saved.map((one) => [one.id, one.name]));
      const row = (one) => {
        const d = one.document;
        return g.make("li", {}, g.marking(d.marking.tlp), g.make("span", { class: "grow" }, g.make("a", { href: g.address(d.doc, d.id), text: one.label }), g.make("br"), g.make("span", { class: "quiet", text: names[one.saved] || "" })),
          ...(d.agencies || [d.agency]).map(g.agency), g.make("time", { class: "quiet", datetime: one.at, text: new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(new Date(one.at)) + " UTC" }));
      };
      newest = found.alerts[0]?.at || null;
      g.raise(found.alerts.map((one) => one.document.marking.tlp));
      fresh.replaceChildren(...found.alerts.filter((one) => one.new).map(row));
      before.replaceChildren(...found.alerts.filter((one) => !one.new).map(row));
      document.getElementById("new-count").textContent = String(found.unread);
      empty(fresh);
      empty(before);
    } catch (error) { failed(error); }
  };
  load();
  document.addEventListener("gabung:alert", load);
  document.addEventListener("gabung:withdrawn", load);
  document.getElementById("looked").addEventListener("click", async () => {
    try {
      await g.api("/api/v1/alerts/looked", { method: "POST", body: JSON.stringify(newest ? { at: newest } : {}) });
      document.dispatchEvent(new Event("gabung:looked"));
      load();
    } catch (error) { failed(error); }
  });
});
