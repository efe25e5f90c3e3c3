/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sensitive.mjs - the module on violence, as a case worker reaches it in a
 * browser: nobody is asked before somebody said that she may be, each question
 * says why it is asked and can stay unanswered, the flag is raised with its
 * clock, her urgency stands in the header of every page of hers in words, with
 * an icon and a colour; who registers people meets a note instead, and sees no
 * answer. The people are invented.
 */
import { accessible, is, like, log_in, ok, page_of, password, picture, run,
  test, turn }
  from './harness.mjs';

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });

  return { status: answer.status(), ...JSON.parse(await answer.text()) };
}

/* Walks on until a question is asked, answering those of `answers`. */
async function walk(page, answers, until) {
  for (let i = 0; i < 40; i++) {
    for (const [name, value] of Object.entries(answers)) {
      const one = page.locator(`[name="${name}"][value="${value}"]`);

      if (await one.count() && await one.isVisible()) {
        await one.check();
        await page.waitForTimeout(300);
      }
    }
    if (until && await page.locator(until).count() &&
        await page.locator(until).first().isVisible())
      return true;
    if (!/\/screening$|\/step\//.test(page.url()))
      return false;
    const before = page.url();

    await page.click('button:has-text("Guardar y seguir")');
    await page.waitForURL(url => url.href !== before);
    await page.waitForLoadState();
  }
  return false;
}

async function urgent(page, name) {
  const chip = page.locator('main .chip').first();

  is((await chip.innerText()).trim(), 'Inmediata', `urgency in words: ${name}`);
  ok(await chip.locator('svg').count() === 1, `and with an icon: ${name}`);
}

await test(async (server, browser) => {
  const flag = ['--password-stdin', '--store', server.store];

  run(['user', 'add', 'casandra', '--role', 'case_worker', ...flag],
      `${password}\n`);
  run(['user', 'add', 'ines', '--role', 'intake', ...flag], `${password}\n`);
  const page = await page_of(browser, { width: 360, height: 740 });

  await log_in(page, server.url, 'casandra');
  const her = (await post(page, '/record/person', {
    given_names: 'Prueba', first_surname: 'Inventada', sex: 'M',
    birth_date: '1994', nationality: 'HND' })).id;
  await page.goto(`${server.url}/person/${her}/screening`);
  ok(!await page.locator('[name=vbg1_harmed]').count(), 'not asked at once');
  const there = await walk(page, { q17_private: 'yes', private: 'yes',
                                   q01_safe: 'yes' }, '[name=vbg1_harmed]');
  ok(there, 'a case worker comes to the module on violence');
  const group = await page.textContent('form fieldset');
  like(group, /atención de salud a tiempo/, 'it says why it is asked');
  like(group, /Puede dejarla sin contestar|Puede no contestar/,
       'and that it can be skipped');
  ok(!await page.locator('[name=vbg2_when]').first().isVisible(),
     'when it was is not asked before');
  await page.check('[name=vbg1_harmed][value=yes]');
  await page.locator('[name=vbg2_when]').first().waitFor({ state: 'visible' });
  const when = page.locator('[name=vbg2_when]').first();
  if (await when.evaluate(e => e.tagName) === 'SELECT')
    await when.selectOption('lt72');
  else
    await page.check('[name=vbg2_when][value=lt72]');
  const type = page.locator('[name=vbg2_type]').first();
  if (await type.evaluate(e => e.tagName) === 'SELECT')
    await type.selectOption({ index: 1 });
  else
    await type.check();
  await accessible(page, 'the module on violence');
  await picture(page, 'sensitive-module');
  await turn(page, () => page.click('button:has-text("Guardar y seguir")'));
  await page.goto(`${server.url}/person/${her}`);
  like(await page.textContent('.open'), /Violación hace menos de 72 horas/,
       'the flag is raised the moment it is known');
  like(await page.textContent('.open'), /quedan? /, 'with its clock');
  await urgent(page, 'her page');
  await accessible(page, 'her page with the flag');
  await picture(page, 'sensitive-person');
  for (const [path, name] of [
    [`/person/${her}/screening`, 'the next screening'],
    [`/person/${her}/refer`, 'refer'],
    [await page.locator('.open a[href^="/flag/"]').first().getAttribute('href'),
     'the flag']]) {
    await page.goto(server.url + path);
    await urgent(page, name);
  }

  /* who registers people */
  const door = await page_of(browser);

  await log_in(door, server.url, 'ines');
  const second = (await post(door, '/record/person', {
    given_names: 'Segunda', sex: 'M', birth_date: '1990' })).id;
  await door.goto(`${server.url}/person/${second}/screening`);
  if (/\/screening$/.test(door.url()) && await door.locator('.steps').count()) {
    ok(!await walk(door, { q17_private: 'yes', private: 'yes' },
                   '[name=vbg1_harmed]'),
       'intake is never asked to ask it');
  } else {
    ok(true, 'intake does not screen at all');
  }
  /* a flag is for everybody who can act on it, what led there is not */
  await door.goto(`${server.url}/person/${her}`);
  await urgent(door, 'for who registers, too');
  for (const path of [
    await door.locator('.open a[href^="/flag/"]').first().getAttribute('href'),
    await door.locator('a:has-text("Último tamizaje")').getAttribute('href')]) {
    await door.goto(server.url + path);
    await door.evaluate(() => document.querySelectorAll('details')
      .forEach(fold => { fold.open = true; }));
    like(await door.textContent('main'), /Inmediata/,
         'it is as urgent for her as it is');
    ok(!/no se encontró/.test(await door.textContent('main')),
       'and nothing says that there is no risk');
    const shown = await door.locator('dl > *').allInnerTexts();
    const at = shown.findIndex(one => /Alguien le ha hecho daño/.test(one));

    ok(at < 0 || shown[at + 1].trim() === 'reservada',
       `what led to it is closed to intake: ${path.split('/')[1]}`,
       shown.join('\n'));
    ok(!shown.some(one => /^[a-z_]+$/.test(one.trim()) &&
                   one.trim() !== 'reservada'),
       'and no question is shown by its code', shown.join('\n'));
  }
  is(page.complaints.filter(t => !/status of 4/.test(t)).join('; '), '',
     'the console is silent');
});
