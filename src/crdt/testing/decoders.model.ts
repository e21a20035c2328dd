/** Every decoder of the library, each with bytes that it takes: what tests of hostile input go through. */
import { assert } from '../../base/assert.ts';
import { decode, Writer, type Decoded } from '../../base/codec.ts';
import { SeededRandom } from '../../base/random.ts';
import { readClock, writeClock } from '../../clocks/vector-clock.ts';
import { decodePNCounter, decodePNCounterOps, encodeCounterOps, encodePNCounter } from '../counters/codec.ts';
import { PNCounter } from '../counters/pn-counter.ts';
import { decodeDocumentBatch, encodeDocumentBatch, encodeEntry } from '../document/batch-codec.ts';
import type { Container } from '../document/container.ts';
import type { Document } from '../document/document.ts';
import { editAt, editorCount } from '../document/edits.model.ts';
import { decodeDocumentHistory, encodeDocumentHistory } from '../document/history-codec.ts';
import { kindName, leafKind, mapCode } from '../document/kinds.ts';
import type { DocumentBatch } from '../document/messages.ts';
import { decodeDocument, encodeDocument } from '../document/state-codec.ts';
import { documentOf, syncAll } from '../document/testing.model.ts';
import { decodeMapOps } from '../map/codec.ts';
import { decodeLWWOps, decodeLWWRegister, encodeLWWOps, encodeLWWRegister } from '../registers/codec.ts';
import { LWWRegister } from '../registers/lww-register.ts';
import { drawHistoryPlan, playHistory } from '../text/history-world.model.ts';
import { encodeTextHistory } from '../text/history-codec.ts';
import { decodeTextHistory } from '../text/history-reader.ts';
import { hostile } from './damage.model.ts';
import { contextOf, replicaIdOf } from './world.model.ts';

export interface Sample {
  readonly bytes: Uint8Array;
  readonly decode: (bytes: Uint8Array) => Decoded<unknown>;
}

const author = replicaIdOf('a');

class Samples {
  readonly byDecoder = new Map<string, Sample[]>();

  add(name: string, bytes: Uint8Array, decode: Sample['decode']): void {
    const samples = this.byDecoder.get(name);
    if (samples === undefined) this.byDecoder.set(name, [{ bytes, decode }]);
    else samples.push({ bytes, decode });
  }

  addBatch(batch: DocumentBatch): void {
    const { replicaId, firstCounter } = batch;
    this.add('a batch of a document', encodeDocumentBatch(batch), bytes =>
      decodeDocumentBatch(bytes, replicaId, firstCounter),
    );
    let counter = firstCounter;
    for (const entry of batch.entries) {
      const { kind: code } = entry.container;
      const at = counter;
      counter += entry.counters;
      const decodeOps = code === mapCode ? decodeMapOps : leafKind(code)?.decodeOps;
      if (decodeOps === undefined) continue;
      this.add(`operations of ${kindName(code)}`, encodeEntry(entry, replicaId, at), bytes =>
        decodeOps(bytes, replicaId, at, entry.counters),
      );
    }
  }

  addValues(container: Container): void {
    const { kind } = container;
    if (kind !== undefined && container.hasLeaf)
      this.add(kind.name, kind.encode(container.leaf(contextOf(author))), bytes =>
        kind.decode(bytes, contextOf(author)),
      );
    for (const child of container.sortedChildren()) this.addValues(child);
  }

  addDocument(document: Document): void {
    for (const batch of document.batchesSince(new Map()) ?? []) this.addBatch(batch);
    this.addValues(document.containers);
    this.add('a document', encodeDocument(document), bytes => decodeDocument(bytes, contextOf(author)));
    const history = encodeDocumentHistory(document);
    assert(history !== undefined, 'a document that kept everything has its history');
    this.add('a document with its history', history, bytes =>
      decodeDocumentHistory(bytes, contextOf(author)),
    );
  }

  /** What documents hold in another form. */
  addOthers(): void {
    const counter = new PNCounter(contextOf(author));
    const counts = [3, 70, 2 ** 40].flatMap(n => [
      ...counter.localIncrement(n),
      ...counter.localDecrement(n - 1),
    ]);
    this.add('operations of a PN-counter', encodeCounterOps(counts, author, 0), bytes =>
      decodePNCounterOps(bytes, author, 0),
    );
    this.add('a PN-counter', encodePNCounter(counter), bytes => decodePNCounter(bytes, contextOf(author)));
    const register = new LWWRegister(contextOf(author));
    const sets = [1, 'two', [3, { four: null }]].flatMap(value => register.localSet(value));
    this.add('operations of an LWW-register', encodeLWWOps(sets, author, 0), bytes =>
      decodeLWWOps(bytes, author, 0),
    );
    this.add('an LWW-register', encodeLWWRegister(register), bytes =>
      decodeLWWRegister(bytes, contextOf(author)),
    );
    const clock = new Writer();
    writeClock(clock, new Map(['a', 'b', 'c'].map((name, i) => [replicaIdOf(name), 1 + 1000 * i])));
    this.add('a vector clock', clock.finish(), bytes => decode(bytes, readClock));
    for (let run = 0; run < 12; run++)
      for (const history of playHistory(drawHistoryPlan(new SeededRandom('decoders').split(String(run)), 30)))
        this.add('a text with its history', encodeTextHistory(history), bytes =>
          decodeTextHistory(bytes, contextOf(author)),
        );
  }
}

/** The largest few samples of each decoder: they have most that can be damaged. */
export function decoders(edits: number, samplesMax: number): ReadonlyMap<string, readonly Sample[]> {
  const samples = new Samples();
  for (const seed of ['one', 'two']) samples.addDocument(busy(seed, edits));
  samples.addOthers();
  return new Map(
    Array.from(samples.byDecoder, ([name, all]) => [
      name,
      all.sort((a, b) => b.bytes.length - a.bytes.length).slice(0, samplesMax),
    ]),
  );
}

/** Hostile inputs made of the samples of one decoder, `count` in all. */
export function* hostileTo(
  name: string,
  samples: readonly Sample[],
  count: number,
): Generator<{ readonly input: Uint8Array; readonly decode: Sample['decode'] }> {
  for (const [at, { bytes, decode }] of samples.entries()) {
    const other = samples[(at + 1) % samples.length] as Sample;
    const runs = Math.ceil(count / samples.length);
    for (const input of hostile(bytes, other.bytes, runs, `${name} ${String(at)}`)) yield { input, decode };
  }
}

/** Edits of every kind by three replicas, with removals; all are known to the document returned. */
function busy(seed: string, edits: number): Document {
  const random = new SeededRandom(seed);
  const documents = ['a', 'b', 'c'].map(name => documentOf(name));
  for (let i = 0; i < edits; i++) {
    const document = documents[random.below(3)] as Document;
    const draw = () => random.below(1 << 16);
    document.transact(() => {
      const kind = random.below(editorCount);
      const where = [draw(), draw()] as const;
      for (let times = 1 + random.below(3); times > 0; times--)
        editAt(document, kind, [...where, draw(), draw()]);
    });
    if (i % 20 === 0) syncAll(...documents);
  }
  syncAll(...documents);
  return documents[0] as Document;
}
