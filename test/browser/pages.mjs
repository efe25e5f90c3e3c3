/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pages.mjs - every page as people meet it: at 360 and 1280 px, by day and by
 * night, in Spanish and in English: no violation of WCAG 2.2 AA that axe
 * knows, nothing in the console, nothing wider than the screen, and no
 * Spanish on an English page. Examples are invented.
 */
import { accessible, is, log_in, ok, page_of, picture, test }
  from './harness.mjs';

async function register(page, url) {
  await page.goto(`${url}/person/new`);
  await page.fill('[name=given_names]', 'Wideline');
  await page.fill('[name=first_surname]', 'Ejemplo');
  await page.check('input[name=sex][value=M]', { force: true });
  await page.selectOption('[name=nationality]', 'HTI', { force: true });
  await page.fill('[name="birth_date.y"]', '1991');
  await page.click('button[name=_add][value=family]');
  await page.fill('[name="family.0.given_names"]', 'Brayan');
  await page.fill('[name="family.0.age_years"]', '7');
  await page.click('.acts button[type=submit]');
  await page.waitForURL(/\/person\/[0-9a-f-]{36}/);
  return new URL(page.url()).pathname.split('/')[2];
}

await test(async (server, browser) => {
  const first = await page_of(browser);

  await log_in(first, server.url);
  const id = await register(first, server.url);
  await first.goto(`${server.url}/record/person/${id}/edit`);
  await first.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
  await first.selectOption('[name=statelessness_sign]', { index: 1 }).catch(
    () => first.check('[name=statelessness_sign] >> nth=0', { force: true }));
  await first.click('.acts button[type=submit]');
  await first.waitForURL(/\/person\//);
  const state = await first.context().storageState();
  const pages = {
    today: '/today', search: '/person', found: '/person?q=wideline',
    nobody: '/person?q=zzzz', register: '/person/new',
    join: `/person/new?with=${id}`, mass: '/person/mass', tally: '/tally',
    person: `/person/${id}`, timeline: `/person/${id}?kind=person`,
    merge: `/person/${id}/merge`,
    compare: null,
    record: `/record/person/${id}`, edit: `/record/person/${id}/edit`,
    seen: `/person/${id}/seen`, log: '/log', alarm: '/log/alarm',
    history: `/record/person/${id}/history`, list: '/record/person',
    need: `/record/need/new?person=${id}`, arrival: `/record/arrival/new?person=${id}`,
    consent: `/record/consent/new?person=${id}`,
    service: `/record/service/new?person=${id}`,
    place: '/record/place/new', forms: '/form', form: '/form/person',
    upload: '/form/upload', users: '/user', phones: '/device', connect: '/connect',
    download: '/export',
    invite: '/user/invite', rules: '/policy', second: '/profile/second',
    sessions: '/profile/session',
    import: '/import', received: '/received', sealed: '/received/file',
    rights: '/rights', retention: '/retention',
    consents: `/person/${id}/consents`, copy: `/person/${id}/copy`,
    request: `/record/rights_request/new?person=${id}`,
    profile: '/profile', missing: '/no-such-page',
  };
  delete pages.compare;
  const only = process.env.ONLY ? process.env.ONLY.split(',') : null;

  for (const [width, dark, language] of [
    [360, false, 'es'], [1280, false, 'en'], [1280, true, 'es'],
    [360, true, 'en']]) {
    const mark = `${width}${dark ? '-dark' : ''}-${language}`;
    const clean = JSON.parse(JSON.stringify(state));

    clean.cookies = clean.cookies.filter(c => c.name !== 'lang');
    const page = await page_of(browser, { width, dark, language, state: clean });

    if (language === 'en') /* her account says Spanish; the page's switch wins */
      await page.goto(`${server.url}/today?lang=en`);
    for (const [name, path] of Object.entries(pages)) {
      if (only && !only.includes(name))
        continue;
      const response = await page.goto(server.url + path);

      await page.evaluate(() => document.querySelectorAll('main details').forEach(d => { d.open = true; }));
      ok(response.status() === (name === 'missing' ? 404 : 200),
         `${name} ${mark}: status ${response.status()}`);
      await accessible(page, `${name} ${mark}`);
      is(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true,
         `${name} ${mark}: fits the screen`);
      ok(!/Wideline|Ejemplo/.test(await page.title()),
         `${name} ${mark}: no name in the title`);
      if (language === 'en') {
        const text = await page.evaluate(() => document.body.innerText);
        const spanish = text.match(/\b(Guardar|Registrar|Buscar|Hoy|Nombre|Sexo|Cambiar|Llegada|Sin respuesta|años|Cuentas|Importar|Necesidad)\b/);

        ok(!spanish, `${name} ${mark}: no Spanish`, spanish && spanish[0]);
      }
      await picture(page, `${name}-${mark}`);
    }
    await page.goto(`${server.url}/today`);
    await page.click('details.more > summary');
    await accessible(page, `menu ${mark}`);
    await picture(page, `menu-${mark}`);
    is(page.complaints.filter(t => !/404/.test(t)).join('; '), '', `${mark}: the console is silent`);
    await page.context().close();
  }

  /* the pages for somebody who is not logged in */
  for (const language of ['es', 'en']) {
    const page = await page_of(browser, { width: 360, language });

    await page.goto(`${server.url}/login`);
    await accessible(page, `login ${language}`);
    await picture(page, `login-${language}`);
    is(await page.getAttribute('html', 'lang'), language, `login in ${language}`);
  }
});
