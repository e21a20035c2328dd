/** Promises that leave a member, votes and acknowledgements, are on its disk (thesis, section 3.8). */
import { decodeMessage } from '../../consensus/codec.ts';
import { must } from '../checker.ts';
import type { Device } from './device.ts';

/** As codec.ts numbers them; the frame has epoch and kind before the message, the message its version. */
const [voteResponse, appendResponse] = [3, 5];

export function checkPromise({ disk, member }: Device, frame: Uint8Array): void {
  const type = frame[1] === 0 ? frame[3] : undefined;
  if (type !== voteResponse && type !== appendResponse) return;
  const decoded = decodeMessage(frame.subarray(2));
  if (!decoded.ok) return;
  const message = decoded.value;
  const { hardState } = disk;
  if (message.type === 'request-vote-response' && message.granted) {
    const { term, votedFor } = hardState;
    must(
      (term === message.term && votedFor === message.to) || term > message.term,
      'a vote is durable',
      () => `${member} promised ${message.to} what it may forget`,
    );
  }
  if (message.type !== 'append-response' || message.refused !== undefined) return;
  must(
    message.index <= disk.lastIndex || hardState.term > message.term,
    'an acknowledgement is durable',
    () => `${member} acknowledged ${message.index}, its disk ends with ${disk.lastIndex}`,
  );
  must(
    hardState.term >= message.term,
    'an acknowledgement is durable',
    () => `${member} acknowledged in ${message.term}, its disk is in ${hardState.term}`,
  );
}
