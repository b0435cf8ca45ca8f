// Judgements of two things: made, and taken back.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const g = window.gabung;
  // The other may be given as an address of this site.
  const id = (text) => decodeURIComponent(text.trim().replace(/^https?:\/\/[^/]+/, "").replace(/^\/(entity|report)\//, "").split("?")[0]);

  // Whom to name is asked only where somebody is to be named.
  document.addEventListener("change", (event) => {
    if (!event.target.matches(".judging [name=release]")) return;
    const to = event.target.form.querySelector("[name=to]"), named = event.target.value === "named";
    to.closest("label").hidden = !named;
    to.required = named;
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form.judging");
    if (!form) return;
    event.preventDefault();
    const given = new FormData(form);
    const said = form.querySelector(".said");
    try {
      const judgement = {
        verdict: given.get("verdict"), reason: given.get("reason"), tlp: given.get("tlp"),
        things: [form.dataset.a, form.dataset.b || id(given.get("other"))],
      };
      if (given.get("release") !== "rules") judgement.to = given.get("release") === "named" ? g.list(given.get("to")) : [];
      if (form.dataset.exercise) judgement.exercise = form.dataset.exercise;
      await g.api("/api/v1/judgements", { method: "POST", body: JSON.stringify(judgement) });
      g.say(said, form.dataset.done);
    } catch (error) { g.say(said, error.message, true); }
  });

  // Taking back is asked once more, and what is asked names what it is about. Closing leads back to its button.
  const dialog = document.getElementById("take-back");
  if (!dialog) return;
  const said = dialog.querySelector(".said"), take = dialog.querySelector("[data-take]");
  let button = null;
  document.addEventListener("click", (event) => {
    button = event.target.closest("[data-take-back]") || button;
    if (!event.target.closest("[data-take-back]")) return;
    const row = button.closest("li");
    const what = document.getElementById("take-back-what");
    what.replaceChildren(...["b", ".agency", ".because", ".pair"].flatMap((part) => [row.querySelector(`:scope > ${part}`).cloneNode(true), " "]));
    what.querySelectorAll("a").forEach((one) => one.replaceWith(one.textContent));
    g.say(said, "");
    dialog.showModal();
  });
  take.addEventListener("click", async () => {
    const asked = new URLSearchParams([["thing", button.dataset.a], ["thing", button.dataset.b]]);
    if (button.dataset.exercise) asked.set("exercise", button.dataset.exercise);
    take.disabled = true;
    try {
      await g.api(`/api/v1/judgements?${asked}`, { method: "DELETE" });
      const done = button.parentElement.querySelector(".said");
      dialog.close();
      button.remove();
      g.say(done, dialog.dataset.done);
      done.focus();
    } catch (error) { g.say(said, error.message, true); } finally { take.disabled = false; }
  });
});
