/** Runs in every measured page before its recorder: where the editor is, whichever shadow it stands in. */
globalThis.findEditor = (() => {
  let content = null;

  function find(root) {
    const here = root.querySelector('.cm-content');
    if (here !== null) return here;
    for (const element of root.querySelectorAll('*')) {
      const below = element.shadowRoot === null ? null : find(element.shadowRoot);
      if (below !== null) return below;
    }
    return null;
  }

  return () => (content?.isConnected ? content : (content = find(document)));
})();
