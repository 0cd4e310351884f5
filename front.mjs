// Copies the ready-made front-end parts out of node_modules into the two rooms that serve pages.
//
//   node front.mjs        writes bot/static/vendor/ and inbox/static/vendor/
//
// A page gets only the components it may use, and only the design tokens that those components ask for:
// the whole set would be 600 KB, and our readers are on a phone.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGES = join(HERE, "node_modules");
const ROOMS = ["bot", "inbox"];

// The NL Design System components (community Utrecht) that our pages may use.
const COMPONENTS = `
  root document body page-layout page-body page-content page-header page-footer skip-link article
  heading-1 heading-2 heading-3 heading-4 heading-group pre-heading paragraph link link-list
  button button-group action-group link-button button-link
  form-field form-fieldset form-label form-field-description form-field-error-message
  textbox textarea checkbox radio-button select
  alert alert-dialog backdrop drawer accordion spotlight-section
  status-badge number-badge data-badge badge-list badge-counter
  data-list table unordered-list ordered-list separator blockquote mark emphasis figure img
  nav-bar breadcrumb-nav multiline-data iban-data currency-data number-data
`.trim().split(/\s+/);

// Which parts of the typeface: Dutch, Polish and Turkish, Ukrainian and Bulgarian, Greek.
const SUBSETS = ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek"];

// Ours, on top of the example theme: one typeface, no serif for headings.
const OWN_TOKENS = { "--basis-heading-font-family": "'Noto Sans', sans-serif" };

const read = (...parts) => readFileSync(join(PACKAGES, ...parts), "utf8");
const licence = (...parts) => ["LICENSE.md", "LICENSE", "LICENSE.txt"].map((name) => join(PACKAGES, ...parts, name)).find(existsSync);

/** Return the stylesheet of the chosen components. */
function componentStyles() {
  return COMPONENTS.map((name) => read("@utrecht", `${name}-css`, "dist", "index.min.css").trim()).join("\n");
}

/** Return the theme's tokens that `styles` needs, directly or through another token, and every basis token. */
function themeTokens(styles) {
  const source = read("@nl-design-system-unstable", "voorbeeld-design-tokens", "dist", "theme.css");
  const tokens = new Map();
  for (const [, name, value] of source.matchAll(/^\s*(--[\w-]+):\s*([^;]+);/gm)) tokens.set(name, value.trim());
  for (const [name, value] of Object.entries(OWN_TOKENS)) tokens.set(name, value);
  const wanted = new Set([...tokens.keys()].filter((name) => name.startsWith("--basis-")));
  const queue = [styles, ...[...wanted].map((name) => tokens.get(name))];
  while (queue.length) {
    for (const [, name] of queue.pop().matchAll(/var\(\s*(--[\w-]+)/g)) {
      if (tokens.has(name) && !wanted.has(name)) {
        wanted.add(name);
        queue.push(tokens.get(name));
      }
    }
  }
  const lines = [...tokens].filter(([name]) => wanted.has(name)).map(([name, value]) => `  ${name}: ${value};`);
  return `/* Design tokens: the NL Design System example theme ("Voorbeeld"). A municipality replaces this file. */\n` +
    `.voorbeeld-theme {\n${lines.join("\n")}\n}\n`;
}

/** Return the @font-face rules of the subsets we ship, under the family name that the theme asks for. */
function fontFaces() {
  const rules = read("@fontsource-variable", "noto-sans", "wght.css").match(/@font-face\s*{[^}]+}/g);
  return rules
    .filter((rule) => SUBSETS.some((subset) => rule.includes(`noto-sans-${subset}-wght-normal`)))
    .map((rule) => rule.replace("Noto Sans Variable", "Noto Sans").replace("./files/", "./fonts/"))
    .join("\n");
}

const styles = componentStyles();
for (const room of ROOMS) {
  const folder = join(HERE, room, "static", "vendor");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "fonts"), { recursive: true });
  mkdirSync(join(folder, "licences"), { recursive: true });
  writeFileSync(join(folder, "nlds.css"), `${fontFaces()}\n${styles}\n`);
  writeFileSync(join(folder, "theme.css"), themeTokens(styles));
  for (const subset of SUBSETS) {
    const file = `noto-sans-${subset}-wght-normal.woff2`;
    copyFileSync(join(PACKAGES, "@fontsource-variable", "noto-sans", "files", file), join(folder, "fonts", file));
  }
  copyFileSync(join(PACKAGES, "htmx.org", "dist", "htmx.min.js"), join(folder, "htmx.min.js"));
  copyFileSync(join(PACKAGES, "htmx-ext-sse", "dist", "sse.min.js"), join(folder, "htmx-sse.min.js"));
  for (const [name, ...parts] of [
    ["noto-sans", "@fontsource-variable", "noto-sans"],
    ["utrecht-components", "@utrecht", "component-library-css"],
    ["voorbeeld-design-tokens", "@nl-design-system-unstable", "voorbeeld-design-tokens"],
    ["htmx", "htmx.org"],
  ]) copyFileSync(licence(...parts), join(folder, "licences", `${name}.txt`));
}
console.log(`front-end parts: ${COMPONENTS.length} components for ${ROOMS.join(" and ")}`);
