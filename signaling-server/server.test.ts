import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ClientOptions } from 'ws';
import { selfSigned } from '../e2e/self-signed.ts';
import { signalBytesMax } from '../src/base/limits.ts';
import { SeededRandom } from '../src/base/random.ts';
import { encodeClientMessage, type ServerMessage } from '../src/net/signaling.ts';
import { alice, ask, bob, carol, Harness, topic, until } from './harness.ts';
import { faultsMax } from './relay.ts';
import { createSignalingServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'peerloom-server-'));
const distDir = join(folder, 'dist');
const page = `<!doctype html><title>Peerloom</title>${'<p>loom</p>'.repeat(200)}`;
const script = `export const loom = 1;\n${'// thread\n'.repeat(500)}`;

beforeAll(() => {
  mkdirSync(join(distDir, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"secret":true}');
  writeFileSync(join(distDir, 'index.html'), page);
  writeFileSync(join(distDir, 'sw.js'), script);
  writeFileSync(join(distDir, '.env'), 'SECRET');
  writeFileSync(join(distDir, 'manifest.webmanifest'), '{}');
  writeFileSync(join(distDir, 'assets', 'main-abc123.js'), script);
  writeFileSync(join(distDir, 'assets', 'font-abc.woff2'), 'font');
  writeFileSync(join(distDir, 'assets', 'a.svg'), '<svg/>');
  writeFileSync(join(distDir, 'assets', 'a.wasm'), 'wasm');
  symlinkSync(join(folder, 'package.json'), join(distDir, 'link.json'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const harness = new Harness({ distDir, withoutStun: true });
const started = harness.started.bind(harness);
const connected = harness.connected.bind(harness);
const joined = harness.joined.bind(harness);
afterEach(() => harness.stop());

describe('relay', () => {
  test('peers of a room hear of each other and exchange signals', async () => {
    const server = await started();
    const a = await joined(server, alice);
    const b = await connected(server);
    b.socket.send(encodeClientMessage({ type: 'join', v: 1, topic, peer: bob }));
    expect(await b.next()).toEqual({ type: 'welcome', peers: [alice] });
    expect(await a.next()).toEqual({ type: 'joined', peer: bob });
    const body = 'x'.repeat(signalBytesMax);
    b.socket.send(encodeClientMessage({ type: 'signal', to: alice, body }));
    expect(await a.next()).toEqual({ type: 'signal', from: bob, body });
    b.socket.close();
    expect(await a.next()).toEqual({ type: 'left', peer: bob });
  });

  test('signals stay inside the room, and a signal to nobody is only counted', async () => {
    const server = await started();
    const a = await joined(server, alice);
    const b = await joined(server, bob, '22'.repeat(32));
    a.socket.send(encodeClientMessage({ type: 'signal', to: bob, body: 'x' }));
    expect(await a.drain()).toEqual([]);
    expect(await b.drain()).toEqual([]);
    expect(server.counted.get('nobodyThere')).toBe(1);
  });

  test('a peer that joins again replaces its older socket', async () => {
    const server = await started();
    const older = await joined(server, alice);
    const b = await joined(server, bob);
    await older.next();
    const newer = await joined(server, alice);
    expect(await older.next()).toEqual({ type: 'refused', reason: 'replaced' });
    expect(await older.closed).toBe(1008);
    expect(await b.next()).toEqual({ type: 'left', peer: alice });
    expect(await b.next()).toEqual({ type: 'joined', peer: alice });
    b.socket.send(encodeClientMessage({ type: 'signal', to: alice, body: 'x' }));
    expect(await newer.next()).toEqual({ type: 'signal', from: bob, body: 'x' });
  });

  test('a socket that does not join in time, joins twice or signals first is refused', async () => {
    const mute = await connected(await started({ limits: { joinMs: 50 } }));
    expect(await mute.next()).toEqual({ type: 'refused', reason: 'join-timeout' });
    await mute.closed;
    const server = await started();
    const twice = await joined(server, alice);
    twice.socket.send(encodeClientMessage({ type: 'join', v: 1, topic, peer: carol }));
    expect(await twice.next()).toEqual({ type: 'refused', reason: 'already-joined' });
    await twice.closed;
    const early = await connected(server);
    early.socket.send(encodeClientMessage({ type: 'signal', to: alice, body: 'x' }));
    expect(await early.next()).toEqual({ type: 'refused', reason: 'not-joined' });
  });

  test('malformed frames are answered, counted, and end the socket only when they go on', async () => {
    const server = await started();
    const client = await joined(server, alice);
    const deep = '['.repeat(30_000) + ']'.repeat(30_000);
    const frames = ['x', Buffer.of(1, 2, 3), deep, '{"type":["join"],"v":{}}', '{"type":"ping","more":1}'];
    expect(frames).toHaveLength(faultsMax);
    for (const frame of frames) {
      client.socket.send(frame);
      expect(await client.next()).toEqual({ type: 'refused', reason: 'malformed' });
    }
    expect(await client.closed).toBe(1008);
    expect(server.counted.get('malformed', 'not JSON')).toBe(1);
    expect(server.counted.get('malformed', 'binary')).toBe(1);
    const huge = await connected(server);
    huge.socket.send('x'.repeat(100_000));
    expect(await huge.closed).toBe(1009);
    await joined(server, alice);
  });

  test('1,000 malformed frames and raw rubbish do not stop honest peers', async () => {
    const server = await started();
    const a = await joined(server, alice);
    const b = await joined(server, bob);
    await a.next();
    const random = new SeededRandom('rubbish');
    const valid = encodeClientMessage({ type: 'join', v: 1, topic: '33'.repeat(32), peer: carol });
    for (let sent = 0; sent < 1000;) {
      const hostile = await connected(server);
      for (let i = 0; i < 25; i++, sent++) {
        const at = random.below(valid.length);
        const kinds = [
          valid.slice(0, at),
          valid.slice(0, at) + String.fromCharCode(random.below(0xd800)) + valid.slice(at + 1),
          Buffer.from(Array.from({ length: random.below(200) }, () => random.below(256))),
        ];
        hostile.socket.send(kinds[random.below(kinds.length)] ?? '');
      }
      if (random.below(2) === 0) hostile.socket.terminate();
      if (sent % 100 === 0) {
        // Not even WebSocket frames after the upgrade.
        const raw = connect(server.port, '127.0.0.1');
        raw.on('error', () => undefined);
        raw.write(
          'GET /signal HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
            'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
        );
        raw.write(Buffer.from(Array.from({ length: 64 }, () => random.below(256))));
        b.socket.send(encodeClientMessage({ type: 'signal', to: alice, body: String(sent) }));
        expect(await a.next()).toEqual({ type: 'signal', from: bob, body: String(sent) });
        raw.destroy();
      }
    }
    expect(await b.drain()).toEqual([]);
  });

  test('a peer that does not read is dropped instead of filling our memory', async () => {
    // Its neighbour may send as much as it likes: this is about what waits, not about what comes.
    const burst = 2 ** 30;
    const server = await started({
      limits: { messageBytesBurst: burst, messageBytesPerAddressBurst: burst },
    });
    const slow = await joined(server, alice);
    const b = await joined(server, bob);
    slow.socket.pause();
    const message = encodeClientMessage({ type: 'signal', to: alice, body: 'x'.repeat(signalBytesMax) });
    const heard: ServerMessage[] = [];
    for (let sent = 0; server.counted.get('dropped', 'slow receiver') === 0 && sent < 1000; sent++) {
      b.socket.send(message);
      if (sent % 20 === 0) heard.push(...(await b.drain()));
    }
    heard.push(...(await b.drain()));
    expect(server.counted.get('dropped', 'slow receiver')).toBe(1);
    expect(heard).toEqual([{ type: 'left', peer: alice }]);
  });

  test('a peer that answers no pings is dropped; one that does stays', async () => {
    const server = await started({ limits: { pingEveryMs: 300 } });
    const silent = await connected(server);
    silent.socket.pause();
    silent.socket.send(encodeClientMessage({ type: 'join', v: 1, topic, peer: alice }));
    await until(() => server.counted.get('joined') === 1);
    const b = await joined(server, bob);
    expect(await b.next()).toEqual({ type: 'left', peer: alice });
    expect(server.counted.get('dropped', 'silent')).toBe(1);
    expect(await b.drain()).toEqual([]);
  });

  test('only pages of this host, and programs without an origin, may open the socket', async () => {
    const server = await started();
    const url = `ws://127.0.0.1:${String(server.port)}/signal`;
    const statusOf = (target: string, options: ClientOptions): Promise<number> =>
      new Promise(resolve => {
        const { socket } = harness.client(target, options);
        socket.on('open', () => resolve(101));
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
      });
    expect(await statusOf(url, {})).toBe(101);
    expect(await statusOf(url, { origin: `http://127.0.0.1:${String(server.port)}` })).toBe(101);
    expect(
      await statusOf(url, { origin: 'https://loom.example', headers: { host: 'loom.example:443' } }),
    ).toBe(101);
    for (const origin of ['https://evil.example', 'http://127.0.0.1:1', 'null', '//', 'file://'])
      expect(await statusOf(url, { origin })).toBe(403);
    expect(await statusOf(`ws://127.0.0.1:${String(server.port)}/other`, {})).toBe(404);
  });

  test('closing says goodbye and frees the port', async () => {
    const server = await started();
    const a = await joined(server, alice);
    const closing = server.close();
    expect(await a.next()).toMatchObject({ type: 'refused', reason: 'shutting-down' });
    expect(await a.closed).toBe(1000);
    await closing;
    await started({ port: server.port });
  });

  test('a port that is taken rejects with its code', async () => {
    const { port } = await started();
    await expect(createSignalingServer({ distDir, host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  test('health shows counts and no names', async () => {
    const server = await started();
    await joined(server, alice);
    const text = (await ask(server, '/healthz')).body.toString();
    expect(JSON.parse(text)).toEqual({
      ok: true,
      rooms: 1,
      sockets: 1,
      connections: 1,
      draining: false,
      counters: { joined: 1 },
    });
    expect(text).not.toContain(topic);
    expect(text).not.toContain(alice);
  });
});

describe('static files', () => {
  test('types, caching and bodies are right', async () => {
    const server = await started();
    for (const [path, type, cache] of [
      ['/', 'text/html; charset=utf-8', 'no-cache'],
      ['/index.html', 'text/html; charset=utf-8', 'no-cache'],
      ['/sw.js', 'text/javascript; charset=utf-8', 'no-cache'],
      ['/manifest.webmanifest', 'application/manifest+json; charset=utf-8', 'no-cache'],
      ['/assets/main-abc123.js?v=1', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
      ['/assets/font-abc.woff2', 'font/woff2', 'public, max-age=31536000, immutable'],
      ['/assets/a.svg', 'image/svg+xml; charset=utf-8', 'public, max-age=31536000, immutable'],
      ['/assets/a.wasm', 'application/wasm', 'public, max-age=31536000, immutable'],
    ] as const) {
      const { status, headers } = await ask(server, path);
      expect([path, status, headers['content-type'], headers['cache-control']]).toEqual([
        path,
        200,
        type,
        cache,
      ]);
    }
    expect((await ask(server, '/')).body.toString()).toBe(page);
  });

  test('nothing outside the folder, hidden or linked is handed out', async () => {
    const server = await started();
    for (const path of [
      '/../package.json',
      '/assets/../../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '/%2e%2e%2fpackage.json',
      '/..%5cpackage.json',
      '/assets/..\\..\\package.json',
      '/%252e%252e/package.json',
      '/link.json',
      '/.env',
      '/%00',
      '/index.html%00.js',
      '/%',
      '//etc/passwd',
      '/C:/windows/win.ini',
      'http://x/../package.json',
    ]) {
      const { status, body } = await ask(server, path, { headers: { accept: 'text/html' } });
      expect([path, [400, 404].includes(status)]).toEqual([path, true]);
      expect(body.toString()).not.toMatch(/secret|root:/i);
    }
  });

  test('an address inside the app gives the page; a missing file or a write does not', async () => {
    const server = await started();
    const navigation = { headers: { accept: 'text/html,*/*' } };
    expect((await ask(server, '/s', navigation)).body.toString()).toBe(page);
    expect((await ask(server, '/s/deep/page?x', { headers: { 'sec-fetch-mode': 'navigate' } })).status).toBe(
      200,
    );
    expect((await ask(server, '/s')).status).toBe(404);
    expect((await ask(server, '/missing.js', navigation)).status).toBe(404);
    expect((await ask(server, '/assets/gone', navigation)).status).toBe(404);
    expect((await ask(server, '/assets', navigation)).status).toBe(404);
    expect((await ask(server, '/', { method: 'POST' })).status).toBe(405);
  });

  test('a browser that has the file gets 304; HEAD gets no body; text is compressed once asked for', async () => {
    const server = await started();
    const plain = await ask(server, '/sw.js');
    const etag = plain.headers.etag ?? '';
    expect((await ask(server, '/sw.js', { headers: { 'if-none-match': `"other", W/${etag}` } })).status).toBe(
      304,
    );
    const head = await ask(server, '/sw.js', { method: 'HEAD' });
    expect([head.headers['content-length'], head.body.length]).toEqual([String(script.length), 0]);
    for (let i = 0; i < 2; i++) {
      const zipped = await ask(server, '/sw.js', { headers: { 'accept-encoding': 'br, gzip' } });
      expect([zipped.headers['content-encoding'], zipped.headers.vary]).toEqual(['gzip', 'Accept-Encoding']);
      expect(gunzipSync(zipped.body).toString()).toBe(script);
      expect(zipped.headers.etag).not.toBe(etag);
    }
    const refused = await ask(server, '/sw.js', { headers: { 'accept-encoding': 'gzip;q=0' } });
    expect(refused.headers['content-encoding']).toBeUndefined();
  });

  test('a changed file is served as changed', async () => {
    const server = await started();
    const path = join(distDir, 'assets', 'changing.js');
    for (const text of ['a'.repeat(2000), 'b'.repeat(2001)]) {
      writeFileSync(path, text);
      const { body } = await ask(server, '/assets/changing.js', { headers: { 'accept-encoding': 'gzip' } });
      expect(gunzipSync(body).toString()).toBe(text);
    }
  });

  test('every answer carries the security headers, with sockets of this host only', async () => {
    const server = await started();
    const host = `127.0.0.1:${String(server.port)}`;
    for (const path of ['/', '/assets/main-abc123.js', '/nothing', '/%']) {
      const { headers } = await ask(server, path, { headers: { host } });
      expect(headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; " +
          `frame-src 'self'; connect-src 'self' ws://${host} wss://${host}; worker-src 'self'; ` +
          "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
          "require-trusted-types-for 'script'; trusted-types lit-html dompurify peerloom",
      );
      expect(headers).toMatchObject({
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['permissions-policy']).toContain('camera=()');
    }
    for (const bad of ['a b', 'x; script-src *', 'x,y', '*', "'unsafe-inline'"]) {
      const { headers } = await ask(server, '/', { headers: { host: bad } });
      expect(headers['content-security-policy']).toContain("connect-src 'self'; worker-src");
    }
  });

  test('without a build the page says what to do, and health still answers', async () => {
    const server = await started({ distDir: join(folder, 'none') });
    const { status, body } = await ask(server, '/', { headers: { accept: 'text/html' } });
    expect([status, body.toString()]).toEqual([503, 'The app is not built yet: run "npm run build".\n']);
    expect((await ask(server, '/healthz')).status).toBe(200);
  });

  test('rubbish instead of HTTP is answered with 400', async () => {
    const server = await started();
    const raw = connect(server.port, '127.0.0.1');
    raw.write('\u0016\u0003\u0001 no http\r\n\r\n');
    const text = await new Promise<string>(resolve => raw.once('data', data => resolve(data.toString())));
    expect(text).toMatch(/^HTTP\/1.1 400/);
    expect((await ask(server, '/healthz')).status).toBe(200);
  });
});

test('over TLS the page and the relay work, and the policy names wss only', async context => {
  const files = selfSigned(folder);
  if (files === undefined) {
    context.skip('no openssl here to make a certificate with');
    return;
  }
  const tls = { cert: readFileSync(files.cert), key: readFileSync(files.key) };
  const server = await started({ tls });
  expect(server.tls).toBe(true);
  const origin = `https://127.0.0.1:${String(server.port)}`;
  const policy = await new Promise<string>((resolve, reject) => {
    httpsGet(origin, { ca: tls.cert, agent: false }, response => {
      response.resume();
      resolve(String(response.headers['content-security-policy']));
    }).on('error', reject);
  });
  expect(policy).toContain(`connect-src 'self' wss://127.0.0.1:${String(server.port)};`);
  const client = harness.client(`wss://127.0.0.1:${String(server.port)}/signal`, { ca: tls.cert, origin });
  await new Promise(resolve => client.socket.once('open', resolve));
  client.socket.send(encodeClientMessage({ type: 'join', v: 1, topic, peer: alice }));
  expect(await client.next()).toEqual({ type: 'welcome', peers: [] });
  // Plain HTTP to the TLS port is refused without harm.
  await new Promise<void>(resolve => {
    httpGet({ host: '127.0.0.1', port: server.port, agent: false }, () => resolve()).on('error', () =>
      resolve(),
    );
  });
  expect(await client.drain()).toEqual([]);
});
