"use strict"; // of the whole script, which this begins

// --- Models: a filter by name and a selection say which are shown, by all that a set of runs has of them.
// Rows, columns, figures and sections of the others are hidden, their marks in plots fade, and error browsers, which
// list them once they are unfolded, hear the event "models".

const shownBySet = new Map();

function setOf(part) {
  return part.closest(".set") ?? document.getElementById("main");
}

function isShown(set, name) {
  return shownBySet.get(set)?.(name) ?? true;
}

// The parts of a set, each with the models that it is about. A page may have ten thousand, so this is done on demand.
function partsOf(set, names) {
  const parts = [];
  const nameOf = (cell) => [cell.title, cell.textContent].find((text) => names.has(text));
  for (const table of set.querySelectorAll("table")) {
    const hasColumns = table.matches(".matrix, .by-model");
    const columns = hasColumns ? [...table.tHead.rows[0].cells].map(nameOf) : [];
    for (const row of table.rows) {
      const words = row.dataset.name ? [row.dataset.name] : [...row.querySelectorAll("tbody th, td.t")].map(nameOf);
      parts.push([row, words.filter((name) => names.has(name))]);
      columns.forEach((name, index) => { if (name) parts.push([row.cells[index], [name]]); });
    }
  }
  for (const part of set.querySelectorAll("[data-model]")) {
    if (!part.closest("svg")) parts.push([part, [part.dataset.model]]);
  }
  return parts.filter(([, models]) => models.length);
}

// The selection that is shown alone is part of the address, `?show=NAME&show=NAME`, so that a link keeps it.
function remember() {
  const address = new URL(location.href);
  address.searchParams.delete("show");
  for (const button of document.querySelectorAll("button[data-narrows][aria-pressed=true]")) {
    for (const box of document.getElementById(button.dataset.narrows).querySelectorAll(".choose:checked")) {
      address.searchParams.append("show", box.value);
    }
  }
  if (address.href === location.href) return;
  try {
    history.replaceState(null, "", address);
  } catch {
    // where a page may not change its address, the selection holds until it is closed
  }
}

function makeModels(board) {
  const set = setOf(board);
  const controls = board.closest(".column").querySelector(".controls");
  const [input, count, only] = ["input", ".count", "[data-narrows]"].map((part) => controls.querySelector(part));
  const boxes = [...board.querySelectorAll(".choose")];
  const names = new Set(boxes.map((box) => box.value));
  let parts = null;
  const update = () => {
    const chosen = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const isNarrow = only.getAttribute("aria-pressed") === "true" && chosen.size > 0;
    const wanted = input.value.trim().toLowerCase();
    const isIn = (name) => name.toLowerCase().includes(wanted) && (!isNarrow || chosen.has(name));
    only.setAttribute("aria-pressed", String(isNarrow));
    only.hidden = !chosen.size;
    only.textContent = isNarrow ? `Show all ${names.size} models` : `Show only the ${chosen.size} selected`;
    const left = [...names].filter(isIn).length;
    count.textContent = left < names.size ? `${left} of ${names.size} models` : "";
    if (!parts && left === names.size) return; // nothing was ever hidden
    parts ??= partsOf(set, names);
    shownBySet.set(set, isIn);
    for (const [part, models] of parts) part.hidden = !models.every(isIn);
    for (const mark of set.querySelectorAll("svg [data-model]")) mark.classList.toggle("faded", !isIn(mark.dataset.model));
    set.dispatchEvent(new Event("models"));
  };
  const change = () => { update(); remember(); };
  input.addEventListener("input", update);
  only.addEventListener("click", () => {
    only.setAttribute("aria-pressed", String(only.getAttribute("aria-pressed") !== "true"));
    change();
  });
  const asked = new URLSearchParams(location.search).getAll("show");
  for (const box of boxes) {
    box.hidden = false;
    box.checked = asked.includes(box.value);
    box.addEventListener("change", change);
  }
  only.setAttribute("aria-pressed", String(boxes.some((box) => box.checked)));
  update();
}

