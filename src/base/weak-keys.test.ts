import { createPrivateKey, diffieHellman, createPublicKey } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromHex, toBase64Url } from './bytes.ts';
import { isWeakSealingKey } from './weak-keys.ts';

const order = {
  zero: '00'.repeat(32),
  one: `01${'00'.repeat(31)}`,
  eight: 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  eightToo: '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  minusOne: `ec${'ff'.repeat(30)}7f`,
};
const notCanonical = {
  p: `ed${'ff'.repeat(30)}7f`,
  pPlusOne: `ee${'ff'.repeat(30)}7f`,
  greatest: `${'ff'.repeat(31)}7f`,
  highestBit: `09${'00'.repeat(30)}80`,
};

test.each(Object.entries({ ...order, ...notCanonical }))(
  '[NET103] the X25519 key %s is refused',
  (_, key) => {
    expect(isWeakSealingKey(fromHex(key))).toBe(true);
  },
);

test('[NET103] they are weak in truth: Node will not agree on a secret with one of small order', () => {
  const own = createPrivateKey({
    key: {
      kty: 'OKP',
      crv: 'X25519',
      d: toBase64Url(new Uint8Array(32).fill(7)),
      x: toBase64Url(fromHex(order.one)),
    },
    format: 'jwk',
  });
  for (const key of Object.values(order)) {
    const theirs = createPublicKey({
      key: { kty: 'OKP', crv: 'X25519', x: toBase64Url(fromHex(key)) },
      format: 'jwk',
    });
    expect(() => diffieHellman({ privateKey: own, publicKey: theirs })).toThrow();
  }
});

test.each([`09${'00'.repeat(31)}`, `02${'00'.repeat(31)}`, `eb${'ff'.repeat(30)}7f`, 'ab'.repeat(31) + '12'])(
  '[NET103] the X25519 key %s is none of them',
  key => {
    expect(isWeakSealingKey(fromHex(key))).toBe(false);
  },
);
