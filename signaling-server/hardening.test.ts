/** What a server in the open has to hold against, and what it tells whoever runs it. */
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { signalBytesMax } from '../src/base/limits.ts';
import {
  decodeXorAddress,
  encodeStun,
  stunAttribute,
  decodeStun,
  type StunMessage,
} from '../src/net/stun.ts';
import { encodeClientMessage, signalingTextBytesMax, type ServerMessage } from '../src/net/signaling.ts';
import { alice, ask, bob, carol, Harness, topic, until, type Client } from './harness.ts';
import { turnCredentials } from './ice-servers.ts';
import { faultsMax } from './relay.ts';
import type { SignalingServer } from './server.ts';

const harness = new Harness({ withoutStun: true });
const raws: Socket[] = [];
afterEach(async () => {
  for (const raw of raws.splice(0)) raw.destroy();
  await harness.stop();
});

/** The status of an upgrade, 101 when the socket opens. */
function upgrade(server: SignalingServer, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const { socket } = harness.client(`ws://127.0.0.1:${server.port}/signal`, { headers });
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', reject);
  });
}

/** A TCP connection that sends `text` and no more. */
async function raw(server: SignalingServer, text: string): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  raws.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (text !== '') socket.write(text);
  return socket;
}
async function heardUntilEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (data: Buffer) => (text += data.toString()));
  if (!socket.readableEnded && !socket.closed)
    await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  return text;
}

async function vitals(server: SignalingServer): Promise<{ connections: number; sockets: number }> {
  return JSON.parse((await ask(server, '/healthz')).body.toString()) as never;
}

describe('who is let in', () => {
  test('with a list of origins exactly those are welcome, and no longer the host itself', async () => {
    const server = await harness.started({ origins: ['https://loom.example', 'http://other.example:81'] });
    for (const origin of ['https://loom.example', 'http://other.example:81'])
      expect(await upgrade(server, { origin })).toBe(101);
    for (const origin of [
      `http://127.0.0.1:${server.port}`,
      'http://loom.example',
      'https://loom.example:443',
      'https://loom.example.evil.example',
      'https://a.loom.example',
      'https://LOOM.example',
      'null',
    ])
      expect([origin, await upgrade(server, { origin })]).toEqual([origin, 403]);
    expect(server.counted.get('upgradesRefused', 'origin')).toBe(7);
  });

  test('sockets are capped in all and per address, and one that goes makes room', async () => {
    const server = await harness.started({ limits: { sockets: 3, socketsPerAddress: 2 }, trustedHops: 1 });
    const from = (address: string) => ({ 'x-forwarded-for': `6.6.6.6, ${address}` });
    const first = await harness.connected(server, { headers: from('1.1.1.1') });
    expect(await upgrade(server, from('1.1.1.1'))).toBe(101);
    expect(await upgrade(server, from('1.1.1.1'))).toBe(503);
    expect(await upgrade(server, from('2.2.2.2'))).toBe(101);
    expect(await upgrade(server, from('3.3.3.3'))).toBe(503);
    expect(server.counted.get('upgradesRefused', 'full for this address')).toBe(1);
    expect(server.counted.get('upgradesRefused', 'full')).toBe(1);
    first.socket.close();
    await first.closed;
    await until(async () => (await vitals(server)).sockets === 2);
    expect(await upgrade(server, from('1.1.1.1'))).toBe(101);
  });

  test('rooms are capped, and who would open one too many is told', async () => {
    const server = await harness.started({ limits: { rooms: 1 } });
    await harness.joined(server, alice);
    await harness.joined(server, bob);
    const third = await harness.connected(server);
    third.socket.send(encodeClientMessage({ type: 'join', v: 1, topic: '22'.repeat(32), peer: carol }));
    expect(await third.next()).toEqual({ type: 'refused', reason: 'server-full' });
    expect(await third.closed).toBe(1008);
  });

  test('an address that upgrades or asks too fast gets 429, and is counted', async () => {
    const server = await harness.started({
      limits: { upgradesBurst: 2, upgradesPerSecond: 1e-3, requestsBurst: 3, requestsPerSecond: 1e-3 },
    });
    expect([await upgrade(server), await upgrade(server), await upgrade(server)]).toEqual([101, 101, 429]);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n++) statuses.push((await ask(server, '/missing')).status);
    expect(statuses).toEqual([404, 404, 404, 429]);
    expect(server.counted.get('upgradesRefused', 'too fast')).toBe(1);
    expect(server.counted.get('requestsRefused', 'too fast')).toBe(1);
    // Whoever runs it is always answered.
    expect((await ask(server, '/healthz')).status).toBe(200);
  });
});

describe('what a socket may send', () => {
  const signal = (to: string): string => encodeClientMessage({ type: 'signal', to, body: 'x' });

  test('beyond its bucket messages are dropped, told with the time to wait, and end the socket when they go on', async () => {
    const server = await harness.started({ limits: { messageBytesBurst: 4096, messageBytesPerSecond: 1 } });
    const a = await harness.joined(server, alice);
    const b = await harness.joined(server, bob);
    // Each costs 1 KiB: the join and three of these are let through.
    for (let n = 0; n < 3 + faultsMax; n++) b.socket.send(signal(alice));
    for (let n = 1; n <= faultsMax; n++) {
      const told = await b.next();
      expect(told).toMatchObject({ type: 'refused', reason: 'too-fast' });
      expect(told.type === 'refused' && told.retryAfterMs).toBeGreaterThan(0);
    }
    expect(await b.closed).toBe(1008);
    expect((await a.drain()).map(({ type }) => type)).toEqual([
      'joined',
      'signal',
      'signal',
      'signal',
      'left',
    ]);
    expect(server.counted.get('tooFast', 'socket')).toBe(faultsMax);
  });

  test('sockets of one address share a bucket; another address has its own', async () => {
    const server = await harness.started({
      limits: { messageBytesPerAddressBurst: 4096, messageBytesPerAddressPerSecond: 1 },
      trustedHops: 1,
    });
    const peers: Client[] = [];
    for (const address of ['1.1.1.1', '1.1.1.1', '2.2.2.2'])
      peers.push(await harness.connected(server, { headers: { 'x-forwarded-for': address } }));
    const answers: ServerMessage['type'][][] = [];
    for (const peer of peers) {
      for (let n = 0; n < 3; n++) peer.socket.send('{"type":"ping"}');
      const heard: ServerMessage['type'][] = [];
      for (let n = 0; n < 3; n++) heard.push((await peer.next()).type);
      answers.push(heard);
    }
    expect(answers).toEqual([
      ['pong', 'pong', 'pong'],
      ['pong', 'refused', 'refused'],
      ['pong', 'pong', 'pong'],
    ]);
    expect(server.counted.get('tooFast', 'address')).toBe(2);
  });

  test('a signal carries 64 KiB and not a byte more; a longer text ends the socket', async () => {
    expect([signalBytesMax, signalingTextBytesMax]).toEqual([64 * 1024, 65 * 1024]);
    const server = await harness.started();
    const a = await harness.joined(server, alice);
    const b = await harness.joined(server, bob);
    const send = (body: string) => {
      b.socket.send(encodeClientMessage({ type: 'signal', to: alice, body }));
    };
    send('x'.repeat(signalBytesMax));
    send('x'.repeat(signalBytesMax + 1));
    expect(await b.next()).toEqual({ type: 'refused', reason: 'malformed' });
    expect((await a.drain()).map(({ type }) => type)).toEqual(['joined', 'signal']);
    b.socket.send('x'.repeat(signalingTextBytesMax + 1));
    expect(await b.closed).toBe(1009);
    expect(server.counted.get('socketErrors', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')).toBe(1);
  });

  test('no compression is agreed upon, whatever a client offers', async () => {
    const server = await harness.started();
    const a = await harness.connected(server, { perMessageDeflate: true });
    expect(a.socket.extensions).toBe('');
  });
});

describe('slow and half-open connections', () => {
  const half = 'GET / HTTP/1.1\r\nHost: x\r\n';

  test('headers that do not end, and a connection that says nothing, are ended', async () => {
    const server = await harness.started({ limits: { headersMs: 60, requestMs: 80 } });
    const [silent, slow] = [await raw(server, ''), await raw(server, half)];
    const [first, second] = await Promise.all([heardUntilEnd(silent), heardUntilEnd(slow)]);
    for (const text of [first, second]) expect(text).toMatch(/^HTTP\/1.1 408/);
    expect(server.counted.get('badRequests', 'too slow')).toBe(2);
    // Of the two nothing is left but this question.
    await until(async () => (await vitals(server)).connections === 1);
  });

  test('one byte now and then does not help, nor does never closing', async () => {
    const server = await harness.started({ limits: { headersMs: 60, requestMs: 80 } });
    const drip = await raw(server, half);
    const dripping = setInterval(() => drip.write('x'), 10);
    await until(async () => (await vitals(server)).connections === 1);
    clearInterval(dripping);
    expect(server.counted.get('badRequests', 'too slow')).toBe(1);
  });

  test('they are capped per address and in all, and sockets that are open go on', async () => {
    const server = await harness.started({ limits: { httpConnections: 6, httpConnectionsPerAddress: 5 } });
    const a = await harness.joined(server, alice);
    const b = await harness.joined(server, bob);
    const held: Socket[] = [];
    for (let n = 0; n < 5; n++) held.push(await raw(server, half));
    expect(await heardUntilEnd(await raw(server, half))).toBe('');
    expect(server.counted.get('connectionsRefused', 'full for this address')).toBe(1);
    b.socket.send(encodeClientMessage({ type: 'signal', to: alice, body: 'x' }));
    expect((await a.drain()).map(({ type }) => type)).toEqual(['joined', 'signal']);
    for (const socket of held) socket.destroy();
    await until(() =>
      vitals(server).then(
        ({ connections }) => connections === 1,
        () => false,
      ),
    );
    await harness.joined(server, carol);
  });
});

describe('what it tells', () => {
  test('metrics are of the text format, complete, and name nobody', async () => {
    const server = await harness.started();
    const a = await harness.joined(server, alice);
    const b = await harness.joined(server, bob);
    b.socket.send(encodeClientMessage({ type: 'signal', to: alice, body: 'secretbody' }));
    b.socket.send('{"type":"join","v":2}');
    await b.drain();
    await a.drain();
    const { headers, body } = await ask(server, '/metrics');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = body.toString();
    const samples = new Map<string, string>();
    for (const line of text.split('\n').slice(0, -1)) {
      const form =
        /^# (?:HELP \S+ .+|TYPE \S+ (?:counter|gauge))$|^([a-z_]+(?:\{[a-z]+="[^"\\]*"\})?) (\d+)$/;
      expect(line).toMatch(form);
      const [, name, value] = form.exec(line) ?? [];
      if (name !== undefined) samples.set(name, value ?? '');
    }
    for (const [name, value] of [
      ['sockets', '2'],
      ['rooms', '1'],
      ['draining', '0'],
      ['joined_total', '2'],
      ['relayed_total', '1'],
      ['nobody_there_total', '0'],
      ['malformed_total{reason="unknown version"}', '1'],
      ['refused_total{reason="malformed"}', '1'],
    ] as const)
      expect([name, samples.get(`peerloom_signaling_${name}`)]).toEqual([name, value]);
    // Each metric is announced once, before its samples.
    const types = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(new Set(types).size).toBe(types.length);
    for (const name of samples.keys()) expect(types).toContain(name.replace(/\{.*/, ''));
    for (const secret of [topic, alice, bob, 'secretbody', '127.0.0.1']) expect(text).not.toContain(secret);
  });

  test('closing drains: each peer is told another time to come back, nobody is let in, readiness ends', async () => {
    const server = await harness.started({ limits: { drainMs: 60_000, returnsPerSecond: 1 } });
    const peers: Client[] = [];
    for (let n = 0; n < 8; n++) peers.push(await harness.joined(server, alice, `${n}`.repeat(64)));
    const readiness = await ask(server, '/readyz');
    expect([readiness.status, readiness.body.toString()]).toEqual([200, 'ready\n']);
    // One that does not read keeps the server draining.
    const silent = await harness.joined(server, carol, 'cc'.repeat(32));
    silent.socket.pause();

    const closing = server.close();
    const waits: number[] = [];
    for (const peer of peers) {
      const told = await peer.next();
      expect(told).toMatchObject({ type: 'refused', reason: 'shutting-down' });
      if (told.type === 'refused') waits.push(told.retryAfterMs ?? -1);
      expect(await peer.closed).toBe(1000);
    }
    // Nine peers at one a second, after the second that a restart takes.
    for (const wait of waits) expect(wait >= 1000 && wait < 11_000).toBe(true);
    expect(new Set(waits).size).toBeGreaterThan(4);
    expect((await ask(server, '/readyz')).status).toBe(503);
    expect((await ask(server, '/healthz')).status).toBe(200);
    expect((await ask(server, '/')).status).toBe(503);
    expect(await upgrade(server)).toBe(503);
    silent.socket.resume();
    await closing;
    await expect(ask(server, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a peer that does not answer the goodbye is waited for only so long', async () => {
    const server = await harness.started({ limits: { drainMs: 50 } });
    const silent = await harness.joined(server, alice);
    silent.socket.pause();
    await server.close();
    await expect(ask(server, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('STUN and TURN', () => {
  const request: StunMessage = {
    class: 'request',
    method: 1,
    transactionId: Uint8Array.from({ length: 12 }, (_, i) => i),
    attributes: [],
    fingerprint: true,
  };

  test('[NET82] the UDP port of the same number tells where a request came from, and goes on after rubbish', async () => {
    const server = await harness.started({ withoutStun: false });
    const asker = createSocket('udp4');
    asker.bind(0, '127.0.0.1');
    await once(asker, 'listening');
    for (const rubbish of [new Uint8Array(), Buffer.from('x'), new Uint8Array(1000)])
      asker.send(rubbish, server.port, '127.0.0.1');
    asker.send(encodeStun(request), server.port, '127.0.0.1');
    const [bytes] = (await once(asker, 'message')) as [Buffer];
    const answer = decodeStun(bytes);
    if (!answer.ok) throw new Error(answer.reason);
    expect([...answer.value.transactionId]).toEqual([...request.transactionId]);
    expect(answer.value.attributes.map(({ type }) => type)).toEqual([stunAttribute.xorMappedAddress]);
    const value = Uint8Array.from(answer.value.attributes[0]?.value ?? []);
    expect(decodeXorAddress(value, request.transactionId)).toEqual({
      ok: true,
      value: { address: Uint8Array.of(127, 0, 0, 1), port: asker.address().port },
    });
    asker.close();
    expect(server.counted.get('stunAnswered', 'answered')).toBe(1);
    expect(server.counted.get('stunDropped', 'short')).toBe(2);
    expect(server.counted.get('stunDropped', 'too long')).toBe(1);
  });

  test('an address that asks too fast hears nothing, and is counted', async () => {
    const server = await harness.started({
      withoutStun: false,
      limits: { stunBurst: 3, stunPerSecond: 1e-3 },
    });
    const asker = createSocket('udp4');
    let answers = 0;
    asker.on('message', () => answers++);
    for (let n = 0; n < 10; n++) asker.send(encodeStun(request), server.port, '127.0.0.1');
    await until(() => server.counted.get('stunDropped', 'too fast') === 7);
    await until(() => answers === 3);
    asker.close();
  });

  test('a UDP port that somebody else has is told, and the server goes on without STUN', async () => {
    const first = await harness.started();
    const squatter = createSocket('udp4');
    squatter.bind(first.port, '127.0.0.1');
    await once(squatter, 'listening');
    await first.close();
    const server = await harness.started({ port: first.port, withoutStun: false });
    expect(server.stunFailure).toBe('EADDRINUSE');
    squatter.close();
  });

  test('peers are told of STUN here under the name they came by, and of TURN with credentials that expire', async () => {
    const url = 'turn:turn.example:3478?transport=udp';
    const server = await harness.started({
      withoutStun: false,
      ice: { stun: ['stun:other.example'], turn: [{ url, secret: 'open sesame' }] },
    });
    const told: ServerMessage[] = [];
    for (const host of ['loom.example:8443', '[::1]:80', 'evil"host']) {
      const client = await harness.connected(server, { headers: { host } });
      client.socket.send(encodeClientMessage({ type: 'join', v: 1, topic, peer: alice }));
      told.push(await client.next());
      client.socket.terminate();
    }
    const stunOf = (message: ServerMessage | undefined) =>
      message?.type === 'ice' ? message.servers.flatMap(({ urls }) => urls) : [];
    expect(stunOf(told[0])).toEqual([`stun:loom.example:${server.port}`, 'stun:other.example', url]);
    expect(stunOf(told[1])).toEqual([`stun:[::1]:${server.port}`, 'stun:other.example', url]);
    expect(stunOf(told[2])).toEqual(['stun:other.example', url]);
    const [turn] = told[0]?.type === 'ice' ? told[0].servers.slice(-1) : [];
    const [expiry = '', nonce = ''] = (turn?.username ?? '').split(':');
    expect(turn).toMatchObject(turnCredentials('open sesame', Number(expiry), nonce));
    expect(Math.abs(Number(expiry) - Date.now() / 1000 - 3600)).toBeLessThan(600);
  });

  test('TURN credentials are base64(HMAC-SHA1(secret, "expiry:nonce")), as openssl makes them', () => {
    // printf 1700003600:abcd | openssl dgst -sha1 -hmac 'open sesame' -binary | base64
    expect(turnCredentials('open sesame', 1_700_003_600, 'abcd')).toEqual({
      username: '1700003600:abcd',
      credential: 'C0w47qpDlgYTKb+2KX7zzcLQA2w=',
    });
  });
});
