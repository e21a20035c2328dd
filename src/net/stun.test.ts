import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { stunBytesMax } from '../base/limits.ts';
import { SeededRandom } from '../base/random.ts';
import {
  answerBinding,
  bindingMethod,
  decodeStun,
  decodeXorAddress,
  encodeStun,
  encodeXorAddress,
  stunAnswerFactor,
  stunAttribute,
  transactionIdBytes,
  type StunAttribute,
  type StunClass,
  type StunMessage,
} from './stun.ts';

const bytesOf = (...hex: string[]): Uint8Array<ArrayBuffer> => fromHex(hex.join('').replaceAll(' ', ''));
const random = new SeededRandom('stun');
const randomBytes = (length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));

/** RFC 5769: the same transaction id in 2.1 to 2.3; each ends with MESSAGE-INTEGRITY and FINGERPRINT. */
const transactionId = 'b7e7a701bc34d686fa87dfae';
const vectors = {
  request: bytesOf(
    '00010058 2112a442 b7e7a701 bc34d686 fa87dfae 80220010 5354554e 20746573 7420636c 69656e74',
    '00240004 6e0001ff 80290008 932ff9b1 51263b36 00060009 6576746a 3a683676 59202020',
    '00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2 80280004 e57a3bcf',
  ),
  ipv4: bytesOf(
    '0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220',
    '00200008 0001a147 e112a643 00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96',
  ),
  ipv6: bytesOf(
    '01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220',
    '00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9 00080014 a382954e 4be67bf1 1784c97c 8292c275',
    'bfe3ed41 80280004 c8fb0b4c',
  ),
  longTerm: bytesOf(
    '00010060 2112a442 78ad3433 c6ad72c0 29da412e 00060012 e3839ee3 8388e383 aae38383 e382af e382b90000',
    '0015001c 662f2f34 39396b39 35346436 4f4c3334 6f4c3946 53547679 3634 7341 0014000b 6578616d 706c652e 6f726700',
    '00080014 f67024656dd64a3e02b8e0712e85c9a28ca89666',
  ),
};
const password = 'VOkJxbRl1RmTxUk/WvJxBt';

function valueOf(message: StunMessage, type: number): Uint8Array {
  const found = message.attributes.find(attribute => attribute.type === type);
  if (found === undefined) throw new Error('no such attribute');
  return found.value;
}
function decoded(bytes: Uint8Array): StunMessage {
  const read = decodeStun(bytes);
  if (!read.ok) throw new Error(read.reason);
  return read.value;
}
/** Over all before MESSAGE-INTEGRITY, whose own bytes the length counts already. */
function integrityOf(bytes: Uint8Array, key: string): string {
  const at = bytes.length - 32;
  const before = Uint8Array.from(bytes.subarray(0, at));
  new DataView(before.buffer).setUint16(2, at + 24 - 20);
  return createHmac('sha1', key).update(before).digest('hex');
}

test('[NET80] RFC 5769, 2.1: the sample request with FINGERPRINT', () => {
  const message = decoded(vectors.request);
  expect(message).toMatchObject({ class: 'request', method: bindingMethod, fingerprint: true });
  expect(toHex(message.transactionId)).toBe(transactionId);
  expect(message.attributes.map(({ type }) => type)).toEqual([0x8022, 0x0024, 0x8029, 0x0006, 0x0008]);
  expect(toHex(valueOf(message, stunAttribute.username))).toBe(toHex(new TextEncoder().encode('evtj:h6vY')));
  expect(toHex(valueOf(message, stunAttribute.messageIntegrity))).toBe(
    integrityOf(vectors.request, password),
  );
});

test.each([
  ['2.2: the sample IPv4 response', vectors.ipv4, 'c0000201'],
  ['2.3: the sample IPv6 response', vectors.ipv6, '20010db8123456780011223344556677'],
])('[NET80] RFC 5769, %s, from port 32853', (_name, bytes, address) => {
  const message = decoded(bytes);
  expect(message).toMatchObject({ class: 'success', method: bindingMethod, fingerprint: true });
  const value = valueOf(message, stunAttribute.xorMappedAddress);
  const mapped = decodeXorAddress(value, message.transactionId);
  expect(mapped.ok && { ...mapped.value, address: toHex(mapped.value.address) }).toEqual({
    address,
    port: 32853,
  });
  if (mapped.ok) expect(encodeXorAddress(mapped.value, message.transactionId)).toEqual(value);
  expect(toHex(valueOf(message, stunAttribute.messageIntegrity))).toBe(integrityOf(bytes, password));
});

test('[NET80] RFC 5769, 2.4: the request with long-term authentication, without FINGERPRINT', () => {
  const message = decoded(vectors.longTerm);
  expect(message).toMatchObject({ class: 'request', method: bindingMethod, fingerprint: false });
  expect(toHex(message.transactionId)).toBe('78ad3433c6ad72c029da412e');
  expect(message.attributes.map(({ type }) => type)).toEqual([0x0006, 0x0015, 0x0014, 0x0008]);
  expect(new TextDecoder().decode(valueOf(message, stunAttribute.realm))).toBe('example.org');
});

const known: number[] = Object.values(stunAttribute);
function randomMessage(): StunMessage {
  const classes: StunClass[] = ['request', 'indication', 'success', 'error'];
  const attributes: StunAttribute[] = Array.from({ length: random.below(6) }, () => ({
    type: random.below(2) === 0 ? random.below(0x8000) : known[random.below(known.length - 1)]!,
    value: randomBytes(random.below(40)),
  }));
  return {
    class: classes[random.below(4)]!,
    method: random.below(4) === 0 ? random.below(0x1000) : bindingMethod,
    transactionId: randomBytes(transactionIdBytes),
    attributes,
    fingerprint: random.below(2) === 0,
  };
}

test('[NET81] what is encoded decodes to the same message, whatever its class, method and attributes', () => {
  for (let run = 0; run < 2000; run++) {
    const message = randomMessage();
    expect(decoded(encodeStun(message))).toEqual(message);
  }
});

const from = { address: Uint8Array.of(192, 0, 2, 1), port: 32853 };
const from6 = { address: fromHex('20010db8123456780011223344556677'), port: 32853 };
const plain: StunMessage = {
  class: 'request',
  method: bindingMethod,
  transactionId: fromHex(transactionId),
  attributes: [],
  fingerprint: false,
};

test.each([from, from6])('[NET82] a binding request is told where it came from', sender => {
  for (const fingerprint of [false, true]) {
    const answer = answerBinding(encodeStun({ ...plain, fingerprint }), sender);
    expect(answer).toMatchObject({ ok: true, kind: 'answered' });
    const message = decoded(answer.ok ? answer.bytes : new Uint8Array());
    expect(message).toMatchObject({ class: 'success', method: bindingMethod, fingerprint });
    expect(message.transactionId).toEqual(plain.transactionId);
    const value = valueOf(message, stunAttribute.xorMappedAddress);
    expect(decodeXorAddress(value, message.transactionId)).toEqual({ ok: true, value: sender });
  }
});

test('[NET83] an attribute that must be understood and is not is answered with 420 and its name', () => {
  // RFC 5769's request is one of ICE: PRIORITY is for peers, not for a server.
  const answer = answerBinding(vectors.request, from);
  expect(answer).toMatchObject({ ok: true, kind: 'unknown attributes' });
  const message = decoded(answer.ok ? answer.bytes : new Uint8Array());
  expect(message).toMatchObject({ class: 'error', fingerprint: true });
  expect(toHex(valueOf(message, stunAttribute.unknownAttributes))).toBe('0024');
  const code = valueOf(message, stunAttribute.errorCode);
  expect([code[2], code[3], new TextDecoder().decode(code.subarray(4))]).toEqual([
    4,
    20,
    'Unknown Attribute',
  ]);
  // Optional ones, and those behind a MESSAGE-INTEGRITY, are passed over.
  const value = new Uint8Array(4);
  const passed = [
    { type: 0x8abc, value },
    { type: stunAttribute.messageIntegrity, value },
    { type: 3, value },
  ];
  expect(answerBinding(encodeStun({ ...plain, attributes: passed }), from)).toMatchObject({
    kind: 'answered',
  });
});

const behindFingerprint = Uint8Array.from([
  ...encodeStun({ ...plain, fingerprint: true }).with(3, 12),
  ...[0x80, 0x22, 0, 0],
]);

test.each([
  ['short', new Uint8Array(19)],
  ['short', new Uint8Array()],
  ['too long', new Uint8Array(stunBytesMax + 1)],
  ['not STUN', Uint8Array.from(encodeStun(plain), (byte, i) => (i === 0 ? byte | 0x80 : byte))],
  ['no magic cookie', Uint8Array.from(encodeStun(plain), (byte, i) => (i === 5 ? byte ^ 1 : byte))],
  ['wrong length', Uint8Array.from([...encodeStun(plain), 0, 0, 0, 0])],
  ['wrong length', Uint8Array.from([...encodeStun(plain), 0]).with(3, 1)],
  ['attribute overruns', Uint8Array.from([...encodeStun(plain), 0x80, 0x22, 0, 1]).with(3, 4)],
  ['wrong fingerprint', encodeStun({ ...plain, fingerprint: true }).with(27, 0)],
  ['something behind the fingerprint', behindFingerprint],
  ['not a request', encodeStun({ ...plain, class: 'success' })],
  ['not a request', encodeStun({ ...plain, class: 'error' })],
  ['not a request', encodeStun({ ...plain, class: 'indication' })],
  ['not a binding', encodeStun({ ...plain, method: 3 })],
])('[NET84] "%s" is not answered', (reason, packet) => {
  expect(answerBinding(packet, from)).toEqual({ ok: false, reason });
});

test('[NET85] 100,000 mutated packets: nothing throws, no answer is long, no answer is answered', () => {
  const seeds = [...Object.values(vectors), encodeStun(plain)];
  const reasons = new Map<string, number>();
  for (let run = 0; run < 100_000; run++) {
    const packet = mutated(run % 4 === 0 ? encodeStun(randomMessage()) : seeds[run % seeds.length]!);
    const answer = answerBinding(packet, run % 2 === 0 ? from : from6);
    const key = answer.ok ? answer.kind : answer.reason;
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
    if (!answer.ok) continue;
    if (answer.bytes.length > stunAnswerFactor * packet.length) throw new Error(toHex(packet));
    if (answerBinding(answer.bytes, from).ok) throw new Error(toHex(packet));
  }
  // Mutation reaches every branch: both answers and all ten reasons.
  expect([...reasons.keys()].sort()).toHaveLength(12);
});

function mutated(packet: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(packet);
  for (let change = random.below(3); change > 0; change--) {
    if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  }
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, random.below(bytes.length + 1));
    case 1:
      return Uint8Array.from([...bytes, ...randomBytes(random.below(600))]);
    case 2: {
      // Behind the fingerprint, with a length that fits.
      const longer = Uint8Array.from([...bytes, 0x80, 0x22, 0, 0]);
      new DataView(longer.buffer).setUint16(2, longer.length - 20);
      return longer;
    }
    default:
      return bytes;
  }
}
