import { expect, test } from 'vitest';
import { OtherServers } from './also.ts';

const page = Buffer.from('<head><meta name="peerloom-signaling" content="" /></head>');
const worker = Buffer.from(
  'x([{url:"a.css",revision:"0a"},{url:"index.html",revision:"12ab"},{url:"b.js",revision:null}])',
);
const two = new OtherServers(['wss://a.example', 'ws://b:81']);

test('the page names the addresses of the other servers', () => {
  expect(two.into('index.html', page).toString()).toBe(
    '<head><meta name="peerloom-signaling" content="wss://a.example/signal ws://b:81/signal" /></head>',
  );
});

test('the service worker lists another revision of the page for each set of servers, and of nothing else', () => {
  const listed = (also: OtherServers): string => also.into('sw.js', worker).toString();
  expect(listed(two)).toMatch(
    /^x\(\[\{url:"a.css",revision:"0a"\},\{url:"index.html",revision:"12ab[0-9a-f]{8}"\},/,
  );
  expect(listed(two)).not.toBe(listed(new OtherServers(['wss://a.example'])));
});

test('without others, and in other files, nothing is changed', () => {
  expect(new OtherServers([]).into('index.html', page)).toBe(page);
  expect(two.into('icon.svg', page)).toBe(page);
  expect([two.tagOf('icon.svg'), new OtherServers([]).tagOf('sw.js')]).toEqual(['', '']);
});
