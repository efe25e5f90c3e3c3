/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help.mjs - asking for help without an account, from the first word to the
 * file: without script, at 360 px, with no cookie; the house answers and asks;
 * she comes back from another telephone and says yes; a file with what she
 * wrote; deleting; a flood; wrong words; other languages; the grid of counts of
 * the information window. Everybody is made up.
 */
import { accessible, is, like, log_in, ok, page_of, password, picture, run,
         test, turn } from './harness.mjs';

const text = 'Zunzunegui: alguien me sigue y no tengo donde dormir';

async function fits(page, name) {
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth - window.innerWidth);

  ok(wide <= 0, `fits the screen: ${name}`, `${wide} px too wide`);
}

async function look(page, name) {
  await fits(page, name);
  await accessible(page, name);
  await picture(page, `help-${name}`);
}

async function everywhere(page, name) {
  await look(page, `${name}-1280`);
  await page.setViewportSize({ width: 360, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await look(page, `${name}-360-dark`);
  await page.emulateMedia({ colorScheme: 'light' });
  await picture(page, `help-${name}-360`);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/* Every answer of the public side is looked at: no cookie, nothing kept. */
function watch(page, found) {
  page.on('response', async response => {
    const headers = await response.headersArray().catch(() => []);
    const path = new URL(response.url()).pathname;

    if (!path.startsWith('/help'))
      return;
    for (const { name } of headers)
      if (/^set-cookie$/i.test(name))
        found.push(`${path} sets a cookie`);
    if (!headers.some(h => /^cache-control$/i.test(h.name) &&
                           /no-store/.test(h.value)))
      found.push(`${path} may be kept`);
  });
}

const json = { Accept: 'application/json' };

await test(async (server, browser) => {
  const found = [];
  run(['--store', server.store, 'user', 'add', 'puerta', '--role', 'intake',
       '--password-stdin'], `${password}\n`);

  /* -- she writes: no script, 360 px ---------------------------------------- */
  const hers = await page_of(browser, { width: 360, height: 740, script: false });
  watch(hers, found);
  await hers.goto(`${server.url}/`);
  await turn(hers, () => hers.click('a[href^="/help"]'));
  is(await hers.title(), 'Información', 'a title that says nothing');
  const first = hers.locator('main a').first();
  is(await first.getAttribute('href'), 'tel:911', 'numbers to call stand first');
  ok(await hers.locator('#exit').isVisible(), 'and the quick exit');
  ok(!await hers.locator('#phone').isVisible(), 'no telephone is asked for');
  await picture(hers, 'help-write-noscript-360');
  await hers.locator('.chips label', { hasText: 'Dónde dormir' }).click();
  await hers.fill('#text', text);
  await hers.selectOption('#admin1', 'MX-CHP');
  await hers.fill('#word', 'sol');
  await turn(hers, () => hers.click('button[type=submit]'));
  like(await hers.locator('.problem').innerText(), /6 letras/, 'a short word is told');
  is(await hers.inputValue('#text'), text, 'what she wrote is still there');
  ok(await hers.locator('input[value=ALOJ]').isChecked(), 'and what she chose');
  is(await hers.inputValue('#admin1'), 'MX-CHP', 'and where');
  await hers.fill('#word', 'Margarita azul');
  await turn(hers, () => hers.click('button[type=submit]'));
  const code = await hers.locator('.code').innerText();
  like(code, /^margarita azul [a-z]+ [a-z]+$/, 'her word and two of the house');
  await picture(hers, 'help-code-noscript-360');
  const again = await hers.goto(`${server.url}/help/back`);
  is(again.status(), 200, 'the page to come back to');
  ok(!(await hers.content()).includes(code), 'which does not show them');

  /* -- the house ---------------------------------------------------------------- */
  const desk = await page_of(browser);
  await log_in(desk, server.url, 'puerta');
  like(await desk.locator('main').innerText(), /Mensajes de ayuda/, 'Today says so');
  await turn(desk, () => desk.click('main h2 a:has-text("Mensajes de ayuda")'));
  like(await desk.locator('main').innerText(), /Inmediata/, 'most urgent by its words');
  ok(!/Zunzunegui/.test(await desk.content()), 'the list shows nothing of it');
  await everywhere(desk, 'desk');
  await turn(desk, () => desk.click('.people a.who'));
  like(await desk.locator('main').innerText(), /Zunzunegui/, 'who opens it reads it');
  const at = desk.url();
  await turn(desk, () => desk.click('button:has-text("Yo la llevo")'));
  await desk.fill('#text', 'Venga hoy: hay lugar. <b>Pregunte</b> en la puerta.');
  await turn(desk, () => desk.click('button:has-text("Contestar")'));
  await turn(desk, () => desk.click('button:has-text("Preguntarle en su página")'));
  ok(await desk.locator('a:has-text("Abrir su expediente")').count() === 0,
     'no file without her yes');
  const early = await desk.goto(`${server.url}/person/new?help=${at.split('/').pop()}`);
  is(early.status(), 422, 'not by its address either');
  await desk.goto(at);
  await everywhere(desk, 'desk-one');

  /* -- she comes back, from another telephone -------------------------------------- */
  const back = await page_of(browser, { width: 360, height: 740 });
  watch(back, found);
  await back.goto(`${server.url}/help/back`);
  await everywhere(back, 'back');
  await back.setViewportSize({ width: 360, height: 740 });
  await back.fill('#code', 'margarita azul nada nada');
  await turn(back, () => back.click('main button[type=submit]'));
  like(await back.locator('.problem').innerText(), /No encontramos/, 'wrong words');
  await back.fill('#code', ` ${code.toUpperCase()} `);
  await turn(back, () => back.click('main button[type=submit]'));
  const talk = await back.locator('main').innerText();
  like(talk, /Venga hoy: hay lugar\. <b>Pregunte<\/b>/, 'the answer, as plain text');
  ok(!/puerta@|puerta\b.*contest/i.test(talk), 'not who wrote it');
  ok(!back.url().includes('?') && back.url().endsWith('/help/back'),
     'nothing of it in the address');
  await everywhere(back, 'talk');
  await back.setViewportSize({ width: 360, height: 740 });
  await back.fill('textarea', 'Gracias. ¿A qué hora?');
  await turn(back, () => back.click('button[value=write]'));
  await turn(back, () => back.click('button:has-text("Sí, abran un expediente")'));
  like(await back.locator('main').innerText(), /Dijo que sí a un expediente/, 'she said yes');
  is((await back.context().cookies()).length, 0, 'she has no cookie');

  /* -- a file ------------------------------------------------------------------------ */
  await desk.goto(at);
  await turn(desk, () => desk.click('a:has-text("Abrir su expediente")'));
  like(await desk.locator('main').innerText(), /irá a sus notas/, 'the file says so');
  await desk.fill('input[name=given_names]', 'Inventada');
  await desk.fill('input[name=age_years]', '30');
  await turn(desk, () => desk.click('button:has-text("Guardar"):not([name])'));
  await desk.waitForURL(/\/person\/[0-9a-f-]{36}/);
  const person = await (await desk.request.get(
    desk.url().replace('/person/', '/record/person/').split('?')[0],
    { headers: json })).json();
  like(person.answers.notes || '', /Zunzunegui/, 'her words are in the file');
  ok(!/hay lugar/.test(person.answers.notes), 'the answers are not');
  await desk.goto(at);
  like(await desk.locator('main').innerText(), /Tiene expediente/, 'the request says it');

  /* -- deleting ----------------------------------------------------------------------- */
  await back.goto(`${server.url}/help/back`);
  await back.fill('#code', code);
  await turn(back, () => back.click('main button[type=submit]'));
  await back.click('summary:has-text("Borrar todo")');
  await turn(back, () => back.click('button[value=delete]'));
  like(await back.locator('main').innerText(), /Todo se borró/, 'all is deleted');
  await everywhere(back, 'deleted');
  is((await desk.goto(at)).status(), 404, 'the house has nothing any more');
  await back.goto(`${server.url}/help/back`);
  await back.fill('#code', code);
  await turn(back, () => back.click('main button[type=submit]'));
  like(await back.locator('.problem').innerText(), /No encontramos/, 'the words open nothing');

  /* -- languages ------------------------------------------------------------------------ */
  for (const [language, word] of [['en', /If you are in danger now/],
                                  ['fr', /en danger maintenant/],
                                  ['pt', /em perigo agora/],
                                  ['ht', /an danje kounye a/]]) {
    await back.goto(`${server.url}/help?lang=${language}`);
    like(await back.locator('main').innerText(), word, `in ${language}`);
    ok(!/¿Qué|Escriba|Palabra clave/.test(await back.locator('main').innerText()),
       `all of it in ${language}`);
  }
  await back.goto(`${server.url}/help`);
  await back.check('input[value=whatsapp]');
  ok(await back.locator('#phone').isVisible(), 'who wants to be called is asked for a number');
  await everywhere(back, 'write');

  /* -- a flood, and wrong words ------------------------------------------------------------ */
  const statuses = [];
  for (let i = 0; i < 8; i++) {
    const answer = await fetch(`${server.url}/help`, { method: 'POST',
      headers: json, body: new URLSearchParams({ text: `inundación ${i}`,
                                                 word: 'inundacion' }) });

    statuses.push(answer.status);
    if (answer.status === 429 && !statuses.slice(0, -1).includes(429))
      ok(Number(answer.headers.get('retry-after')) > 0, 'and says how long');
  }
  ok(statuses.filter(s => s === 429).length >= 3, 'a flood is refused', statuses);
  const guesses = [];
  for (let i = 0; i < 12; i++)
    guesses.push((await fetch(`${server.url}/help/back`, { method: 'POST',
      headers: json, body: new URLSearchParams({ code: `margarita azul ${i}` }) })).status);
  ok(guesses.includes(429), 'guessing is slowed down', guesses);
  const large = await fetch(`${server.url}/help`, { method: 'POST', headers: json,
    body: new URLSearchParams({ text: 'a'.repeat(2 << 20), word: 'inundacion' }) });
  is(large.status, 413, 'two megabytes are not a message');
  const elsewhere = await fetch(`${server.url}/help`, { method: 'POST',
    headers: { ...json, 'Sec-Fetch-Site': 'cross-site', Origin: 'https://example.org' },
    body: new URLSearchParams({ text: 'a', word: 'inundacion' }) });
  is(elsewhere.status, 403, 'nor what another site sends');

  /* -- counts: a thumb, with and without script ------------------------------------------------ */
  await desk.goto(`${server.url}/outreach`);
  await everywhere(desk, 'outreach-empty');
  await desk.goto(`${server.url}/outreach/new`);
  await desk.locator('label', { hasText: 'Ventanilla móvil' }).first().click();
  for (let i = 0; i < 3; i++)
    await desk.click('button[value="n_m_0_11+1"]');
  await desk.click('button[value="n_m_0_11-1"]');
  await desk.fill('#q-n_h_30_59', '12');
  is(await desk.inputValue('#q-n_m_0_11'), '2', 'steps count');
  is(await desk.locator('[data-count-total]').innerText(), '14', 'and add up');
  await everywhere(desk, 'outreach-new');
  await desk.setViewportSize({ width: 360, height: 740 });
  const size = await desk.locator('button[value="n_m_0_11+1"]').boundingBox();
  ok(size.height >= 44 && size.width >= 40, 'a thumb hits them', JSON.stringify(size));
  await desk.setViewportSize({ width: 1280, height: 900 });
  await turn(desk, () => desk.click('main button:has-text("Guardar")'));
  await desk.waitForURL(/\/outreach(\?|$)/);
  like(await desk.locator('main').innerText(), /Personas informadas en ventanillas: 14/, 'counted');
  like(await desk.locator('main').innerText(), /Meta: 5000/, 'against the target');
  await everywhere(desk, 'outreach');
  const plain = await page_of(browser, { width: 360, script: false,
    state: await desk.context().storageState() });
  await plain.goto(`${server.url}/outreach/new`);
  await plain.fill('#q-n_x_nd', '4');
  await turn(plain, () => plain.click('button[value="n_x_nd+1"]'));
  is(await plain.inputValue('#q-n_x_nd'), '5', 'without script, too');
  await turn(plain, () => plain.click('main button:has-text("Guardar")'));
  is(await plain.inputValue('#q-n_x_nd'), '5', 'what is missing is told, nothing is lost');
  const report = await (await desk.request.get(`${server.url}/report/monthly?from=2020-01-01`,
    { headers: json })).json();
  const informed = report.indicators.find(one => one.code === 'INF-01');
  is(`${informed.value} ${informed.target} ${informed.reached}`, '14 5000 0',
     'the report has it, with its target');
  is(JSON.stringify(informed.by.sex.map(c => [c.code, c.count])),
     '[["H",12],["M",2]]', 'by sex');
  await desk.goto(`${server.url}/report/monthly?from=2020-01-01`);
  await everywhere(desk, 'report');

  ok(found.length === 0, 'no cookie and nothing kept on any public page', found.join('\n'));
  for (const page of [desk, back])
    ok(page.complaints.filter(c => !/422|404|status of 4/.test(c)).length === 0,
       'the console is quiet', page.complaints.join('\n'));
});
