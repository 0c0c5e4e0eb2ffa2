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
