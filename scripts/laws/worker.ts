/**
 * Plays worlds of replicas (src/crdt/document/world.model.ts; now and then also src/crdt/text/history-world.model.ts) and tells on standard output, one JSON object a line, how far
 * it is and which one broke a law. Each run has a seed of its own, so that any one of them can be played alone.
 */
import process from 'node:process';
import { SeededRandom } from '../../src/base/random.ts';
import { drawPlan, World } from '../../src/crdt/document/world.model.ts';
import { drawHistoryPlan, playHistory } from '../../src/crdt/text/history-world.model.ts';
import { shrink, type Shrinkable } from './shrink.ts';

const [seed = '', from = '0', to = '0', stride = '1'] = process.argv.slice(2);
const stepsMax = 30;
/** The obvious document takes most of the time, so only some of the worlds are held to it. */
const modelEvery = 4;
/** A text with its history, which documents keep in another form. */
const historyEvery = 4;
const tellEvery = 200;

const tell = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

/** The law that playing breaks. */
function broken(play: () => void): Error | undefined {
  try {
    play();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Plays one world, and tells the least that breaks if it does. */
function isSound<Plan extends Shrinkable>(run: number, plan: Plan, play: (plan: Plan) => void): boolean {
  if (broken(() => play(plan)) === undefined) return true;
  const least = shrink(plan, smaller => broken(() => play(smaller)) !== undefined);
  const error = broken(() => play(least));
  tell({ run, steps: plan.steps.length, least, message: error?.message, stack: error?.stack });
  return false;
}

function playRun(run: number): boolean {
  const random = new SeededRandom(seed).split(String(run));
  const model = run % modelEvery === 0;
  if (!isSound(run, drawPlan(random, stepsMax), plan => World.play(plan, { model }))) return false;
  return run % historyEvery !== 1 || isSound(run, drawHistoryPlan(random, stepsMax), playHistory);
}

let played = 0;
for (let run = Number(from); run < Number(to); run += Number(stride)) {
  if (!playRun(run)) {
    process.exitCode = 1;
    break;
  }
  played++;
  if (played % tellEvery === 0) tell({ played });
}
tell({ played });
