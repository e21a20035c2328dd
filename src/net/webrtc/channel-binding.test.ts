import { expect, test } from 'vitest';
import { nobleCrypto } from '../../sync/crypto.ts';
import { bindingOf, type Described } from './channel-binding.ts';

/** Two connections of this page, open. */
async function connected(): Promise<[RTCPeerConnection, RTCPeerConnection]> {
  const [left, right] = [new RTCPeerConnection(), new RTCPeerConnection()];
  left.onicecandidate = ({ candidate }) => void right.addIceCandidate(candidate);
  right.onicecandidate = ({ candidate }) => void left.addIceCandidate(candidate);
  const channel = left.createDataChannel('data');
  await left.setLocalDescription(await left.createOffer());
  await right.setRemoteDescription(left.localDescription ?? { type: 'offer' });
  await right.setLocalDescription(await right.createAnswer());
  await left.setRemoteDescription(right.localDescription ?? { type: 'answer' });
  await new Promise(resolve => {
    channel.onopen = resolve;
  });
  return [left, right];
}

test('[NET108] both ends of a real connection see the same two certificates, and the browser shows the other one', async () => {
  const [left, right] = await connected();
  const [here, there] = [bindingOf(left, nobleCrypto), bindingOf(right, nobleCrypto)];
  if (!here.ok || !there.ok) throw new Error('no binding');
  expect([here.local, here.remote]).toEqual([there.remote, there.local]);
  expect(here.local).not.toEqual(here.remote);
  // Chromium tells: the comparison below is no empty one.
  const shown = left.sctp?.transport.getRemoteCertificates() ?? [];
  expect(shown.length).toBe(1);
  for (const connection of [left, right]) connection.close();
});

test('[NET108] a certificate that is not the one described is refused, and so is a description without one', async () => {
  const [left, right] = await connected();
  const { localDescription, remoteDescription } = left;
  const other: Described = {
    localDescription,
    remoteDescription,
    sctp: { transport: { getRemoteCertificates: () => [new Uint8Array([1, 2, 3]).buffer] } },
  };
  expect(bindingOf(other, nobleCrypto)).toEqual({ ok: false, reason: 'other-certificate' });
  const silent: Described = { localDescription, remoteDescription, sctp: { transport: {} } };
  expect(bindingOf(silent, nobleCrypto).ok).toBe(true);
  const none: Described = { localDescription, remoteDescription: null };
  expect(bindingOf(none, nobleCrypto)).toEqual({ ok: false, reason: 'no-fingerprint' });
  for (const connection of [left, right]) connection.close();
});
