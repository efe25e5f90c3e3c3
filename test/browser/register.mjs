/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* register.mjs - the first half of the main job in a browser: log in, register
 * a person and her family with the keyboard, find them again however they are
 * spelt, count somebody who stays anonymous. Examples are invented.
 */
import { accessible, is, like, log_in, ok, page_of, password, picture, test,
  turn }
  from './harness.mjs';

async function type_person(page) {
  await page.keyboard.press('n');
  await page.waitForURL(/\/person\/new/);
  await page.focus('[name=given_names]');
  await page.keyboard.type('Wideline Prueba');
  await page.keyboard.press('Tab');
  await page.focus('[name=first_surname]');
  await page.keyboard.type('Xochitlán');
}

async function choose(page, name, value) {
  const radio = page.locator(`input[type=radio][name="${name}"][value="${value}"]`);

  if (await radio.count()) {
    await radio.focus();
    await page.keyboard.press('Space');
  } else {
    await page.selectOption(`select[name="${name}"]`, value, { force: true });
  }
}

await test(async (server, browser) => {
  const page = await page_of(browser);

  /* coming in */
  await page.goto(`${server.url}/today`);
  like(page.url(), /\/login\?next/, 'without a session: the login page');
  await page.fill('input[name=name]', 'marisol');
  await page.fill('input[name=password]', 'no es esta palabra');
  await turn(page, () => page.press('input[name=password]', 'Enter'));
  ok(await page.locator('.problem').count() === 1, 'a wrong password is told');
  is(await page.inputValue('input[name=name]'), 'marisol', 'the name is kept');
  await page.waitForTimeout(1500);
  await log_in(page, server.url);
  ok(true, 'logged in');

  /* registering, without the mouse */
  await type_person(page);
  await choose(page, 'sex', 'M');
  await page.fill('[name="birth_date.y"]', '1990');
  await page.selectOption('[name="nationality"]', 'HTI', { force: true });
  await page.selectOption('[name="country_of_birth"]', 'HTI', { force: true });
  await page.click('summary:has-text("Contacto seguro")');
  await page.fill('[name="phone"]', '+50937000001');
  await page.locator('button[name=_add][value=family]').focus();
  await turn(page, () => page.keyboard.press('Enter'));
  is(await page.inputValue('[name=given_names]'), 'Wideline Prueba',
     'adding a family member keeps what was typed');
  await page.fill('[name="family.0.given_names"]', 'Brayan Prueba');
  await page.fill('[name="family.0.first_surname"]', 'Xochitlán');
  await page.fill('[name="family.0.age_years"]', '7');
  await choose(page, 'family.0.sex', 'H');
  await page.selectOption('[name="family.0.relation"]', { index: 3 });
  await choose(page, 'consent.given', 'yes');
  await accessible(page, 'register with a family member');
  await picture(page, 'register-family');
  await page.focus('[name=given_names]');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  const first = page.url().replace(/\?.*/, '');
  like(await page.textContent('.said'), /Registro guardado/, 'registered');
  like(await page.textContent('h1'), /Wideline Prueba/, 'her page');
  like(await page.textContent('aside'), /Brayan/, 'her family stands beside it');
  ok(!/Wideline/.test(await page.title()), 'the title never holds a name');
  await accessible(page, 'person');
  await picture(page, 'person');

  /* finding */
  for (const [words, why] of [
    ['wideline', 'small letters'], ['xochitlan', 'no accent'],
    ['Uideline', 'sounds alike'], ['xochitlan wideline', 'other order'],
    ['37000001', 'the telephone'], ['wide', 'the beginning']]) {
    await page.goto(`${server.url}/person?q=${encodeURIComponent(words)}`);
    like(await page.textContent('#results'), /Wideline/, `found by ${words}: ${why}`);
  }
  await page.goto(`${server.url}/person`);
  await page.keyboard.type('');
  await page.fill('input[type=search]', 'brallan');
  await page.waitForTimeout(700);
  like(await page.textContent('#results'), /Brayan/, 'found while typing, misspelt');
  await page.fill('input[type=search]', 'qqqqq');
  await page.waitForTimeout(700);
  like(await page.textContent('#results'), /Nadie con ese nombre/,
       'nobody: says what to do');
  await accessible(page, 'search without a result');

  /* the same person again */
  await page.goto(`${server.url}/person/new`);
  await page.fill('[name=given_names]', 'Wideline Prueba');
  await page.fill('[name=first_surname]', 'Xochitlan');
  await page.fill('[name="birth_date.y"]', '1990');
  await page.waitForTimeout(1200);
  like(await page.textContent('#matches'), /Wideline/,
       'a possible match appears beside the name');
  await picture(page, 'register-match');

  /* a mistake costs nothing */
  await page.goto(`${server.url}/person/new`);
  await page.fill('[name=given_names]', 'Ejemplo');
  await page.fill('[name=age_years]', '230');
  await page.click('.acts button[type=submit]');
  like(await page.textContent('.problem'), /edad|120/i, 'the mistake is told');
  is(await page.inputValue('[name=given_names]'), 'Ejemplo', 'the rest is kept');
  is(await page.evaluate(() => document.activeElement.name), 'age_years',
     'the first problem has the focus');
  await accessible(page, 'register with a problem');

  /* tally */
  await page.goto(`${server.url}/tally`);
  await page.check('input[name=service_code] >> nth=0');
  await page.check('input[name=sex][value=M]');
  await page.check('input[name=age_band] >> nth=5');
  await accessible(page, 'tally');
  await picture(page, 'tally');
  await page.click('.plus');
  await page.waitForURL(/said=tally/);
  like(await page.textContent('h1'), /hoy: 1/, 'counted');
  ok(await page.isChecked('input[name=sex][value=M]'),
     'the choice stays for the next one');
  await turn(page, () => page.click('.plus'));
  like(await page.textContent('h1'), /hoy: 2/, 'and again with one touch');

  /* a bus arrives: Tab and Enter only */
  await page.goto(`${server.url}/person/mass`);
  await page.focus('[name="row.0.name"]');
  for (const [name, sex, age, country] of [
    ['Marlon Invención Paz', 'Hom', '34', 'Hon'],
    ['Gladys Invención', 'Muj', '1990', '']]) {
    await page.keyboard.type(name);
    await page.keyboard.press('Enter');
    await page.keyboard.type(sex);
    await page.keyboard.press('Enter');
    await page.keyboard.type(age);
    await page.keyboard.press('Enter');
    if (country)
      await page.keyboard.type(country);
    await page.keyboard.press('Enter');
  }
  is(await page.evaluate(() => document.activeElement.name), 'row.2.name',
     'Enter leads from box to box and to the next line');
  await page.fill('[name="row.2.age"]', 'mucha');
  await page.click('.acts button[type=submit]');
  like(await page.textContent('tr.wrong'), /edad/, 'a line that is not understood is told');
  await accessible(page, 'mass arrival with a mistake');
  await page.fill('[name="row.2.age"]', '');
  await page.check('#together');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/today/);
  like(await page.textContent('aside'), /Gladys Invención/, 'all of them arrived');
  await picture(page, 'today-arrivals');
  await page.goto(`${server.url}/person?q=gladys`);
  like(await page.textContent('#results'), /Honduras/,
       'with the nationality of the line above');

  /* the screen can be covered */
  await page.goto(first);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  ok(await page.locator('dialog.blank').evaluate(d => d.open),
     'Escape twice covers the screen');
  await page.keyboard.press('Escape');
  ok(!await page.locator('dialog.blank').evaluate(d => d.open),
     'and Escape brings it back');

  /* out */
  await page.goto(`${server.url}/today`);
  await page.click('details.more summary');
  await page.click('form[action="/logout"] button');
  await page.waitForURL(/\/login/);
  await page.goto(first);
  like(page.url(), /\/login/, 'after logout nothing is shown');
  is(page.complaints.filter(t => !/status of 4/.test(t)).join('; '), '',
     'the console is silent');
  ok(!/Wideline|Xochitl|marisol/.test(server.errors()),
     'no personal data in the log', server.errors());
  void password;
});
