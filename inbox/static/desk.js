// The desk with a little life: lists and chats that follow, keys, advice on words, letters from close by.
// Everything on these pages also works without this file.

const root = document.documentElement;
root.classList.add("script");
const token = document.querySelector('meta[name="csrf"]')?.content ?? "";
const told = document.getElementById("meld");

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const say = (words) => { told.textContent = ""; requestAnimationFrame(() => { told.textContent = words; }); };

function post(path, fields = {}) {
  return fetch(path, {
    method: "POST",
    headers: { "x-csrf-token": token, "x-part": "1", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields),
  });
}

// --- parts of the page that follow what happens -----------------------------------------------------------------------

function atBottom(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 60;
}

async function follow(part) {
  if (document.hidden || part.contains(document.activeElement) && part.matches(":has(input:focus)")) return;
  const joint = part.dataset.live.includes("?") ? "&" : "?";
  const answer = await fetch(`${part.dataset.live}${joint}stempel=${part.dataset.stamp}`, { headers: { "x-part": "1" } });
  if (answer.status === 401) { location.assign("/inbox/inloggen"); return; }
  if (answer.status !== 200) return;
  const stays = "stick" in part.dataset && atBottom(part);
  const held = part.contains(document.activeElement) ? document.activeElement.dataset.case : null;
  const status = $("[data-status]", part)?.dataset.status;
  part.innerHTML = await answer.text();
  const fresh = $("[data-part-stamp]", part);
  part.dataset.stamp = fresh.dataset.partStamp;
  if (held) $(`[data-case="${CSS.escape(held)}"]`, part)?.focus();
  if (stays) part.scrollTop = part.scrollHeight;
  if (status && fresh.dataset.status && status !== fresh.dataset.status && !$("#antwoord")?.value) { location.reload(); return; }
  say(part.dataset.told);
  ringWhenNew();
}

for (const part of $$("[data-live]")) {
  if ("stick" in part.dataset) part.scrollTop = part.scrollHeight;
  const seconds = Number(part.dataset.every ?? 8);
  setInterval(() => { follow(part).catch(() => {}); }, seconds * 1000);
}

// --- keys -------------------------------------------------------------------------------------------------------------

const isTyping = (target) => target.closest("input, textarea, select, [contenteditable], dialog");

function step(by) {
  const stops = $$(".row").length ? $$(".row") : $$("article.letter");
  if (!stops.length) return;
  const at = stops.findIndex((each) => each === document.activeElement || each.contains(document.activeElement));
  const next = stops[Math.min(stops.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    r: () => $("#antwoord")?.focus(),
    "/": () => $("#zoek")?.focus(),
    u: () => $("[data-back]")?.click(),
  };
  if (event.key in keys) { event.preventDefault(); keys[event.key](); }
});

// --- forms ------------------------------------------------------------------------------------------------------------

for (const form of $$('form[method="post"]')) {
  form.addEventListener("submit", () => {
    // A second press while the first is on its way does nothing; the server would count it once anyway.
    setTimeout(() => { for (const button of $$("button", form)) button.disabled = true; }, 0);
  });
}
addEventListener("pageshow", () => { for (const button of $$("button[disabled]")) button.disabled = false; });

for (const choice of $$("[data-submit]")) choice.addEventListener("change", () => choice.form.requestSubmit());
for (const button of $$("[data-print]")) button.addEventListener("click", () => print());

let lastSign = Date.now();
document.addEventListener("input", () => {
  // Somebody who writes a long answer is at work: the session must not end under her hands.
  if (Date.now() - lastSign < 60_000) return;
  lastSign = Date.now();
  post("/inbox/bezig").catch(() => {});
});

const box = $("[data-check]");
if (box) {
  let waiting;
  const advise = async () => {
    const answer = await post(box.dataset.check, { antwoord: box.value });
    if (answer.ok) $("[data-advice]").innerHTML = await answer.text();
  };
  let shown = 0;
  box.addEventListener("input", () => {
    // The resident sees that a human is writing; at most every five seconds.
    if (box.value && Date.now() - shown > 5000) { shown = Date.now(); post(box.dataset.typing).catch(() => {}); }
  });
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => { advise().catch(() => {}); }, 700); });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) box.form.requestSubmit();
  });
  for (const chip of $$("[data-insert]")) {
    chip.addEventListener("click", () => {
      box.setRangeText(chip.dataset.insert, box.selectionStart, box.selectionEnd, "end");
      box.focus();
      box.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

// --- letters ----------------------------------------------------------------------------------------------------------

function openLetter() {
  const letter = location.hash.startsWith("#brief-") ? document.getElementById(location.hash.slice(1)) : null;
  const more = letter && $(".letter__more", letter);
  if (more) more.open = true;
}
addEventListener("hashchange", openLetter);
openLetter();
for (const link of $$('a[href^="#brief-"]')) link.addEventListener("click", () => setTimeout(openLetter, 0));
addEventListener("beforeprint", () => { for (const more of $$(".letter__more")) more.open = true; });

for (const fact of $$(".fact")) {
  const field = fact.querySelector('input[name="veld"]')?.value;
  const light = (on) => {
    for (const mark of $$(`.mark--${field}`, fact.closest(".letter"))) mark.classList.toggle("mark--lit", on);
  };
  fact.addEventListener("pointerenter", () => light(true));
  fact.addEventListener("pointerleave", () => light(false));
  fact.addEventListener("focusin", () => light(true));
  fact.addEventListener("focusout", () => light(false));
}

const viewer = $("[data-viewer]");
if (viewer) {
  const sheets = $$("[data-sheet]");
  const stage = $(".viewer__stage", viewer);
  let at = 0, zoom = 1, turn = 0;

  const draw = () => {
    const sheet = document.createElement("div");
    sheet.className = "viewer__sheet";
    for (const part of sheets[at].children) sheet.append(part.cloneNode(true));
    sheet.style.width = `${Math.round(zoom * 100)}%`;
    sheet.style.transform = `rotate(${turn}deg)`;
    stage.replaceChildren(sheet);
    stage.setAttribute("aria-label", $("img", sheet).alt);
  };
  const show = (index) => {
    at = (index + sheets.length) % sheets.length;
    turn = 0;
    draw();
  };
  sheets.forEach((sheet, index) => sheet.addEventListener("click", () => { zoom = 1; show(index); viewer.showModal(); }));
  for (const button of $$("[data-zoom]", viewer)) {
    button.addEventListener("click", () => { zoom = Math.min(4, Math.max(0.5, zoom * (button.dataset.zoom === "in" ? 1.4 : 1 / 1.4))); draw(); });
  }
  $("[data-turn]", viewer).addEventListener("click", () => { turn = (turn + 90) % 360; draw(); });
  for (const button of $$("[data-step]", viewer)) button.addEventListener("click", () => show(at + Number(button.dataset.step)));
  $("[data-close]", viewer).addEventListener("click", () => viewer.close());
  viewer.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight") show(at + 1);
    if (event.key === "ArrowLeft") show(at - 1);
  });
}

// --- a sound for danger: only when somebody asked for it, because a browser stays silent until it is touched -----------

const bell = $("[data-bell]");
let dangers = 0;
let audio = null;

function ring() {
  audio ??= new AudioContext();
  for (const [start, pitch] of [[0, 660], [0.25, 880]]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.12, audio.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + start + 0.22);
    tone.connect(volume).connect(audio.destination);
    tone.start(audio.currentTime + start);
    tone.stop(audio.currentTime + start + 0.24);
  }
}

function ringWhenNew() {
  const now = $$("[data-danger]").length;
  if (now > dangers && bell?.getAttribute("aria-pressed") === "true") ring();
  dangers = now;
}

if (bell) {
  dangers = $$("[data-danger]").length;
  const show = (on) => bell.setAttribute("aria-pressed", String(on));
  bell.addEventListener("click", () => {
    const on = bell.getAttribute("aria-pressed") !== "true";
    show(on);
    if (on) ring();
  });
}
