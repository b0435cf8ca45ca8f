// Saved searches and the alerts that they give.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const g = window.gabung;
  const said = document.querySelector("main .said");
  const failed = (error) => g.say(said, error.message, true);
  const empty = (list) => { if (!list.children.length) list.append(g.make("li", { class: "quiet", text: list.dataset.none })); };

  function query(question) {
    const found = new URLSearchParams();
    for (const [name, value] of Object.entries(question)) {
      const known = { start: "from", end: "to" }[name] || name;
      if (["near", "box"].includes(name)) found.set(known, value.join(","));
      else for (const one of [value].flat()) found.append(known, String(one));
    }
    return found;
  }

  const saved = document.getElementById("saved");
  if (saved) {
    const load = async () => {
      try {
        const found = await g.api("/api/v1/saved");
        saved.replaceChildren(...found.saved.map((one) => {
          const words = query(one.question);
          const about = [one.shared_with.length ? `${saved.dataset.shared} ${one.shared_with.join(", ")}` : saved.dataset.private, one.alerts ? saved.dataset.alerts : null].filter(Boolean).join(" · ");
          const row = g.make("li", {}, g.make("span", { class: "grow" }, g.make("a", { href: `/?${words}`, text: one.name }), g.make("br"), g.make("code", { class: "quiet", text: [...words].map(([name, value]) => name === "q" ? value : `${name}:${value}`).join("  ") })),
            g.agency(one.owner.agency), g.make("span", { class: "quiet", text: about }));
          if (one.own) {
            const away = g.make("button", { type: "button" }, saved.dataset.delete, g.make("span", { class: "unseen", text: ` ${one.name}` }));
            away.addEventListener("click", async () => { try { await g.api(`/api/v1/saved/${encodeURIComponent(one.id)}`, { method: "DELETE" }); load(); } catch (error) { failed(error); } });
            row.append(away);
          }
          return row;
        }));
        empty(saved);
      } catch (error) { failed(error); }
    };
    load();
  }

  const fresh = document.getElementById("alerts-new"), before = document.getElementById("alerts-old");
  if (fresh) {
    let newest = null;
    const load = async () => {
      try {
        const [found, searches] = await Promise.all([g.api("/api/v1/alerts"), g.api("/api/v1/saved")]);
        const names = Object.fromEntries(searches.saved.map((one) => [one.id, one.name]));
        const row = (one) => {
          const d = one.document;
          const name = d.title || (d.names || [])[0] || (d.identifiers || [])[0]?.value || d.kind;
          return g.make("li", {}, g.marking(d.marking.tlp), g.make("span", { class: "grow" }, g.make("a", { href: g.address(d.doc, d.id), text: name }), g.make("br"), g.make("span", { class: "quiet", text: names[one.saved] || "" })),
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
  }
});
