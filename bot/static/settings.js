// What a resident chose for her eyes, and the quick way out; loaded on every page.

const KEY = "briefbrug-";
const root = document.documentElement;

for (const name of ["large", "contrast"]) {
  root.classList.toggle(`bb-${name}`, remembered(name));
}
for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;
for (const button of document.querySelectorAll("[data-toggle]")) {
  const name = button.dataset.toggle;
  show(button, name);
  button.addEventListener("click", () => {
    const on = root.classList.toggle(`bb-${name}`);
    try { localStorage.setItem(KEY + name, on ? "1" : "0"); } catch { /* a browser without memory still changes now */ }
    show(button, name);
  });
}

function remembered(name) {
  try { return localStorage.getItem(KEY + name) === "1"; } catch { return false; }
}

function show(button, name) {
  button.setAttribute("aria-pressed", String(root.classList.contains(`bb-${name}`)));
}

// The way out: the page is empty before the other one is there, and "back" does not return to it.
const exit = document.getElementById("quick-exit");
function leave(event) {
  event?.preventDefault();
  document.body.hidden = true;
  document.title = "";
  try { sessionStorage.clear(); } catch { /* nothing was kept */ }
  location.replace(exit.href);
}
exit?.addEventListener("click", leave);

// Escape three times, quickly; one that closes a menu or a picture does not count.
const QUICK = 1000;
let escapes = 0;
let escapedAt = 0;
document.addEventListener("keydown", (event) => {
  const closes = event.key === "Escape" && document.querySelector("dialog[open], .bb-menu[open]");
  const follows = event.timeStamp - escapedAt < QUICK;
  if (event.key !== "Escape" || closes) escapes = 0;
  else {
    escapes = follows ? escapes + 1 : 1;
    escapedAt = event.timeStamp;
    if (escapes === 3 && exit) leave();
  }
}, { capture: true });

// An open menu closes with Escape or a tap beside it.
const menu = document.querySelector(".bb-menu");
document.addEventListener("click", (event) => { if (menu?.open && !menu.contains(event.target)) menu.open = false; });
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && menu?.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Kept on the home screen, the page opens without a connection too; then it says so kindly.
navigator.serviceWorker?.register("/worker.js").catch(() => {});

// The page without a connection asks quietly whether it is back, and goes on by itself.
const AGAIN = 3000;
async function comeBack() {
  try {
    if ((await fetch("/offline", { cache: "no-store" })).ok) {
      location.reload();
      return;
    }
  } catch { /* still away */ }
  setTimeout(comeBack, AGAIN);
}
if ("offline" in document.body.dataset && location.pathname !== "/offline") comeBack();
