/**
 * The UDP socket that answers STUN binding requests (src/net/stun.ts), on the same port number as HTTP: so a
 * page that reached the server knows where to ask. One datagram in, at most one out, nothing is remembered but
 * the buckets, and whoever asks too fast hears nothing, since a forged sender would.
 */
import { createSocket, type Socket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { answerBinding } from '../src/net/stun.ts';
import { addressBytes, addressKey } from './addresses.ts';
import type { Counted } from './counted.ts';
import type { ServerLimits } from './limits.mjs';
import { TokenBuckets } from './token-buckets.ts';

export interface StunOptions {
  /** Where HTTP listens, so that both are reached under one address. */
  readonly at: AddressInfo;
  readonly limits: ServerLimits;
  readonly counted: Counted;
  /** Monotonic. */
  readonly nowMs: () => number;
}

/** Rejects with Node's own error when the port cannot be had. */
export async function startStun({ at, limits, counted, nowMs }: StunOptions): Promise<Socket> {
  const rate = { burst: limits.stunBurst, perSecond: limits.stunPerSecond };
  const buckets = new TokenBuckets(rate, limits.addresses);
  const socket = createSocket(at.family === 'IPv6' ? 'udp6' : 'udp4');
  socket.on('message', (packet, sender) => {
    if (buckets.take(addressKey(sender.address), 1, nowMs()) > 0) {
      counted.add('stunDropped', 'too fast');
      return;
    }
    const address = addressBytes(sender.address);
    if (address === undefined || sender.port === 0) return;
    const answer = answerBinding(packet, { address, port: sender.port });
    if (!answer.ok) {
      counted.add('stunDropped', answer.reason);
      return;
    }
    counted.add('stunAnswered', answer.kind);
    socket.send(answer.bytes, sender.port, sender.address, error => {
      if (error) counted.add('failures', 'stun send');
    });
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(at.port, at.address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  socket.on('error', () => {
    counted.add('failures', 'stun');
  });
  return socket;
}
