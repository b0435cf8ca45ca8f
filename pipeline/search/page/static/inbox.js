// The alerts of saved searches.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const g = window.gabung;
  const said = document.querySelector("main .said");
  const failed = (error) => g.say(said, error.message, true);
  const empty = (list) => { if (!list.children.length) list.append(g.make("li", { class: "quiet", text: list.dataset.none })); };

  const fresh = document.getElementById("alerts-new"), before = document.getElementById("alerts-old"), looked = document.getElementById("looked");
  const kinds = g.words("kind");
  const language = document.documentElement.lang === "en" ? "en-GB" : "id";  // as the page writes days elsewhere
  const moments = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

  function row(one, search) {
    const d = one.document, judged = d.judgement && (d.judgement.verdict === "same" ? fresh.dataset.same : fresh.dataset.notSame);
    return g.make("li", { "data-id": one.id },
      g.make("span", { class: "marks" }, g.marking(d.marking.tlp), ...(d.marking.caveats || []).map((text) => g.make("span", { class: "caveat", text }))),
      g.make("span", { class: "grow" }, g.make("a", { href: g.address(d.doc, d.id), text: judged || one.label }),
        g.make("span", { class: "facts" }, g.make("span", { class: d.doc === "entity" ? "kind entity" : "kind", text: kinds[d.kind] || d.kind }), ...(d.agencies || [d.agency]).map(g.agency),
          search ? g.make("span", { class: "quiet" }, `${fresh.dataset.matches} `, g.make("a", { href: `/?${g.query(search.question)}`, text: search.name })) : null)),
      g.make("time", { class: "quiet", datetime: one.at, text: `${moments.format(new Date(one.at))} UTC` }));
  }
  let newest = null, latest = 0;
  const load = async () => {
    const mine = ++latest;
    try {
      const [found, searches] = await Promise.all([g.api("/api/v1/alerts?size=200"), g.api("/api/v1/saved")]);
      if (mine !== latest) return;  // another was asked for meanwhile
      const by = Object.fromEntries(searches.saved.map((one) => [one.id, one]));
      newest = found.alerts[0]?.at || null;
      g.raise(found.alerts.map((one) => one.document.marking.tlp));
      const at = document.activeElement?.closest(".inbox > li")?.dataset.id;  // whoever reads on keeps the place
      fresh.replaceChildren(...found.alerts.filter((one) => one.new).map((one) => row(one, by[one.saved])));
      before.replaceChildren(...found.alerts.filter((one) => !one.new).map((one) => row(one, by[one.saved])));
      if (at) document.querySelector(`.inbox > li[data-id="${at}"] a`)?.focus({ preventScroll: true });
      document.getElementById("new-count").textContent = String(found.unread);
      looked.disabled = !found.unread;
      empty(fresh);
      empty(before);
    } catch (error) { failed(error); }
  };
  load();
  for (const name of ["alert", "withdrawn", "reset"]) document.addEventListener(`gabung:${name}`, load);
  looked.addEventListener("click", async () => {
    try {
      await g.api("/api/v1/alerts/looked", { method: "POST", body: JSON.stringify(newest ? { at: newest } : {}) });
      document.dispatchEvent(new Event("gabung:looked"));
      await load();
      g.say(said, looked.dataset.done);
      said.focus();  // the button rests until there is something new
    } catch (error) { failed(error); }
  });
});
