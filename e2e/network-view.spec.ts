/** What one watches while networks are switched: the network view says what was done, on every screen, and the cloth is the proof. */
import type { Locator } from '@playwright/test';
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { threeTogether } from './three.ts';
import type { Writer } from './writer.ts';
import { allEqual } from './writer.ts';

let server: AppServer;
test.beforeEach(async () => {
  server = await AppServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

/** The network view of one tab. */
class View {
  readonly writer: Writer;
  readonly region: Locator;

  constructor(writer: Writer) {
    this.writer = writer;
    this.region = writer.page.getByRole('region', { name: 'Network view' });
  }
  async open(): Promise<void> {
    await this.writer.page.getByRole('button', { name: 'Network view', exact: true }).click();
    await expect(this.region).toBeVisible();
  }
  link(name: string): Locator {
    return this.region
      .getByRole('group', { name: 'Links' })
      .getByRole('row', { name: new RegExp(`^${name} `) });
  }
  copy(name: string): Locator {
    return this.region
      .getByRole('group', { name: 'Copies' })
      .getByRole('row', { name: new RegExp(`^${name} `) });
  }
  async switchLink(name: string): Promise<void> {
    await this.region.getByRole('switch', { name: `Link to ${name}` }).click();
  }
  /** The cloth as it is drawn, and its words. */
  cloth(): Promise<string> {
    return this.region.locator('ws-weave').evaluate(({ shadowRoot }) =>
      [...(shadowRoot?.querySelectorAll('rect') ?? [])]
        .map(rect => (rect.classList.contains('weft') ? '-' : '|'))
        .join('')
        .concat(' ', shadowRoot?.querySelector('p')?.innerText ?? ''),
    );
  }
  async passed(name: string): Promise<string> {
    return (await this.link(name).locator('.passed').textContent()) ?? '';
  }
}

async function threeViews(browser: Parameters<Parameters<typeof test>[2]>[0]['browser']) {
  const { writers, ana, bo, cleo } = await threeTogether(browser, server.url);
  await allEqual(writers, text => text === 'Together.');
  const views = writers.map(writer => new View(writer));
  for (const view of views) await view.open();
  const [anas, bos, cleos] = views;
  if (anas === undefined || bos === undefined || cleos === undefined) throw new Error('nobody');
  const cloths = async () => new Set(await Promise.all(views.map(view => view.cloth()))).size;
  return { writers, ana, bo, cleo, anas, bos, cleos, views, cloths };
}

test('a split and its healing are watched: links, copies and the cloth say on each screen what is so there', async ({
  browser,
}) => {
  const { writers, ana, cleo, anas, bos, cleos, cloths } = await threeViews(browser);
  await expect.poll(cloths).toBe(1);
  await expect(anas.region.getByRole('img')).toHaveAttribute('aria-label', '2 of 2 links connected.');
  await expect(anas.link('Bo')).toContainText('Connected');
  await expect(anas.copy('Cleo')).toContainText('Same as here');

  // Cleo is cut off by the other two.
  await anas.switchLink('Cleo');
  await bos.switchLink('Cleo');
  await expect(anas.link('Cleo')).toContainText('Cut here');
  await ana.append(' By Ana.');
  await cleo.append(' By Cleo.');
  await expect(cleos.link('Ana')).toContainText(/Silent|No link/);
  await expect(cleos.link('Bo')).toContainText(/Silent|No link/);
  await expect(anas.link('Bo')).toContainText('Connected');
  await expect(anas.copy('Bo')).toContainText('Same as here');
  await expect(anas.copy('Cleo')).toContainText(/Lacks \d+ change/);
  await expect.poll(cloths).toBe(2);
  expect(await anas.cloth()).toBe(await bos.cloth());
  expect(await anas.cloth()).not.toBe(await cleos.cloth());
  // Nothing passes a cut, in either direction.
  const passed = await anas.passed('Cleo');
  await cleo.append(' More.');
  await expect.poll(() => cleo.durable()).toBeGreaterThan(3);
  expect(await anas.passed('Cleo')).toBe(passed);

  await anas.switchLink('Cleo');
  await bos.switchLink('Cleo');
  const text = await allEqual(writers, all => all.includes('By Ana.') && all.includes('More.'));
  expect(text).toContain('By Cleo.');
  await expect.poll(cloths).toBe(1);
  await expect(cleos.link('Ana')).toContainText('Connected');
  await expect(anas.copy('Cleo')).toContainText('Same as here');
  expect(writers.flatMap(writer => writer.errors)).toEqual([]);
});

test('a tab that is switched off is off on its own map and silent on the others', async ({ browser }) => {
  const { ana, anas, bos, cleos } = await threeViews(browser);
  await ana.switchNetwork(false);
  for (const name of ['Bo', 'Cleo']) await expect(anas.link(name)).toContainText('Tab is off');
  await expect(anas.region.getByRole('img')).toHaveAttribute('aria-label', /This tab is off/);
  await expect(bos.link('Ana')).toContainText('Silent');
  await expect(bos.link('Cleo')).toContainText('Connected');
  await expect(cleos.region.getByRole('img')).toHaveAttribute('aria-label', '1 of 2 links connected.');
  await ana.switchNetwork(true);
  await expect(anas.link('Bo')).toContainText('Connected');
  await expect(bos.link('Ana')).toContainText('Connected');
});

test('a delay set on one link is on that link’s round trip, and stays when its peer comes back', async ({
  browser,
}) => {
  const { bo, anas } = await threeViews(browser);
  const roundTrip = async (name: string) => {
    const said = (await anas.link(name).locator('td.figure').first().textContent()) ?? '';
    return Number.parseFloat(said) * (said.endsWith(' ms') ? 1 : 1000);
  };
  await anas.region.getByRole('combobox', { name: 'Delay to and from Bo' }).selectOption('1 s');
  // Smoothed, an eighth with each heartbeat; without the delay it would never be there.
  await expect.poll(() => roundTrip('Bo')).toBeGreaterThan(1500);
  expect(await roundTrip('Cleo')).toBeLessThan(await roundTrip('Bo'));
  await bo.page.reload();
  await bo.ready();
  await expect.poll(() => roundTrip('Bo')).toBeGreaterThan(1500);
});
