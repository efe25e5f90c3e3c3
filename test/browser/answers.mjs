/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answers.mjs - what forms owe to whoever fills them in: every question of the
 * short register can stay without an answer, with its reason; the last row of
 * a list can go; two people who edit one file see each other's rows. The
 * people are invented.
 */
import { accessible, is, like, log_in, ok, page_of, picture, test }
  from './harness.mjs';

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });

  return { status: answer.status(), ...JSON.parse(await answer.text()) };
}

const read = async (page, path) => JSON.parse(await (await page.request.get(
  new URL(path, page.url()).href, { headers: { Accept: 'application/json' } }))
  .text());

/* Opens "no answer" of one question and says why. */
async function why(page, name, reason) {
  const block = page.locator('details.why', {
    has: page.locator(`[name="${name}.why"]`) });

  await block.locator('summary').focus();
  await page.keyboard.press('Enter');
  await block.locator('select').selectOption(reason);
}

await test(async (server, browser) => {
  const page = await page_of(browser, { width: 360, height: 740 });

  await log_in(page, server.url);
  await page.goto(`${server.url}/person/new`);
  await page.click('button[name=_add][value=family]');
  await page.locator('[name="family.0.given_names"]').waitFor();

  /* every question has the way out */
  const asked = await page.locator('form[data-live] [data-q]:not(:has([data-q]))')
    .evaluateAll(list => list.filter(q => !q.matches('.note, fieldset.group'))
      .map(q => [q.dataset.q, !!q.querySelector('[name$=".why"]')]));
  ok(asked.length > 15, `the short form asks ${asked.length} things`);
  is(asked.filter(one => !one[1]).map(one => one[0]).join(' '), '',
     'each can stay without an answer, with its reason');
  const target = await page.locator('details.why summary').first().boundingBox();
  ok(target.height >= 24, 'the way out is big enough for a finger',
     target.height);
  await page.fill('[name=given_names]', 'Ejemplo Sinrespuesta');
  await page.fill('[name="family.0.given_names"]', 'Menor Sinrespuesta');
  for (const [name, reason] of [
    ['first_surname', 'NR'], ['sex', 'NR'], ['birth_date', 'DK'],
    ['nationality', 'ND'], ['family.0.sex', 'ND'],
    ['family.0.age_years', 'DK'], ['arrival.arrival_type', 'ND'],
    ['arrival.bracelet', 'NA'], ['consent.given', 'NR']])
    await why(page, name, reason);
  await accessible(page, 'register with reasons');
  await picture(page, 'register-reasons');
  await page.locator('main .acts button[type=submit]').first().click();
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  const id = new URL(page.url()).pathname.split('/')[2];
  const person = await read(page, `/record/person/${id}`);
  const reasons = person._why || person.answers?._why || {};
  is(JSON.stringify([reasons.first_surname, reasons.sex, reasons.birth_date,
                     reasons.nationality]), '["NR","NR","DK","ND"]',
     'the reasons are kept');
  like(await page.textContent('aside'), /No quiso responder/,
       'and her page says them in words');
  like(await page.textContent('aside'), /Menor/, 'her family is there');

  /* rows of a list, by two people at once */
  const other = await page_of(browser, { script: false,
    state: await page.context().storageState() });
  const made = await post(page, '/record/person', {
    given_names: 'Dosmanos', sex: 'M',
    documents: [{ doc_type: 'pasaporte' }] });
  const edit = `${server.url}/record/person/${made.id}/edit`;
  const fold = one => one.evaluate(() =>
    document.querySelectorAll('main details').forEach(d => { d.open = true; }));
  const kinds = await (await page.goto(edit), page.locator(
    '[name="documents.0.doc_type"] option').evaluateAll(list =>
    list.map(o => [o.value, o.textContent])));
  await other.goto(edit);
  await other.locator('details:has([name="documents.0.doc_type"]) > summary')
    .first().click().catch(() => {});
  await other.locator('[name="documents.0.doc_type"]')
    .selectOption(kinds[2][0], { force: true });
  await other.locator('.acts button[type=submit]').click();
  await other.waitForURL(/\/person\//);
  await fold(page);
  await page.locator('[name="documents.0.doc_type"]')
    .selectOption(kinds[3][0], { force: true });
  const [answer] = await Promise.all([
    page.waitForResponse(r => r.request().method() === 'POST' &&
                         r.request().isNavigationRequest()),
    page.locator('main .acts button[type=submit]').click()]);
  is(answer.status(), 409, 'overtaken: 409');
  const conflict = await page.textContent('.conflict');
  ok(conflict.includes(kinds[3][1].trim()), 'my row stands there', conflict);
  ok(conflict.includes(kinds[2][1].trim()), 'beside the row of the other',
     conflict);
  await accessible(page, 'two people, one list');
  await picture(page, 'conflict-rows');

  /* the last row can go */
  await page.goto(edit);
  await fold(page);
  await page.click('button[name=_remove]');
  await page.locator('[name="documents.0.doc_type"]').waitFor({ state: 'detached' });
  await page.locator('main .acts button[type=submit]').click();
  await page.waitForURL(/\/person\//);
  const after = await read(page, `/record/person/${made.id}`);
  is(JSON.stringify((after.documents || after.answers?.documents || [])), '[]',
     'the last row was taken away');
  is(page.complaints.filter(t => !/status of 4/.test(t)).join('; '), '',
     'the console is silent');
});
