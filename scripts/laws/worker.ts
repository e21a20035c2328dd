/**
 * Plays worlds of replicas (src/crdt/document/world.model.ts) and tells on standard output, one JSON object a line, how far
 * it is and which one broke a law. Each run has a seed of its own, so that any one of them can be played alone.
 */
import process from 'node:process';
import { SeededRandom } from '../../src/base/random.ts';
import { drawPlan, World, type Plan } from '../../src/crdt/document/world.model.ts';
import { shrink } from './shrink.ts';

const [seed = '', from = '0', to = '0', stride = '1'] = process.argv.slice(2);
const stepsMax = 30;
/** The obvious document takes most of the time, so only some of the worlds are held to it. */
const modelEvery = 4;
const tellEvery = 200;

const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** The law that `plan` breaks. */
function broken(plan: Plan, model: boolean): Error | undefined {
  try {
    World.play(plan, { model });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

let played = 0;
for (let run = Number(from); run < Number(to); run += Number(stride)) {
  const plan = drawPlan(new SeededRandom(seed).split(String(run)), stepsMax);
  const model = run % modelEvery === 0;
  if (broken(plan, model) !== undefined) {
    const least = shrink(plan, smaller => broken(smaller, model) !== undefined);
    const error = broken(least, model);
    tell({ run, steps: plan.steps.length, least, message: error?.message, stack: error?.stack });
    process.exitCode = 1;
    break;
  }
  played++;
  if (played % tellEvery === 0) tell({ played });
}
tell({ played });
