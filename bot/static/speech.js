// Reading aloud and speaking instead of typing; a voice or a recogniser that sends words to another company is never used.

let voice = null;
let playing = null;

function findVoice(language) {
  const voices = window.speechSynthesis?.getVoices() ?? [];
  voice = voices.find((each) => each.localService && each.lang.toLowerCase().startsWith(language)) ?? null;
}

function stop(words) {
  window.speechSynthesis?.cancel();
  if (playing?.sound) playing.sound.pause();
  if (playing) mark(playing.button, words, false);
  playing = null;
}

function mark(button, words, isOn) {
  button.setAttribute("aria-pressed", String(isOn));
  button.querySelector("span").textContent = isOn ? words.quiet : words.aloud;
}

function read(button, page, words) {
  const wasThis = playing?.button === button;
  stop(words);
  if (wasThis) return;
  const message = document.getElementById(button.dataset.aloud);
  playing = { button };
  mark(button, words, true);
  if (voice) {
    const speech = new SpeechSynthesisUtterance(message.querySelector(".bb-message__text").textContent.trim());
    speech.voice = voice;
    speech.lang = voice.lang;
    speech.rate = 0.92;
    speech.addEventListener("end", () => { if (playing?.button === button) stop(words); });
    speechSynthesis.speak(speech);
  } else {
    const sound = new Audio(`/chat/speech/${button.dataset.aloud}`);
    playing.sound = sound;
    sound.addEventListener("ended", () => stop(words));
    sound.addEventListener("error", () => stop(words));
    sound.play().catch(() => stop(words));
  }
}

/** Show the "read aloud" buttons when there is a voice. */
export function offerSpeech(log, page, words) {
  findVoice(page.language);
  const can = voice !== null || "canSpeak" in page;
  for (const button of log.querySelectorAll("[data-aloud]")) {
    button.hidden = !can;
    if (!button.dataset.ready) {
      button.dataset.ready = "1";
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => read(button, page, words));
    }
  }
}

const words = document.getElementById("words").dataset;
const page = document.body.dataset;
window.speechSynthesis?.addEventListener?.("voiceschanged", () => offerSpeech(document.getElementById("log"), page, words));

// Dictation, only where the browser listens on the device itself; a phone's own keyboard can do it everywhere.
const Recognition = window.SpeechRecognition ?? window.webkitSpeechRecognition;
const mic = document.getElementById("mic");
const spoken = { langs: [page.language === "nl" ? "nl-NL" : page.language], processLocally: true };
if (Recognition?.available) {
  Recognition.available(spoken).then((answer) => {
    if (answer !== "available") return;
    mic.hidden = false;
    let listening = null;
    mic.addEventListener("click", () => {
      if (listening) {
        listening.stop();
        return;
      }
      listening = new Recognition();
      listening.lang = spoken.langs[0];
      listening.processLocally = true;
      listening.interimResults = false;
      const field = document.getElementById("text");
      listening.addEventListener("result", (event) => {
        field.value = `${field.value} ${event.results[event.results.length - 1][0].transcript}`.trim();
        field.dispatchEvent(new Event("input"));
      });
      listening.addEventListener("end", () => {
        listening = null;
        mic.setAttribute("aria-pressed", "false");
        mic.setAttribute("aria-label", words.dictate);
      });
      mic.setAttribute("aria-pressed", "true");
      mic.setAttribute("aria-label", words.dictateStop);
      listening.start();
    });
  }).catch(() => {});
}
