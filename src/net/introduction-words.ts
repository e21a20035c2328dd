/**
 * What peers that are linked say to each other so that their peers meet: who they know, and signals to be passed on. Messages
 * of the data lane, like those of replicas, from which their first byte tells them apart. Bytes: docs/protocols/introductions.md.
 *
 * A signal has two forms. Asked to `relay`, a peer hands it on as `relayed`, and what was relayed is nobody's to relay
 * again: the hop is bounded by the form, not by a count that a liar could set.
 */
import { assertNever } from '../base/assert.ts';
import { decode, Writer, type Decoded } from '../base/codec.ts';
import { idBytes } from '../base/ids.ts';
import { roomPeersMax, signalBytesMax } from '../base/limits.ts';
import type { LinkId } from './transport.ts';

export type IntroductionWord =
  /** The sessions that the sender has links with now, all of them but the receiver's. */
  | { readonly type: 'peers'; readonly peers: readonly LinkId[] }
  /** Pass `body`, a sealed signal, on to a peer of yours. */
  | { readonly type: 'relay'; readonly to: LinkId; readonly body: string }
  /** `from` asked me to give you this. */
  | { readonly type: 'relayed'; readonly from: LinkId; readonly body: string };

const codes = { peers: 0xb1, relay: 0xb2, relayed: 0xb3 } as const;

/** Whether a message is for the mesh itself and not for the replica above it. */
export function isIntroductionWord(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0xf0) === 0xb0;
}

export function encodeIntroductionWord(word: IntroductionWord): Uint8Array<ArrayBuffer> {
  const writer = new Writer().byte(codes[word.type]);
  switch (word.type) {
    case 'peers':
      writer.byte(word.peers.length);
      for (const peer of word.peers) writer.id(peer);
      break;
    case 'relay':
      writer.id(word.to).varString(word.body);
      break;
    case 'relayed':
      writer.id(word.from).varString(word.body);
      break;
    default:
      assertNever(word);
  }
  return writer.finish();
}

export function decodeIntroductionWord(bytes: Uint8Array): Decoded<IntroductionWord> {
  return decode(bytes, reader => {
    const code = reader.byte();
    if (code === codes.peers) {
      const count = reader.byte();
      if (count > roomPeersMax) reader.fail('too many peers');
      const peers = Array.from({ length: count }, () => reader.id(idBytes));
      return { type: 'peers', peers };
    }
    if (code === codes.relay)
      return { type: 'relay', to: reader.id(idBytes), body: reader.varString(signalBytesMax) };
    if (code === codes.relayed)
      return { type: 'relayed', from: reader.id(idBytes), body: reader.varString(signalBytesMax) };
    return reader.fail('unknown word');
  });
}
