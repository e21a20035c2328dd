import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dialSignalsMax, iceCandidateLengthMax } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import { fingerprintOf } from './handshake/fingerprint.ts';
import {
  askToDial,
  decodeEnvelope,
  decodeSignal,
  encodeEnvelope,
  encodeSignal,
  readSignalData,
  SignalGate,
  type Signal,
} from './signals.ts';

const dial = '0123456789abcdef';
const digits = (byte: string): string => Array<string>(32).fill(byte).join(':');
const sdp = (...fingerprints: string[]): string =>
  ['v=0', 's=-', ...fingerprints, 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'a=mid:0', ''].join(
    '\r\n',
  );
const line = (byte: string): string => `a=fingerprint:sha-256 ${digits(byte)}`;

const signals: readonly Signal[] = [
  { dial: '', data: askToDial },
  { dial, data: { type: 'offer', sdp: sdp(line('AB')) } },
  { dial, data: { type: 'answer', sdp: sdp(line('0c')) } },
  {
    dial,
    data: {
      type: 'candidate',
      candidate: { candidate: 'candidate:1 1 UDP 1 a.local 9 typ host', sdpMid: '0', sdpMLineIndex: 0 },
    },
  },
  { dial, data: { type: 'candidate', candidate: { candidate: '', sdpMid: null, sdpMLineIndex: 3 } } },
];

test('[NET52] every signal decodes to itself', () => {
  for (const signal of signals)
    expect(decodeSignal(new TextDecoder().decode(encodeSignal(signal)))).toEqual(signal);
});

test.each<[string, unknown]>([
  ['null', null],
  ['a text', 'dial-you'],
  ['an offer without SDP', { type: 'offer' }],
  ['an offer whose SDP is none', { type: 'offer', sdp: 7 }],
  ['a wish to renegotiate', { type: 'renegotiate', renegotiate: true }],
  ['a wish for a camera', { type: 'transceiverRequest', transceiverRequest: { kind: 'video' } }],
  ['a candidate that names no section', { type: 'candidate', candidate: { candidate: 'x' } }],
  ['a candidate without its type', { candidate: { candidate: 'x', sdpMid: '0' } }],
  ['a candidate that is no text', { type: 'candidate', candidate: { candidate: {}, sdpMid: '0' } }],
  ['a section number below 0', { type: 'candidate', candidate: { candidate: 'x', sdpMLineIndex: -1 } }],
  [
    'a long candidate',
    { type: 'candidate', candidate: { candidate: 'x'.repeat(iceCandidateLengthMax + 1), sdpMid: '0' } },
  ],
])('[NET52] %s is no signal', (_, data) => {
  expect(readSignalData(data)).toBeUndefined();
});

test('[NET52] a description does not go without a dial, nor a wish with one', () => {
  expect(decodeSignal(JSON.stringify({ dial: '', data: signals[1]?.data }))).toBeUndefined();
  expect(decodeSignal(JSON.stringify({ dial, data: askToDial }))).toBeUndefined();
});

test('[NET53] a hundred thousand changed texts inside the seal: nothing throws, and what is taken is a signal', () => {
  const random = new SeededRandom(52);
  const texts = signals.map(signal => JSON.stringify(signal));
  const tokens = [
    '{',
    '}',
    '"',
    '[',
    ']',
    'null',
    ':',
    ',',
    '"sdp"',
    '"type"',
    '-1',
    '1e999',
    '\\u0000',
    'dial-me',
  ];
  let taken = 0;
  for (let n = 0; n < 100_000; n++) {
    let text = texts[random.below(texts.length)] ?? '';
    for (let change = 1 + random.below(3); change > 0; change--) {
      const [at, length] = [random.below(text.length + 1), random.below(6)];
      text = text.slice(0, at) + (tokens[random.below(tokens.length)] ?? '') + text.slice(at + length);
    }
    const signal = decodeSignal(text);
    if (signal === undefined) continue;
    taken++;
    expect(decodeSignal(new TextDecoder().decode(encodeSignal(signal)))).toEqual(signal);
  }
  // Changes inside of a text leave it one.
  expect(taken).toBeGreaterThan(1000);
});

test('[NET53] an envelope decodes to itself, and a hundred thousand changed ones are it or refused', () => {
  const envelope = {
    keyId: new Uint8Array(16).fill(1),
    sequence: 300,
    iv: new Uint8Array(12).fill(2),
    sealed: new Uint8Array(40).fill(3),
  };
  const body = encodeEnvelope(envelope);
  expect(decodeEnvelope(body)).toEqual({ ok: true, value: envelope });
  const random = new SeededRandom(54);
  for (let n = 0; n < 100_000; n++) {
    const at = random.below(body.length);
    const changed =
      body.slice(0, at) + String.fromCharCode(33 + random.below(120)) + body.slice(at + random.below(3));
    const decoded = decodeEnvelope(changed);
    if (decoded.ok) expect(encodeEnvelope(decoded.value)).toBe(changed);
  }
});

test('[NET108] exactly one fingerprint, of SHA-256, in its exact form', () => {
  expect(fingerprintOf(sdp(line('AB')))).toEqual({ ok: true, fingerprint: new Uint8Array(32).fill(0xab) });
  expect(fingerprintOf(sdp(line('0c')))).toEqual({ ok: true, fingerprint: new Uint8Array(32).fill(0x0c) });
  const refused = (text: string) => {
    const read = fingerprintOf(text);
    return read.ok ? 'taken' : read.reason;
  };
  expect(refused(sdp())).toBe('no-fingerprint');
  expect(refused(sdp(line('AB'), line('AB')))).toBe('several-fingerprints');
  expect(refused(sdp(line('AB'), `a=fingerprint:sha-1 ${digits('AB')}`))).toBe('several-fingerprints');
  expect(refused(sdp(line('AB'), ` a = FINGERPRINT:sha-256 ${digits('CD')}`))).toBe('several-fingerprints');
  // A lone line end or the other one ends a line as well.
  expect(refused(sdp(`${line('AB')}\r${line('CD')}`))).toBe('several-fingerprints');
  expect(refused(sdp(`a=fingerprint:sha-512 ${digits('AB')}`))).toBe('bad-fingerprint');
  expect(refused(sdp(`${line('AB')}:AB`))).toBe('bad-fingerprint');
  expect(refused(sdp(`${line('AB')} `))).toBe('bad-fingerprint');
});

test('[NET109] a later offer may not change the fingerprint, and signals of one attempt are bounded', () => {
  const gate = new SignalGate();
  const candidate = signals[3]?.data ?? askToDial;
  expect(gate.refuses({ type: 'offer', sdp: sdp(line('AB')) })).toBeUndefined();
  expect(gate.refuses({ type: 'offer', sdp: sdp(line('ab')) })).toBeUndefined();
  expect(gate.refuses({ type: 'offer', sdp: sdp(line('AC')) })).toBe('changed-fingerprint');
  expect(gate.refuses({ type: 'offer', sdp: sdp() })).toBe('no-fingerprint');
  for (let n = 4; n < dialSignalsMax; n++) expect(gate.refuses(candidate)).toBeUndefined();
  expect(gate.refuses(candidate)).toBe('too-many');
});

test('[NET108] whatever text a description is, reading it never throws', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(40), (text, at) => {
      const described = sdp(line('AB').slice(0, at) + text + line('AB').slice(at));
      const read = fingerprintOf(described);
      if (read.ok) expect(read.fingerprint.length).toBe(32);
    }),
  );
});
