// On every page: the paper form, and the connection to the gateway. No text of its own: the page has it.

const AGAIN_MS = 2000; // between two tries when the stream has closed for good
const SILENT_MS = 13000; // three beats that did not come: nothing says that a dead line is dead

const listeners = new Map();
let stream = null;
let lastId = document.getElementById("stream")?.dataset.cursor ?? "";
let heard = Date.now();
let ended = false; // the session is over, and the page stays for what was typed in it

export function on(name, act) {
  listeners.set(name, act);
  if (stream) hear(name);
}

function hear(name) {
  stream.addEventListener(name, (event) => {
    heard = Date.now();
    if (event.lastEventId) lastId = event.lastEventId;
    found();
    listeners.get(name)(JSON.parse(event.data));
  });
}

function listen() {
  stream?.close();
  if (ended) return;
  heard = Date.now();
  stream = new EventSource(`/events?after=${encodeURIComponent(lastId)}`);
  for (const name of listeners.keys()) hear(name);
  stream.addEventListener("error", () => {
    lost();
    if (stream.readyState === EventSource.CLOSED) setTimeout(again, AGAIN_MS);
  });
}

// The stream was refused: by a session that is over, or by nobody.
async function again() {
  try {
    const answer = await fetch("/alive", { redirect: "manual" });
    if (answer.status === 401) return over();
  } catch {
    lost();
  }
  listen();
}

// A page in which somebody is typing is not taken away: what is sent from it comes back after the sign-in.
function over() {
  if (!typed()) return location.reload();
  ended = true;
  document.getElementById("lost").hidden = true;
  document.getElementById("over").hidden = false;
}

function typed() {
  return Array.from(document.querySelectorAll("main textarea, main input")).some((field) =>
    field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
}

function lost() {
  const banner = document.getElementById("lost");
  if (!banner.hidden) return;
  document.getElementById("lost-since").textContent = new Date().toTimeString().slice(0, 8);
  banner.hidden = false;
  document.body.classList.add("stale");
}

function found() {
  const banner = document.getElementById("lost");
  if (banner.hidden) return;
  banner.hidden = true;
  document.body.classList.remove("stale");
}

setInterval(() => {
  if (!ended && !document.hidden && Date.now() - heard > SILENT_MS) {
    lost();
    listen();
  }
}, 1000);

// A browser keeps six connections to a place: pages that nobody sees let go of theirs.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.close();
  else listen();
});
addEventListener("pagehide", () => stream?.close());
addEventListener("pageshow", (event) => event.persisted && listen());

on("beat", () => {});
on("state", (pieces) => put("open-reviews", pieces["open-reviews"]));

export function put(id, html) {
  const place = document.getElementById(id);
  if (place && html !== undefined && place.innerHTML !== html) place.innerHTML = html;
}

// The paper form is part of every page, so that it can be printed when the gateway is gone.
function printForm() {
  const form = document.getElementById("paper");
  const bytes = crypto.getRandomValues(new Uint8Array(5));
  const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // none that are mistaken for others in handwriting
  const number = Array.from(bytes, (byte) => letters[byte % 32]).join("");
  form.querySelector("[data-number]").textContent = number;
  document.body.classList.add("printing-form");
  addEventListener("afterprint", () => document.body.classList.remove("printing-form"), { once: true });
  print();
}

for (const id of ["print-form", "lost-print"]) {
  const button = document.getElementById(id);
  button.hidden = false;
  button.addEventListener("click", printForm);
}

listen();
