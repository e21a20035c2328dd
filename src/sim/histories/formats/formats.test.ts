import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../check.ts';
import { casModel, type CasInput, type CasOutput } from '../models/compare-and-set.ts';
import type { Operation } from '../operation.ts';
import { readEtcdJepsen } from './etcd-jepsen.ts';
import { readKvAppend } from './kv-append.ts';
import type { LogResult } from './log.ts';

function historyOf<Input, Output>(read: LogResult<Input, Output>): readonly Operation<Input, Output>[] {
  if (!read.ok) throw new Error(`${read.reason} in line ${read.line}`);
  return read.history;
}

/** `0 invoke read nil`, as Jepsen writes it. */
function jepsen(...lines: string[]): string {
  return lines
    .map(line => {
      const [process, type, f, ...value] = line.split(' ');
      return `INFO  jepsen.util - ${process}\t:${type}\t:${f}\t${value.join(' ')}\n`;
    })
    .join('');
}

describe("Jepsen's etcd logs", () => {
  const only = (...lines: string[]): Operation<CasInput, CasOutput> => {
    const history = historyOf(readEtcdJepsen(jepsen(...lines)));
    expect(history).toHaveLength(1);
    return history[0]!;
  };

  test('a read gives a number, or nil where nothing is yet', () => {
    expect(only('3 invoke read nil', '3 ok read 4')).toEqual({
      process: 3,
      input: { type: 'read', key: '' },
      output: { type: 'value', value: 4 },
      invokedAt: 1,
      returnedAt: 2,
    });
    expect(only('3 invoke read nil', '3 ok read nil').output).toEqual({ type: 'value', value: null });
  });

  test('a write is answered, and a comparison that fails with its values is a refusal', () => {
    expect(only('0 invoke write 2', '0 ok write 2').output).toEqual({ type: 'written' });
    expect(only('0 invoke cas [1 -2]', '0 ok cas [1 -2]')).toMatchObject({
      input: { type: 'cas', from: 1, to: -2 },
      output: { type: 'swapped' },
    });
    expect(only('0 invoke cas [1 2]', '0 fail cas [1 2]').output).toEqual({ type: 'refused' });
  });

  test('what timed out stays open to the end, as does what the log ends before', () => {
    const open = { output: undefined, returnedAt: undefined };
    expect(only('0 invoke write 2', '0 info write :timed-out')).toMatchObject(open);
    expect(only('0 invoke cas [1 2]', '0 info cas :timed-out')).toMatchObject(open);
    expect(only('0 invoke cas [1 2]', '0 info cas [1 2]')).toMatchObject(open);
    expect(only('0 invoke write 2', '0 info write "Connection refused"')).toMatchObject(open);
    expect(only('0 invoke write 2')).toMatchObject(open);
    // A client that calls this a failure does not know it.
    expect(only('0 invoke write 2', '0 fail write :timed-out')).toMatchObject(open);
  });

  test('what failed never happened', () => {
    for (const lines of [
      ['0 invoke read nil', '0 fail read :timed-out'],
      ['0 invoke write 2', '0 fail write 2'],
      ['0 invoke cas [1 2]', '0 fail cas :key-not-found'],
    ])
      expect(historyOf(readEtcdJepsen(jepsen(...lines)))).toEqual([]);
  });

  test('a process may go on under its number after it was left without an answer', () => {
    const log = jepsen('0 invoke write 2', '0 info write :timed-out', '0 invoke read nil', '0 ok read nil');
    const history = historyOf(readEtcdJepsen(log + jepsen('1 invoke read nil', '1 ok read 2')));
    expect(history.map(({ returnedAt }) => returnedAt)).toEqual([undefined, 4, 6]);
    expect(check(casModel, history).type).toBe('linearizable');
  });

  test('blanks instead of tabs, ends of lines of another system, empty lines and injected faults do not matter', () => {
    const log = [
      'INFO  jepsen.util - 10  :invoke :write  2',
      '',
      'INFO jepsen.util - :nemesis :info :start "Cut off [:n1 :n2]"',
      'INFO  jepsen.util - 10  :ok     :write  2   ',
    ];
    const history = historyOf(readEtcdJepsen(log.join('\r\n')));
    expect(history).toMatchObject([{ process: 10, invokedAt: 1, returnedAt: 4 }]);
  });

  test.each([
    ['a line cut off in its head', 'INFO  jepsen.util - 1\t:inv', 'unreadable-line'],
    ['a line without its value', 'INFO  jepsen.util - 1\t:invoke\t:write', 'unreadable-line'],
    ['a pair cut off', 'INFO  jepsen.util - 0\t:ok\t:cas\t[1', 'unreadable-line'],
    ['a failed pair cut off', 'INFO  jepsen.util - 0\t:fail\t:cas\t[1 2', 'unreadable-line'],
    ['a value that is no number', 'INFO  jepsen.util - 1\t:invoke\t:write\tx', 'unreadable-line'],
    [
      'a number no double holds',
      'INFO  jepsen.util - 1\t:invoke\t:write\t9007199254740993',
      'unreadable-line',
    ],
    ['another operation', 'INFO  jepsen.util - 1\t:invoke\t:delete\t1', 'unreadable-line'],
    ['another type', 'INFO  jepsen.util - 1\t:done\t:write\t1', 'unreadable-line'],
    ['another program', 'WARN  jepsen.core - 1\t:invoke\t:write\t1', 'unreadable-line'],
    ['the other format', '{:process 0, :type :invoke, :f :get, :key "0", :value nil}', 'unreadable-line'],
    ['an end without a beginning', 'INFO  jepsen.util - 7\t:ok\t:write\t1', 'nothing-open'],
    ['a second beginning', 'INFO  jepsen.util - 0\t:invoke\t:read\tnil', 'process-busy'],
    ['the end of another operation', 'INFO  jepsen.util - 0\t:ok\t:write\t1', 'other-operation'],
    ['the end with other values', 'INFO  jepsen.util - 0\t:ok\t:cas\t[1 3]', 'other-operation'],
  ])('%s is refused with its line', (_, line, reason) => {
    const log = `${jepsen('0 invoke cas [1 2]')}\n${line}\n${jepsen('5 invoke read nil')}`;
    expect(readEtcdJepsen(log)).toEqual({ ok: false, line: 3, reason });
  });
});

describe('histories of the key-value store', () => {
  const line = (type: string, f: string, value: string, more = '') =>
    `{:process 4, :type :${type}, :f :${f}, :key "7", :value ${value}${more}}\n`;

  test('get, put and append, each with its key', () => {
    const log = [
      line('invoke', 'put', '"a"') + line('ok', 'put', '"a"'),
      line('invoke', 'append', '"b c"') + line('ok', 'append', '"b c"'),
      line('invoke', 'get', 'nil') + line('ok', 'get', '"ab c"'),
    ];
    expect(historyOf(readKvAppend(log.join('')))).toEqual([
      {
        process: 4,
        input: { type: 'put', key: '7', value: 'a' },
        output: { type: 'done' },
        invokedAt: 1,
        returnedAt: 2,
      },
      {
        process: 4,
        input: { type: 'append', key: '7', value: 'b c' },
        output: { type: 'done' },
        invokedAt: 3,
        returnedAt: 4,
      },
      {
        process: 4,
        input: { type: 'get', key: '7' },
        output: { type: 'value', value: 'ab c' },
        invokedAt: 5,
        returnedAt: 6,
      },
    ]);
  });

  test('keys of the map stand in any order, with others beside them', () => {
    const log =
      '{:time 12, :value nil :key "7" :f :get, :type :invoke, :process 4, :note :x}\n' +
      line('ok', 'get', '""');
    expect(historyOf(readKvAppend(log))).toMatchObject([{ output: { type: 'value', value: '' } }]);
  });

  test('escapes in texts are undone', () => {
    const log = line('invoke', 'put', String.raw`"\"a\\ \n\u00e9, :type {}"`);
    expect(historyOf(readKvAppend(log))).toMatchObject([{ input: { value: '"a\\ \né, :type {}' } }]);
  });

  test('what nobody was told of stays open, what failed never happened, injected faults are passed over', () => {
    const log =
      line('invoke', 'put', '"a"') +
      line('info', 'put', '"a"') +
      line('invoke', 'append', '"b"') +
      line('fail', 'append', '"b"');
    const nemesis = '{:process :nemesis, :type :info, :f :start, :value nil}\n';
    const history = historyOf(readKvAppend(log + nemesis));
    expect(history).toMatchObject([{ input: { type: 'put' }, output: undefined, returnedAt: undefined }]);
  });

  test.each([
    ['a line cut off', '{:process 1, :type :invoke, :f :append, :key "0", :value "x 1', 'unreadable-line'],
    [
      'a line cut off before its value',
      '{:process 1, :type :invoke, :f :append, :key "0"}',
      'unreadable-line',
    ],
    ['a key without a value', '{:process 1, :type :invoke, :f :get, :key "0", :value}', 'unreadable-line'],
    [
      'a key twice',
      '{:process 1, :process 2, :type :invoke, :f :get, :key "0", :value nil}',
      'unreadable-line',
    ],
    ['an answer of nothing', line('ok', 'get', 'nil').trim(), 'unreadable-line'],
    ['a write of nothing', line('invoke', 'put', 'nil').replace('4', '5').trim(), 'unreadable-line'],
    [
      'an unknown escape',
      String.raw`{:process 1, :type :invoke, :f :put, :key "0", :value "\x"}`,
      'unreadable-line',
    ],
    ['another operation', '{:process 1, :type :invoke, :f :cas, :key "0", :value "x"}', 'unreadable-line'],
    ['no map', 'INFO  jepsen.util - 0\t:invoke\t:read\tnil', 'unreadable-line'],
    ['an end without a beginning', line('ok', 'get', '""').replace('4', '5').trim(), 'nothing-open'],
    ['a second beginning', line('invoke', 'get', 'nil').trim(), 'process-busy'],
    ['the end of another operation', line('ok', 'append', '""').trim(), 'other-operation'],
    ['the end on another key', line('ok', 'get', '""').replace('"7"', '"8"').trim(), 'other-operation'],
  ])('%s is refused with its line', (_, bad, reason) => {
    expect(readKvAppend(`${line('invoke', 'get', 'nil')}\n${bad}\n`)).toEqual({ ok: false, line: 3, reason });
  });
});

test('whatever a file holds, a reader answers', () => {
  const pieces = fc.constantFrom(
    'INFO  jepsen.util - ',
    '0',
    '\t:invoke\t',
    ':cas',
    '\t[1 2]',
    '\n',
    '{',
    ':process 1',
    ', ',
    '"',
    '\\',
    '}',
    ':value nil',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map(parts => parts.join('')),
      ),
      text => {
        for (const read of [readEtcdJepsen(text), readKvAppend(text)])
          if (!read.ok) expect(read.line).toBeLessThanOrEqual(text.split('\n').length);
      },
    ),
  );
});
