// Lanes, boards and the list of crossings, as the gateway sends them: drawn there, put in place here.
import { on, put } from "./console.js";

const SHOWN = 40;
const SPEAK_MS = 1500; // what arrives together is read out together
const SPOKEN_S = 30; // an older crossing came late: it is shown, and not read out

const list = document.getElementById("list");
const spoken = document.getElementById("spoken");
const order = document.getElementById("stream").dataset.order;
let saying = [];
let timer = null;

on("state", (pieces) => {
  document.getElementById("trouble").hidden = true;
  if (pieces.order !== undefined && pieces.order !== order) return location.reload(); // a lane came or went
  for (const [id, html] of Object.entries(pieces)) if (id !== "order" && id !== "cursor") put(id, html);
});

on("trouble", () => {
  document.getElementById("trouble").hidden = false;
});

on("crossing", ({ key, at, age, html, say }) => {
  const old = list?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (list && old?.innerHTML !== html) show(key, at, html, old);
  if (!old && age < SPOKEN_S) speak(say);
});

function show(key, at, html, old) {
  const row = old ?? document.createElement("li");
  row.dataset.key = key;
  row.dataset.at = at;
  row.innerHTML = html;
  if (!old) {
    row.className = "new";
    const older = [...list.children].find((other) => Number(other.dataset.at) <= at);
    list.insertBefore(row, older ?? null);
    while (list.children.length > SHOWN) list.lastElementChild.remove();
  }
}

function speak(text) {
  saying.push(text);
  timer ??= setTimeout(() => {
    spoken.textContent = saying.slice(-3).join(". ");
    saying = [];
    timer = null;
  }, SPEAK_MS);
}
