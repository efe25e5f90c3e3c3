/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import.mjs - a register from a spreadsheet comes in through the page: what
 * would happen, the columns put right, in, found, the same file again adds
 * nothing, taken back. The people are invented.
 */
import { accessible, file, is, like, log_in, ok, page_of, picture, test, turn
  }
  from './harness.mjs';

const register = `REGISTRO DE PRUEBA;;;;
FECHA;NOMBRE COMPLETO;F. NAC / EDAD;SEXO (H/M);PAIS
2023-01-02;SANDRA MUESTRA FICTICIA;34;M;hondureña
2023-01-02;Sebastián Ejemplo;12/11/2014;H;GUATEMALA
2023-01-03;Jean-Baptiste Inventado;aprox. 19 años;H;Haití
2023-01-03;Ana Prueba;230;M;El Salvador
;;;;
TOTAL;4;;;
`;

const again = `FECHA;NOMBRE COMPLETO;F. NAC / EDAD;SEXO (H/M);PAIS
2023-02-02;SEBASTIAN EGEMPLO;12/11/2014;H;Guate
2023-02-02;Otra Persona;1980;H;HND
`;

await test(async (server, browser) => {
  const page = await page_of(browser);
  const path = file(server.folder, 'registro.csv', register);

  await log_in(page, server.url);
  await page.goto(`${server.url}/import`);
  await page.setInputFiles('#file', new URL('../data/register.xlsx',
                                            import.meta.url).pathname);
  await page.click('main button[type=submit]');
  like(await page.textContent('.figures'), /3\s+personas entran/,
       'three come in from an .xlsx');
  like(await page.content(), /register.xlsx \(Registro\)/,
       'and its page names the sheet');
  await page.goto(`${server.url}/import`);
  await page.setInputFiles('#file', path);
  await page.click('main button[type=submit]');
  like(await page.textContent('.figures'), /3\s+personas entran/, 'three come in');
  like(await page.textContent('main'), /230/, 'the impossible age is told');
  await accessible(page, 'import: what would happen');
  await picture(page, 'import-plan');
  is(await page.locator('input[name="map.1.heading"]').inputValue(),
     'NOMBRE COMPLETO', 'columns are named as in the file');
  await page.click('text=Ver otra vez con estos cambios');
  like(await page.textContent('.figures'), /3\s+personas entran/,
       'the page carries the file along');
  await page.click('button[name=_run]');
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  const batch = page.url();
  like(await page.textContent('.said'), /terminada/, 'imported');
  await accessible(page, 'import: done');
  await picture(page, 'import-batch');
  await page.goto(`${server.url}/person?q=muestra`);
  like(await page.textContent('#results'), /Sandra/i, 'she is found');
  await page.goto(`${server.url}/import`);
  await page.setInputFiles('#file', path);
  await page.click('main button[type=submit]');
  like(await page.textContent('.figures'), /0\s+personas entran/,
       'the same file again adds nothing');
  await page.goto(`${server.url}/import`);
  await page.setInputFiles('#file', file(server.folder, 'otro.csv', again));
  await page.click('main button[type=submit]');
  like(await page.textContent('main'),
       /puede ser Sebastián Ejemplo[^:]*, que ya está registrada: [^.]*misma fecha/,
       'a person of the store is named, with the reason');
  await page.click('button[name=_run]');
  await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
  await page.click('text=Posibles repetidas por decidir');
  like(await page.textContent('main'), /Egemplo[^]*Ejemplo/,
       'both came in and wait for a decision');
  await accessible(page, 'import: possibly registered twice');
  await turn(page, () => page.click('text=Son dos personas'));
  like(await page.textContent('main'), /No hay nada por decidir/,
       'somebody decided');
  await page.goto(batch);
  await turn(page, () => page.click('text=Deshacer esta importación'));
  like(await page.textContent('main'), /se deshizo/, 'taken back');
  await page.goto(`${server.url}/person?q=muestra`);
  ok(!/Sandra/i.test(await page.textContent('#results')), 'and she is gone');
  is(page.complaints.join('; '), '', 'the console is silent');
});
