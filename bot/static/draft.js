// Words that are not sent yet: kept for this tab, so that a fresh page, a dead line or a long pause loses none of them.

const DRAFT = "briefbrug-draft";
const RENEWED = "briefbrug-renewed";
const SOON = 15000;
const MANY = 3;

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

function renewals() {
  const kept = memory((each) => JSON.parse(each.getItem(RENEWED)));
  return Array.isArray(kept) ? kept.filter((at) => Date.now() - at < SOON) : [];
}

/** Whether this page was loaded anew because the one before was old. */
export function wasRenewed() {
  return renewals().length > 0;
}

/** Load the page anew, with its fresh form; false when that was done a few times just now and did not help. */
export function renew() {
  const before = renewals();
  if (before.length >= MANY) return false;
  memory((kept) => kept.setItem(RENEWED, JSON.stringify([...before, Date.now()])));
  location.reload();
  return true;
}
