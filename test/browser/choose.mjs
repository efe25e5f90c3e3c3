/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* choose.mjs - long lists are typed in: without accents, by any word, by the
 * name of the people as well as of the country, by keyboard alone and with a
 * finger at 360 px; what does not exist is not kept; without script the list
 * is simply there. Short lists stay as they are.
 */
import { accessible, is, like, log_in, ok, page_of, picture, test }
  from './harness.mjs';

const box = '.q[data-q=nationality] [role=combobox]';
const value = page => page.locator('select[name=nationality]').inputValue();
const active = page => page.locator(box).evaluate(one => {
  const at = one.getAttribute('aria-activedescendant');
  return at ? document.getElementById(at).textContent : '';
});

async function typed(page, words) {
  await page.fill(box, '');
  await page.locator(box).pressSequentially(words);
  return active(page);
}

await test(async (server, browser) => {
  const page = await page_of(browser);

  await log_in(page, server.url);
  await page.goto(`${server.url}/person/new`);
  is(await page.locator('.q[data-q=nationality] label').evaluate(
    label => label.control.getAttribute('role')), 'combobox',
     'the label belongs to the box');
  for (const [words, country] of [
    ['mexi', 'México'], ['haiti', 'Haití'], ['HAITÍ', 'Haití'],
    ['salvador', 'El Salvador'], ['hondureña', 'Honduras'],
    ['guatemalteco', 'Guatemala'], ['dominicana', 'República Dominicana']])
    is(await typed(page, words), country, `"${words}" finds ${country}`);

  /* keyboard */
  await typed(page, 'haiti');
  is(await page.getAttribute(box, 'aria-expanded'), 'true', 'the list is open');
  await accessible(page, 'register with an open list');
  await page.keyboard.press('Enter');
  is(await value(page), 'HTI', 'Enter takes the marked one');
  is(await page.inputValue(box), 'Haití', 'and the box says it');
  is(await page.getAttribute(box, 'aria-expanded'), 'false', 'the list closes');
  like(page.url(), /\/person\/new$/, 'nothing was sent');
  await page.fill(box, '');
  await page.keyboard.press('Tab');
  is(await value(page), '', 'an empty box empties the answer');
  await typed(page, 'hond');
  await page.keyboard.press('Tab');
  is(await value(page), 'HND', 'going on takes the marked one');
  await typed(page, 'zzzz');
  like(await page.textContent('.q[data-q=nationality] [role=status]'),
       /No está en la lista/, 'what does not exist is told');
  await page.keyboard.press('Tab');
  is(await value(page), 'HND', 'and the answer stays as it was');
  is(await page.inputValue(box), 'Honduras', 'and so does the box');
  await page.focus(box);
  await page.keyboard.press('ArrowDown');
  is(await active(page), 'Honduras', 'the arrow opens at what is chosen');
  await page.keyboard.press('ArrowDown');
  ok(await active(page) !== 'Honduras', 'and goes on from there');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  is(await value(page), 'HND', 'Escape leaves all as it was');
  ok(!await page.locator('dialog.blank').evaluate(d => d.open),
     'and does not count towards the covered screen');

  /* the draft comes back into the box */
  await page.goto(`${server.url}/today`);
  await page.goto(`${server.url}/person/new`);
  await page.click('[data-draft-take]');
  is(await page.inputValue(box), 'Honduras', 'a kept draft fills the box');

  /* lists of a few choices are not touched */
  is(await page.locator('select[name="birth_date.m"]').isVisible(), true,
     'months stay a select');

  /* with a finger */
  const phone = await page_of(browser, { width: 360, height: 640,
                                         state: await page.context().storageState() });
  await phone.goto(`${server.url}/person/new`);
  await phone.click(box);
  const list = phone.locator('.choices:visible');
  const room = await list.boundingBox();
  const one = await list.locator('li').first().boundingBox();
  ok(room.x >= 0 && room.x + room.width <= 360 && room.y >= 0 &&
     room.y + room.height <= 640, 'the list stands inside the screen',
     JSON.stringify(room));
  ok(one.height >= 44, 'a choice is 44 px high', one.height);
  await picture(phone, 'choose-360');
  await list.locator('li', { hasText: 'Cuba' }).click();
  is(await value(phone), 'CUB', 'a touch takes it');
  await accessible(phone, 'register at 360 px');

  /* in the grid of a mass arrival, Enter goes on */
  await page.goto(`${server.url}/person/mass`);
  await page.focus('[name="row.0.name"]');
  await page.keyboard.type('Prueba Inventada');
  await page.locator('td:has([name="row.0.nationality"]) [role=combobox]').focus();
  await page.keyboard.type('venezo');
  await page.keyboard.press('Enter');
  is(await page.inputValue('[name="row.0.nationality"]'), 'VEN',
     'typed in the grid');
  is(await page.evaluate(() => document.activeElement.name), 'row.1.name',
     'one Enter takes it and goes on');

  /* no script */
  const plain = await page_of(browser, { script: false,
                                         state: await page.context().storageState() });
  await plain.goto(`${server.url}/person/new`);
  ok(await plain.locator('select[name=nationality]').isVisible(),
     'without script: the list itself');
  is(page.complaints.concat(phone.complaints).join('; '), '',
     'the console is silent');
});
