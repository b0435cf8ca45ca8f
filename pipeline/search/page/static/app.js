// What every page does: shortcuts, the form of a question, and the count of unread alerts.
"use strict";
(() => {
  const body = document.body;
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

  // Ask the API. What goes wrong is thrown as a sentence for a person, in the language of the page.
  async function api(path, options = {}) {
    const headers = { "X-CSRF-Token": body.dataset.csrf, "Accept-Language": document.documentElement.lang, ...(options.body ? { "Content-Type": "application/json" } : {}) };
    let answer;
    try {
      answer = await fetch(path, { ...options, headers, credentials: "same-origin" });
    } catch (_) {
      throw new Error(body.dataset.failed);
    }
    const type = answer.headers.get("content-type") || "";
    const said = type.includes("json") ? await answer.json() : null;
    if (!answer.ok) throw new Error((said && said.error) || body.dataset.failed);
    return said;
  }

  // An element with text in it; what a report says is only ever text.
  function make(tag, options = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) {
      if (name === "class") made.className = value;
      else if (name === "text") made.textContent = value;
      else made.setAttribute(name, value);
    }
    made.append(...inside.filter((one) => one !== null && one !== undefined));
    return made;
  }
  const marking = (tlp) => make("span", { class: `tlp tlp-${tlp.replace("+", "-")}`, text: `TLP:${tlp}` });
  const agency = (id) => make("span", { class: "agency", text: id });
  const path = (id) => id.split("/").map(encodeURIComponent).join("/");
  const address = (doc, id) => `/${doc}/${path(id)}`;

  // The banner tells the highest marking of what is shown; what comes later may raise it.
  const ORDER = ["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"];
  function raise(tlps) {
    const banner = document.getElementById("banner");
    const shown = banner.querySelector(".tlp");
    const now = shown ? shown.textContent.replace("TLP:", "") : null;
    const top = [now, ...tlps].filter(Boolean).sort((a, b) => ORDER.indexOf(b) - ORDER.indexOf(a))[0];
    if (top && top !== now) banner.replaceChildren(marking(top), make("span", { text: body.dataset.highest }));
  }
  const list = (text) => text.split(/[\s,]+/).filter(Boolean);
  // What stands above the columns of a table; at phone width each cell tells it.
  const heads = (table) => [...table.tHead.rows[0].cells].map((one) => one.textContent);
  // A question as an address holds it.
  function query(question) {
    const found = new URLSearchParams();
    for (const [name, value] of Object.entries(question)) {
      const known = { start: "from", end: "to" }[name] || name;
      if (["near", "box"].includes(name)) found.set(known, value.join(","));
      else for (const one of [value].flat()) found.append(known, String(one));
    }
    return found;
  }
  // What the values of a group are called, where the page holds that.
  const words = (group) => Object.fromEntries([...document.querySelectorAll(`[data-of=${group}]`)].map((one) => [one.dataset.value, one.textContent]));
  function say(place, text, bad = false) {
    place.textContent = text;
    place.classList.toggle("bad", bad);
  }

  window.gabung = { api, make, marking, agency, path, address, raise, say, list, query, heads, words };

  // The form of a question: nothing empty in the address, and no request for what has not changed.
  document.addEventListener("htmx:configRequest", (event) => {
    for (const name of Object.keys(event.detail.parameters)) {
      const value = event.detail.parameters[name];
      if (value === "" || (Array.isArray(value) && value.length === 0)) delete event.detail.parameters[name];
    }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    // A session that has ended: the whole page becomes the form to sign in with.
    if (event.detail.xhr.status === 401) { event.detail.shouldSwap = false; location.reload(); }
    if (event.detail.xhr.status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  document.addEventListener("htmx:responseError", (event) => {
    // Too many requests, or the search is away: what the answer says, without losing what is on screen.
    const said = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").querySelector(".alert");
    document.getElementById("mistake")?.replaceChildren(make("p", { class: "mistake", role: "alert", text: said ? said.textContent : body.dataset.failed }));
  });
  // What is typed is asked as it is typed, not once more when the field is left; the panel of saving asks nothing.
  document.addEventListener("change", (event) => { if (event.target.id === "q" || event.target.closest(".saving")) event.stopPropagation(); }, true);

  // At phone width the menu may be wider than the screen: the page that one is on is in sight.
  const inSight = () => document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  inSight();

  // Keys.
  const hits = () => [...document.querySelectorAll(".hit h2 a, .cards > li .grow > a")];
  function move(step) {
    const all = hits();
    const at = all.indexOf(document.activeElement);
    const to = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    if (all[to]) { all[to].focus(); all[to].scrollIntoView({ block: "nearest" }); }
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      document.querySelectorAll("details.menu[open]").forEach((one) => { one.open = false; one.querySelector("summary").focus(); });
      if (typing(event.target)) event.target.blur();
      return;
    }
    if (typing(event.target) && !["checkbox", "radio"].includes(event.target.type)) return;
    if (document.querySelector("dialog[open]")) return;
    const q = document.getElementById("q");
    if (event.key === "/" && q) { event.preventDefault(); q.focus(); q.select(); }
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "g" && q) location.assign(`/map${location.search}`);
    else if (event.key === "?") document.getElementById("keys")?.showModal();
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      // On the form, which stays when what was found is replaced.
      const open = opener.closest("form").classList.toggle(`${opener.dataset.opens}-open`);
      opener.setAttribute("aria-expanded", String(open));
    }
    if (event.target.closest("#keys-open")) document.getElementById("keys").showModal();
    document.querySelectorAll("details.menu[open]").forEach((one) => { if (!one.contains(event.target)) one.open = false; });
  });

  // Unread alerts: asked once, then told by the server.
  const unread = document.getElementById("unread");
  if (unread) {
    const show = (count) => {
      const grows = unread.hidden && count > 0;
      unread.hidden = count === 0;
      unread.replaceChildren(String(count), make("span", { class: "unseen", text: ` ${unread.dataset.says}` }));
      if (grows) inSight();
    };
    const ask = async () => { try { show((await api("/api/v1/alerts?size=0")).unread); } catch (_) { show(0); } };
    ask();
    const stream = new EventSource("/api/v1/alerts/stream");
    for (const name of ["alert", "withdrawn", "reset"]) {
      stream.addEventListener(name, (event) => { ask(); document.dispatchEvent(new CustomEvent(`gabung:${name}`, { detail: JSON.parse(event.data) })); });
    }
    stream.addEventListener("error", () => { if (stream.readyState === EventSource.CLOSED) stream.close(); });
    document.addEventListener("gabung:looked", () => show(0));
    window.addEventListener("pagehide", () => stream.close());
  }
})();
