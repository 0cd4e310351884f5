// Photos on their way: held here until the plain yes, kept over a reload, sent one by one, tried again until they are there.

import { renew } from "./draft.js";

const DAY = 24 * 60 * 60 * 1000;
const AT_ONCE = 1; // so that the pages of a letter arrive in the order of the shots
const DARK = 48;

/** A small memory in the browser, so that a reload or a dead battery loses no photo. */
class Memory {
  constructor() {
    this.open = new Promise((done) => {
      try {
        const asked = indexedDB.open("briefbrug", 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("photos", { keyPath: "id" });
        asked.onsuccess = () => done(asked.result);
        asked.onerror = () => done(null);
      } catch {
        done(null);
      }
    });
  }

  async #ask(mode, act) {
    const database = await this.open;
    if (!database) return null;
    return new Promise((done) => {
      const asked = act(database.transaction("photos", mode).objectStore("photos"));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => done(null);
    });
  }

  all() { return this.#ask("readonly", (store) => store.getAll()); }
  keep(photo) { return this.#ask("readwrite", (store) => store.put(photo)); }
  forget(id) { return this.#ask("readwrite", (store) => store.delete(id)); }
  clear() { return this.#ask("readwrite", (store) => store.clear()); }
}

export class Photos {
  constructor({ askAgain, words, token, maxBytes, consent, say, newId }) {
    Object.assign(this, { askAgain, words, token, maxBytes, consent, say, newId });
    this.items = [];
    this.memory = new Memory();
    this.waiters = [];
    this.strip = document.getElementById("strip");
    this.list = document.getElementById("strip-list");
    this.count = document.getElementById("strip-count");
    for (const id of ["camera", "files"]) {
      const input = document.getElementById(id);
      input.addEventListener("change", () => {
        this.add([...input.files]); // a copy: emptying the field empties its list
        input.value = "";
        if (id === "camera") {
          const label = document.getElementById("camera-label");
          label.textContent = label.dataset.more;
        }
      });
    }
    this.ready = this.#remember();
  }

  async #remember() {
    for (const kept of (await this.memory.all()) ?? []) {
      if (Date.now() - kept.at > DAY || this.consent === "no") await this.memory.forget(kept.id);
      else this.#show({ id: kept.id, blob: kept.blob, state: "waiting", tries: 0 });
    }
    this.#tell();
  }

  async add(files) {
    for (const blob of files) {
      const item = { id: this.newId(), blob, state: "waiting", tries: 0 };
      this.#show(item);
      if (blob.size > this.maxBytes) {
        this.#fail(item, this.words.large, false);
        continue;
      }
      await this.memory.keep({ id: item.id, blob, at: Date.now() });
      this.#lookAt(item);
    }
    this.#tell();
    this.strip.scrollIntoView({ block: "nearest" });
    if (this.consent !== "yes") this.say(this.words.photosHeld);
    if (this.consent === "no") this.askAgain();
    this.go();
  }

  consentIs(consent) {
    const before = this.consent;
    this.consent = consent;
    if (consent === "no" && before !== "no" && this.items.length) {
      this.drop();
      this.say(this.words.dropped);
    } else if (consent !== before) {
      this.items.forEach((item) => this.#paint(item));
      this.#tell();
    }
    this.go();
  }

  drop() {
    for (const item of this.items) item.element.remove();
    this.items = [];
    this.memory.clear();
    this.#tell();
  }

  isBusy() {
    return this.items.some((item) => item.state === "waiting" || item.state === "sending");
  }

  settled() {
    return this.isBusy() ? new Promise((done) => this.waiters.push(done)) : Promise.resolve();
  }

  go() {
    if (this.consent !== "yes") return;
    const free = AT_ONCE - this.items.filter((item) => item.state === "sending").length;
    this.items.filter((item) => item.state === "waiting" && !item.resting).slice(0, Math.max(0, free)).forEach((item) => this.#send(item));
  }

  #send(item) {
    item.state = "sending";
    this.#paint(item);
    const body = new FormData();
    body.append("photos", item.blob, "foto");
    const request = new XMLHttpRequest();
    request.open("POST", "/chat/photo");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-Form-Token", this.token);
    request.setRequestHeader("X-Upload-Id", item.id);
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) item.bar.value = event.loaded / event.total; });
    request.addEventListener("load", () => this.#answered(item, request));
    request.addEventListener("error", () => this.#later(item, 0));
    request.addEventListener("abort", () => this.#later(item, 0));
    request.send(body);
  }

  #answered(item, request) {
    let found = {};
    try { found = JSON.parse(request.responseText); } catch { /* a proxy's own page */ }
    if (request.status === 200) {
      item.state = "done";
      this.memory.forget(item.id);
      this.#paint(item);
      this.#tell();
      this.go();
    } else if (request.status === 429 || request.status >= 500) {
      this.#later(item, Number(request.getResponseHeader("Retry-After")) * 1000, request.status === 429 ? this.words.late : found.text);
    } else if (request.status === 409) {
      item.state = "waiting";
      this.consent = "asked";
      this.#paint(item);
    } else if (request.status === 404 || found.problem === "old_page") {
      // The page is older than the conversation; the photo is kept here and goes with the fresh page.
      if (!renew()) this.#later(item, 0);
    } else {
      this.#fail(item, found.text ?? this.words.failed, request.status !== 413);
    }
  }

  #later(item, atLeast, text = this.words.offline) {
    item.state = "waiting";
    item.tries += 1;
    item.resting = true;
    this.#paint(item);
    this.say(text);
    setTimeout(() => { item.resting = false; this.go(); }, Math.max(atLeast, Math.min(30000, 1000 * 2 ** item.tries)));
  }

  #fail(item, text, mayRetry) {
    item.state = "failed";
    item.text = text;
    item.mayRetry = mayRetry;
    this.memory.forget(item.id);
    this.#paint(item);
    this.#tell();
    this.go();
  }

  #show(item) {
    item.number = this.items.length + 1;
    this.items.push(item);
    item.element = document.createElement("li");
    item.element.className = "bb-shot";
    const name = this.words.name.replace("#", item.number);
    item.thumb = document.createElement(item.blob.type.startsWith("image/") && !/hei[cf]/.test(item.blob.type) ? "img" : "span");
    item.thumb.className = "bb-shot__thumb";
    if (item.thumb.tagName === "IMG") {
      item.thumb.alt = "";
      item.thumb.src = URL.createObjectURL(item.blob);
    }
    item.label = document.createElement("span");
    item.label.className = "bb-shot__name";
    item.label.textContent = name;
    item.bar = document.createElement("progress");
    item.bar.max = 1;
    item.bar.value = 0;
    item.bar.setAttribute("aria-label", name);
    item.note = document.createElement("span");
    item.note.className = "bb-shot__note";
    item.retry = this.#button(this.words.retry, name, () => {
      item.state = "waiting";
      item.tries = 0;
      this.#paint(item);
      this.#tell();
      this.go();
    });
    item.remove = this.#button(this.words.remove, name, () => {
      this.items = this.items.filter((other) => other !== item);
      this.memory.forget(item.id);
      item.element.remove();
      this.#tell();
    });
    item.element.append(item.thumb, item.label, item.bar, item.note, item.retry, item.remove);
    this.list.append(item.element);
    this.#paint(item);
  }

  #button(text, name, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "utrecht-button utrecht-button--secondary-action bb-shot__button";
    button.textContent = text;
    button.setAttribute("aria-label", `${text}: ${name}`);
    button.addEventListener("click", act);
    return button;
  }

  #paint(item) {
    const held = item.state === "waiting" && this.consent !== "yes";
    item.element.dataset.state = item.state;
    item.note.textContent = item.text ?? (held ? this.words.held : this.words[item.state]);
    if (item.state !== "failed" && item.advice) item.note.textContent += `. ${item.advice}`;
    if (item.state !== "failed") item.text = undefined;
    item.bar.hidden = item.state !== "sending";
    item.retry.hidden = !(item.state === "failed" && item.mayRetry);
    item.remove.hidden = item.state === "done" || item.state === "sending";
  }

  #tell() {
    const all = this.items.length;
    const done = this.items.filter((item) => item.state === "done").length;
    this.strip.hidden = all === 0;
    if (all && done === all) {
      // All there: the count in the conversation says the rest.
      this.strip.classList.add("bb-strip--done");
      this.count.textContent = this.words.progress.replace("@", done).replace("#", all);
      setTimeout(() => this.#tidy(), 2500);
    } else {
      this.strip.classList.remove("bb-strip--done");
      const text = done ? this.words.progress.replace("@", done) : (all === 1 ? this.words.one : this.words.many);
      this.count.textContent = text.replace("#", all);
    }
    if (!this.isBusy()) this.waiters.splice(0).forEach((done_) => done_());
  }

  #tidy() {
    if (!this.items.length || this.items.some((item) => item.state !== "done")) return;
    for (const item of this.items) {
      if (item.thumb.src) URL.revokeObjectURL(item.thumb.src);
      item.element.remove();
    }
    this.items = [];
    this.strip.hidden = true;
  }

  /** Say so at once when a photo is very dark; it is sent all the same, the resident decides. */
  async #lookAt(item) {
    if (item.thumb.tagName !== "IMG" || !("createImageBitmap" in window)) return;
    try {
      const small = await createImageBitmap(item.blob, { resizeWidth: 32, resizeHeight: 32 });
      const canvas = document.createElement("canvas");
      canvas.width = 32;
      canvas.height = 32;
      const pen = canvas.getContext("2d");
      pen.drawImage(small, 0, 0);
      const { data } = pen.getImageData(0, 0, 32, 32);
      let light = 0;
      for (let at = 0; at < data.length; at += 4) light += 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2];
      if (light / 1024 < DARK) {
        item.advice = this.words.dark;
        this.#paint(item);
        this.say(this.words.dark);
      }
    } catch { /* a kind that this browser cannot open: the server can */ }
  }
}
