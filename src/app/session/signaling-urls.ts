/** Where this page meets others: its own server, and those that one was started with (`--also`) and wrote into the page. */
import { signalingPath } from '../../net/signaling.ts';

export function signalingUrls(): string[] {
  const own = `${location.origin.replace(/^http/, 'ws')}${signalingPath}`;
  const also = document.querySelector<HTMLMetaElement>('meta[name="peerloom-signaling"]')?.content ?? '';
  return [...new Set([own, ...also.split(' ').filter(url => url !== '')])];
}
