// Sorts, fits and copies tables, and browses errors; models.js says which models are shown. The page reads without it.
// Whatever comes from data is set as text, never as markup.

const SHOWN_AT_ONCE = 5;

function element(name, text = "", classes = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (classes) made.className = classes;
  return made;
}

// --- Tables: a click on a column's head sorts by it, another one turns it round.

function number(text) {
  const value = parseFloat(text.replace(/,/g, "").replace(/^[−–-](?=\d)/, "-").replace(/^</, ""));
  return Number.isNaN(value) ? null : value;
}

function compared(first, second) {
  const [one, other] = [number(first), number(second)];
  if (one !== null && other !== null) return one - other || first.localeCompare(second);
  if (one !== null || other !== null) return one !== null ? -1 : 1; // what is no number comes last
  return first.localeCompare(second);
}

function sortBy(head, index) {
  const table = head.closest("table");
  const ascending = head.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
  head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
  const body = table.tBodies[0];
  const isWord = head.classList.contains("t");
  const texts = new Map([...body.rows].map((row) => [row, row.cells[index].textContent.trim()]));
  const order = (a, b) => (isWord ? a.localeCompare(b) : compared(a, b));
  const rows = [...body.rows].sort((a, b) => {
    const [one, other] = [texts.get(a), texts.get(b)];
    if (!one || !other) return !one - !other; // empty cells stay last, either way
    return ascending ? order(one, other) : order(other, one);
  });
  body.append(...rows);
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, index) => {
    const button = element("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(head, index));
    head.setAttribute("aria-sort", "none");
    head.append(button);
  });
}

// --- The leaderboard: as many columns as fit, the others behind a switch.

function makeWidening(button) {
  const board = document.getElementById(button.dataset.widens);
  const [first, room] = [board.closest(".first"), board.closest(".scroll")];
  const heads = [...board.tHead.rows[0].cells];
  const least = heads.findIndex((head, index) => board.tBodies[0].rows[0]?.cells[index].classList.contains("mean")) + 1;
  const show = (count) => {
    for (const row of board.rows) [...row.cells].forEach((cell, index) => { cell.hidden = index >= count; });
  };
  const fit = () => {
    const isWide = button.getAttribute("aria-pressed") === "true";
    first.classList.toggle("whole", isWide);
    board.classList.toggle("narrow", !isWide);
    show(heads.length);
    if (isWide) return;
    board.style.width = "max-content";
    let [count, width] = [0, 0];
    for (const head of heads) {
      width += head.getBoundingClientRect().width;
      if (width > room.clientWidth && count >= least) break;
      count += 1;
    }
    board.style.width = "";
    show(count);
    button.hidden = count === heads.length;
    button.textContent = `All tasks and costs: ${heads.length - count} more columns`;
  };
  button.addEventListener("click", () => {
    const isWide = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isWide));
    if (!isWide) button.textContent = "Fewer columns";
    fit();
  });
  addEventListener("resize", fit);
  fit();
}

// --- Tables as text: copied as LaTeX, Markdown or CSV.

function cellsOf(table) {
  const rows = [...table.rows].filter((row) => !row.hidden);
  const isWhole = table.classList.contains("board"); // whose columns are hidden for want of width alone
  return rows.map((row) => [...row.cells].filter((cell) => isWhole || !cell.hidden).map((cell) => {
    const parts = [...cell.childNodes].map((node) => node.textContent.trim()).filter((text) => text);
    return parts.join(" ").replace(/\s+/g, " ");
  }));
}

const LATEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "▲": "", "▼": "", "–": "--" };

const FORMATS = {
  LaTeX: (rows) => {
    const escaped = (text) => text.replace(/[\\~^−▲▼–]|[&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
    const [head, ...body] = rows.map((row) => `${row.map(escaped).join(" & ")} \\\\`);
    const isNumber = (index) => rows.slice(1).every((row) => !row[index] || number(row[index]) !== null);
    const columns = rows[0].map((_, index) => (isNumber(index) ? "r" : "l")).join("");
    return [`\\begin{tabular}{${columns}}`, "\\toprule", head, "\\midrule", ...body, "\\bottomrule", "\\end{tabular}"].join("\n");
  },
  Markdown: (rows) => {
    const [head, ...body] = rows.map((row) => `| ${row.map((text) => text.replace(/[|\\<]/g, "\\$&")).join(" | ")} |`);
    return [head, `|${" --- |".repeat(rows[0].length)}`, ...body].join("\n");
  },
  CSV: (rows) => {
    const safe = (text) => (/^[=+@\t-]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text); // no formulas
    return rows.map((row) => row.map((text) => `"${safe(text).replace(/"/g, '""')}"`).join(",")).join("\n");
  },
};

function makeCopying(table) {
  const box = element("span", "copy as", "copy");
  for (const [name, format] of Object.entries(FORMATS)) {
    const button = element("button", name);
    button.type = "button";
    button.addEventListener("click", async () => {
      const text = format(cellsOf(table));
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
      } catch {
        prompt("Copy this text", text); // where the browser gives no clipboard
      }
      setTimeout(() => { button.textContent = name; }, 1500);
    });
    box.append(button);
  }
  const file = element("button", "download CSV");
  file.type = "button";
  file.addEventListener("click", () => {
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([FORMATS.CSV(cellsOf(table))], { type: "text/csv" }));
    link.download = "table.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  box.append(file);
  table.closest(".scroll").after(box);
}

// --- Error analysis.

function shown(data, answer) {
  if (answer === null) return "no prediction stored";
  if (Array.isArray(answer)) return [...new Set(answer.map(([text]) => text))].join(" / ") || "(no answer)";
  if (data.labels.length) return data.labels[answer] ?? String(answer);
  return String(answer) || "(no answer)";
}

function isMissed(data, question, model) {
  return question.credit[model] !== null && question.credit[model] < 100 * data.rightFrom;
}

function part(data, question, first, second) {
  const [one, other] = [question.answers[first], question.answers[second]];
  if (one === null || other === null) return false;
  if (data.near !== null) return Math.abs(one - other) > data.near;
  return one !== other;
}

function isWanted(data, question, state) {
  if (state.label !== "" && String(question.right) !== state.label) return false;
  if (state.text) {
    const texts = `${question.text}\n${question.pair ?? ""}`.toLowerCase();
    if (!texts.includes(state.text)) return false;
  }
  return state.mode === "missed" ? question.misses > 0 : part(data, question, state.first, state.second);
}

function placeOf(answer, passage, spans) {
  if (!answer) return null;
  const near = spans.find(([, start]) => passage.startsWith(answer, start));
  let start = near ? near[1] : -1;
  for (let at = passage.indexOf(answer); start < 0 && at >= 0; at = passage.indexOf(answer, at + 1)) {
    if (!/\p{L}|\p{N}/u.test((passage[at - 1] ?? "") + (passage[at + answer.length] ?? ""))) start = at;
  }
  if (start < 0) start = passage.indexOf(answer); // not as words of its own: where it first occurs
  return start < 0 ? null : [start, start + answer.length];
}

function marked(passage, accepted, answered) {
  const cuts = [...new Set([0, passage.length, ...accepted.flat(), ...answered.flat()])].sort((a, b) => a - b);
  const within = (spans, start, end) => spans.some(([a, b]) => a <= start && end <= b);
  return cuts.slice(1).map((end, index) => {
    const [start, kinds] = [cuts[index], []];
    if (within(accepted, start, end)) kinds.push("accepted");
    if (within(answered, start, end)) kinds.push("answered");
    return element(kinds.length ? "mark" : "span", passage.slice(start, end), kinds.join(" "));
  });
}

function passageOf(data, question, models) {
  const paragraph = element("p", "", "text");
  if (Array.isArray(question.right)) {
    const accepted = question.right.map(([text, start]) => [start, start + text.length]);
    const places = models.map((model) => placeOf(question.answers[model], question.pair, question.right));
    paragraph.append(...marked(question.pair, accepted, places.filter((place) => place)));
  } else {
    paragraph.textContent = question.pair;
  }
  return paragraph;
}

function answerOf(data, question, model) {
  const missed = isMissed(data, question, model);
  const item = element("li", missed ? "✗ " : "✓ ", missed ? "wrong" : "right");
  const sure = question.sure[model];
  item.append(element("b", data.models[model]), `: ${shown(data, question.answers[model])}`);
  if (sure !== null) item.append(` (${data.sureOf}${sure} %)`);
  return item;
}

function questionOf(data, question, state) {
  const item = element("li");
  const models = state.mode === "against" ? [state.first, state.second] : state.shown;
  item.append(element("p", question.text, "text"));
  if (question.pair) item.append(passageOf(data, question, models));
  const about = element("p", "Gold: ", "about");
  const asked = state.shown.filter((model) => question.credit[model] !== null).length;
  about.append(element("b", shown(data, question.right)), `, wrong in ${question.misses}/${asked} models. `);
  about.append(`${question.split}, ${question.id}`);
  const given = element("ul", "", "given");
  given.append(...models.filter((model) => question.answers[model] !== null).map((m) => answerOf(data, question, m)));
  item.append(about, given);
  return item;
}

function makeBrowser(box) {
  const data = JSON.parse(document.getElementById(box.dataset.from).textContent);
  const field = (name) => box.querySelector(`[name=${name}]`);
  const [list, more, count] = [".questions", ".more", ".count"].map((name) => box.querySelector(name));
  const set = setOf(box);
  for (const [select, chosen] of [[field("first"), 0], [field("second"), 1]]) {
    data.models.forEach((name, index) => select.append(new Option(name, index)));
    select.selectedIndex = Math.min(chosen, data.models.length - 1);
  }
  let found = [];
  const state = {};
  const showMore = () => {
    const next = found.slice(list.children.length, list.children.length + SHOWN_AT_ONCE);
    list.append(...next.map((question) => questionOf(data, question, state)));
    more.hidden = list.children.length >= found.length;
  };
  const update = () => {
    state.shown = [...data.models.keys()].filter((model) => isShown(set, data.models[model]));
    for (const question of data.questions) {
      question.misses = state.shown.filter((model) => isMissed(data, question, model)).length;
    }
    Object.assign(state, { mode: field("mode").value, first: Number(field("first").value) });
    Object.assign(state, { second: Number(field("second").value), label: field("label")?.value ?? "" });
    state.text = field("text").value.trim().toLowerCase();
    for (const label of box.querySelectorAll("[data-for=against]")) label.hidden = state.mode !== "against";
    found = data.questions.filter((question) => isWanted(data, question, state));
    if (state.mode === "missed") found.sort((one, other) => other.misses - one.misses);
    count.textContent = `${found.length} of ${data.questions.length} examples`;
    list.replaceChildren();
    showMore();
  };
  box.addEventListener("input", update);
  set.addEventListener("models", update);
  more.addEventListener("click", showMore);
  update();
}

// --- Folded parts: opened for paper, and for a link that leads into one.

// The errors of a task are listed once they are unfolded: a page may have twenty tasks, of a hundred models each.
function makeOnDemand(details) {
  details.addEventListener("toggle", () => makeBrowser(details.querySelector(".browser")), { once: true });
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  let wasFolded = false;
  for (let box = target?.closest("details"); box; box = box.parentElement.closest("details")) {
    wasFolded ||= !box.open;
    box.open = true;
  }
  if (wasFolded) target.scrollIntoView();
}

// --- The contents: the section in sight is marked.

function markCurrent(links) {
  const targets = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  const passed = targets.map((target) => target.getBoundingClientRect().top < 0.3 * innerHeight);
  const atEnd = scrollY > 0 && scrollY + innerHeight >= document.documentElement.scrollHeight - 2;
  const current = atEnd ? links.length - 1 : passed.lastIndexOf(true);
  links.forEach((link, index) => {
    if (index === Math.max(current, 0)) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}

function makeMarking(links) {
  let isDue = false;
  addEventListener("scroll", () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      markCurrent(links);
    });
  }, { passive: true });
  markCurrent(links);
}

let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});
addEventListener("hashchange", openTarget);
addEventListener("click", (event) => {
  if (event.target.closest?.("a")?.hash === location.hash) openTarget(); // which changes no hash
});

for (const controls of document.querySelectorAll(".controls")) controls.hidden = false;
for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
for (const board of document.querySelectorAll("table.board")) makeModels(board);
for (const button of document.querySelectorAll("button[data-widens]")) makeWidening(button);
for (const table of document.querySelectorAll("table")) makeCopying(table);
for (const details of document.querySelectorAll("details.errors")) makeOnDemand(details);
makeMarking([...document.querySelectorAll(".contents a")]);
openTarget();
