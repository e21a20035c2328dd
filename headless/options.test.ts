import { expect, test } from 'vitest';
import { encodeLinkFragment } from '../src/base/space-keys.ts';
import { readOptions } from './options.ts';

const secret = new Uint8Array(32).fill(9);
const fragment = encodeLinkFragment(secret);

test('[PEER3] a link names the space and the server to meet at', () => {
  const read = readOptions(['--link', `https://loom.example.org:444/s#${fragment}`, '--data', 'here'], {});
  expect(read).toEqual({
    ok: true,
    value: {
      secret,
      signalingUrls: ['wss://loom.example.org:444/signal'],
      dataDir: 'here',
      name: 'Always on',
      vitalsPort: undefined,
    },
  });
  const args = [
    '--data',
    'here',
    '--signaling',
    'ws://a/signal',
    '--signaling',
    'wss://b/signal',
    '--vitals',
    '0',
  ];
  expect(readOptions(args, { PEERLOOM_LINK: `http://localhost:8080/s#${fragment}` })).toMatchObject({
    value: { signalingUrls: ['ws://a/signal', 'wss://b/signal'], vitalsPort: 0 },
  });
});

test.each([
  [[]],
  [['--data', 'here']],
  [['--link', `http://x/s#${fragment}`]],
  [['--link', `x/s#${fragment}`, '--data', 'here']],
  [['--link', `ftp://x/s#${fragment}`, '--data', 'here']],
  [['--link', `http://x/s#${fragment.slice(1)}`, '--data', 'here']],
  [['--link', `http://x/s#${fragment}`, '--data']],
  [['--link', `http://x/s#${fragment}`, '--data', '--name']],
  [['--link', `http://x/s#${fragment}`, '--data', 'here', '--vitals', '70000']],
  [['--link', `http://x/s#${fragment}`, '--data', 'here', '--signaling', 'https://x']],
  [['--link', `http://x/s#${fragment}`, '--data', 'here', '--else', 'x']],
])('[PEER3] refused with a sentence: %j', args => {
  const read = readOptions(args, {});
  expect(read.ok).toBe(false);
  expect(read.ok === false ? read.reason.length : 0).toBeGreaterThan(20);
});
