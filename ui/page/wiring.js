// The page's own behaviour. Clicks are caught on the document, since Streamlit redraws the elements themselves.
const NARROW = window.matchMedia("(max-width: 899px)");

function current(turn) {
  document.querySelectorAll(".jd-sources").forEach((panel) => {
    panel.classList.toggle("jd-current", panel.dataset.turn === String(turn));
  });
}

function light(card, selector) {
  document.querySelectorAll(selector + ".jd-lit").forEach((lit) => lit.classList.remove("jd-lit"));
  if (card) card.classList.add("jd-lit");
}

function bring(element, block) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  element.scrollIntoView({ behavior: calm ? "auto" : "smooth", block: block || "nearest" });
}

async function copy(button) {
  const text = button.dataset.text || "";
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    // An address without https has no clipboard of its own: the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    document.body.appendChild(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  const words = button.textContent;
  button.textContent = done ? "已复制" : "没有复制成，请手动选取";
  window.setTimeout(() => (button.textContent = words), 1600);
}

function act(event, tell) {
  const element = event.target instanceof Element ? event.target.closest("[data-jd]") : null;
  if (!element || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { jd, turn, target } = element.dataset;
  event.preventDefault();
  if (jd === "mark") {
    current(turn);
    const card = document.getElementById(target);
    light(element, ".jd-mark");
    light(card, ".jd-card");
    if (card) {
      bring(card, NARROW.matches ? "start" : "nearest");
      card.focus({ preventScroll: true });
    }
  } else if (jd === "turn") {
    current(turn);
    const panel = document.querySelector(".jd-sources.jd-current");
    if (panel) bring(panel, "start");
  } else if (jd === "back" || jd === "jump") {
    const goal = document.getElementById(element.getAttribute("href").slice(1));
    if (goal) bring(goal, "start");
  } else if (jd === "copy") {
    copy(element);
  } else if (jd === "open") {
    const { id, start, end, topic } = element.dataset;
    tell("open", { id, start: Number(start), end: Number(end), topic: topic || "" });
  } else if (jd === "talk") {
    tell("talk", { id: element.dataset.id });
  } else if (jd === "judge") {
    tell("judge", { turn: Number(turn), verdict: element.dataset.verdict });
  }
}

// A page that is still being drawn moves what was brought into sight out of it again: look until it stays, or a reader's own hand moves the page.
function stay(id, block) {
  const hand = new AbortController();
  let checks = 9;
  let stayed = 0;
  const timer = window.setInterval(() => {
    const element = document.getElementById(id);
    const box = element && element.getBoundingClientRect();
    const inSight = box && box.bottom > 0 && box.top < window.innerHeight;
    stayed = inSight ? stayed + 1 : 0;
    if (box && !inSight) element.scrollIntoView({ behavior: "auto", block });
    checks -= 1;
    if (!box || !checks || stayed === 2) stop();
  }, 700);
  const stop = () => {
    window.clearInterval(timer);
    hand.abort();
  };
  ["wheel", "touchmove", "keydown", "pointerdown"].forEach((name) => {
    window.addEventListener(name, stop, { passive: true, signal: hand.signal });
  });
}

function focus(id, patience) {
  const element = document.getElementById(id);
  if (element) {
    const block = id === "here" ? "center" : "start";
    bring(element, block);
    stay(id, block);
    const entry = document.querySelector(".jd-outline .jd-here");
    // What was found in the document stays in sight: only an outline alone is scrolled.
    const shelf = entry && !document.querySelector(".jd-found") && (entry.closest(".st-key-reader-aside > [data-testid=stElementContainer]") || entry.parentElement);
    if (shelf) shelf.scrollTop += entry.getBoundingClientRect().top - shelf.getBoundingClientRect().top - shelf.clientHeight / 3;
  } else if (patience > 0) {
    window.setTimeout(() => focus(id, patience - 1), 50);
  }
}

export default function (component) {
  const { data, setTriggerValue } = component;
  const held = (window.judian = window.judian || { focus: "" });
  document.documentElement.lang = "zh-CN";
  if (held.listener) document.removeEventListener("click", held.listener);
  held.listener = (event) => act(event, setTriggerValue);
  document.addEventListener("click", held.listener);
  if (data.focus !== held.focus) {
    held.focus = data.focus;
    if (data.focus) focus(data.focus.split("@")[0], 200);
  }
}
