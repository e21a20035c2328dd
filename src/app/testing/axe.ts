/** What axe-core finds wrong in what is shown now, in a form that reads well in a failed test. */
import axe from 'axe-core';
import { atRest } from './at-rest.ts';

export async function accessibilityFaults(place: Element = document.body): Promise<string[]> {
  await atRest();
  const { violations } = await axe.run(place, {
    resultTypes: ['violations'],
    // The page under test is a fragment: it need not have what a whole document has.
    rules: { region: { enabled: false } },
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join('; ')}`);
}
