import fc from 'fast-check';
import { expect, test } from 'vitest';
import { iceServersMax, retryAfterMsMax, roomPeersMax, signalBytesMax } from '../base/limits.ts';
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
  refusedReasons,
  signalingTextBytesMax,
  type ClientMessage,
  type ServerMessage,
} from './signaling.ts';

const peer = 'ab'.repeat(16);
const other = '01'.repeat(16);
const topic = '9f'.repeat(32);
const longest = 'A'.repeat(signalBytesMax);

const clientMessages: ClientMessage[] = [
  { type: 'join', v: 1, topic, peer },
  { type: 'signal', to: peer, body: 'abc-_0' },
  { type: 'signal', to: peer, body: longest },
  { type: 'ping' },
];
const serverMessages: ServerMessage[] = [
  { type: 'welcome', peers: [] },
  { type: 'welcome', peers: [peer, other] },
  {
    type: 'welcome',
    peers: Array.from({ length: roomPeersMax }, (_, i) => i.toString(16).padStart(32, '0')),
  },
  { type: 'joined', peer },
  { type: 'left', peer },
  { type: 'signal', from: peer, body: longest },
  { type: 'pong' },
  ...refusedReasons.map(reason => ({ type: 'refused' as const, reason })),
  { type: 'refused', reason: 'shutting-down', retryAfterMs: retryAfterMsMax },
  { type: 'ice', servers: [] },
  {
    type: 'ice',
    servers: [
      { urls: ['stun:localhost:8080', 'stun:[::1]:8080', 'stun:loom.example.org'] },
      { urls: ['turn:10.0.0.1:3478?transport=udp', 'turns:t.example'], username: '1:a', credential: 'b+/=' },
    ],
  },
];

test.each(clientMessages)('[NET30] client message $type comes back as it was', message => {
  const text = encodeClientMessage(message);
  expect(text.length).toBeLessThanOrEqual(signalingTextBytesMax);
  expect(decodeClientMessage(text)).toEqual({ ok: true, value: message });
  expect(decodeServerMessage(text).ok).toBe(false);
});

test.each(serverMessages)('[NET30] server message $type comes back as it was', message => {
  const text = encodeServerMessage(message);
  expect(text.length).toBeLessThanOrEqual(signalingTextBytesMax + roomPeersMax * 40);
  expect(decodeServerMessage(text)).toEqual({ ok: true, value: message });
  expect(decodeClientMessage(text).ok).toBe(false);
});

test.each([
  ['not JSON', 'x'],
  ['not JSON', ''],
  ['not an object', '7'],
  ['not an object', 'null'],
  ['not an object', '["join"]'],
  ['no type', '{}'],
  ['no type', '{"type":7}'],
  ['no type', '{"type":["join"]}'],
  ['unknown type', '{"type":"toString"}'],
  ['unknown type', '{"type":"__proto__"}'],
  ['unknown field', '{"type":"ping","extra":1}'],
  ['unknown field', '{"type":"ping","__proto__":{"a":1}}'],
  ['unknown version', `{"type":"join","v":2,"topic":"${topic}","peer":"${peer}"}`],
  ['unknown version', `{"type":"join","topic":"${topic}","peer":"${peer}"}`],
  ['bad topic', `{"type":"join","v":1,"topic":"${topic.toUpperCase()}","peer":"${peer}"}`],
  ['bad topic', `{"type":"join","v":1,"topic":{"length":64},"peer":"${peer}"}`],
  ['bad peer', `{"type":"join","v":1,"topic":"${topic}","peer":"${peer}0"}`],
  ['bad peer', `{"type":"join","v":1,"topic":"${topic}"}`],
  ['unknown field', `{"type":"join","v":1,"topic":"${topic}","peer":"${peer}","name":""}`],
  ['bad peer', '{"type":"signal","to":null,"body":"aa"}'],
  ['bad body', `{"type":"signal","to":"${peer}","body":""}`],
  ['bad body', `{"type":"signal","to":"${peer}","body":"a b"}`],
  ['bad body', `{"type":"signal","to":"${peer}","body":"${longest}A"}`],
  ['bad body', `{"type":"signal","to":"${peer}","body":{}}`],
  ['too long', `"${'x'.repeat(signalingTextBytesMax)}"`],
])('[NET31] a client message is refused: %s', (reason, text) => {
  expect(decodeClientMessage(text)).toEqual({ ok: false, reason });
});

test.each<string[]>([
  ['bad peers', '{"type":"welcome"}'],
  ['bad peers', '{"type":"welcome","peers":{"length":0}}'],
  ['bad peers', `{"type":"welcome","peers":["${peer}","${peer}"]}`],
  [
    'bad peers',
    `{"type":"welcome","peers":[${Array(roomPeersMax + 1)
      .fill(`"${peer}"`)
      .join()}]}`,
  ],
  ['bad peer', '{"type":"left","peer":""}'],
  ['bad reason', '{"type":"refused","reason":"<b>"}'],
  ['bad reason', '{"type":"refused","retryAfterMs":1}'],
  ...[-1, 0.5, retryAfterMsMax + 1, null, '"9"'].map(wait => [
    'bad retryAfterMs',
    `{"type":"refused","reason":"malformed","retryAfterMs":${wait}}`,
  ]),
  ...[
    '{}',
    '[7]',
    '[null]',
    '[{"urls":[]}]',
    '[{"urls":"stun:a"}]',
    '[{"urls":["stun:a"],"more":1}]',
    '[{"urls":["stun:a"],"username":"u","credential":"c"}]',
    '[{"urls":["turn:a"]}]',
    '[{"urls":["turn:a"],"username":"u","credential":""}]',
    '[{"urls":["turn:a"],"username":"a b","credential":"c"}]',
    ...['http://a', 'stun:', 'stun:a:0', 'stun:a:65536', 'stun:a?transport=udp', 'stuns:a', 'stun:a/b'].map(
      url => `[{"urls":["${url}"]}]`,
    ),
    `[{"urls":["stun:${'a'.repeat(260)}"]}]`,
    JSON.stringify(Array(iceServersMax + 1).fill({ urls: ['stun:a'] })),
  ].map(servers => ['bad servers', `{"type":"ice","servers":${servers}}`]),
  ['bad servers', '{"type":"ice"}'],
  ['unknown field', '{"type":"pong","at":1}'],
  ['unknown type', '{"type":"ping"}'],
])('[NET31] a server message is refused: %s', (reason, text = '') => {
  expect(decodeServerMessage(text)).toEqual({ ok: false, reason });
});

test('[NET31] deep nesting and arbitrary JSON never throw', () => {
  const deep = '['.repeat(30_000) + ']'.repeat(30_000);
  expect(decodeClientMessage(deep).ok).toBe(false);
  expect(decodeClientMessage(`{"type":${deep}}`).ok).toBe(false);
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), text => {
      expect(decodeClientMessage(text).ok).toBe(false);
      expect(decodeServerMessage(text).ok).toBe(false);
    }),
    { numRuns: 300 },
  );
});
