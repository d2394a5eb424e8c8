// What a page does beyond reading and forms. Everything works without this file, if slower.
"use strict";

// Part of a page changes in place: a form or link with data-into names the element that is
// replaced by the element of the same id in the answer.
const fetched = async (url, options, into) => {
  const answer = await fetch(url, { ...options, headers: { "X-Part": into }, credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(into);
  if (!fresh) { location.href = answer.redirected ? answer.url : location.href; return; }
  document.getElementById(into).replaceWith(fresh);
  if (!options.method) history.replaceState(null, "", url);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.into) {
    const button = event.submitter;
    if (form.method === "post" && button) setTimeout(() => { button.disabled = true; });
    return;
  }
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  if (form.method === "post") fetched(form.action, { method: "POST", body: new URLSearchParams(data) }, form.dataset.into);
  else fetched(`${form.action}?${new URLSearchParams(data)}`, {}, form.dataset.into);
});

let typed;
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (!form || form.method !== "get" || !form.dataset.into) return;
  clearTimeout(typed);
  typed = setTimeout(() => form.requestSubmit(), 150);
});

// One field on every page: "/" goes there. In a tray, a card's own keys answer it.
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/") { event.preventDefault(); document.getElementById("all")?.focus(); return; }
  const card = event.target.closest("[data-card]") || document.querySelector("[data-card]");
  card?.querySelector(`button[data-key="${CSS.escape(event.key)}"]`)?.click();
});

// The lock's countdown: the page says when it is over, and the next page will be a locked one.
for (const left of document.querySelectorAll("[data-locks-in]")) {
  const ends = performance.now() + 1000 * Number(left.dataset.locksIn);
  const tick = setInterval(() => {
    const seconds = Math.max(0, Math.round((ends - performance.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (!seconds) { clearInterval(tick); location.reload(); }
  }, 1000);
}

// What happens at the gate: new rows wait behind a button while somebody reads, so that nothing
// moves under a finger. Where events cannot be streamed, the list is asked for every ten seconds.
const live = document.getElementById("live");
if (live) {
  const waiting = document.getElementById("waiting");
  let fresh = 0;
  const take = () => { fresh = 0; fetched(location.href, {}, "live").then(() => { waiting.hidden = true; }); };
  const came = () => {
    fresh += 1;
    const list = document.getElementById("live");
    if (list.matches(":hover, :focus-within") || scrollY > 200) {
      waiting.hidden = false;
      waiting.textContent = waiting.dataset.said.replace("{n}", fresh);
    } else take();
  };
  waiting.addEventListener("click", take);
  const stream = new EventSource(live.dataset.stream);
  stream.addEventListener("change", came);
  let asking;
  stream.onerror = () => { asking ||= setInterval(take, 10000); };
  stream.onopen = () => { clearInterval(asking); asking = undefined; };
}
