// What Streamlit 1.67 does otherwise in a browser than people expect. Each function mends one thing,
// does nothing else, and has a test of its own that fails without it: tests/browser/test_browser_script.py.

const onEach = (names, act) => names.forEach((name) => window.addEventListener(name, act, true));
const tableAt = (target) => target.closest?.("[data-testid=stDataFrame], #portal");
const isTyping = (target) => target.closest?.("input, textarea, [contenteditable]");
const linkAt = (target) => target.closest?.("[data-testid=stPageLink-NavLink]");

// A shortcut of Streamlit is a letter, a digit or a named key: "?" is refused, so it presses the
// button that lists the keys.
function listKeysOnQuestionMark() {
  window.addEventListener("keydown", ({ key, target }) => {
    if (key === "?" && !isTyping(target)) document.querySelector(".st-key-keyboard button")?.click();
  });
}

// Half a character (a lone surrogate) is no UTF-8: the server cannot read the message that has it, nor
// any later one of this page, for each of them tells of every field.
function sendWholeCharacters() {
  onEach(["input"], ({ target }) => {
    const whole = target.value?.toWellFormed?.();
    if (whole === undefined || whole === target.value) return;
    // The field's own setter: React would not notice what is set by its own.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(target), "value").set.call(target, whole);
  });
}

// A table tells what is ticked, or edited, 150 ms after the last touch (streamlit/streamlit#8411): what
// is pressed meanwhile would be told before it. So such a click is taken away and made again later.
function letClicksWaitForTables() {
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
}

// A browser gives no click to a button that is disabled, and one that waits for a word in a field is
// until the server has heard that word: of the very press that leaves the field (streamlit/streamlit#8725).
// It counts once the button is enabled, unless something else was touched meanwhile.
function letPressesWaitForTheirButton() {
  const ENABLED_WITHIN_MS = 3000;
  let awaited;
  // Of a press that is held until the button is enabled the browser makes a click by itself.
  onEach(["pointerdown", "pointerup", "keydown"], ({ type, target, isTrusted }) => {
    if (!isTrusted) return;
    awaited?.disconnect();
    const button = type === "pointerup" && target.closest?.("button:disabled");
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
}

// The same by keyboard: Tab would pass the button that is still disabled and land on what discards the plan,
// and Enter there would do so. The focus waits in the field instead, as does Enter; any other key moves on.
function letTabWaitForTheButtonOfItsField() {
  const ENABLED_WITHIN_MS = 10_000;
  const PLACES = ":is(input, textarea, button, summary, a[href], [tabindex]):not([tabindex='-1'])";
  let typedIn;
  let waiting;
  const after = (field) => {
    const places = [...document.querySelectorAll(PLACES)].filter((each) => each.getClientRects().length);
    return places[places.indexOf(field) + 1];
  };
  const stop = () => {
    waiting?.observer.disconnect();
    waiting = undefined;
  };
  const wait = (field, button) => {
    const label = button.textContent;
    const observer = new MutationObserver(() => {
      if (button.disabled) return;
      const { isPressed } = waiting;
      stop();
      if (document.activeElement !== field || button.textContent !== label) return;
      button.focus();
      if (isPressed) button.click();
    });
    observer.observe(button, { attributeFilter: ["disabled"] });
    waiting = { observer, isPressed: false };
    setTimeout((its) => waiting?.observer === its && stop(), ENABLED_WITHIN_MS, observer);
  };
  onEach(["input"], ({ target }) => { if (target.matches?.("input, textarea")) typedIn = target; });
  onEach(["focusin"], ({ target }) => { if (target !== typedIn) typedIn = undefined; });
  onEach(["pointerdown"], stop);
  onEach(["keydown"], (press) => {
    const { key, shiftKey, target, isTrusted } = press;
    if (!isTrusted) return;
    if (waiting && key === "Enter") {
      press.preventDefault();
      press.stopImmediatePropagation();
      waiting.isPressed = true;
      return;
    }
    stop();
    const button = key === "Tab" && !shiftKey && target === typedIn && after(target);
    if (!button?.matches?.("button:disabled")) return;
    press.preventDefault();
    typedIn = undefined;
    wait(target, button);
    // The field is told of when it is left.
    target.blur();
    target.focus();
  });
}

// While the connection is lost Streamlit disables every field, and the one that was being typed in never
// tells what stands in it: it keeps its words, and the page is drawn by older ones. So once the
// connection is back the field is left, which tells, and entered again.
function tellOnceConnectedAgain() {
  let untold;
  let isLost = false;
  const tell = (tries) => {
    if (!untold?.isConnected || untold.disabled) return;
    const field = untold;
    field.focus();
    // The word that the connection is lost holds the focus until it has gone.
    if (document.activeElement !== field) return tries && setTimeout(tell, 100, tries - 1);
    field.blur();
    field.focus();
  };
  onEach(["input"], ({ target }) => { if (target.matches?.("input, textarea")) untold = target; });
  onEach(["focusout"], ({ target }) => { if (target === untold && !target.disabled) untold = undefined; });
  new MutationObserver(() => {
    const state = document.querySelector("[data-testid=stApp]")?.dataset.testConnectionState;
    const isBack = isLost && state === "CONNECTED";
    isLost = state !== "CONNECTED";
    if (isBack) tell(20);
  }).observe(document, { subtree: true, attributeFilter: ["data-test-connection-state"] });
}

// For one click Streamlit may add several steps to the history: the new filters on the old screen, the
// new screen, what that writes into its address (streamlit/streamlit#8102). One Back is to undo them.
function makeOneStepOfOneClick() {
  let isNewStep = false;
  const addStep = history.pushState.bind(history);
  history.pushState = (...step) => {
    if (isNewStep) addStep(...step);
    else history.replaceState(...step);
    isNewStep = false;
  };
  onEach(["pointerdown", "click", "keydown", "popstate"], () => { isNewStep = true; });
}

// The first page has no name, and Streamlit links to it by "" or "?...", which is the page one is on: in
// a new tab that one would open.
function nameTheFirstPage() {
  onEach(["pointerdown", "focusin"], ({ target }) => {
    const link = linkAt(target);
    const href = link?.getAttribute("href");
    if (link && (!href || href.startsWith("?"))) link.setAttribute("href", `./${href}`);
  });
}

// Where Ctrl or the like is held, a browser opens a link in another tab; Streamlit would go there in
// this one.
function leaveLinksForOtherTabsToTheBrowser() {
  onEach(["click"], (click) => {
    if (!linkAt(click.target)) return;
    if (click.ctrlKey || click.metaKey || click.shiftKey || click.altKey) click.stopImmediatePropagation();
  });
}

// Of a link to the page it stands on Streamlit changes neither the address nor what its fields are
// bound to, and of one to another page it writes the time zone twice. Here it is gone to as by Forward.
function goWhereLinksSay() {
  onEach(["click"], (click) => {
    const link = linkAt(click.target);
    if (!link || link.hasAttribute("disabled")) return;
    const to = new URL(`./${link.getAttribute("href")}`, location);
    if (to.href === location.href) return;
    click.preventDefault();
    click.stopPropagation();
    history.pushState({}, "", to);
    window.dispatchEvent(new PopStateEvent("popstate"));
  });
}

// What unfolds over the page (.st-key-over-) is an expander: nothing but its own line folds it again, and
// where its line stands at the right edge it is out of view.
function foldWhatLiesOverThePage() {
  const opened = () => [...document.querySelectorAll("[class*=st-key-over-] details[open]")];
  const fold = (details) => details.querySelector("summary").click();
  onEach(["pointerdown"], ({ target }) => {
    // The options of a field in it are drawn outside of it.
    if (target.closest?.("[data-baseweb=popover], [data-baseweb=layer], [role=listbox], [role=dialog]")) return;
    opened().filter((details) => !details.contains(target)).forEach(fold);
  });
  onEach(["click"], ({ target }) => {
    if (linkAt(target)?.closest("[class*=st-key-over-]")) opened().forEach(fold);
  });
  const bringIntoView = (details) => {
    const panel = details.querySelector("[data-testid=stExpanderDetails]");
    panel.style.translate = "0";
    panel.style.translate = `${Math.min(0, innerWidth - 16 - panel.getBoundingClientRect().right)}px`;
  };
  // Its line may grow, by the name of a view, and wrap.
  const grown = new ResizeObserver((each) => each.forEach(({ target }) => bringIntoView(target)));
  onEach(["toggle"], ({ target }) => {
    if (!target.closest?.("[class*=st-key-over-]")) return;
    bringIntoView(target);
    grown.observe(target);
  });
  window.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || document.querySelector("[role=listbox]")) return;
    opened().forEach((details) => {
      // What had the focus in it goes out of view with it.
      if (details.contains(document.activeElement)) details.querySelector("summary").focus();
      fold(details);
    });
  });
}

// A press that opens a plan over the page takes its button away: the focus would be lost with it,
// and thirty presses of Tab away from the plan.
function goIntoThePlanThatOpens() {
  let known;
  new MutationObserver(() => {
    const job = document.querySelector(".st-key-drawer-job");
    const heading = document.querySelector(":is(.st-key-drawer, .st-key-drawer-job) h2");
    const kind = heading?.closest(".st-key-plan-panel, .st-key-operation-panel, .st-key-drawer-job")?.className;
    if (job && heading) Object.assign(job, { role: "dialog", ariaLabel: job.querySelector("h2")?.innerText });
    if (kind && kind !== known) {
      heading.tabIndex = -1;
      heading.focus({ preventScroll: true });
    }
    known = kind;
  }).observe(document.body, { childList: true, subtree: true });
}

// What opened it may have been drawn anew meanwhile: it is the same by its key. Without this, Tab begins at
// the top of the page.
function goBackWhereThePlanWasOpened() {
  const PANEL = ":is(.st-key-drawer, .st-key-drawer-job)";
  let last;
  let opener;
  const keyOf = (place) => [...(place.closest("[class*=st-key-]")?.classList ?? [])].find((name) => name.startsWith("st-key-"));
  const alike = ({ place, key, isTable }) => {
    if (place.isConnected && !place.disabled) return place;
    const all = key && document.querySelectorAll(`.${CSS.escape(key)} ${isTable ? "[data-testid=data-grid-canvas]" : ":is(button, input, summary, a):not(:disabled)"}`);
    return all?.[0];
  };
  const goBack = (tries) => {
    const isFree = [document.body, null].includes(document.activeElement);
    if (!opener || !isFree || document.querySelector(`${PANEL} h2`)) return;
    const place = alike(opener) ?? (tries ? undefined : document.querySelector("[data-testid=stMain]"));
    if (place) place.focus();
    else setTimeout(goBack, 100, tries - 1);
  };
  onEach(["focusin"], ({ target }) => {
    if (!target.closest?.(`${PANEL}, [role=dialog]`)) last = { place: target, key: keyOf(target), isTable: !!tableAt(target) };
  });
  let isOpen = false;
  new MutationObserver(() => {
    const wasOpen = isOpen;
    isOpen = !!document.querySelector(`${PANEL} h2`);
    if (isOpen && !wasOpen) opener = last;
    if (!isOpen && wasOpen) goBack(20);
  }).observe(document.body, { childList: true, subtree: true });
}

// Of a job, a plan or a result over the page; what lies over it, and a list of options, is closed first.
function closeTheDrawerOnEscape() {
  window.addEventListener("keydown", ({ key, target }) => {
    // What is typed into a plan is not lost by one key.
    if (key !== "Escape" || target.closest?.("input, textarea")) return;
    if (document.querySelector("[data-testid=stDialog], [role=listbox], [class*=st-key-over-] details[open]")) return;
    const closing = ":is([class*=-close], [class*=-discard]) button";
    const button = document.querySelector(`.st-key-drawer-job ${closing}`) ?? document.querySelector(`.st-key-drawer ${closing}`);
    button?.click();
  });
}

// A plan under review ends with the session when its page is loaded anew. Only the tab can know of both: it
// keeps that there was one, and presses a button, which says so, when the new session has none.
function sayThatAReloadHasLostThePlan() {
  const KEPT = "plan under review";
  let isLost = sessionStorage.getItem(KEPT) !== null;
  new MutationObserver(() => {
    const none = document.querySelector(".st-key-plan-none button");
    if (document.querySelector(".st-key-plan-held")) sessionStorage.setItem(KEPT, "");
    else if (none) {
      if (isLost) none.click();
      isLost = false;
      sessionStorage.removeItem(KEPT);
    }
  }).observe(document.body, { childList: true, subtree: true });
}

// The button that opens the list of places is disabled while it lies there, until the server has heard that it
// is closed: Ctrl+K right after Esc would do nothing.
function letTheListOfPlacesOpenRightAfterEsc() {
  const ENABLED_WITHIN_MS = 10_000;
  let awaited;
  onEach(["pointerdown", "keydown"], ({ type, key, ctrlKey, metaKey }) => {
    awaited?.disconnect();
    const button = document.querySelector(".st-key-shell-palette button");
    const isAsked = type === "keydown" && key?.toLowerCase() === "k" && (ctrlKey || metaKey);
    if (!isAsked || !button?.disabled) return;
    awaited = new MutationObserver((_, observer) => {
      if (button.disabled) return;
      observer.disconnect();
      button.click();
    });
    awaited.observe(button, { attributeFilter: ["disabled"] });
    setTimeout((observer) => observer.disconnect(), ENABLED_WITHIN_MS, awaited);
  });
}

// A dialog gives the focus to its frame: who asked for the list of places types at once.
function typeAtOnceWhereToGo() {
  let known;
  new MutationObserver(() => {
    const field = document.querySelector("[role=dialog] .st-key-shell-palette-text input");
    if (field && field !== known) field.focus();
    known = field;
  }).observe(document.body, { childList: true, subtree: true });
}

// Enter in the list of places goes to the first of them: once they are those of what stands in the field.
function goToTheFirstPlaceOnEnter() {
  let asked;
  const go = () => {
    const dialog = asked?.closest("[role=dialog]");
    const foundFor = dialog?.querySelector("[data-found-for]")?.dataset.foundFor;
    if (foundFor !== (asked && encodeURIComponent(asked.value))) return;
    asked = undefined;
    dialog?.querySelector("[data-testid=stPageLink-NavLink]")?.click();
  };
  window.addEventListener("keydown", ({ key, target }) => {
    asked = key === "Enter" && target.matches?.(".st-key-shell-palette-text input") ? target : undefined;
    go();
  });
  new MutationObserver(go).observe(document.body, { childList: true, subtree: true });
}

// A table paints a text as far as its column goes and cuts the rest off, so that a name looks whole which is
// not. What is clipped is known where the text is painted.
function endCutTextsWithThreeDots() {
  const PADDING = 4;
  const WIDEST_LETTER = 16;
  const KEPT_AT_MOST = 5_000;
  const own = CanvasRenderingContext2D.prototype;
  const { save, restore, beginPath, rect, clip, fillText } = own;
  const clips = new WeakMap();
  const shortened = new Map();
  const of = (context) => {
    if (!clips.has(context)) clips.set(context, { rects: [], right: Infinity, before: [] });
    return clips.get(context);
  };
  const fitting = (context, text, room) => {
    const key = `${context.font} ${room} ${text}`;
    if (!shortened.has(key)) {
      if (shortened.size > KEPT_AT_MOST) shortened.clear();
      const letters = [...text];
      let [fits, tooMany] = [0, letters.length];
      while (tooMany - fits > 1) {
        const middle = (fits + tooMany) >> 1;
        const cut = `${letters.slice(0, middle).join("").trimEnd()}…`;
        if (context.measureText(cut).width <= room) fits = middle;
        else tooMany = middle;
      }
      shortened.set(key, fits ? `${letters.slice(0, fits).join("").trimEnd()}…` : text);
    }
    return shortened.get(key);
  };
  own.save = function () {
    of(this).before.push(of(this).right);
    save.call(this);
  };
  own.restore = function () {
    of(this).right = of(this).before.pop() ?? Infinity;
    restore.call(this);
  };
  own.beginPath = function () {
    of(this).rects = [];
    beginPath.call(this);
  };
  own.rect = function (x, y, width, height) {
    of(this).rects.push(x + width);
    rect.call(this, x, y, width, height);
  };
  own.clip = function (...how) {
    const state = of(this);
    // Of several at once, as while it draws what has changed, any may be meant.
    if (state.rects.length === 1) state.right = Math.min(state.right, state.rects[0]);
    clip.apply(this, how);
  };
  own.fillText = function (text, x, y, ...rest) {
    const room = of(this).right - PADDING - x;
    const isLeft = ["left", "start"].includes(this.textAlign) && room > 0 && room < Infinity;
    const mayBeCut = isLeft && typeof text === "string" && text.length * WIDEST_LETTER > room;
    const isCut = mayBeCut && this.measureText(text).width > room + PADDING;
    fillText.call(this, isCut ? fitting(this, text, room) : text, x, y, ...rest);
  };
}

// Forty presses of Tab lead to the table of a screen. One letter leads to the next one, in a drawer first.
function goToTheTableOnT() {
  window.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
    if (key !== "t" || ctrlKey || metaKey || altKey || isTyping(target) || tableAt(target)) return;
    const over = document.querySelector("[role=dialog]");
    const tables = [...(over ?? document).querySelectorAll("[data-testid=data-grid-canvas]")];
    const isAfter = (table) => target.compareDocumentPosition(table) & Node.DOCUMENT_POSITION_FOLLOWING;
    const table = tables.find(isAfter) ?? tables[0];
    table?.focus();
    table?.scrollIntoView({ block: "nearest" });
  });
}

// A button in a table is painted: no key presses it. It is pressed where the table says that its cell is, which
// only its own parts know.
function pressButtonsOfTablesByKeyboard() {
  const parts = function* (canvas) {
    let part = canvas[Object.keys(canvas).find((name) => name.startsWith("__reactFiber"))];
    for (; part; part = part.return) yield part;
  };
  const found = (canvas, what) => {
    for (const part of parts(canvas)) {
      const it = what(part);
      if (it) return it;
    }
  };
  onEach(["keydown"], (press) => {
    const { key, target, shiftKey, ctrlKey, metaKey } = press;
    if (!["Enter", " "].includes(key) || shiftKey || ctrlKey || metaKey) return;
    const canvas = target.closest?.("[data-testid=data-grid-canvas]");
    // A table that is entered anew has the focus itself, until its cell is left.
    const its = target === canvas ? canvas.querySelector("td[aria-selected=true]") : target;
    const cell = canvas && /^glide-cell-(\d+)-(\d+)$/.exec(its?.dataset.testid ?? "");
    if (!cell) return;
    const place = cell.slice(1).map(Number);
    const content = found(canvas, ({ memoizedProps }) => memoizedProps?.getCellContent)?.(place);
    if (content?.data?.kind !== "button-cell" || !content.data.data) return;
    press.preventDefault();
    press.stopImmediatePropagation();
    const { x, y, width, height } = found(canvas, ({ ref }) => ref?.current?.getBounds && ref.current).getBounds(...place);
    const at = { clientX: x + width / 2, clientY: y + height / 2, bubbles: true, cancelable: true, view: window };
    const pointer = (name) => {
      canvas.dispatchEvent(new PointerEvent(`pointer${name}`, at));
      canvas.dispatchEvent(new MouseEvent(`mouse${name}`, at));
    };
    pointer("move");
    pointer("down");
    // By the next frame it knows that it is pressed: one that is let go before is none.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      pointer("up");
      canvas.dispatchEvent(new MouseEvent("click", at));
    }));
  });
}

// The colours of pictures are chosen where they are made, which hears of the theme only with a run.
function drawAnewInAnotherTheme() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    // By then Streamlit has taken the theme on.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      document.querySelector(".st-key-redraw button")?.click();
    }));
  });
}

// A server does not see where the pointer is: rows that move by themselves are held while it is in a table.
function holdRowsUnderThePointer() {
  const SETTLED_AFTER_MS = 150;
  const buttonOf = (name) => document.querySelector(`.st-key-rows-${name} button`);
  let isTold = false;
  let holding;
  let timer;
  const tell = (isIn) => {
    const button = buttonOf(isIn ? "hold" : "release");
    // Whoever comes back to a screen finds other buttons there, and rows that nobody holds.
    if (button && holding !== buttonOf("hold")) [holding, isTold] = [buttonOf("hold"), undefined];
    // Streamlit would draw a dialog anew, and the focus in it be lost: the rows behind it stay held.
    if (!button || isTold === isIn || document.querySelector("[data-testid=stDialog]")) return;
    isTold = isIn;
    button.click();
  };
  onEach(["pointerover", "pointerout"], ({ type, target, relatedTarget }) => {
    // Of all that it leaves only the window itself is not followed by what it enters.
    if (type === "pointerout" && relatedTarget) return;
    const isIn = type === "pointerover" && !!target.closest?.("[data-testid=stDataFrame]");
    clearTimeout(timer);
    timer = setTimeout(tell, SETTLED_AFTER_MS, isIn);
  });
}

// On a phone the menu lies over the page, where it stays, and is again once the page is loaded anew.
function foldTheMenuOfAPhone() {
  const isNarrow = matchMedia("(max-width: 640px)");
  const fold = () => {
    document.querySelector("[data-collapsed=false] [data-testid=stSidebarCollapseButton] button")?.click();
  };
  onEach(["click"], ({ target }) => {
    if (!isNarrow.matches || target.closest?.("[data-testid=stSidebarHeader], [data-testid=stExpandSidebarButton]")) return;
    // Of what lies over the page or stands in the menu only what leads elsewhere folds it.
    const isMenu = target.closest?.("[data-testid=stSidebar], [role=dialog], [role=listbox], [data-baseweb]");
    if (!isMenu || linkAt(target) || target.closest("[data-testid=stButton]")) setTimeout(fold);
  });
  onEach(["pagehide"], () => {
    if (!isNarrow.matches) return;
    const kept = Object.keys(localStorage).filter((key) => key.startsWith("stSidebarCollapsed"));
    kept.forEach((key) => localStorage.setItem(key, "true"));
  });
}

listKeysOnQuestionMark();
foldTheMenuOfAPhone();
drawAnewInAnotherTheme();
holdRowsUnderThePointer();
letTheListOfPlacesOpenRightAfterEsc();
typeAtOnceWhereToGo();
goToTheFirstPlaceOnEnter();
goIntoThePlanThatOpens();
goBackWhereThePlanWasOpened();
endCutTextsWithThreeDots();
goToTheTableOnT();
pressButtonsOfTablesByKeyboard();
closeTheDrawerOnEscape();
sayThatAReloadHasLostThePlan();
foldWhatLiesOverThePage();
sendWholeCharacters();
letClicksWaitForTables();
letPressesWaitForTheirButton();
letTabWaitForTheButtonOfItsField();
tellOnceConnectedAgain();
makeOneStepOfOneClick();
nameTheFirstPage();
leaveLinksForOtherTabsToTheBrowser();
goWhereLinksSay();
