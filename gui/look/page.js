// What a page does beyond reading and forms. Everything works without this file, if slower.
"use strict";

// What the page asks by itself says so: only what a person does keeps the vault open.
const automatic = { credentials: "same-origin", headers: { "Lot-Automatic": "1" } };

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

// What a form with data-into sends changes its element in the same way; whatever else comes back
// is a page of its own, which the browser asks for as it would without this file.
const sent = async (form, button) => {
  const body = new URLSearchParams(new FormData(form, button));
  const answer = await fetch(form.action, { method: "post", body, credentials: "same-origin" }).catch(() => undefined);
  const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
  const [into, fresh] = [form.dataset.into, page?.getElementById(form.dataset.into)];
  if (!fresh) { delete form.dataset.into; form.requestSubmit(button); return; }
  document.getElementById(into).replaceWith(fresh);
  fresh.focus({ preventScroll: true });
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.into && form.method === "post") {
    event.preventDefault();
    sent(form, event.submitter);
    event.submitter?.setAttribute("aria-disabled", "true");
    return;
  }
  if (!form.dataset.into) {
    const button = event.submitter;
    if (form.method === "post" && button && !("saves" in form.dataset)) setTimeout(() => { button.disabled = true; });
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

// The lock's countdown: when it is over the page looks whether somebody else kept the vault open,
// and counts on; else it loads itself anew, which then shows nothing.
for (const left of document.querySelectorAll("[data-locks-in]")) {
  let ends = performance.now() + 1000 * Number(left.dataset.locksIn), looking = false;
  setInterval(async () => {
    const seconds = Math.max(0, Math.round((ends - performance.now()) / 1000));
    left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (seconds || looking) return;
    looking = true;
    const answer = await fetch(location.href, automatic).catch(() => undefined);
    const page = answer && new DOMParser().parseFromString(await answer.text(), "text/html");
    const more = page?.querySelector("[data-locks-in]")?.dataset.locksIn;
    if (answer && !more) { location.reload(); return; }
    ends = performance.now() + 1000 * Number(more ?? 10);
    looking = false;
  }, 1000);
}

// What happens at the gate: numbers change in place, new rows wait behind a button while somebody
// reads, so that nothing moves under a finger. Where the server says so, or does not answer, the
// page asks every ten seconds. A look that fails is tried again, after 1 to 30 seconds, and until
// one comes through the page says how old it is, by the server's clock.
const live = document.querySelector("[data-stream]");
if (live) {
  const waiting = document.getElementById("waiting");
  const old = document.getElementById("old");
  const list = () => document.getElementById("live");
  const local = new Intl.DateTimeFormat(document.documentElement.lang, { timeStyle: "short", hourCycle: "h23", timeZone: old.dataset.zone });
  let fresh, asking, stood = new Date();
  const take = () => { if (fresh) list().replaceWith(fresh); fresh = undefined; waiting.hidden = true; };
  const looked = async () => {
    const signal = AbortSignal.timeout(30000); // else one look that hangs would be the last
    const answer = await fetch(location.href, { ...automatic, signal }).catch(() => undefined);
    const text = await answer?.text().catch(() => undefined);
    if (answer?.redirected) { location.href = answer.url; return true; }
    if (!text || !answer.ok) return false;
    stood = new Date(answer.headers.get("Date") ?? Date.now());
    show(new DOMParser().parseFromString(text, "text/html"));
    return true;
  };
  const show = (page) => {
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
  // One look at a time: whatever happens meanwhile is one more look after it.
  let looking = false, again = false, failed = 0, retry;
  const look = async () => {
    again = true;
    if (looking) return;
    looking = true;
    clearTimeout(retry);
    let came = true;
    while (again) { again = false; came = await looked(); }
    looking = false;
    failed = came ? 0 : failed + 1;
    old.textContent = came ? "" : old.dataset.said.replace("{time}", local.format(stood));
    old.hidden = came;
    if (!came) retry = setTimeout(look, Math.min(30000, 500 * 2 ** failed));
  };
  const ask = () => { asking ||= setInterval(() => { if (!document.hidden) look(); }, 10000); };
  waiting.addEventListener("click", take);
  const stream = new EventSource(live.dataset.stream);
  stream.addEventListener("change", () => { clearInterval(asking); asking = undefined; look(); });
  stream.addEventListener("ask", ask);
  stream.onerror = ask;
  for (const name of ["offline", "online"]) addEventListener(name, look);
}

// A browser that waits for an owner's approval goes on by itself once it has it.
const approval = document.querySelector("[data-asks]");
if (approval) setInterval(async () => {
  const answer = await fetch(approval.href, automatic);
  if (answer.redirected) location.href = answer.url;
}, 1000 * Number(approval.dataset.asks));

// The one field answers while somebody types; arrows go through what it found, Enter opens the best.
const field = document.querySelector("[data-answers]");
if (field) {
  const input = field.elements.q;
  const found = () => document.getElementById("found");
  let round = 0, pause;
  const clear = () => { round += 1; clearTimeout(pause); found().replaceChildren(); };
  const answer = async () => {
    const mine = round += 1;
    const url = `${field.dataset.answers}?${new URLSearchParams({ q: input.value })}`;
    const said = await fetch(url, { credentials: "same-origin" }).catch(() => undefined);
    const page = said && new DOMParser().parseFromString(await said.text(), "text/html");
    const fresh = page?.getElementById("found");
    if (mine === round && fresh && field.contains(document.activeElement)) found().replaceWith(fresh);
  };
  input.addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(answer, 150); });
  field.addEventListener("submit", () => {
    field.append(Object.assign(document.createElement("input"), { type: "hidden", name: "go", value: "1" }));
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { clear(); input.focus(); return; }
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    const stops = [input, ...found().querySelectorAll("a")];
    stops[(stops.indexOf(document.activeElement) + way + stops.length) % stops.length].focus();
  });
  field.addEventListener("focusout", (event) => { if (!field.contains(event.relatedTarget)) clear(); });
}

// Printing needs a script, so its button does too.
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A photo that was taken is sent at once.
for (const form of document.querySelectorAll("[data-sends]")) form.addEventListener("change", () => form.requestSubmit());
