import { expect, test } from 'vitest';
import type { DeviceId, SpaceId } from '../../base/ids.ts';
import { MetStore } from './met-store.ts';

const space = (n: number) => crypto.randomUUID().replaceAll('-', '').replace(/^./, String(n)) as SpaceId;
const device = (n: number) => String(n).padStart(32, '0') as DeviceId;
const met = (n: number, metMs: number, name = 'Ana') => ({ deviceId: device(n), name, colour: 2, metMs });

test('of each device and space the latest meeting is kept, whoever writes it and in whatever order', async () => {
  const [here, elsewhere] = [space(1), space(2)];
  const [one, other, third] = await Promise.all([here, here, elsewhere].map(id => MetStore.open(id)));
  if (one === undefined || other === undefined || third === undefined) throw new Error('no store');
  await one.keep([met(1, 1000), met(2, 1000)]);
  await other.keep([met(1, 3000, 'Anna')]);
  await one.keep([met(1, 2000)]);
  await third.keep([met(3, 9000)]);
  expect(await other.all()).toEqual([met(1, 3000, 'Anna'), met(2, 1000)]);
  expect(await third.all()).toEqual([met(3, 9000)]);
  for (const store of [one, other, third]) store.close();
});
