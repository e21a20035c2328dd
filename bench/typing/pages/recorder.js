/**
 * Runs in every measured page, Peerloom's and the other's alike, before the page's own scripts: notes when keys
 * go down and when the last line of the editor shows what. One clock for all pages: `timeOrigin` + `now()`.
 *
 * What is read is the DOM, as a person would see it, and each note is made in the mutation's own microtask.
 */
globalThis.typingRecorder = (() => {
  const now = () => performance.timeOrigin + performance.now();
  const keys = [];
  const sights = [];

  /** What is written in the last line: without others' carets and the like, which are no text. */
  function lastLine() {
    const line = findEditor().lastElementChild;
    if (line === null || !line.classList.contains('cm-line')) return undefined;
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, node =>
      node.nodeType === Node.TEXT_NODE
        ? NodeFilter.FILTER_ACCEPT
        : node.contentEditable === 'false'
          ? NodeFilter.FILTER_REJECT
          : NodeFilter.FILTER_SKIP,
    );
    let text = '';
    while (walker.nextNode() !== null) text += walker.currentNode.data;
    return text;
  }

  return {
    /** The whole text of the editor (its view keeps only what is in sight in the DOM). */
    text: () => findEditor()?.cmTile?.root?.view?.state.doc.toString(),
    paste(text) {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      findEditor().dispatchEvent(
        new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }),
      );
    },
    /** Focus, with the caret wherever it is, and the end of the text in sight. */
    lookAtEnd() {
      findEditor().focus({ preventScroll: true });
      const scroller = findEditor().parentElement;
      scroller.scrollTop = scroller.scrollHeight;
    },
    lastLine: () => (findEditor() === null ? undefined : lastLine()),
    start() {
      globalThis.addEventListener(
        'keydown',
        event => {
          if (event.isTrusted && event.key.length === 1) keys.push(now());
        },
        { capture: true },
      );
      let before = lastLine();
      new MutationObserver(() => {
        const time = now();
        const text = lastLine();
        if (text === undefined || text === before) return;
        before = text;
        sights.push([time, text]);
      }).observe(findEditor(), { childList: true, characterData: true, subtree: true });
    },
    result: () => ({ keys, sights }),
  };
})();
