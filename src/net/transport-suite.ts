/**
 * The contract of the Transport port: every adapter passes these, in its own environment and its own time. SPEC.md:
 * NET60 and up.
 *
 * That something does *not* arrive is never shown by waiting a while. Lanes are told apart and data keeps its order,
 * so once a later message is there, an earlier one that is not will never come.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { messageBytesMax, sendQueueBytesMax } from '../base/limits.ts';
import type { Lane, LinkId, Transport, TransportEvent } from './transport.ts';

/** One end of a link, and the levers that a test pulls beside the port's. */
export interface TransportEnd {
  readonly transport: Transport;
  /** The switch of the whole end; a new one is off. */
  setOnline(online: boolean): void;
  setLink(linkId: LinkId, on: boolean): void;
  /** Puts bytes on the data lane as they are: what a broken or hostile implementation could send. */
  sendRaw(linkId: LinkId, frame: Uint8Array): void;
  /** How many frames came in that were refused as no honest end's. */
  refused(): number;
  /** How many frames its switches have kept from passing so far, in and out. */
  keptOut(): number;
}

export interface TransportPair {
  readonly left: TransportEnd;
  readonly right: TransportEnd;
  /** Lets a little time pass. */
  pass(): Promise<void>;
}

type Message = Extract<TransportEvent, { type: 'message' }>;

/** One end with everything that was heard at it, in order. */
class Ear {
  readonly end: TransportEnd;
  readonly heard: TransportEvent[] = [];

  constructor(end: TransportEnd) {
    this.end = end;
    end.transport.subscribe(event => this.heard.push(event));
  }

  get links(): LinkId[] {
    const up = new Set<LinkId>();
    for (const event of this.heard) {
      if (event.type === 'link-up') up.add(event.linkId);
      if (event.type === 'link-down') up.delete(event.linkId);
    }
    return [...up];
  }
  /** The one link that is up. */
  get link(): LinkId {
    const [link, ...more] = this.links;
    if (link === undefined || more.length > 0) throw new Error('not one link');
    return link;
  }
  messages(lane: Lane): Message[] {
    return this.heard.filter(event => event.type === 'message').filter(event => event.lane === lane);
  }
  /** Messages of one number, as `say` sends them. */
  numbers(lane: Lane): number[] {
    return this.messages(lane).map(({ bytes }) => numberIn(bytes));
  }
  downs(): string[] {
    return this.heard.filter(event => event.type === 'link-down').map(({ reason }) => reason);
  }
  say(number: number, lane: Lane = 'data', length = 4): ReturnType<Transport['send']> {
    return this.end.transport.send(this.link, lane, numbered(number, length));
  }
}

function numbered(number: number, length: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(4, length)).fill(number & 0xff);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}
function numberIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}

/** `open` makes two ends that will meet each other and nobody else, both switched off. */
export function transportSuite(name: string, open: () => Promise<TransportPair>): void {
  describe(name, () => {
    const opened: TransportEnd[] = [];
    afterEach(() => {
      for (const { transport } of opened.splice(0)) transport.close();
    });

    async function strangers() {
      const { left, right, pass } = await open();
      opened.push(left, right);
      const until = async (holds: () => boolean): Promise<void> => {
        while (!holds()) await pass();
      };
      return { left: new Ear(left), right: new Ear(right), until };
    }
    async function linked() {
      const { left, right, until } = await strangers();
      left.end.setOnline(true);
      right.end.setOnline(true);
      const met = () => until(() => left.links.length === 1 && right.links.length === 1);
      await met();
      return { left, right, until, met };
    }

    test('[NET60] ends that are on meet; each hears of the link once, before anything that comes on it', async () => {
      const { left, right, until } = await linked();
      left.say(1);
      await until(() => right.messages('data').length === 1);
      for (const ear of [left, right]) {
        const ofLink = ear.heard.filter(event => event.type !== 'signaling').map(event => event.type);
        expect(ofLink.filter(type => type === 'link-up').length).toBe(1);
        expect(ofLink[0]).toBe('link-up');
      }
    });

    test('[NET61] a message arrives whole, once, on the lane and link it was sent on', async () => {
      const { left, right, until } = await linked();
      const said = numbered(7, 100);
      // The control lane may lose what comes before it is open on both sides.
      await until(() => {
        left.end.transport.send(left.link, 'control', said);
        return right.messages('control').length > 0;
      });
      left.end.transport.send(left.link, 'data', said);
      right.say(8);
      await until(() => right.messages('data').length === 1 && left.messages('data').length === 1);
      for (const lane of ['control', 'data'] as const) {
        for (const message of right.messages(lane)) {
          expect(message.linkId).toBe(right.link);
          expect([...message.bytes]).toEqual([...said]);
        }
      }
      expect(left.numbers('data')).toEqual([8]);
    });

    test('[NET62] data arrives in the order it was sent, whatever the sizes, the largest message among them', async () => {
      const { left, right, until } = await linked();
      const lengths = [4, 70_000, 5, 16_383, 16_384, messageBytesMax, 6, 40_000, 4];
      for (const [number, length] of lengths.entries()) {
        expect(left.say(number, 'data', length)).toEqual({ ok: true });
      }
      await until(() => right.messages('data').length >= lengths.length);
      expect(right.numbers('data')).toEqual([...lengths.keys()]);
      expect(right.messages('data').map(({ bytes }) => bytes.length)).toEqual(lengths);
      for (const { bytes } of right.messages('data')) {
        const number = numberIn(bytes);
        expect(bytes.subarray(4).every(byte => byte === number)).toBe(true);
      }
    });

    test('[NET63] a queue is bounded: `full` refuses a message, `drained` says there is room, the rest arrives', async () => {
      const { left, right, until } = await linked();
      const length = 500_000;
      let accepted = 0;
      let said = left.say(accepted, 'data', length);
      for (; said.ok && accepted < 100; said = left.say(accepted, 'data', length)) accepted++;
      expect(said).toEqual({ ok: false, reason: 'full' });
      expect(accepted * length).toBeGreaterThan(sendQueueBytesMax / 2);
      expect(accepted * length).toBeLessThan(sendQueueBytesMax * 2);
      await until(() => left.heard.some(event => event.type === 'drained'));
      expect(left.say(accepted)).toEqual({ ok: true });
      await until(() => right.numbers('data').includes(accepted));
      expect(right.numbers('data')).toEqual(Array.from({ length: accepted + 1 }, (_, number) => number));
    });

    test('[NET64] nothing can be sent on a link that is not up', async () => {
      const { left } = await strangers();
      expect(left.end.transport.send('nobody', 'data', numbered(1, 4))).toEqual({
        ok: false,
        reason: 'closed',
      });
    });

    test('[NET65] a link that is dropped is a goodbye over there; both may meet again', async () => {
      const { left, right, until, met } = await linked();
      const link = left.link;
      left.end.transport.drop(link, 'enough');
      expect(left.downs()).toEqual(['enough']);
      expect(left.end.transport.send(link, 'data', numbered(1, 4))).toEqual({ ok: false, reason: 'closed' });
      await until(() => right.downs().length > 0);
      expect(right.downs()).toEqual(['goodbye']);
      await met();
      left.say(2);
      await until(() => right.messages('data').length > 0);
      expect(right.numbers('data')).toEqual([2]);
    });

    for (const lever of ['the link', 'the whole end'] as const) {
      test(`[NET66] with ${lever} switched off nothing passes either way, and what is sent is lost`, async () => {
        const { left, right, until, met } = await linked();
        const link = left.link;
        const turn = (on: boolean): void => {
          if (lever === 'the link') left.end.setLink(link, on);
          else left.end.setOnline(on);
        };
        left.say(1);
        right.say(1);
        await until(() => left.messages('data').length === 1 && right.messages('data').length === 1);
        turn(false);
        expect(left.say(2)).toEqual({ ok: true });
        const before = left.end.keptOut();
        right.say(2);
        await until(() => left.end.keptOut() > before);
        turn(true);
        await met();
        left.say(3);
        right.say(3);
        await until(() => right.numbers('data').includes(3) && left.numbers('data').includes(3));
        expect(right.numbers('data')).toEqual([1, 3]);
        expect(left.numbers('data')).toEqual([1, 3]);
        if (lever === 'the whole end') {
          const states = left.heard.filter(event => event.type === 'signaling').map(({ state }) => state);
          expect(states).toContain('off');
        }
      });

      test(`[NET67] what waits in the queue when ${lever} is switched off does not leave later`, async () => {
        const { left, right, until, met } = await linked();
        const link = left.link;
        let accepted = 0;
        while (accepted < 100 && left.say(accepted, 'data', 250_000).ok) accepted++;
        if (lever === 'the link') left.end.setLink(link, false);
        else left.end.setOnline(false);
        if (lever === 'the link') left.end.setLink(link, true);
        else left.end.setOnline(true);
        await met();
        left.say(1000);
        await until(() => right.numbers('data').includes(1000));
        // What the channel itself had taken cannot be taken back.
        expect(right.messages('data').length).toBeLessThan(accepted / 2);
      });
    }

    test('[NET68] frames that no honest end sends are counted and dropped, and the link goes on', async () => {
      const { left, right, until } = await linked();
      const rubbish = [[], [0xff], [0xff, 0xff, 0xff, 0xff, 0xff], Array.from({ length: 300 }, () => 0xee)];
      for (const bytes of rubbish) left.end.sendRaw(left.link, Uint8Array.from(bytes));
      await until(() => right.end.refused() >= rubbish.length);
      left.say(5);
      await until(() => right.messages('data').length > 0);
      expect(right.numbers('data')).toEqual([5]);
      expect(right.downs()).toEqual([]);
    });

    test('[NET69] closing says goodbye to everyone and ends everything here', async () => {
      const { left, right, until } = await linked();
      const link = left.link;
      left.end.transport.close();
      const heard = left.heard.length;
      right.say(1);
      await until(() => right.downs().length > 0);
      expect(right.downs()).toEqual(['goodbye']);
      expect(left.end.transport.send(link, 'data', numbered(1, 4))).toEqual({ ok: false, reason: 'closed' });
      left.end.transport.close();
      expect(left.heard.length).toBe(heard);
    });

    test('[NET70] after the end of a link nothing comes on it until it is up again', async () => {
      const { left, right, until, met } = await linked();
      for (let round = 0; round < 3; round++) {
        for (let number = 0; number < 40; number++) left.say(1000 * round + number, 'data', 30_000);
        right.end.transport.drop(right.link, 'enough');
        await until(() => left.downs().length === round + 1);
        await met();
      }
      left.say(9999);
      await until(() => right.numbers('data').includes(9999));
      let up = false;
      for (const event of right.heard) {
        if (event.type === 'link-up') up = true;
        else if (event.type === 'link-down') up = false;
        else if (event.type === 'message') expect(up).toBe(true);
      }
    });

    test('[NET71] whoever has ended its subscription hears nothing more', async () => {
      const { left, right, until } = await linked();
      const heard: TransportEvent[] = [];
      const end = right.end.transport.subscribe(event => heard.push(event));
      left.say(1);
      await until(() => right.messages('data').length === 1);
      end();
      left.say(2);
      await until(() => right.messages('data').length === 2);
      expect(heard.filter(event => event.type === 'message').length).toBe(1);
    });
  });
}
