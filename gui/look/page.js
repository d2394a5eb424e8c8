// What a page does beyond reading and forms. Everything works without this file, if slower.
"use strict";

// Part of a page changes in place: a search with data-into names the element that is replaced by
// the element of the same id in the answer.
let asked = 0;
const fetched = async (url, into) => {
  const mine = asked += 1;
  const answer = await fetch(url, { credentials: "same-origin" }).catch(() => undefined);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== asked) return; // more was typed meanwhile
  const fresh = page?.getElementById(into);
  if (!fresh) { location.href = url; return; } // the page that says what went wrong
  document.getElementById(into).replaceWith(fresh);
  history.replaceState(null, "", url);
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.into) {
    const button = event.submitter;
    if (form.method === "post" && button) setTimeout(() => { button.disabled = true; });
    return;
  }
  event.preventDefault();
  const said = [...new FormData(form)].filter(([, value]) => value);
  fetched(`${form.action}?${new URLSearchParams(said)}`, form.dataset.into);
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

// What happens at the gate: numbers change in place, new rows wait behind a button while somebody
// reads, so that nothing moves under a finger. Where the server says so, or does not answer, the
// page asks every ten seconds.
const live = document.querySelector("[data-stream]");
if (live) {
  const waiting = document.getElementById("waiting");
  const list = () => document.getElementById("live");
  let fresh, asking;
  const take = () => { if (fresh) list().replaceWith(fresh); fresh = undefined; waiting.hidden = true; };
  const look = async () => {
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => undefined);
    if (!answer) return;
    if (answer.redirected) { location.href = answer.url; return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const [counts, counted] = [document.getElementById("counts"), page.getElementById("counts")];
    if (counted && !counts.querySelector("details[open], :focus")) counts.replaceWith(counted);
    fresh = page.getElementById("live");
    if (!fresh) return;
    const known = new Set([...list().querySelectorAll("[data-id]")].map((one) => one.dataset.id));
    const many = [...fresh.querySelectorAll("[data-id]")].filter((one) => !known.has(one.dataset.id)).length;
    if (!list().matches(":hover, :focus-within") && scrollY < 200) { take(); return; }
    if (!many) { fresh = undefined; return; }
    waiting.hidden = false;
    waiting.textContent = waiting.dataset.said.replace("{n}", many);
  };
  const ask = () => { asking ||= setInterval(() => { if (!document.hidden) look(); }, 10000); };
  waiting.addEventListener("click", take);
  const stream = new EventSource(live.dataset.stream);
  stream.addEventListener("change", () => { clearInterval(asking); asking = undefined; look(); });
  stream.addEventListener("ask", ask);
  stream.onerror = ask;
}

// A browser that waits for an owner's approval goes on by itself once it has it.
const approval = document.querySelector("[data-asks]");
if (approval) setInterval(async () => {
  const answer = await fetch(approval.href, { credentials: "same-origin" });
  if (answer.redirected) location.href = answer.url;
}, 1000 * Number(approval.dataset.asks));
