/**
 * An offer or an answer as a text that people carry themselves, by whatever way they have: two peers meet with no server
 * at all. Inside is a sealed signal as a server would relay it, whose description has all its candidates already.
 *
 *     text = base64url(version, from, to) "." body        of 1 to 2 kB
 *
 * An offer is for whoever is given it and has the space's secret, so its receiver stands as `anyone`.
 */
import { fromBase64Url, toBase64Url } from '../base/bytes.ts';
import { decode, Writer, type Decoded } from '../base/codec.ts';
import { idBytes } from '../base/ids.ts';
import { signalBytesMax } from '../base/limits.ts';
import type { LinkId } from './transport.ts';

const pastedVersion = 1;
export const anyone: LinkId = '0'.repeat(2 * idBytes);

export interface Pasted {
  readonly from: LinkId;
  readonly to: LinkId;
  /** A sealed signal. */
  readonly body: string;
}

export function encodePasted({ from, to, body }: Pasted): string {
  return `${toBase64Url(new Writer().byte(pastedVersion).id(from).id(to).finish())}.${body}`;
}

/** Blanks and line ends, which mails and chats put into long texts, are nothing. */
export function decodePasted(text: string): Decoded<Pasted> {
  if (text.length > 2 * signalBytesMax) return { ok: false, reason: 'too long' };
  const [head = '', body = '', ...more] = text.replaceAll(/\s+/g, '').split('.');
  const bytes = head.length > 64 ? undefined : fromBase64Url(head);
  if (bytes === undefined || body === '' || more.length > 0) return { ok: false, reason: 'malformed' };
  return decode(bytes, reader => {
    if (reader.byte() !== pastedVersion) reader.fail('version');
    return { from: reader.id(idBytes), to: reader.id(idBytes), body };
  });
}

export type PastedRefusal =
  /** No text of ours, or a piece of one. */
  | 'malformed'
  /** Of a later version of the app. */
  | 'version'
  /** Of another space, or for somebody else, or changed on the way. */
  | 'other-space'
  /** Used before. */
  | 'used'
  /** An answer where an offer belongs, or the reverse; an answer to an offer that is over. */
  | 'wrong-text'
  | 'ourselves'
  /** There is a link with it already. */
  | 'linked';

export type PastedText =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: PastedRefusal };
export type PastedDone = { readonly ok: true } | { readonly ok: false; readonly reason: PastedRefusal };
