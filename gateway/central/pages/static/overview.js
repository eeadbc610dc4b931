// The list of crossings as they arrive, and the counts above it. The stream reconnects by itself.

const SHOWN = 50;
const SPEAK_MS = 10000; // a screen reader hears a summary, not every crossing
const WORDS = { permitted: "Permitted", refer: "Refer", unverifiable: "Can't verify" };
const OUTCOMES = { admitted: "admitted", referred: "referred", turned_back: "turned back" };

const list = document.getElementById("list");
const pause = document.getElementById("pause");
const number = new Intl.NumberFormat("en");
const names = new Map();
let waiting = new Map(); // crossings not yet drawn, by board, epoch and sequence
let board = null;
let held = false;
let drawn = false; // the first fill is no arrival
let spoken = 0;

function element(tag, kind, text) {
  const made = document.createElement(tag);
  made.className = kind;
  made.textContent = text;
  return made;
}

function plain(name) {
  return name.replaceAll("-", " ");
}

function row(key, crossing) {
  const made = element("li", drawn ? "new" : "", "");
  made.dataset.key = key;
  const people = crossing.party === 1 ? "" : `, ${crossing.party} persons`;
  const where = `${names.get(crossing.crossing_point) ?? crossing.crossing_point}, ${crossing.direction}${people}`;
  const said = crossing.reasons.concat(crossing.notes).map(plain);
  const done = crossing.outcome ? [OUTCOMES[crossing.outcome] ?? crossing.outcome] : [];
  const when = crossing.local_time.slice(0, 16).replace("T", " ");
  made.append(
    element("span", `word ${crossing.verdict}`, WORDS[crossing.verdict] ?? crossing.verdict),
    element("span", "place", where),
    element("span", "detail", [when, ...said, ...done].join(" · ")),
    element("span", "position", `#${number.format(crossing.position)}`),
  );
  return made;
}

function drawList() {
  for (const [key, crossing] of waiting) {
    for (const old of list.querySelectorAll("li")) if (old.dataset.key === key) old.remove();
    list.prepend(row(key, crossing));
  }
  waiting = new Map();
  while (list.children.length > SHOWN) list.lastChild.remove();
  drawn = true;
}

function drawBoard() {
  for (const point of [...board.points, board.total]) {
    names.set(point.code, point.name);
    const line = document.querySelector(`tr[data-point="${CSS.escape(point.code)}"]`);
    if (!line) return location.reload(); // a new crossing point: the table is drawn by the server
    for (const cell of line.querySelectorAll("[data-of]")) cell.textContent = number.format(point[cell.dataset.of]);
  }
  if (Date.now() - spoken > SPEAK_MS) {
    spoken = Date.now();
    const total = board.total;
    document.getElementById("spoken").textContent =
      `${number.format(total.crossings)} crossings, ${number.format(total.refer)} referred.`;
  }
}

function say(state, text) {
  document.getElementById("line").dataset.state = state;
  document.getElementById("line-text").textContent = text;
}

function draw() {
  if (board) drawBoard();
  if (!held) drawList();
}

function listen() {
  const stream = new EventSource("/v1/events");
  stream.addEventListener("crossing", (event) => {
    const crossing = JSON.parse(event.data);
    const key = [crossing.board, crossing.epoch, crossing.seq].join("-");
    waiting.delete(key); // the newest state comes last
    waiting.set(key, crossing);
    if (waiting.size > SHOWN) waiting.delete(waiting.keys().next().value);
  });
  stream.addEventListener("board", (event) => {
    board = JSON.parse(event.data);
    say("live", `live, updated ${new Date().toLocaleTimeString("en-GB")}`);
    requestAnimationFrame(draw);
  });
  stream.addEventListener("open", () => say("live", "live"));
  stream.addEventListener("error", () => {
    say("lost", "connection lost, trying again");
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}

pause.addEventListener("click", () => {
  held = !held;
  pause.setAttribute("aria-pressed", String(held));
  pause.textContent = held ? "Let it run" : "Hold the list";
  if (!held) draw();
});

for (const line of document.querySelectorAll("tr[data-point]")) {
  names.set(line.dataset.point, line.querySelector("th").firstChild.textContent.trim());
}
listen();
