// SPDX-License-Identifier: AGPL-3.0-or-later
/* sbom.mjs - what the program is made of, as CycloneDX 1.5 (make sbom): the
 * Debian packages of every library it is linked with, directly or not, and the
 * npm packages that are compiled or embedded, with version, licence where the
 * lock file tells it, and hash. The same inputs give the same bytes.
 *
 *   node tools/sbom.mjs build/release/cobijo > build/sbom.cdx.json
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';

const program = process.argv[2];
const run = (...line) => execFileSync(line[0], line.slice(1),
  { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
const sha256 = path => createHash('sha256').update(readFileSync(path)).digest('hex');

/* Which package owns which file: dpkg-query reads all its lists each time, so it
 * is asked once. It knows some files by their name with /usr or without. */
function owners(files) {
  const names = file => [file, file.replace(/^\/usr/, ''), `/usr${file}`];
  const said = spawnSync('dpkg-query', ['-S', ...new Set(files.flatMap(names))],
    { encoding: 'utf8' }).stdout;
  const by = new Map(said.split('\n').map(line =>
    [line.slice(line.lastIndexOf(': ') + 2), line.split(':')[0]]));

  return new Map(files.map(file => {
    const known = names(file).find(name => by.has(name));

    if (!known)
      throw new Error(`no package owns ${file}`);
    return [file, by.get(known)];
  }));
}

function libraries() {
  const packages = new Map();
  const files = run('ldd', program).split('\n')
    .map(line => (line.match(/(?:=> )?(\/\S+) \(/) || [])[1])
    .filter(path => path).map(path => realpathSync(path));

  for (const [real, name] of owners(files)) {
    if (!packages.has(name))
      packages.set(name, []);
    packages.get(name).push(real);
  }
  return [...packages].map(([name, files]) => {
    const [version, source] = run('dpkg-query', '-W', '-f',
      '${Version}\t${source:Package}', name).split('\t');

    return {
      type: 'library', 'bom-ref': `pkg:deb/debian/${name}@${version}`,
      name, version, purl: `pkg:deb/debian/${name}@${version}`,
      properties: [{ name: 'debian:source', value: source },
        ...files.sort().map(file => ({ name: `sha256:${file}`, value: sha256(file) }))],
    };
  });
}

function npm() {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;

  return Object.entries(lock)
    .filter(([path, row]) => path.startsWith('node_modules/') && !row.dev)
    .map(([path, row]) => {
      const name = path.slice('node_modules/'.length);
      const purl = `pkg:npm/${name.replace('@', '%40')}@${row.version}`;
      const [kind, hash] = row.integrity.split('-');

      return {
        type: 'library', 'bom-ref': purl, name, version: row.version, purl,
        hashes: [{ alg: kind.replace('sha', 'SHA-'),
                   content: Buffer.from(hash, 'base64').toString('hex') }],
        ...(row.license ? { licenses: [{ expression: row.license }] } : {}),
      };
    });
}
const name = { type: 'application', 'bom-ref': 'cobijo', name: 'cobijo',
  version: run(program, 'version').trim().split(/\s+/).pop(),
  licenses: [{ license: { id: 'AGPL-3.0-or-later' } }],
  hashes: [{ alg: 'SHA-256', content: sha256(program) }] };
const components = [...libraries(), ...npm()].sort((a, b) => a.purl < b.purl ? -1 : 1);

process.stdout.write(JSON.stringify({
  bomFormat: 'CycloneDX', specVersion: '1.5', version: 1,
  metadata: { component: name },
  components,
  dependencies: [{ ref: 'cobijo', dependsOn: components.map(c => c['bom-ref']) }],
}, null, 1) + '\n');
