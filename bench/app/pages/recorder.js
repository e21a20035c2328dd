/**
 * Runs in every page before its own scripts. Says when the caret stood in a page that shows its text, and when each
 * keystroke was on the screen: in a message after the frame that draws it.
 */
globalThis.appRecorder = (() => {
  let caretMs;
  const pressed = [];
  const painted = new MessageChannel();
  let waiting = [];
  const view = () => findEditor()?.cmTile?.root?.view;

  function look() {
    if (caretMs !== undefined) return;
    // A page that is still empty has a caret and nothing to show.
    if (view()?.hasFocus && view().state.doc.length > 0) caretMs = performance.now();
    else requestAnimationFrame(look);
  }
  requestAnimationFrame(look);

  // A message posted in a frame is delivered once the frame was drawn.
  painted.port1.onmessage = () => {
    const now = performance.now();
    for (const at of waiting) pressed.push(now - at);
    waiting = [];
  };

  return {
    caretMs: () => caretMs,
    text: () => view()?.state.doc.toString(),
    focusAt(position) {
      view().focus();
      view().dispatch({ selection: { anchor: position }, scrollIntoView: true });
    },
    start() {
      globalThis.addEventListener(
        'keydown',
        ({ isTrusted, key, timeStamp }) => {
          if (!isTrusted || key.length !== 1) return;
          waiting.push(timeStamp);
          requestAnimationFrame(() => painted.port2.postMessage(null));
        },
        { capture: true },
      );
    },
    take: () => pressed.splice(0),
  };
})();
