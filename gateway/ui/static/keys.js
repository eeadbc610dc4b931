// On every page: the keys and their help. No text of its own: the page has it.

const help = document.getElementById("help");
const opens = document.getElementById("help-open");
if (opens) {
  opens.hidden = false;
  opens.addEventListener("click", () => help.showModal());
}

function typing(target) {
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName) ||
    (target.tagName === "INPUT" && !["radio", "checkbox", "file"].includes(target.type));
}

let stop = -1; // where a list was left: leaving a field with Escape loses the focus, not the place

function step(by) {
  const stops = [...document.querySelectorAll("[data-stop]")];
  const at = stops.includes(document.activeElement) ? stops.indexOf(document.activeElement) : stop;
  stop = Math.max(0, Math.min(stops.length - 1, at + by));
  stops[stop]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || help?.open) return;
  if (event.key === "Escape" && event.target.closest("input, textarea, select")) return event.target.blur();
  if (typing(event.target) || document.body.dataset.keys === "off") return;
  const key = event.key.toLowerCase();
  if (key === "j") step(1);
  else if (key === "k") step(-1);
  else {
    const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!wanted || wanted.hidden) return;
    // A field of a form is gone to, a link or button is used.
    if (wanted.matches("input, textarea, select")) wanted.focus();
    else wanted.click();
  }
  event.preventDefault();
});
