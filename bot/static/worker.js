// What of the page lives on without a connection: its own files and one kind page. Never a word of a conversation.

const SHELL = "briefbrug-3";
const OFFLINE = "/offline";
const FILES = [
  OFFLINE, "/static/chat.css", "/static/settings.js", "/static/icon.svg",
  "/static/vendor/nlds.css", "/static/vendor/theme.css", "/manifest.webmanifest",
];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(FILES)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)))));
});

async function fresh(request) {
  try {
    const answer = await fetch(request);
    if (answer.ok) (await caches.open(SHELL)).put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await caches.match(request);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && !/^\/(inbox|monitor)/.test(pathname)) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(OFFLINE)) ?? Response.error()));
  } else if (pathname.startsWith("/static/") && !pathname.startsWith("/static/desk")) {
    event.respondWith(fresh(request));
  }
});
