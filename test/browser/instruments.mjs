/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* instruments.mjs - an instrument in a browser: opened from what it is about,
 * answered, its score shown with the answers that made it, the same figures
 * for a program and on the command line; sensitive ones covered until asked
 * for; reception sees what to do, never why. Examples are invented.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { accessible, file, is, like, log_in, ok, page_of, password, picture,
         run, test } from './harness.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const example = name => JSON.parse(readFileSync(
  join(root, 'test/instruments', `${name}.json`), 'utf8'));

async function post(page, path, data) {
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const answer = await page.request.post(new URL(path, page.url()).href, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'application/json' }, data });

  return { status: answer.status(), ...JSON.parse(await answer.text()) };
}

async function get(page, path) {
  const answer = await page.request.get(new URL(path, page.url()).href,
                                        { headers: { Accept: 'application/json' } });

  return JSON.parse(await answer.text());
}

async function look(page, name, widths = [1280, 360]) {
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    const wide = await page.evaluate(() =>
      document.documentElement.scrollWidth - window.innerWidth);

    ok(wide <= 0, `fits ${width} px: ${name}`, `${wide} px too wide`);
    await accessible(page, `${name}, ${width} px`);
    await picture(page, `instrument-${name}-${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/* Fills what is on the page: radios, selects, boxes, fields. */
async function answer(page, answers) {
  for (const [name, value] of Object.entries(answers)) {
    const radio = page.locator(`input[type=radio][name="${name}"][value="${value}"]`);
    const select = page.locator(`select[name="${name}"]`);

    if (await radio.count())
      await radio.check();
    else if (await page.locator(`input[type=checkbox][name="${name}"]`).count())
      for (const one of value.split(' '))
        await page.locator(`input[name="${name}"][value="${one}"]`)
          .check();
    else if (await select.count())
      await select.selectOption(value);
    else
      await page.fill(`[name="${name}"]`, value);
  }
}

/* The shelter: from the directory, by mouse, with the score while one types. */
async function shelter(page, url, place, people) {
  const { answers, expected } = example('shelter_check');
  const typed = { ...answers };

  await page.goto(`${url}/record/place/${place}`);
  await look(page, 'place', [360]);
  await page.click('.evaluations a[href*="shelter_check/new"]');
  await page.waitForURL(/\/record\/shelter_check\/new/);
  like(await page.locator('main').innerText(), /Casa de Prueba/,
       'the evaluation knows which shelter');
  await look(page, 'shelter-form', [360]);
  delete typed.place;
  ok(!await page.locator('main').innerText().then(
    text => /anote abajo una acción de mejora/.test(text)),
     'nothing to improve yet');
  await answer(page, typed);
  await page.waitForFunction(total =>
    document.querySelector('[data-value=total]').textContent === total,
  String(expected.total));
  ok(true, 'the score follows while one answers');
  like(await page.locator('main').innerText(), /anote abajo una acción de mejora/,
       'a critical item that is not met asks for an action');
  is(await page.locator('[data-value=band]').innerText(),
     'C: 50 a 69, o algún crítico sin cumplir', 'the band in words');
  ok(await page.locator('select[name=band], input[name=band]').count() === 0,
     'a calculated choice is not to be chosen');
  await page.click('main form button:has-text("Guardar")');
  await page.waitForURL(/\/record\/shelter_check\/[0-9a-f-]{36}/);
  const text = await page.locator('main').innerText();

  like(text, /Puntaje del albergue \(%\)\s+79\.4\s+\(208 de 262\)/, 'the total');
  like(text, /Puntos críticos sin cumplir\s+1/, 'what is critical');
  for (const [name, value] of [['Espacio y edificio (%)', 84],
                               ['Seguridad (%)', 71.4]])
    ok(text.includes(`${name} ${value}`) ||
       new RegExp(`${name.replace(/[()]/g, '\\$&')}\\s+${value}`).test(text),
       `subtotal: ${name}`);
  await page.locator('.score.main summary').click();
  const made = await page.locator('.score.main table').innerText();

  like(made, /Salidas de emergencia libres[^\n]*\n?\s*No se cumple\s+0 de 6/,
       'which answer cost what');
  like(made, /Superficie cubierta por persona[\s\S]{0,120}240[\s\S]{0,10}3 de 6/,
       'measured answers together');
  like(await page.locator('main').innerText(),
       /Banda\s+C: 50 a 69/, 'the band');
  await page.locator('.score:has-text("Banda") summary').click();
  like(await page.locator('.score:has-text("Banda")').innerText(),
       /Sin esta respuesta sería B: 70 a 84:\s+Salidas de emergencia[^\n]*No se cumple/,
       'and the answer without which it would be another');
  await look(page, 'shelter');
  const id = page.url().match(/[0-9a-f-]{36}/)[0];
  const program = (await get(page, `/record/shelter_check/${id}`)).score;
  const command = JSON.parse(run(
    ['form', 'score', join(root, 'forms/shelter_check.csv'), '--answers',
     file(people.folder, 'answers.json', JSON.stringify(answers)),
     '--format', 'json']));

  delete command.form;
  delete command.version;
  is(JSON.stringify(command), JSON.stringify(program),
     'program and command line say the same');
  return id;
}

/* A person's vulnerability: four levels, sensitive ones covered. */
async function vulnerability(page, url, person) {
  const { answers } = example('vulnerability');

  await page.goto(`${url}/person/${person}`);
  await page.click('.evaluations a[href*="vulnerability/new"]');
  await page.waitForURL(/vulnerability\/new/);
  await look(page, 'vulnerability-form', [360]);
  const made = await post(page, '/record/vulnerability', { ...answers, person });

  is(made.status, 201, 'the example is saved');
  await page.goto(`${url}/record/vulnerability/${made.id}`);
  is(await page.locator('section.scores').count(), 5,
     'four levels, each by itself, and how to read them');
  like(await page.locator('section.scores').first().innerText(),
       /La persona[\s\S]*Riesgos: la persona\s+18[\s\S]*Índice: la persona\s+7[\s\S]*Media/,
       'risks, what protects, index, band');
  await page.locator('section.scores summary').first().click();
  ok(!/Ha vivido violencia[^\n]*\n?\s*Mucho/.test(
    await page.locator('section.scores').first().innerText()),
     'sensitive answers are covered');
  await look(page, 'vulnerability');
  await page.click('button:has-text("Mostrar las respuestas delicadas")');
  await page.locator('section.scores summary').first().click();
  like(await page.locator('section.scores').first().innerText(),
       /Ha vivido violencia, explotación o abuso\s+Mucho\s+3/,
       'asked for, they are shown with their points');
  like(JSON.stringify(await get(page, `/record/vulnerability/${made.id}/history`)),
       /delicada/, 'and it is written down that they were');
}

async function others(page, url, person) {
  for (const name of ['best_interest', 'ofam_evaluation', 'coexistence',
                      'health_intake']) {
    const { answers, expected } = example(name);

    if (answers.person)
      answers.person = person;
    await page.goto(`${url}/record/${name}/new`);
    await look(page, `${name}-form`, [360]);
    const made = await post(page, `/record/${name}`, answers);

    is(made.status, 201, `${name}: the example is saved`);
    await page.goto(`${url}/record/${name}/${made.id}`);
    is((await get(page, `/record/${name}/${made.id}`)).score.total.value,
       expected.total, `${name}: its total`);
    await look(page, name);
  }
}

/* The same shelter at 0, 6 and 12 months, and one whose day has come. */
async function again(page, url) {
  const { answers } = example('shelter_check');
  const place = (await post(page, '/record/place', {
    name: 'Casa Segunda (ejemplo)', place_type: 'ALB' })).id;
  const due = (await post(page, '/record/place', {
    name: 'Casa Tercera (ejemplo)', place_type: 'ALB' })).id;
  const visit = (to, date, which, more) => post(page, '/record/shelter_check',
    { ...answers, place: to, date, visit: which, ...more });

  await visit(place, '2026-09-01', '12m', { e02: '2', s03: '2', s06: '2' });
  await visit(place, '2025-09-01', 'first', { s03: '0', s06: '0', a03: '0' });
  const made = await visit(place, '2026-03-01', '6m', { s03: '1' });

  await visit(due, '2026-01-02', 'first', {});
  const one = await get(page, `/compare/shelter_check?subject=${place}`);
  const total = one.scores.find(score => score.role === 'total');

  is(one.records.map(record => record.occasion).join(), 'first,6m,12m',
     'the evaluations of a shelter in their order');
  ok(total.change > 0 && total.changes[0] === null &&
     Math.abs(total.changes[1] + total.changes[2] - total.change) < 0.011,
     'with what changed', JSON.stringify(total));
  is(one.scores.filter(score => score.role === 'subtotal').length, 8,
     'and the seven areas, and critical items unmet');
  const all = await get(page, '/compare/shelter_check');

  is(all.groups.length, 3, 'every shelter that was evaluated');
  ok(all.groups.every(group => /^Casa /.test(group.label)), 'by its name');
  await page.goto(`${url}/compare/shelter_check`);
  await look(page, 'compare');
  await page.click('main a:has-text("Casa Segunda")');
  await page.waitForURL(/subject=/);
  await look(page, 'compare-one');
  await page.goto(`${url}/record/shelter_check/${made.id}`);
  is(await page.locator('.series thead th[aria-current]').count(), 1,
     'on its page: before and now');
  await look(page, 'compare-record', [360]);
  await page.goto(`${url}/record/place/${place}`);
  const text = await page.locator('.evaluations').innerText();

  like(text, /Evaluación del albergue/, 'on the page of the place');
  like(text, /Encuesta de convivencia/, 'and what is around it');
  await look(page, 'place');
  await page.goto(`${url}/today`);
  like(await page.locator('main').innerText(),
       /Evaluar otra vez[\s\S]*Casa Tercera/, 'Today asks for the next one');
  ok(!/Casa Segunda/.test(await page.locator('main').innerText()),
     'and not for those that were done again');
  await look(page, 'again-today', [360]);
  await page.goto(`${url}/compare`);
  await look(page, 'compare-index', [360]);
}

/* A list by an expression, and what it says to one that cannot be used. */
async function filtered(page, url) {
  const list = filter => get(page,
    `/record/shelter_check?filter=${encodeURIComponent(filter)}`);
  const some = await list("${total} > 80 and ${visit} = '12m'");

  is(some.records.length, 1, 'records that meet an expression');
  like((await list("regex(${evaluators}, 'a')")).error.message, /regex/,
       'what has no SQL says so');
  await page.goto(`${url}/record/shelter_check`);
  await page.click('summary:has-text("Filtrar")');
  await page.fill('[name=filter]', "${nada} = '1'");
  await page.press('[name=filter]', 'Enter');
  await page.waitForURL(/filter=/);
  like(await page.locator('#filter-problem').innerText(), /nada/,
       'on the page: which name is wrong');
  is(await page.inputValue('[name=filter]'), "${nada} = '1'",
     'what was typed stays');
  await look(page, 'filter');
  await page.fill('[name=filter]', "${total} > 80");
  await page.press('[name=filter]', 'Enter');
  await page.waitForURL(/80/);
  is(await page.locator('tbody tr').count(), 1, 'and the right one filters');
}

/* On her page: what was found, and the way to do it again. */
async function on_her_page(page, url, person) {
  await page.goto(`${url}/person/${person}`);
  const text = await page.locator('.evaluations').innerText();

  like(text, /Valoración de vulnerabilidad/, 'her evaluations');
  like(text, /Interés superior/, 'of a child, too');
  like(text, /Salud al llegar/, 'and of health');
  ok(!/Rojo|Amarillo|Verde/.test(text), 'what is sensitive stays covered');
  await look(page, 'person');
  const one = await get(page, `/compare/vulnerability?subject=${person}`);

  is(one.records.length, 1, 'her results for programs');
  is((await page.request.get(`${url}/compare/vulnerability`)).status(), 404,
     'nobody lists those of everybody');
}

async function reception(page, url, person) {
  await page.goto(`${url}/person/${person}`);
  ok(!await page.locator('main a[href*="health_intake/new"]').count(),
     'reception does not ask about health');
  const list = await get(page, '/record/health_intake');

  ok(!/Salud al llegar/.test(await page.locator('main .evaluations').count()
       ? await page.locator('main .evaluations').innerText() : ''),
     'nor sees that it was');
  is((await page.request.get(`${url}/compare/health_intake?subject=${person}`))
    .status(), 404, 'nor its results');
  is(list.records.length, 1, 'but knows that it was asked');
  await page.goto(`${url}/record/health_intake/${list.records[0].id}`);
  const text = await page.locator('main').innerText();

  like(text, /Cama en planta baja/, 'and what to do');
  ok(!/Diabetes|Triaje|embaraz|tratamiento/i.test(text), 'never why', text);
  await look(page, 'health-reception', [360]);
}

await test(async (server, browser) => {
  run(['user', 'add', 'supervisora', '--role', 'supervisor', '--store',
       server.store, '--password-stdin'], `${password}\n`);
  run(['user', 'add', 'puerta', '--role', 'intake', '--store', server.store,
       '--password-stdin'], `${password}\n`);
  const page = await page_of(browser);

  await log_in(page, server.url, 'supervisora');
  const person = (await post(page, '/record/person', {
    given_names: 'Brenda', first_surname: 'Ejemplo', sex: 'M',
    age_years: '29' })).id;
  const place = (await post(page, '/record/place', {
    name: 'Casa de Prueba', place_type: 'ALB' })).id;

  await shelter(page, server.url, place, server);
  await vulnerability(page, server.url, person);
  await others(page, server.url, person);
  await on_her_page(page, server.url, person);
  await again(page, server.url);
  is(page.complaints.join('\n'), '', 'the console is silent');
  await filtered(page, server.url); // a refused filter is a 422 there

  const english = await page_of(browser, { language: 'en' });

  await log_in(english, server.url, 'supervisora');
  await english.click('a[hreflang=en], a[lang=en]');
  const made = (await get(english, '/record/shelter_check')).records[0].id;

  await english.goto(`${server.url}/record/shelter_check/${made}`);
  like(await english.locator('main').innerText(),
       /Score of the shelter \(%\)\s+79\.4\s+\(208 of 262\)/, 'in English, too');

  const door = await page_of(browser, { width: 360 });

  await log_in(door, server.url, 'puerta');
  await reception(door, server.url, person);
});
