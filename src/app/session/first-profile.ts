/** A name and a colour are chosen already when one arrives, and can be changed in place. */
import type { Profile } from '../space-session.ts';

const first = [
  'Amber',
  'Birch',
  'Cedar',
  'Clover',
  'Coral',
  'Fern',
  'Hazel',
  'Heron',
  'Iris',
  'Juniper',
  'Lark',
  'Linden',
];
const second = [
  'Brook',
  'Cove',
  'Dale',
  'Field',
  'Harbour',
  'Hill',
  'Lane',
  'Meadow',
  'Pier',
  'Ridge',
  'Shore',
  'Wood',
];

export function firstProfile(): Profile {
  const [a = 0, b = 0, c = 0] = crypto.getRandomValues(new Uint8Array(3));
  const name = `${first[a % first.length] ?? ''} ${second[b % second.length] ?? ''}`;
  return { name, colour: 1 + (c % 12) };
}
