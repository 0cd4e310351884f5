// The conversation: shows what changes, sends words and presses, keeps photos safe until they are sent.

import { offerCamera } from "./camera.js";
import { draft, keepDraft, renew, wasRenewed } from "./draft.js";
import { Photos } from "./photos.js";
import { offerSpeech } from "./speech.js";

const page = document.body.dataset;
const words = document.getElementById("words").dataset;
const log = document.getElementById("log");
const status = document.getElementById("status");
const thinking = document.getElementById("thinking");
const TRIES = 6;
const OLD = new Set(["no_session", "old_page", "not_found"]);
let change = Number(page.change);
let silentSince = 0;

// --- small things ---

export function say(text) {
  status.textContent = text;
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const isCalm = matchMedia("(prefers-reduced-motion: reduce)");

// --- the thread ---

function piece(html) {
  const template = document.createElement("template");
  template.innerHTML = html; // made by our own server, every word in it escaped there
  return template.content.firstElementChild;
}

function place(message) {
  const fresh = piece(message.html);
  const old = document.getElementById(message.ref);
  if (old) {
    const hadFocus = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (hadFocus) fresh.querySelector("button:not([hidden])")?.focus({ preventScroll: true });
    return null;
  }
  const after = [...log.children].reverse().find((other) => !other.dataset.at || other.dataset.at <= fresh.dataset.at);
  if (after) after.after(fresh); else log.prepend(fresh);
  return fresh;
}

function take(view) {
  // The browser has another conversation than this page: the page follows, and what was typed comes along.
  if (isOther(view.token)) return;
  let first = null;
  let mine = null;
  for (const message of view.messages) {
    if (message.from === "resident") document.querySelector("[data-pending]")?.remove();
    const fresh = place(message);
    if (fresh && message.from === "resident") mine = fresh;
    else if (fresh) first ??= fresh;
    if (message.from !== "resident") silentSince = 0;
  }
  if (view.messages.length) {
    decorate();
    if (!silentSince) thinking.hidden = true;
  }
  change = Math.max(change, view.change);
  // The labels of the page follow the language of the conversation.
  if (view.language && view.language !== page.language) location.reload();
  photos.consentIs(view.consent);
  if (first ?? mine) lookAt(first ?? mine);
}

function isOther(token) {
  return token !== undefined && token !== page.token && renew();
}

function lookAt(message) {
  const isMine = message.dataset.from === "resident" || "pending" in message.dataset;
  message.scrollIntoView({ block: isMine ? "end" : "start", behavior: isCalm.matches ? "auto" : "smooth" });
}

function decorate() {
  const seen = new Set();
  for (const button of [...log.querySelectorAll("[data-same]")].reverse()) {
    button.hidden = seen.has(button.dataset.same);
    seen.add(button.dataset.same);
  }
  for (const form of log.querySelectorAll(".bb-choices")) {
    form.hidden = ![...form.elements].some((element) => element.type === "submit" && !element.hidden);
  }
  const samples = document.querySelector(".bb-samples");
  if (samples && log.querySelector("[data-do=all_photos]")) samples.hidden = true;
  // Only the newest choices stand out.
  const forms = [...log.querySelectorAll(".bb-choices:not([hidden])")];
  forms.forEach((form, index) => form.classList.toggle("bb-choices--old", index < forms.length - 2));
  for (const face of log.querySelectorAll("img[data-optional]")) {
    face.addEventListener("error", () => face.remove(), { once: true });
  }
  offerSpeech(log, page, words);
}

// --- sending ---

const send = (address, fields) => fetch(address, {
  method: "POST",
  body: new URLSearchParams(fields),
  headers: { Accept: "application/json", "X-Form-Token": page.token },
});

/** Post a form; the same id each time, so that a second try has no second effect. Returns the answer, or null. */
async function post(address, fields) {
  const after = String(change);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const answer = await send(address, { ...fields, after });
      const found = await answer.json();
      if (answer.ok) {
        say("");
        return found;
      }
      if (OLD.has(found.problem) && renew()) return null;
      say(found.text ?? words.kept);
      if (answer.status !== 503 && answer.status !== 429) return null;
    } catch {
      say(words.notSent);
    }
    await pause(1000 * 2 ** attempt);
  }
  say(words.kept);
  return null;
}

function gone(lines) {
  const block = document.createElement("div");
  for (const line of lines) {
    const text = document.createElement("p");
    text.className = "utrecht-paragraph utrecht-paragraph--lead";
    text.textContent = line;
    block.append(text);
  }
  const again = document.createElement("a");
  again.className = "utrecht-link utrecht-link--html-a";
  again.href = "/";
  again.textContent = words.again;
  block.append(again);
  log.replaceChildren(block);
  document.getElementById("composer").hidden = true;
  keepDraft("");
  thinking.hidden = true;
  events?.close();
  photos.drop();
}

async function turn(address, fields) {
  silentSince = Date.now();
  thinking.hidden = false;
  if (!document.querySelector("[data-pending]")) thinking.scrollIntoView({ block: "end" });
  const view = await post(address, fields);
  silentSince = 0;
  thinking.hidden = true;
  if (view?.gone) gone(view.gone);
  else if (view?.messages) take(view);
  return view !== null;
}

function pending(text) {
  const mine = document.createElement("article");
  mine.className = "bb-message bb-message--resident bb-message--pending";
  mine.dataset.pending = "";
  const line = document.createElement("p");
  line.className = "utrecht-paragraph";
  line.textContent = text;
  mine.append(line);
  log.append(mine);
  lookAt(mine);
  return mine;
}

const textForm = document.getElementById("text-form");
const field = document.getElementById("text");
const unsent = new Set();
let isSending = Promise.resolve();

function remember() {
  keepDraft([...[...unsent].map((mine) => mine.textContent), field.value].filter(Boolean).join("\n"));
}

textForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  grow();
  const mine = pending(text);
  unsent.add(mine);
  remember();
  // One after the other, so that the order of the words is kept.
  isSending = isSending.then(async () => {
    const isThere = await turn("/chat/text", { text, id: newId() });
    mine.remove();
    unsent.delete(mine);
    if (!isThere) {
      field.value = [text, field.value].filter(Boolean).join("\n");
      grow();
    }
    remember();
  });
});

field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    textForm.requestSubmit();
  }
});

function grow() {
  field.rows = Math.min(5, Math.max(1, field.value.split("\n").length, Math.ceil(field.value.length / 36)));
}
field.addEventListener("input", grow);
field.addEventListener("input", remember);

log.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.classList.contains("bb-choices")) return;
  event.preventDefault();
  const button = event.submitter;
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((each) => { each.disabled = true; });
  const values = new FormData(form);
  if (button.dataset.do === "all_photos" && photos.isBusy()) {
    say(words.first);
    await photos.settled();
  }
  await turn("/chat/button", { message: values.get("message"), index: button.value, id: newId() });
  buttons.forEach((each) => { each.disabled = false; });
});

for (const form of document.querySelectorAll("[data-form]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    if (form.dataset.form === "samples") {
      say(words.samples);
      await turn("/chat/samples", { id: newId() });
    } else {
      const found = await post("/chat/code", {});
      const place = document.getElementById("code");
      if (found?.code) place.textContent = place.dataset.label.replace("XXXXXX", found.code);
    }
    button.disabled = false;
  });
}

// --- photos ---

const askAgain = () => turn("/chat/hold", { id: newId() });
const photos = new Photos({ askAgain, words, token: page.token, maxBytes: Number(page.maxBytes), consent: page.consent, say, newId });
photos.ready.then(() => photos.consentIs(page.consent));
offerCamera({ photos, words, say });

const drop = document.getElementById("drop");
document.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  drop.hidden = false;
});
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) drop.hidden = true; });
document.addEventListener("drop", (event) => {
  drop.hidden = true;
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  photos.add([...event.dataTransfer.files]);
});
document.addEventListener("paste", (event) => {
  if (event.clipboardData?.files.length) photos.add([...event.clipboardData.files]);
});

// --- a proof shown large ---

const zoom = document.getElementById("zoom");
log.addEventListener("click", (event) => {
  const link = event.target.closest(".bb-proof");
  if (!link || !zoom.showModal) return;
  event.preventDefault();
  const picture = document.getElementById("zoom-picture");
  picture.src = link.href;
  picture.alt = link.querySelector("img").alt;
  zoom.showModal();
});
zoom.addEventListener("click", (event) => { if (event.target === zoom) zoom.close(); });

// --- what changes while the page is open ---

const PATIENCE = 8000; // a line that stays silent for so long is held up by something in between
const ASK_EVERY = 3000;
const ASKS = 20; // after so many, the live line is tried once more
let events = null;
let failures = 0;

function isBack() {
  if (failures) say(words.online);
  failures = 0;
  photos.go();
}

function isAway() {
  failures += 1;
  if (failures === 2) say(words.offline);
}

function listen() {
  if (!("EventSource" in window)) {
    poll();
    return;
  }
  const line = new EventSource(`/chat/events?after=${change}`);
  events = line;
  let broken = 0;
  const giveUp = () => {
    if (events !== line) return;
    line.close();
    events = null;
    poll();
  };
  let silence = setTimeout(giveUp, PATIENCE);
  line.addEventListener("hello", (event) => {
    clearTimeout(silence);
    broken = 0;
    isBack();
    isOther(JSON.parse(event.data).token);
  });
  line.addEventListener("change", (event) => take(JSON.parse(event.data)));
  line.addEventListener("gone", () => location.reload());
  line.addEventListener("error", () => {
    isAway();
    broken += 1;
    clearTimeout(silence);
    // A browser that gives up for good, or a line that never comes: the page goes on by asking.
    if (line.readyState === EventSource.CLOSED || broken > 2) giveUp();
    else silence = setTimeout(giveUp, PATIENCE);
  });
}

async function ask() {
  const answer = await fetch(`/chat/messages?after=${change}`, { headers: { Accept: "application/json" } });
  if (answer.status === 404) renew();
  if (!answer.ok) return false;
  take(await answer.json());
  return true;
}

async function poll() {
  for (let answers = 0; answers < ASKS;) {
    try {
      if (await ask()) {
        answers += 1;
        isBack();
      }
    } catch {
      isAway();
    }
    await pause(ASK_EVERY);
  }
  listen();
}

// A human sees that her answer was read; the resident sees that a human writes.
const writing = document.getElementById("writing");
let seenAt = 0;
async function tellSeen() {
  const every = log.querySelector('[data-from="human"]') ? 4000 : 20000;
  if (document.hidden || Date.now() - seenAt < every) return;
  seenAt = Date.now();
  const answer = await fetch("/chat/seen", {
    method: "POST",
    body: new URLSearchParams({ change: String(change) }),
    headers: { Accept: "application/json", "X-Form-Token": page.token },
  });
  if (!answer.ok) return;
  const found = await answer.json();
  writing.textContent = found.writing;
  if (found.change > change) await ask(); // the live line is open but brings nothing
}
setInterval(() => { tellSeen().catch(() => {}); }, 2000);

window.addEventListener("offline", () => say(words.offline));
window.addEventListener("online", () => { say(words.online); photos.go(); });
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

field.value = draft();
if (field.value) {
  grow();
  say(wasRenewed() ? words.renewed : words.draft);
}
decorate();
listen();
const last = log.querySelector(".bb-message:last-of-type");
if (last && log.children.length > 1) last.scrollIntoView({ block: "nearest" });
