import { decodeQR } from 'qr/decode.js';
import { afterEach, expect, test } from 'vitest';
import './ws-qr.ts';
import type { WsQr } from './ws-qr.ts';

afterEach(() => {
  document.querySelector('ws-qr')?.remove();
});

/** What stands on the screen, as a camera would take it. */
async function pixelsOf(drawn: SVGSVGElement): Promise<ImageData> {
  const copy = drawn.cloneNode(true) as SVGSVGElement;
  const side = 4 * drawn.viewBox.baseVal.width;
  for (const name of ['width', 'height']) copy.setAttribute(name, String(side));
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  const canvas = new OffscreenCanvas(side, side).getContext('2d');
  if (canvas === null) throw new Error('no canvas');
  canvas.fillStyle = '#fff';
  canvas.fillRect(0, 0, side, side);
  canvas.drawImage(image, 0, 0);
  return canvas.getImageData(0, 0, side, side);
}

function show(text: string): WsQr {
  const element = document.createElement('ws-qr');
  [element.text, element.label] = [text, 'Code of the offer'];
  document.body.append(element);
  return element;
}

// As long as offers are, and all the signs that they have.
const text = `AQ-_${'0aZ9'.repeat(8)}.${'Sealed-and_base64url'.repeat(70)}`;

test('what is drawn reads back as the text', async () => {
  const { renderRoot } = show(text);
  await expect.poll(() => renderRoot.querySelector('path')).not.toBeNull();
  const drawn = renderRoot.querySelector('svg');
  if (drawn === null) throw new Error('not drawn');
  expect(drawn.getAttribute('aria-label')).toBe('Code of the offer');
  expect(decodeQR(await pixelsOf(drawn))).toBe(text);
});

test('another text is another code, and one too long for any is none', async () => {
  const element = show(text);
  const path = () => element.renderRoot.querySelector('path')?.getAttribute('d');
  await expect.poll(path).toBeDefined();
  const before = path();
  element.text = 'short';
  await expect.poll(() => path() !== undefined && path() !== before).toBe(true);
  element.text = 'x'.repeat(2954);
  await expect.poll(path).toBeUndefined();
});
