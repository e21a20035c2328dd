import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listenFailure, probeAddress, readOptions } from './options.mjs';

const unsaid = {
  port: 8080,
  origins: [],
  trustedHops: 0,
  withoutStun: false,
  stun: [],
  turn: [],
  also: [],
  limits: {},
};

test('without anything said the port is 8080, on all addresses', () => {
  expect(readOptions([], {})).toEqual({ ok: true, value: unsaid });
  expect(readOptions([], { PORT: '' })).toEqual({ ok: true, value: unsaid });
});

test('origins, proxies, STUN, TURN and limits are taken as given; a secret comes from a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerloom-options-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'secret');
  writeFileSync(file, 'open sesame\n');
  const args = [
    '--origin',
    'https://a.example',
    '--origin',
    'http://b:81',
    '--trusted-hops',
    '2',
    '--no-stun',
  ];
  const ice = ['--stun', 'stun:s.example:3478', '--turn', 'turn:t.example?transport=udp', file];
  expect(readOptions([...args, ...ice, '--limit', 'sockets=10000', '--limit', 'joinMs=1'], {})).toEqual({
    ok: true,
    value: {
      ...unsaid,
      origins: ['https://a.example', 'http://b:81'],
      trustedHops: 2,
      withoutStun: true,
      stun: ['stun:s.example:3478'],
      turn: [{ url: 'turn:t.example?transport=udp', secret: 'open sesame' }],
      limits: { sockets: 10_000, joinMs: 1 },
    },
  });
});

test('other signaling servers are plain addresses for WebSockets, three at most', () => {
  const also = (...addresses: string[]) =>
    readOptions(
      addresses.flatMap(one => ['--also', one]),
      {},
    );
  const good = ['wss://loom.example.net', 'ws://127.0.0.1:8081', 'wss://[::1]:8443'];
  expect(also(...good)).toEqual({ ok: true, value: { ...unsaid, also: good } });
  expect(also(...good, 'wss://fourth.example').ok).toBe(false);
  for (const bad of [
    'https://a.example',
    'wss://a.example/signal',
    'wss://a.example; script-src *',
    'wss://"',
    '',
  ])
    expect(also(bad).ok).toBe(false);
});

test('port and host are taken as given', () => {
  expect(readOptions(['--host', '::1'], { PORT: '0' })).toEqual({
    ok: true,
    value: { ...unsaid, port: 0, host: '::1' },
  });
  for (const host of ['localhost', '127.0.0.1', '0.0.0.0', '::', 'fe80::1%eth0', 'loom.example'])
    expect(readOptions(['--host', host], {}).ok).toBe(true);
});

test.each([
  [[], { PORT: 'abc' }, 'PORT must be a number'],
  [[], { PORT: '65536' }, 'PORT must be a number'],
  [[], { PORT: '-1' }, 'PORT must be a number'],
  [[], { PORT: '80.5' }, 'PORT must be a number'],
  [['--host'], {}, '--host needs'],
  [['--host', '--tls'], {}, '--host needs'],
  [['--host', 'http://x'], {}, '--host needs'],
  [['--tls'], {}, '--tls needs two files'],
  [['--tls', 'cert.pem'], {}, '--tls needs two files'],
  [['--tls', '/no/such/cert', '/no/such/key'], {}, '/no/such/cert is not a readable PEM certificate'],
  [['--origin', 'https://a.example/'], {}, '--origin needs'],
  [['--origin', 'null'], {}, '--origin needs'],
  [['--trusted-hops', '-1'], {}, '--trusted-hops needs'],
  [['--stun', 's.example'], {}, '--stun needs'],
  [['--turn', 'stun:s.example', 'f'], {}, '--turn needs'],
  [['--turn', 'turn:t.example'], {}, 'no file holds no secret'],
  [['--turn', 'turn:t.example', '/no/such/file'], {}, '/no/such/file holds no secret'],
  [['--limit', 'sockets'], {}, '--limit needs'],
  [['--limit', 'toString=1'], {}, '--limit needs'],
  [['--limit', 'sockets=0'], {}, '--limit needs'],
  [['--verbose'], {}, '"--verbose" is not an option'],
])('%j %j is refused with a sentence', (args, env, sentence) => {
  const read = readOptions(args, env);
  expect(!read.ok && read.reason).toContain(sentence);
});

test('a certificate and a key that do not work are told before anything slow begins', () => {
  const folder = mkdtempSync(join(tmpdir(), 'peerloom-options-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  writeFileSync(key, 'no key');
  const noKey = readOptions(['--tls', cert, key], {});
  expect(!noKey.ok && noKey.reason).toContain('key.pem is not a readable PEM key');
  writeFileSync(key, '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n');
  const unfit = readOptions(['--tls', cert, key], {});
  expect(!unfit.ok && unfit.reason).toContain('do not work together');
});

test('a port that is taken is told in a sentence, with another one to try', async () => {
  const taken = createServer();
  onTestFinished(() => {
    taken.close();
  });
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const told = await probeAddress({ port, host: '127.0.0.1' });
  expect(told).toContain(`Port ${String(port)} is taken`);
  expect(await probeAddress({ port: 0, host: '127.0.0.1' })).toBeUndefined();
  expect(listenFailure(new Error('odd'), { port: 1 })).toBe('Could not listen on port 1: odd');
});
