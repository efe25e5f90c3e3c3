/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* live.mjs - a form thinks along while one types, and nobody is asked: what
 * makes sense, what is wrong, what is calculated, which choices are left, rows
 * of repeats, with the network cut. Then the same without WebAssembly, without
 * script, and what stays of a draft. The people are invented.
 */
import { accessible, is, like, log_in, ok, page_of, picture, test, turn }
  from './harness.mjs';

const source = `survey,,,,,,,,,,
,type,name,label,hint,relevant,constraint,constraint_message,calculation,choice_filter,appearance
,begin_group,g,¿Quiénes vienen?,,,,,,,
,integer,people,¿Cuántas personas?,,,. > 0 and . < 100,De 1 a 99.,,,
,integer,children,¿Cuántas son niñas o niños?,,\${people} > 1,. <= \${people},No pueden ser más que todas.,,,
,calculate,adults,Personas adultas,,,,,\${people} - coalesce(\${children}; 0),,
,select_one yn,school,¿Van a la escuela?,,\${children} > 0,,,,,quick
,select_one mood,mood,¿Cómo se sienten?,,,,,,,likert
,end_group,,,,,,,,,
,select_one land,land,País,,,,,,,minimal
,select_one town,town,Municipio,,\${land} != '',,,,land = \${land},minimal
,select_multiple town,seen,Por dónde pasaron,,\${land} != '',,,,land = \${land},columns
,geopoint,where,¿Dónde está?,,,,,,,
,begin_repeat,bag,Equipaje,,,,,,,
,text,what,¿Qué es?,,,,,,,
,integer,kilos,Kilos,,,. <= 50,Hasta 50 kilos.,,,
,text,heavy,¿Quién ayuda a cargarlo?,,\${kilos} > 20,,,,,
,end_repeat,,,,,,,,,
,calculate,weight,Kilos en total,,,,,sum(\${kilos}),,
,note,toomuch,Es demasiado para una persona.,,\${weight} > 60,,,,,
choices,,,,
,list_name,name,label,land
,yn,yes,Sí,
,yn,no,No,
,mood,1,Muy mal,
,mood,2,Mal,
,mood,3,Bien,
,mood,4,Muy bien,
,land,hn,Honduras,
,land,gt,Guatemala,
,town,sps,San Pedro Sula,hn
,town,cho,Choloma,hn
,town,hue,Huehuetenango,gt
,town,xel,Quetzaltenango,gt
settings,,,
,form_title,form_id,version
,Prueba viva,live_trial,1
`.replaceAll('coalesce(${children}; 0)', "if(${children} = '', 0, ${children})")
  .replace(/^(.*calculate,adults.*)$/m,
           ',calculate,adults,Personas adultas,,,,,"${people} - if(${children} = \'\', 0, ${children})",,');

const counted = `survey,,,,,
,type,name,label,repeat_count,constraint
,integer,n,¿Cuántas?,,
,begin_repeat,one,Cada una,\${n},
,text,a,Nombre,,
,begin_repeat,in,Dentro,,
,integer,b,Número,,. < 5
,end_repeat,,,,
,end_repeat,,,,
settings,,,
,form_title,form_id,version
,Cuenta,count_trial,1
`;

const shown = (page, name) => page.locator(`[data-q="${name}"]`).isVisible();

async function begin(page, url) {
  await page.goto(`${url}/record/live_trial/new`);
  await page.locator('[name=people]').click();
  await page.locator('form[data-ready]').waitFor();
}

/* The same questions and answers, whoever thinks along. */
async function fill(page, how, quick) {
  const wait = quick ? 0 : 400;
  const settle = () => page.waitForTimeout(wait);

  ok(!await shown(page, 'children'), `${how}: a question waits for its reason`);
  await page.locator('[name=people]').pressSequentially('5');
  if (!quick)
    await page.locator('[data-q=children]:not([data-off])').waitFor();
  ok(await shown(page, 'children'), `${how}: typed, and it is there`);
  await page.locator('[name=children]').fill('7');
  await page.locator('[name=children]').press('Tab');
  await page.locator('[data-q=children] > .error').waitFor();
  is(await page.textContent('[data-q=children] > .error'),
     'No pueden ser más que todas.', `${how}: what is wrong is said`);
  is(await page.getAttribute('[name=children]', 'aria-invalid'), 'true',
     `${how}: and marked`);
  await page.locator('[name=children]').fill('2');
  await page.locator('[name=children]').press('Tab');
  await page.locator('[data-q=children] > .error').waitFor({ state: 'detached' });
  ok(true, `${how}: put right, it goes`);
  await settle();
  is(await page.textContent('[data-value=adults]'), '3', `${how}: calculated`);
  ok(await shown(page, 'school'), `${how}: a question after the calculation`);
  await page.selectOption('[name=land]', 'hn');
  await page.locator('[data-q=town]:not([data-off])').waitFor();
  await settle();
  const towns = () => page.locator('[name=town] option').allTextContents();
  is((await towns()).join('|'), '|San Pedro Sula|Choloma', `${how}: choices left`);
  await page.selectOption('[name=town]', 'cho');
  await page.selectOption('[name=land]', 'gt');
  await page.locator('[name=town] option[value=xel]').waitFor({ state: 'attached' });
  is((await towns()).join('|'), '|Huehuetenango|Quetzaltenango',
     `${how}: others after another answer`);
  is(await page.inputValue('[name=town]'), '', `${how}: the old one is gone`);
  is(await page.locator('[data-q=seen] .options label').count(), 2,
     `${how}: boxes too`);
}

/* So many rows as an answer says, and rows in rows. */
async function rows_in_rows(page, plain, url) {
  const rows = page.locator('.repeat[data-q=one] > .row');

  await page.goto(`${url}/record/count_trial/new`);
  await page.locator('[name=n]').click();
  await page.locator('form[data-ready=here]').waitFor();
  await page.fill('[name=n]', '3');
  await rows.nth(2).waitFor();
  is(await rows.count(), 3, 'three rows for a three');
  await page.fill('[name="one.1.a"]', 'Ejemplo');
  await page.fill('[name=n]', '1');
  await rows.nth(2).waitFor({ state: 'detached' });
  is(await rows.count(), 2, 'a written row stays');
  await page.click('button[name=_add][value="one.1.in"]');
  await page.fill('[name="one.1.in.0.b"]', '9');
  await page.locator('[name="one.1.in.0.b"]').press('Tab');
  await page.locator('[data-q="one.1.in.0.b"] > .error').waitFor();
  await page.click('button[name=_remove][value="one.0"]');
  is(await page.inputValue('[name="one.0.in.0.b"]'), '9',
     'numbers move with their rows');
  await page.fill('[name="one.0.in.0.b"]', '4');
  await page.locator('main .acts button[type=submit]').click();
  await page.waitForURL(at => !/\/new/.test(at.pathname));
  ok(true, 'a tap on a button that a vanishing problem moves is not lost');
  await plain.goto(`${url}/record/count_trial/new`);
  await plain.click('button[name=_add][value=one]');
  await turn(plain, () => plain.click('button[name=_add][value="one.0.in"]'));
  await turn(plain, () => plain.click('button[name=_add][value="one.0.in"]'));
  is(await plain.locator('[name="one.0.in.1.b"]').count(), 1,
     'rows in rows without script');
  await turn(plain, () => plain.click('button[name=_remove][value="one.0.in.0"]'));
  is(await plain.locator('[name="one.0.in.1.b"]').count(), 0, 'and away');
  await plain.fill('[name=n]', '2');
  await plain.fill('[name="one.0.a"]', 'Ejemplo');
  await plain.locator('main .acts button[type=submit]').click();
  is(await plain.locator('[data-q=one] > .error').textContent(),
     'Filas que van aquí: 2. Hay 1: agregue las que faltan.',
     'a row is missing, without script');
  await plain.locator('[name="one.1.a"]').waitFor();
  await plain.locator('main .acts button[type=submit]').click();
  await plain.waitForURL(at => !/\/new/.test(at.pathname));
  ok(true, 'and was there to be filled, or left empty');
}

await test(async (server, browser) => {
  const page = await page_of(browser, { width: 360, height: 740 });

  await log_in(page, server.url);
  const csrf = await page.evaluate(() => document.body.dataset.csrf);
  const made = await page.request.post(`${server.url}/form/upload`, {
    headers: { 'X-CSRF-Token': csrf, Accept: 'text/html' },
    form: { source, _install: 'yes' } });
  ok(made.ok(), 'the form is put in', (await made.text()).slice(0, 3000));

  /* the policy allows it here and nowhere else */
  const policy = async path => (await page.request.get(server.url + path,
    { headers: { Accept: 'text/html' } })).headers()['content-security-policy'];
  like(await policy('/record/live_trial/new'), /'wasm-unsafe-eval'/,
       'a page with a form may compile form.wasm');
  ok(!/wasm/.test(await policy('/today')), 'others may not');

  /* in the page, without the network */
  const asked = [];
  await begin(page, server.url);
  is(await page.getAttribute('form[data-live]', 'data-ready'), 'here',
     'form.wasm runs in the page');
  page.on('request', request => asked.push(request.url()));
  await page.context().setOffline(true);
  await fill(page, 'wasm', true);
  const took = await page.evaluate(async () => {
    const field = document.querySelector('[name=people]');
    const from = performance.now();

    for (let i = 0; i < 50; i++) {
      field.value = String(3 + i % 5);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }
    field.value = '5';
    field.dispatchEvent(new Event('input', { bubbles: true }));
    return (performance.now() - from) / 51;
  });
  console.log(`# a changed answer in the page: ${took.toFixed(2)} ms`);

  /* rows, by keyboard */
  const add = page.locator('button[name=_add][value=bag]');
  await add.focus();
  await page.keyboard.press('Enter');
  is(await page.evaluate(() => document.activeElement.name), 'bag.0.what',
     'a row came, and the focus is in it');
  await page.keyboard.type('Mochila');
  await page.keyboard.press('Tab');
  await page.locator('[name="bag.0.kilos"]').fill('45');
  ok(await shown(page, 'bag.0.heavy'), 'relevance inside the row');
  await add.click();
  await page.locator('[name="bag.1.kilos"]').fill('60');
  await page.locator('[name="bag.1.kilos"]').press('Tab');
  is(await page.textContent('[data-q="bag.1.kilos"] > .error'), 'Hasta 50 kilos.',
     'a problem inside the row');
  await page.locator('[name="bag.1.kilos"]').fill('20');
  await page.locator('[name="bag.1.kilos"]').press('Tab');
  is(await page.textContent('[data-value=weight]'), '65', 'a sum over the rows');
  ok(!await shown(page, 'bag.1.heavy'), 'each row for itself');
  ok(await shown(page, 'toomuch'), 'and what hangs on the sum');
  await page.setViewportSize({ width: 360, height: 740 });
  is(await page.evaluate(() => Array.from(document.querySelectorAll('main *'))
    .filter(one => one.getBoundingClientRect().right > 361 &&
      !one.closest('.likert label, .sr, [hidden]'))
    .map(one => one.tagName + '.' + one.className + '#' + one.id + ' ' +
      Math.round(one.getBoundingClientRect().right)).join(' ')), '',
     'nothing is wider than 360 px');
  await page.locator('.row').first().locator('button[name=_remove]').click();
  is(await page.locator('[name^="bag."]:visible').count() > 0 &&
     await page.inputValue('[name="bag.0.kilos"]'), '20',
     'a row went, the next has its number');
  is(await page.textContent('[data-value=weight]'), '20', 'and the sum knows');
  ok(!await shown(page, 'toomuch'), 'and what hung on it');
  is(asked.join(' '), '', 'nobody was asked: no request at all');
  await page.context().setOffline(false);
  await accessible(page, 'a form at work');
  await picture(page, 'live-360');

  /* one's own position */
  await page.context().grantPermissions(['geolocation']);
  await page.context().setGeolocation({ latitude: 14.9, longitude: -92.26,
                                        accuracy: 12 });
  await page.click('[data-locate]');
  await page.waitForFunction(() => document.querySelector('[name=where]').value);
  is(await page.inputValue('[name=where]'), '14.900000 -92.260000 0 12.0',
     'her own position');

  /* the draft: sealed, and back with its rows */
  await page.waitForFunction(() =>
    Object.keys(localStorage).some(k => /^cobijo-draft/.test(k)) &&
    !Object.keys(sessionStorage).some(k => /^cobijo-draft/.test(k)));
  const kept = await page.evaluate(() => JSON.stringify(localStorage));
  ok(!/14\.9|land|bag/.test(kept.replace(/live_trial|\/record[^"]*/g, '')),
     'what is kept on the device is sealed', kept.slice(0, 300));
  await page.goto(`${server.url}/record/live_trial/new`);
  await page.click('[data-draft-take]');
  is(await page.inputValue('[name="bag.0.kilos"]'), '20', 'a draft brings its rows');
  is(await page.inputValue('[name=children]'), '2', 'and its answers');
  await page.locator('form[data-ready]').waitFor();
  await page.waitForFunction(() =>
    document.querySelector('[data-value=weight]').textContent === '20');
  ok(await shown(page, 'children'), 'and what they made visible');
  await page.selectOption('[name=town]', 'xel');
  await page.locator('main .acts button[type=submit]').click();
  await page.waitForURL(url => !/\/new/.test(url.pathname));
  like(await page.textContent('main'), /Quetzaltenango/, 'the server has it all');
  like(await page.textContent('main'), /20/, 'with its sum');
  is(await page.evaluate(() => Object.keys(localStorage)
    .concat(Object.keys(sessionStorage)).filter(k => /^cobijo-draft/.test(k)).length),
     0, 'and the draft is gone');

  /* a page of several forms: each thinks for its own part */
  await page.goto(`${server.url}/person/new`);
  await page.click('[name=given_names]');
  await page.locator('form[data-ready=here]').waitFor();
  await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  const parts = await page.evaluate(() =>
    JSON.parse(document.querySelector('form[data-parts]').dataset.parts).map(p => p.base).join(' '));
  like(parts, /arrival\./, `the register page has the forms: ${parts}`);
  await page.fill('[name=phone]', 'no sé');
  await page.locator('[name=phone]').press('Tab');
  like(await page.textContent('[data-q=phone] > .error'), /números/,
       'a problem in the first');
  ok(!await page.locator('[data-q^="arrival."] > .error').count(),
     'and none in the others');

  await page.request.post(`${server.url}/form/upload`, {
    headers: { 'X-CSRF-Token': csrf }, form: { source: counted, _install: 'yes' } });
  await rows_in_rows(page, await page_of(browser, { script: false,
    state: await page.context().storageState() }), server.url);

  /* somebody else at the same machine */
  await page.goto(`${server.url}/record/live_trial/new`);
  await page.fill('[name=people]', '9');
  await page.waitForFunction(() =>
    Object.keys(localStorage).some(k => /^cobijo-draft/.test(k)));
  const other = await page_of(browser, { state: await page.context().storageState() });
  await other.goto(`${server.url}/record/live_trial/new`);
  await other.locator('[data-draft-offer]').waitFor();
  ok(true, 'on the device it waits for her');
  await other.goto(`${server.url}/today`);
  await other.click('details.more summary');
  await other.click('form[action="/logout"] button');
  await other.waitForURL(/\/login/);
  is(await other.evaluate(() => Object.keys(localStorage).filter(k => /^cobijo-draft/.test(k)).length),
     0, 'and goes when she leaves');

  /* without WebAssembly the server is asked */
  const old = await page_of(browser);
  await old.addInitScript(() => { delete window.WebAssembly; });
  await log_in(old, server.url);
  await begin(old, server.url);
  is(await old.getAttribute('form[data-live]', 'data-ready'), 'server',
     'without WebAssembly the server thinks along');
  await fill(old, 'server', false);

  /* without script group by group */
  const plain = await page_of(browser, { script: false,
    state: await old.context().storageState() });
  await plain.goto(`${server.url}/record/live_trial/new`);
  ok(await plain.isVisible('[name=people]') && await plain.isVisible('[name=children]'),
     'without script every question is there');
  await plain.fill('[name=people]', '2');
  await plain.click('button[name=_add][value=bag]');
  await plain.fill('[name="bag.0.kilos"]', '70');
  await plain.click('main .acts button[type=submit]');
  like(await plain.textContent('main'), /Hasta 50 kilos/, 'the server says what is wrong');
  is(await plain.inputValue('[name="bag.0.kilos"]'), '70', 'and keeps what was typed');
  await plain.fill('[name="bag.0.kilos"]', '7');
  await plain.click('main .acts button[type=submit]');
  await plain.waitForURL(url => !/\/new/.test(url.pathname));
  ok(true, 'and has it in the end');
  is(page.complaints.filter(t => !/status of 4|ERR_INTERNET/.test(t)).join('; '), '',
     'the console is silent');
});
