import { drawPlan } from './draw.ts';
import { play } from './play.ts';
import process from 'node:process';
const [from = '0', count = '5', minutes = '2', trace = ''] = process.argv.slice(2);
const t = performance.now();
let sim = 0,
  ev = 0;
for (let n = Number(from); n < Number(from) + Number(count); n++) {
  const plan = drawPlan(String(n), { minutes: Number(minutes) });
  const lines: string[] = [];
  const t0 = performance.now();
  const outcome = play(plan, trace === '' ? {} : { trace: line => lines.push(line) });
  sim += outcome.atMs;
  ev += outcome.counts.events;
  console.log(
    n,
    outcome.violation ? `${outcome.violation.invariant}: ${outcome.violation.message}` : 'ok',
    outcome.hash,
    (outcome.atMs / 1000).toFixed(0) + 's',
    'x' + (outcome.atMs / (performance.now() - t0)).toFixed(0),
    JSON.stringify(outcome.counts),
    outcome.violation?.invariant === 'nothing throws' ? outcome.violation.stack?.slice(0, 600) : '',
  );
  if (trace) console.log(lines.slice(-60).join('\n'));
}
console.log(
  'speed',
  (sim / (performance.now() - t)).toFixed(0),
  'events/s',
  ((ev / (performance.now() - t)) * 1000).toFixed(0),
);
