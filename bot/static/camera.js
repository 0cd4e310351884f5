// Several shots in a row without leaving the page; where the browser has no camera to offer, the phone's own app is used.

const WIDE = { video: { facingMode: { ideal: "environment" }, width: { ideal: 3840 }, height: { ideal: 2160 } }, audio: false };
const QUALITY = 0.9;

/** Let "take a photo" open the camera inside the page, as long as the resident and the browser allow it. */
export function offerCamera({ photos, words, say }) {
  const dialog = document.getElementById("shooting");
  const view = document.getElementById("viewfinder");
  const told = document.getElementById("shots");
  const input = document.getElementById("camera");
  const help = told.textContent;
  let stream = null;
  let count = 0;
  let mayAsk = Boolean(navigator.mediaDevices?.getUserMedia && dialog.showModal);

  input.addEventListener("click", async (event) => {
    if (!mayAsk) return; // the phone's own camera app, or a file
    event.preventDefault();
    try {
      const devices = await navigator.mediaDevices.enumerateDevices();
      if (!devices.some((device) => device.kind === "videoinput")) throw new Error("no camera");
      stream = await navigator.mediaDevices.getUserMedia(WIDE);
    } catch {
      mayAsk = false;
      if (navigator.userActivation?.isActive ?? true) input.click();
      else say(words.cameraRefused);
      return;
    }
    count = 0;
    told.textContent = help;
    view.srcObject = stream;
    dialog.showModal();
    view.play().catch(() => {});
  });

  function close() {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    view.srcObject = null;
  }

  async function shot() {
    const [track] = stream.getVideoTracks();
    if ("ImageCapture" in window) {
      try { return await new ImageCapture(track).takePhoto(); } catch { /* the picture on the screen will do */ }
    }
    const canvas = document.createElement("canvas");
    canvas.width = view.videoWidth;
    canvas.height = view.videoHeight;
    canvas.getContext("2d").drawImage(view, 0, 0);
    return new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  }

  document.getElementById("shoot").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    if (!stream || !view.videoWidth) return;
    button.disabled = true;
    const blob = await shot().catch(() => null);
    if (blob) {
      count += 1;
      told.textContent = count === 1 ? told.dataset.one : told.dataset.many.replace("#", count);
      await photos.add([blob]);
    }
    button.disabled = false;
    button.focus();
  });
  document.getElementById("shot").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", close);
  document.addEventListener("visibilitychange", () => { if (document.hidden && dialog.open) dialog.close(); });
}
