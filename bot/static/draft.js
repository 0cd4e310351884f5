// Words that are not sent yet: kept for this tab, so that a fresh page, a dead line or a long pause loses none of them.

const DRAFT = "briefbrug-draft";
const RENEWED = "briefbrug-renewed";
const SOON = 10000;

function memory(act) {
  try { return act(sessionStorage); } catch { return null; } // a browser without memory works on
}

/** Keep what was typed; nothing typed forgets it. */
export function keepDraft(text) {
  memory((kept) => (text ? kept.setItem(DRAFT, text) : kept.removeItem(DRAFT)));
}

export function draft() {
  return memory((kept) => kept.getItem(DRAFT)) ?? "";
}

/** Whether this page was loaded anew because the one before was old; said once. */
export function wasRenewed() {
  const at = Number(memory((kept) => kept.getItem(RENEWED)));
  return Date.now() - at < SOON;
}

/** Load the page anew, with its fresh form; false when that was just done and did not help. */
export function renew() {
  if (wasRenewed()) return false;
  memory((kept) => kept.setItem(RENEWED, String(Date.now())));
  location.reload();
  return true;
}
