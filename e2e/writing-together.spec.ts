/** The six things a person can do (README), in real Chromium over real WebRTC. */
import { AppServer } from './server.ts';
import { expect, test } from './test.ts';
import { allEqual, Writer } from './writer.ts';

let server: AppServer;
test.beforeEach(async () => {
  server = await AppServer.start();
});
test.afterEach(async () => {
  await server.stop();
});

test('a first visit is a page with a caret in it; `/` reopens the last space', async ({ context }) => {
  const first = await Writer.open(context, server.url);
  await expect(first.editor).toBeFocused();
  await expect(first.page.getByRole('dialog')).toBeHidden();
  await first.type('# Ferry notes');
  await first.page.keyboard.press('Enter');
  await first.type('The **north** pier.');
  await first.kept();
  await expect(first.pill).toContainText('Kept on this device');
  await expect(first.page).toHaveURL(`${server.url}/`);
  await first.page.reload();
  await first.ready();
  await first.shows('# Ferry notes\nThe **north** pier.');
  expect(first.errors).toEqual([]);
});

test('an invited browser sees the text, then name, colour and cursor; both type and stay equal', async ({
  browser,
}) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('The ferry leaves at 9:20.');
  const link = await ana.shareLink();
  expect(link).toContain('#');

  const guestContext = await browser.newContext();
  const requests: string[] = [];
  guestContext.on('request', request => requests.push(request.url()));
  const beganMs = Date.now();
  const bo = await Writer.open(guestContext, link);
  await expect(bo.editor).toContainText('The ferry leaves at 9:20.');
  // Three seconds are promised, for a machine that does nothing else: said here, since a busy one is no fault of ours.
  console.log(`invitation to text: ${Date.now() - beganMs} ms`);
  await expect(bo.page).toHaveURL(`${server.url}/`);
  const secret = new URL(link).hash.slice(1);
  expect(requests.filter(url => url.includes(secret))).toEqual([]);

  await bo.rename('Bo');
  await bo.append(' From the north pier.');
  await expect(ana.page.locator('ws-people')).toContainText('Bo');
  const caret = ana.page.locator('.cm-peer-caret');
  await expect(caret.locator('.cm-peer-name')).toHaveText('Bo');
  const hue = await bo.page.evaluate(() => globalThis.peerloom?.session.profile().colour);
  await expect(caret).toHaveClass(new RegExp(`hue-${String(hue)}\\b`));

  await ana.editor.focus();
  await ana.page.keyboard.press('ControlOrMeta+Home');
  await Promise.all([ana.type('Ana was here. '), bo.type(' Bo was too.')]);
  const whole = 'Ana was here. The ferry leaves at 9:20. From the north pier. Bo was too.';
  await allEqual([ana, bo], text => text === whole);
  await ana.shows(whole);
  await bo.shows(whole);
  await expect(ana.pill).toContainText('on 2 of 2 devices');
  expect([...ana.errors, ...bo.errors]).toEqual([]);
});

test('undo takes back only my own words, and remote edits leave my caret alone', async ({ browser }) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('start ');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('start');
  await bo.append('[bo]');
  await expect(ana.editor).toContainText('[bo]');
  await ana.page.keyboard.press('ControlOrMeta+Home');
  await ana.type('mine ');
  await expect(bo.editor).toContainText('mine');
  await bo.page.keyboard.press('ControlOrMeta+Home');
  await bo.type('>>');
  await expect(ana.editor).toContainText('>>');
  await ana.type('!');
  await allEqual([ana, bo], text => text === '>>mine !start [bo]');
  // As often as there are letters: what is typed slowly is undone letter by letter.
  let letters = 'start mine !'.length;
  while (letters-- > 0) await ana.page.keyboard.press('ControlOrMeta+z');
  await allEqual([ana, bo], text => text === '>>[bo]');
});

for (const way of ['the switch', 'DevTools offline'] as const) {
  test(`with ${way} off both sides go on, and converge when it is on again`, async ({ browser }) => {
    const contexts = [await browser.newContext(), await browser.newContext()] as const;
    const ana = await Writer.open(contexts[0], server.url, 'Ana');
    await ana.type('before.');
    const bo = await Writer.open(contexts[1], await ana.shareLink(), 'Bo');
    await expect(bo.editor).toContainText('before.');

    if (way === 'the switch') await ana.switchNetwork(false);
    else await contexts[0].setOffline(true);
    await ana.append(' Written offline.');
    await expect(ana.pill).toContainText(/Offline, \d+ changes? kept here/);
    await bo.append(' Written meanwhile.');
    await Promise.all([ana.kept(), bo.kept()]);
    await Promise.all([ana.connectedTo(0), bo.connectedTo(0)]);
    expect(await bo.text()).not.toContain('Written offline.');
    expect(await ana.text()).not.toContain('Written meanwhile.');

    if (way === 'the switch') await ana.switchNetwork(true);
    else await contexts[0].setOffline(false);
    const all = ['before.', ' Written offline.', ' Written meanwhile.'];
    await allEqual([ana, bo], text => all.every(words => text.includes(words)));
    await expect(ana.pill).toContainText('on 2 of 2 devices');
  });
}

test('apart for longer than links live, two browsers find each other again', async ({ browser }) => {
  const ana = await Writer.open(await browser.newContext(), server.url, 'Ana');
  await ana.type('before.');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('before.');
  await ana.connectedTo(1);
  await ana.switchNetwork(false);
  await ana.append(' offline.');
  for (const apart of [ana, bo]) await expect.poll(() => apart.peerStates()).toEqual(['gone']);
  await bo.append(' meanwhile.');
  await ana.switchNetwork(true);
  await allEqual([ana, bo], text => text.includes(' offline.') && text.includes(' meanwhile.'));
});

test('browser closed and server stopped: the page loads, the text is there, editing goes on; later it syncs', async ({
  browser,
}) => {
  const context = await browser.newContext();
  const ana = await Writer.open(context, server.url, 'Ana');
  await ana.type('Kept at home.');
  const bo = await Writer.open(await browser.newContext(), await ana.shareLink(), 'Bo');
  await expect(bo.editor).toContainText('Kept at home.');
  await ana.installed();
  await ana.kept();
  await ana.page.close();
  await server.stop();

  const again = await Writer.open(context, server.url);
  await again.shows('Kept at home.');
  await again.append(' Written without a server.');
  await again.kept();
  await again.page.reload();
  await again.ready();
  await again.shows('Kept at home. Written without a server.');

  await server.start();
  await allEqual([again, bo], text => text === 'Kept at home. Written without a server.');
});

test('tabs of one browser are peers of their own, and what any of them kept is in reach of the others', async ({
  context,
}) => {
  const left = await Writer.open(context, server.url);
  const right = await Writer.open(context, server.url);
  await left.connectedTo(1);
  // Which device a peer is on stands in its certificate, which comes a moment after the link.
  await expect.poll(async () => (await left.status()).peers[0]?.sameDevice).toBe(true);
  const first = await left.replicaId();
  expect(await right.replicaId()).not.toBe(first);
  await left.switchNetwork(false);
  await right.switchNetwork(false);
  await left.append('left tab. ');
  await right.append('right tab. ');
  await Promise.all([left.kept(), right.kept()]);
  expect(await left.text()).not.toContain('right');
  await left.page.close();
  await right.page.close();
  // Nobody else is there: what it shows comes from this device's disk.
  const next = await Writer.open(context, server.url);
  await allEqual([next], text => text.includes('left tab. ') && text.includes('right tab. '));
  // Its slot is the first again, so it goes on with that log instead of beginning a third.
  expect(await next.replicaId()).toBe(first);
});
