/**
 * One run: plays a warm-up, then the same scenario for as many virtual seconds as it is told, and says what that took; then what
 * that world's batches take by themselves (floor.ts).
 */
import process from 'node:process';
import { play } from '../../src/sim/play.ts';
import { scenarioOf } from '../../src/sim/scenarios.ts';
import { batchesOf, takenInMs } from './floor.ts';

const seconds = Number(process.argv[2]);
const warmUpSeconds = 60;

function played(seed: string, forSeconds: number) {
  const plan = scenarioOf('busy')?.plan(seed, forSeconds / 60);
  if (plan === undefined) throw new Error('there is no scenario called busy');
  const before = process.cpuUsage();
  let used = before;
  // What heals afterwards is idle, and would flatter.
  const healing = () => {
    used = process.cpuUsage(before);
  };
  const outcome = play(plan, { healing });
  return { plan, outcome, cpuMs: (used.user + used.system) / 1000 };
}

try {
  const { outcome: warm } = played('warm-up', warmUpSeconds);
  const { plan, outcome, cpuMs } = played('measured', seconds);
  const { violation, counts } = outcome;
  if (warm.violation !== undefined) throw warm.violation;
  if (violation !== undefined) throw violation;
  const safetyS = plan.safetyMs / 1000;
  const editsPerS = counts.edits / plan.nodes.length / safetyS;
  const faultsPerS = counts.faults / safetyS;
  if (editsPerS < 20) throw new Error(`only ${editsPerS.toFixed(1)} edits a second at each replica`);
  if (faultsPerS < 1) throw new Error(`only ${faultsPerS.toFixed(1)} faults a second`);
  if (counts.crashes === 0 || counts.merges === 0) throw new Error('nothing crashed, or nothing merged');
  const batches = batchesOf(plan);
  // The best of some: the floor is to lie low, and the first pays the compiler.
  const floorMs = Math.min(...[1, 2, 3, 4].map(() => takenInMs(batches)));
  const result = {
    speed: plan.safetyMs / cpuMs,
    'speed of its batches alone': plan.safetyMs / floorMs,
    'events a second of a core': (counts.events * 1000) / cpuMs,
    'edits a simulated second and replica': editsPerS,
    'faults a simulated second': faultsPerS,
    'batches delivered a simulated second': counts.merges / safetyS,
  };
  process.stdout.write(`${JSON.stringify({ result })}\n`);
} catch (error) {
  process.stdout.write(
    `${JSON.stringify({ failed: error instanceof Error ? error.message : String(error) })}\n`,
  );
}
