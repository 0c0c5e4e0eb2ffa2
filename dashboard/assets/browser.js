// Streamlit's shortcuts are letters and digits: the question mark presses the button that lists them.
window.addEventListener("keydown", ({ key, target }) => {
  const isTyping = target.closest?.("input, textarea, [contenteditable]");
  if (key === "?" && !isTyping) document.querySelector(".st-key-keyboard button")?.click();
});

const linkAt = (target) => target.closest?.("[data-testid=stPageLink-NavLink]");

// The first screen has no name: in a new tab its links would open the screen they stand on.
window.addEventListener("pointerdown", ({ target }) => {
  const link = linkAt(target);
  const href = link?.getAttribute("href");
  if (link && (!href || href.startsWith("?"))) link.setAttribute("href", `./${href}`);
}, true);

// A table tells what is ticked, or edited, 150 ms after the last touch: a press meanwhile waits for it.
const TOLD_AFTER_MS = 180;
let toldAt = 0;
const tableAt = (target) => target.closest?.("[data-testid=stDataFrame], #portal");
const touch = ({ target }) => {
  if (tableAt(target)) toldAt = performance.now() + TOLD_AFTER_MS;
};
for (const kind of ["pointerdown", "pointerup", "keydown"]) window.addEventListener(kind, touch, true);

window.addEventListener("click", (click) => {
  const { target, isTrusted } = click;
  const wait = toldAt - performance.now();
  if (!isTrusted || wait <= 0 || tableAt(target) || !target.closest?.("button, a, label, input")) return;
  click.preventDefault();
  click.stopImmediatePropagation();
  const again = new MouseEvent("click", { ...modifiers(click), bubbles: true, cancelable: true, view: window });
  setTimeout(() => target.isConnected && target.dispatchEvent(again), wait);
}, true);

const modifiers = ({ ctrlKey, metaKey, shiftKey, altKey, detail }) =>
  ({ ctrlKey, metaKey, shiftKey, altKey, detail });

// Of a link to the screen it stands on, Streamlit changes neither the address nor the filters. As a
// step in the history, which Back undoes, it changes both.
window.addEventListener("click", (click) => {
  const link = linkAt(click.target);
  if (!link || click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) return;
  const to = new URL(`./${link.getAttribute("href")}`, location);
  if (to.pathname !== location.pathname || to.search === location.search) return;
  click.preventDefault();
  click.stopPropagation();
  history.pushState({}, "", to);
  window.dispatchEvent(new PopStateEvent("popstate"));
}, true);
