/** What has the focus, through every shadow root. */
import { expect } from 'vitest';
import type { Locator } from 'vitest/browser';

function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}

export const expectFocus = (locator: Locator): Promise<void> => expect.poll(focused).toBe(locator.element());
