/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* noscript.mjs - the same work with JavaScript switched off: log in, register
 * a family, be asked about a likely double, search, tally, two people editing
 * one file, a form sent twice. The people are invented.
 */
import { is, like, log_in, ok, page_of, test, turn } from './harness.mjs';

await test(async (server, browser) => {
  const page = await page_of(browser, { script: false, width: 360 });

  await log_in(page, server.url);
  await page.goto(`${server.url}/person/new`);
  await page.fill('[name=given_names]', 'Wideline');
  await page.fill('[name=first_surname]', 'Ejemplo');
  await page.fill('[name="birth_date.d"]', '3');
  await page.selectOption('[name="birth_date.m"]', '05');
  await page.fill('[name="birth_date.y"]', '1991');
  await page.selectOption('[name=nationality]', 'HTI');
  await turn(page, () => page.click('button[name=_add][value=family]'));
  await turn(page, () => page.click('button[name=_add][value=family]'));
  is(await page.locator('[name="family.1.given_names"]').count(), 1,
     'two family members were added');
  await turn(page, () => page.click('button[name=_remove][value="family.1"]'));
  is(await page.locator('[name="family.1.given_names"]').count(), 0,
     'and one was taken away');
  await page.fill('[name="family.0.given_names"]', 'Brayan');
  await page.fill('[name="family.0.age_years"]', '7');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  const person = page.url().replace(/\?.*/, '');
  const id = person.split('/').pop();
  like(await page.textContent('h1'), /Wideline/, 'registered');
  like(await page.textContent('aside'), /Brayan/, 'with her family');
  like(await page.textContent('main'), /35 años/, 'her age');

  /* a likely double is asked about */
  await page.goto(`${server.url}/person/new`);
  await page.fill('[name=given_names]', 'Wideline');
  await page.fill('[name=first_surname]', 'Ejemplo');
  await page.fill('[name="birth_date.d"]', '3');
  await page.selectOption('[name="birth_date.m"]', '05');
  await page.fill('[name="birth_date.y"]', '1991');
  await page.selectOption('[name=nationality]', 'HTI');
  await page.click('.acts button[type=submit]');
  like(await page.textContent('.problem'), /Quizá ya está registrada/,
       'asked before a double is saved');
  like(await page.textContent('#matches'), /Wideline/, 'and shown');
  await page.click('button[name=_confirm]');
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  const double = page.url().replace(/\?.*/, '').split('/').pop();
  ok(double !== id, 'somebody else is saved when the worker says so');

  /* and joined when the worker sees that she is the same */
  await page.goto(`${person}/merge`);
  await page.click(`a[href="?other=${double}"]`);
  await page.fill('[name=reason]', 'Lo dijo ella');
  await page.click('main form button[type=submit]');
  await page.waitForURL(/said=merged/);
  await page.goto(`${server.url}/person/${double}`);
  is(page.url(), person, 'the joined file leads to the one that stands');
  await turn(page, () => page.click('text=Separar otra vez'));
  await page.goto(`${server.url}/person/${double}`);
  is(page.url(), `${server.url}/person/${double}`, 'separated again');

  /* a repeat */
  await page.goto(`${server.url}/record/person/${id}/edit`);
  await page.click('details:has(button[value=documents]) > summary').catch(() => {});
  await turn(page, () => page.click('button[name=_add][value=documents]'));
  ok(await page.locator('[name="documents.0.doc_type"]').count() > 0,
     'a row was added to a repeat');

  /* two people, one file */
  const other = await page_of(browser, { script: false,
    state: await page.context().storageState() });
  await page.goto(`${server.url}/record/person/${id}/edit`);
  await other.goto(`${server.url}/record/person/${id}/edit`);
  await other.fill('[name=alias]', 'Wide');
  await other.click('.acts button[type=submit]');
  await other.waitForURL(/\/person\//);
  await page.fill('[name=alias]', 'Wilda');
  const [answer] = await Promise.all([
    page.waitForResponse(r => r.request().method() === 'POST'),
    page.click('.acts button[type=submit]')]);
  is(answer.status(), 409, 'overtaken: 409');
  like(await page.textContent('.conflict'), /Wilda/, 'what was typed stands there');
  like(await page.textContent('.conflict'), /Wide\b/, 'beside what the other wrote');
  is(await page.inputValue('[name=alias]'), 'Wilda', 'and is kept in the form');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/person\//);
  like(await page.textContent('main'), /Wilda/, 'saved when sent again');

  /* the same form twice */
  await page.goto(`${server.url}/tally`);
  await page.check('input[name=service_code] >> nth=0');
  await page.click('.plus');
  await page.waitForURL(/said=tally/);
  await page.goBack();
  await page.check('input[name=service_code] >> nth=0');
  await turn(page, () => page.click('.plus'));
  await page.goto(`${server.url}/tally`);
  const today = (await page.textContent('h1')).match(/hoy: (\d+)/)[1];
  ok(today === '1' || today === '2', 'a stale page does no harm');
});
