// SPDX-License-Identifier: AGPL-3.0-or-later
// lighthouse.mjs - public pages seen by Lighthouse in Debian's Chromium. It is
// 185 MB with what it brings, so it is no dependency:
//
//     npm install --no-save lighthouse@12
//     node tools/lighthouse.mjs http://127.0.0.1:8080 / /directory '/know/asylum?lang=ht'
//
// Prints scores and what is below the best; exit 1 when accessibility or best
// practices are not 100.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lighthouse from 'lighthouse';

const [base, ...paths] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'cobijo-lighthouse-'));
const chromium = spawn('/usr/bin/chromium', ['--headless=new', '--no-sandbox', '--disable-gpu',
  '--remote-debugging-port=0', `--user-data-dir=${folder}`, 'about:blank'],
{ stdio: ['ignore', 'ignore', 'pipe'] });
const port = await new Promise((done, fail) => {
  let said = '';

  chromium.stderr.on('data', text => {
    said += text;
    const found = /listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(said);
    if (found)
      done(Number(found[1]));
  });
  chromium.on('exit', () => fail(new Error(said)));
});

for (const path of paths.length ? paths : ['/']) {
  const { lhr } = await lighthouse(base + path, { port, logLevel: 'error', output: 'json',
    onlyCategories: ['accessibility', 'best-practices', 'performance'] });
  const score = name => Math.round((lhr.categories[name].score ?? 0) * 100);
  const below = Object.values(lhr.audits).filter(one => one.score !== null && one.score < 1 &&
    one.scoreDisplayMode === 'binary').map(one => one.id);

  console.log(path, `accessibility ${score('accessibility')}, best practices ` +
    `${score('best-practices')}, performance ${score('performance')}`,
  lhr.runtimeError?.code ?? '', below.join(' '));
  if (score('accessibility') < 100 || score('best-practices') < 100)
    process.exitCode = 1;
}
chromium.removeAllListeners('exit');
await new Promise(done => { chromium.on('exit', done); chromium.kill(); });
rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
