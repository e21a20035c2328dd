/**
 * The headers of every static response. A page that runs a foreign script has lost everything here, keys and
 * documents, since `connect-src` does not even cover WebRTC: so nothing is allowed that the app does not need.
 */
import type { OutgoingHttpHeaders } from 'node:http';

/** What a Host header may look like before it is put into another header: a name or address and a port. */
const HOST = /^([a-z0-9](?:[a-z0-9.-]{0,252})|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$/i;

function isPlainHost(host: string | undefined): host is string {
  return host !== undefined && HOST.test(host);
}

/** The Host header without its port; undefined when it is none that may stand in an address. */
export function hostNameOf(host: string | undefined): string | undefined {
  return HOST.exec(host ?? '')?.[1];
}

/**
 * `host`: the request's Host header. `'self'` covers WebSockets of the same origin in current Chromium and
 * Firefox, not in older Safari: so they are named. On plain HTTP both schemes are, since a proxy in front may
 * speak TLS; a page served over TLS never opens `ws:` anyway.
 */
function contentSecurityPolicy(host: string | undefined, tls: boolean, also: readonly string[]): string {
  const sockets = !isPlainHost(host) ? '' : tls ? ` wss://${host}` : ` ws://${host} wss://${host}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob: data:",
    "font-src 'self'",
    "frame-src 'self'",
    [`connect-src 'self'${sockets}`, ...also].join(' '),
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
    'trusted-types lit-html dompurify peerloom',
  ].join('; ');
}

/** Everything the app does not use is off, for itself and for whatever it may one day frame. */
const PERMISSIONS = [
  ...['accelerometer', 'autoplay', 'browsing-topics', 'camera', 'display-capture', 'encrypted-media'],
  ...[
    'geolocation',
    'gyroscope',
    'hid',
    'idle-detection',
    'local-fonts',
    'magnetometer',
    'microphone',
    'midi',
  ],
  ...['payment', 'publickey-credentials-get', 'screen-wake-lock', 'serial', 'usb', 'window-management'],
  ...['xr-spatial-tracking'],
]
  .map(feature => `${feature}=()`)
  .concat('clipboard-read=(self)', 'clipboard-write=(self)', 'fullscreen=(self)')
  .join(', ');

/** `also`: origins of other signaling servers that the page may use. */
export function securityHeaders(
  host: string | undefined,
  tls: boolean,
  also: readonly string[] = [],
): OutgoingHttpHeaders {
  return {
    'content-security-policy': contentSecurityPolicy(host, tls, also),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': PERMISSIONS,
  };
}
