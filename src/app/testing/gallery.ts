/** Every state of the interface by name, `gallery.html#offline`: for looking at while it is made. Never ships. */
import type { ReplicaId } from '../../base/ids.ts';
import { invalidLink, openingFailed, showFailed, showInsecure, showSpace, showUpdate } from '../shell.ts';
import { PlainSession, device, peer, replica, status } from './plain-session.ts';

const plan = `# Plan for Saturday

The ferry leaves at 9:20 from the north pier. Whoever arrives first holds the long table by the window, the rest bring the bags through.

If the wind turns west we take the **inner route** and lose an hour; tell Mika before nine, she has _no signal_ after the bridge.

## Before we go

- [x] Book the boat for four
- [ ] Charge both radios and the spare battery, the one in the blue bag under the stairs
- [ ] Print the tide table, twice
  - one for the cabin
  - one for \`whoever\` steers

## Supper

Two votes for the smokehouse, one for cooking on board. The poll closes when the boat does. See [the menu](https://example.org/menu).

> The fish is better on Fridays.

1. Ask for the corner table
2. Bring the lantern

\`\`\`
high water  06:14  18:40
low water   12:21
\`\`\`
`;

declare global {
  interface Window {
    gallery: { readonly session: PlainSession; readonly type: (text: string) => void };
  }
}

const root = document.querySelector<HTMLElement>('#app');
if (root === null) throw new Error('the gallery has no place');
const name = location.hash.slice(1);

const names = ['Ana', 'Bo', 'Mika'];
const peers = [
  peer(1),
  peer(2, { state: 'silent', silentMs: 6100, roundTripMs: 31, ahead: 1 }),
  peer(3, { state: 'gone', silentMs: 41_000, behind: 5 }),
];
const together = status(
  { type: 'together', holding: 3, known: 4, keeping: false, signaling: 'connected' },
  { peers },
);
const away = device(9);
const session = new PlainSession(name === 'empty' || name === 'joining' ? '' : plan);

session.metBefore.set(away, { profile: { name: 'Dev', colour: 5 }, metMs: Date.now() - 50 * 3_600_000 });

const writers = [
  { name: 'Ana', colour: 2 },
  { name: 'Bo', colour: 3 },
];
const now = Date.now();
for (let end = 60, n = 0; end <= plan.length; end += 90, n++) {
  const author = writers[n % 3];
  const text = plan.slice(0, end) + (n % 4 === 2 ? ' half a thought' : '');
  session.page.history.note(
    text,
    author ?? { name: 'Yoko', colour: 1 },
    author === undefined,
    now - (9 - n) * 7_000_000,
  );
}

switch (name) {
  case 'people':
  case 'update':
    session.show(together, names);
    break;
  case 'many': {
    const many = [
      ...peers,
      peer(4, { sameDevice: true, deviceId: device(0) }),
      peer(5, { linkOn: false, state: 'gone', behind: 12 }),
      peer(6),
    ];
    const devices = [...together.devices, { deviceId: away, replicaIds: [replica(90)], lacks: undefined }];
    session.show({ ...together, devices, peers: many }, [
      ...names,
      'Yoko',
      'Maximiliane von der Hohenfurt',
      '',
    ]);
    break;
  }
  case 'network': {
    const [you = '', ana = '', bo = '', mika = ''] = [0, 1, 2, 3].map(replica);
    const clock = new Map([
      [you, 31],
      [ana, 120],
      [bo, 58],
      [mika, 7],
    ]) as ReadonlyMap<ReplicaId, number>;
    session.network.reading = {
      ...session.network.reading,
      clock,
      clocks: new Map([
        [replica(1), clock],
        [replica(2), new Map(clock).set(replica(1), 121)],
        [replica(3), new Map(clock).set(replica(0), 26).set(replica(1), 113)],
      ]),
      links: new Map([
        [replica(1), { inBytes: 48_200, outBytes: 12_900, delayMs: 0, linkedWith: [replica(2), replica(3)] }],
        [replica(2), { inBytes: 9100, outBytes: 12_900, delayMs: 200, linkedWith: [replica(1)] }],
      ]),
    };
    session.show(together, names);
    break;
  }
  case 'offline':
    session.show(
      status({ type: 'offline', changes: 12 }, { peers: peers.map(one => ({ ...one, state: 'gone' })) }),
      names,
    );
    break;
  case 'alone':
    session.show(
      status(
        { type: 'alone', changes: 3, signaling: 'unreachable' },
        { peers: peers.map(one => ({ ...one, state: 'gone' })) },
      ),
      names,
    );
    break;
  case 'not-kept':
    session.show(status({ type: 'not-kept', reason: 'full', changes: 7 }, { peers }), names);
    break;
  default:
    break;
}

if (name === 'insecure') showInsecure(root);
else if (name === 'failed')
  showFailed(root, openingFailed('the log of this device ends in the middle of a batch'));
else if (name === 'invalid')
  showFailed(
    root,
    invalidLink(() => location.assign('/')),
  );
else showSpace(root, session, { joining: name === 'joining' });
if (name === 'update') showUpdate(root, () => location.reload());

/** Ana types, a letter every so often; Bo has selected something. */
window.gallery = {
  session,
  type(text) {
    const { page } = session;
    const start = page.text().indexOf(', the rest');
    const from = page.text().indexOf('no signal');
    Array.from(text).forEach((letter, index) => {
      page.receive([{ from: start + index, to: start + index, insert: letter }], { name: 'Ana', colour: 2 });
      page.place([
        {
          replicaId: replica(1),
          profile: { name: 'Ana', colour: 2 },
          anchor: start + index + 1,
          head: start + index + 1,
        },
        {
          replicaId: replica(2),
          profile: { name: 'Bo', colour: 3 },
          anchor: from + index + 1,
          head: from + index + 19,
        },
      ]);
    });
  },
};
