/**
 * Until nothing on the screen moves or fades: half faded, a colour is none that anybody reads, and a check of contrasts
 * would judge it. What goes on for ever is not waited for.
 *
 * Names nothing outside of itself, so that end-to-end tests can run it in a page.
 */
export async function atRest(): Promise<void> {
  // A document tells of its own animations alone, not of those in shadow trees.
  const rootsIn = (root: Document | ShadowRoot): (Document | ShadowRoot)[] => [
    root,
    ...Array.from(root.querySelectorAll('*')).flatMap(({ shadowRoot }) =>
      shadowRoot === null ? [] : rootsIn(shadowRoot),
    ),
  ];
  const moving = (): Animation[] =>
    rootsIn(document)
      .flatMap(root => root.getAnimations())
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
  for (let now = moving(); now.length > 0; now = moving())
    await Promise.allSettled(now.map(animation => animation.finished));
}
