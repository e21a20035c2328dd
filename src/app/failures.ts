/** What can keep a space from being shown, in words: each with its reason and, where one exists, a next step. */
export interface Failure {
  readonly title: string;
  readonly reason: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const reload = { label: 'Try again', run: () => location.reload() } as const;

/** The fragment is there but names no space. `openOwn` shows one's own last space instead. */
export function invalidLink(openOwn: () => void): Failure {
  return {
    title: 'This invitation is not whole',
    reason:
      'A link to a space carries its secret after the # sign, and this one is cut short or changed. Mail programs like to do that. Ask for the link again, and copy all of it.',
    action: { label: 'Open my own space', run: openOwn },
  };
}

/** The browser lacks something without which nothing works; `missing` as one would look it up. */
export function unsupported(missing: readonly string[]): Failure {
  return {
    title: 'This browser cannot hold a space',
    reason: `It does not offer ${missing.join(', ')}. Peerloom runs in Chrome, Edge and Safari 17 or Firefox 121 and later, and needs a window whose storage is not switched off.`,
  };
}

export function storageFailed(detail: string): Failure {
  return {
    title: 'This device’s store did not open',
    reason: `Nothing can be read or kept without it. The browser says: ${detail}. Another tab may be in the middle of an update, the disk may be full, or storage may be switched off for this site.`,
    action: reload,
  };
}

export function openingFailed(detail: string): Failure {
  return {
    title: 'The space did not open',
    reason: `What is kept on this device was left as it is. The reason: ${detail}.`,
    action: reload,
  };
}
