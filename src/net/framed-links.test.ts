import { expect, test } from 'vitest';
import { Counters } from '../base/trace.ts';
import { encodeFrames } from './frames.ts';
import { FramedLinks } from './framed-links.ts';

const message = new Uint8Array(100);
const frameBytes = encodeFrames(message, 0).reduce((sum, { length }) => sum + length, 0);

function end(carry = true): FramedLinks {
  const links = new FramedLinks(1, {
    carry: () => carry,
    message: () => undefined,
    refusals: new Counters(),
  });
  links.opened('peer');
  return links;
}
const arrive = (links: FramedLinks, nowMs: number): void => {
  for (const frame of encodeFrames(message, nowMs)) links.arrived('peer', 'control', frame, nowMs);
};

test('[NET140] traffic counts the frames that passed the valve, in either direction, and none that a cut swallowed', () => {
  const links = end();
  links.send('peer', 'data', message, 0);
  arrive(links, 1);
  const passed = { inBytes: frameBytes, outBytes: frameBytes };
  expect(links.traffic('peer')).toEqual(passed);
  links.conditioner.set('peer', 'both', { cut: true });
  links.send('peer', 'data', message, 2);
  arrive(links, 3);
  expect(links.traffic('peer')).toEqual(passed);
  links.conditioner.set('peer', 'both', { cut: false, delayMs: 50 });
  links.send('peer', 'data', message, 4);
  arrive(links, 5);
  expect(links.traffic('peer')).toEqual(passed);
  links.deliverDue(60);
  expect(links.traffic('peer')).toEqual({ inBytes: 2 * frameBytes, outBytes: 2 * frameBytes });
  links.leftBeside('peer', 7);
  expect(links.traffic('peer')?.outBytes).toBe(2 * frameBytes + 7);
});

test('[NET140] what a full queue refuses is not counted; each connection begins at nothing', () => {
  const full = end(false);
  expect(full.send('peer', 'data', message, 0)).toEqual({ ok: false, reason: 'full' });
  expect(full.traffic('peer')).toEqual({ inBytes: 0, outBytes: 0 });
  const links = end();
  links.send('peer', 'data', message, 0);
  links.closed('peer');
  expect(links.traffic('peer')).toBeUndefined();
  links.leftBeside('peer', 7);
  links.opened('peer');
  expect(links.traffic('peer')).toEqual({ inBytes: 0, outBytes: 0 });
});
