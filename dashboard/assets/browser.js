const onEach = (names, act) => names.forEach((name) => window.addEventListener(name, act, true));
const tableAt = (target) => target.closest?.("[data-testid=stDataFrame], #portal");
const linkAt = (target) => target.closest?.("[data-testid=stPageLink-NavLink]");

// Streamlit's shortcuts are letters and digits: the question mark presses the button that lists them.
window.addEventListener("keydown", ({ key, target }) => {
  const isTyping = target.closest?.("input, textarea, [contenteditable]");
  if (key === "?" && !isTyping) document.querySelector(".st-key-keyboard button")?.click();
});

// Half a character cannot be sent, and with it no message of this page could be read any more.
onEach(["input"], ({ target }) => {
  const whole = target.value?.toWellFormed?.();
  if (whole === undefined || whole === target.value) return;
  // The field's own setter: React would not notice what is set by its own.
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), "value").set.call(target, whole);
});

// A table tells what is ticked, or edited, 150 ms after the last touch: a press meanwhile waits for it.
const TOLD_AFTER_MS = 180;
let toldAt = 0;
onEach(["pointerdown", "pointerup", "keydown"], ({ target }) => {
  if (tableAt(target)) toldAt = performance.now() + TOLD_AFTER_MS;
});
onEach(["click"], (click) => {
  const { target, isTrusted, detail, ctrlKey, metaKey, shiftKey, altKey } = click;
  const wait = toldAt - performance.now();
  if (!isTrusted || wait <= 0 || tableAt(target) || !target.closest?.("button, a, label, input")) return;
  click.preventDefault();
  click.stopImmediatePropagation();
  const same = { detail, ctrlKey, metaKey, shiftKey, altKey, bubbles: true, cancelable: true, view: window };
  setTimeout(() => target.isConnected && target.dispatchEvent(new MouseEvent("click", same)), wait);
});

// A button may wait for what is told by this very press, which leaves a field, or what was pressed before.
const ENABLED_WITHIN_MS = 3000;
let awaited;
onEach(["pointerdown", "keydown"], ({ type, target, isTrusted }) => {
  if (!isTrusted) return;
  awaited?.disconnect();
  const button = type === "pointerdown" && target.closest?.("button:disabled");
  if (!button) return;
  const label = button.textContent;
  awaited = new MutationObserver((_, observer) => {
    if (button.disabled) return;
    observer.disconnect();
    if (button.isConnected && button.textContent === label) button.click();
  });
  awaited.observe(button, { attributeFilter: ["disabled"] });
  setTimeout((observer) => observer.disconnect(), ENABLED_WITHIN_MS, awaited);
});

// While the connection is lost Streamlit locks every field, and the one that was being typed in never
// tells what stands in it. What was told meanwhile may have got lost on the way as well. So once the
// connection is back the field tells, and the script runs with all that stands in the fields.
let untold;
let isLost = false;
const tell = () => {
  if (!untold?.isConnected || untold.disabled) return true;
  if (document.activeElement !== untold) untold.focus();
  if (document.activeElement !== untold) return false;
  untold.blur();
  return true;
};
const tellAgain = (tries) => {
  const field = untold;
  // The word that the connection is lost holds the focus until it has gone.
  if (!tell() && tries) return setTimeout(tellAgain, 100, tries - 1);
  document.querySelector(".st-key-tell_again button")?.click();
  field?.focus();
};
onEach(["input"], ({ target }) => { if (target.matches?.("input, textarea")) untold = target; });
onEach(["focusout"], ({ target }) => { if (target === untold && !target.disabled) untold = undefined; });
onEach(["pointerdown"], () => { if (untold && document.activeElement !== untold) tell(); });
new MutationObserver(() => {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testConnectionState;
  const isBack = isLost && state === "CONNECTED";
  isLost = state !== "CONNECTED";
  if (isBack) tellAgain(20);
}).observe(document, { subtree: true, attributeFilter: ["data-test-connection-state"] });

// For one click Streamlit may add several steps to the history: the new filters on the old screen,
// the new screen, what that writes into its address. One Back is to undo them.
let isNewStep = false;
const addStep = history.pushState.bind(history);
history.pushState = (...step) => {
  if (isNewStep) addStep(...step);
  else history.replaceState(...step);
  isNewStep = false;
};
onEach(["pointerdown", "click", "keydown", "popstate"], () => { isNewStep = true; });

// The first screen has no name: in a new tab its links would open the screen they stand on.
onEach(["pointerdown", "focusin"], ({ target }) => {
  const link = linkAt(target);
  const href = link?.getAttribute("href");
  if (link && (!href || href.startsWith("?"))) link.setAttribute("href", `./${href}`);
});

// Of a link to the screen it stands on Streamlit changes neither the address nor the filters, and
// of one to another screen it writes the time zone twice. Here the address is what the link says.
onEach(["click"], (click) => {
  const link = linkAt(click.target);
  if (!link || link.hasAttribute("disabled")) return;
  if (click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) {
    // Streamlit would go there in this tab.
    click.stopPropagation();
    return;
  }
  const to = new URL(`./${link.getAttribute("href")}`, location);
  if (to.href === location.href) return;
  click.preventDefault();
  click.stopPropagation();
  history.pushState({}, "", to);
  window.dispatchEvent(new PopStateEvent("popstate"));
});
