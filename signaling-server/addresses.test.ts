import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../src/base/bytes.ts';
import { addressBytes, addressKey, callerOf } from './addresses.ts';

const requestWith = (forwarded: string | undefined, remoteAddress: string): IncomingMessage =>
  ({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;

test.each([
  // No proxy: the header is the caller's own and means nothing.
  [0, '1.1.1.1', '9.9.9.9', '9.9.9.9'],
  // One proxy appended what it saw; what stands before it is the caller's.
  [1, '1.1.1.1', '127.0.0.1', '1.1.1.1'],
  [1, '6.6.6.6, 1.1.1.1', '127.0.0.1', '1.1.1.1'],
  [2, '6.6.6.6,1.1.1.1 , 10.0.0.1', '127.0.0.1', '1.1.1.1'],
  // Fewer entries than proxies, or no address: somebody came past the proxies.
  [2, '1.1.1.1', '9.9.9.9', '9.9.9.9'],
  [1, undefined, '9.9.9.9', '9.9.9.9'],
  [1, 'unknown', '9.9.9.9', '9.9.9.9'],
  [1, '1.1.1.1:80', '9.9.9.9', '9.9.9.9'],
  [1, '2001:db8::1', '9.9.9.9', '20010db800000000/64'],
  [0, undefined, '::ffff:9.9.9.9', '9.9.9.9'],
])('with %i trusted hops, "%s" from %s is %s', (hops, forwarded, remote, caller) => {
  expect(callerOf(requestWith(forwarded, remote), hops)).toBe(caller);
});

test.each([
  ['192.0.2.1', 'c0000201'],
  ['::ffff:192.0.2.1', 'c0000201'],
  ['::FFFF:c000:201', 'c0000201'],
  ['::', '00'.repeat(16)],
  ['::1', `${'00'.repeat(15)}01`],
  ['2001:db8::', `20010db8${'00'.repeat(12)}`],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
  ['fe80::1%eth0', `fe80${'00'.repeat(13)}01`],
])('%s is %s', (text, hex) => {
  expect(toHex(addressBytes(text) ?? new Uint8Array())).toBe(hex);
});

test('what is no address has no bytes, and one key for all', () => {
  for (const text of ['', 'localhost', '1.2.3', '1:2', '::g', '1.2.3.4.5']) {
    expect(addressBytes(text)).toBeUndefined();
    expect(addressKey(text)).toBe('unknown');
  }
});

test('every IPv6 address has sixteen bytes, and those of one /64 have one key', () => {
  fc.assert(
    fc.property(fc.ipV6(), text => {
      const bytes = addressBytes(text);
      expect([isIPv6(text), [4, 16].includes(bytes?.length ?? 0)]).toEqual([true, true]);
    }),
  );
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2::'));
  expect(addressKey('2001:db8:1:3::')).not.toBe(addressKey('2001:db8:1:2::'));
});
