// Streamlit's shortcuts are letters and digits: the question mark presses the button that lists them.
window.addEventListener("keydown", ({ key, target }) => {
  const isTyping = target.closest?.("input, textarea, [contenteditable]");
  if (key === "?" && !isTyping) document.querySelector(".st-key-keyboard button")?.click();
});
