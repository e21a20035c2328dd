/** The bugs that a scenario must find. */
import { operationPlants } from '../raft/operation-plants.mjs';
import { plants as raftPlants } from '../raft/plants.mjs';
import { plants } from './plants.mjs';

/** Of the core alone: drivers wait for every write. The core's own worlds find it (scripts/raft/plants.test.mjs). */
const coreAlone = new Set(['vote-not-synced']);

/** @param {string} [scenario] */
export const plantsOf = scenario =>
  scenario === 'raft'
    ? [...raftPlants.filter(({ name }) => !coreAlone.has(name)), ...operationPlants]
    : plants;
