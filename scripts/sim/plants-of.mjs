/** The bugs that a scenario must find. */
import { plants as raftPlants } from '../raft/plants.mjs';
import { plants } from './plants.mjs';

/** @param {string} [scenario] */
export const plantsOf = scenario => (scenario === 'raft' ? raftPlants : plants);
