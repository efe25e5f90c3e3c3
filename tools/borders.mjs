/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* borders.mjs - state borders from Mexico to Panama as the small file that
 * ui/js/map.js draws: node tools/borders.mjs GEOJSON > ui/map/borders.json
 * From Natural Earth's admin-1 geometry (public domain); THIRD_PARTY.md.
 *
 * {"names": [[name, longitude, latitude]…], "lines": [[number…]…]}: every line
 * is a point, longitude and latitude in hundredths of a degree, and the steps
 * to the next ones. A border that two states share is drawn once.
 */
import { readFileSync } from 'node:fs';

const UNIT = 100;
const source = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const round = pair => pair.map(n => Math.round(n * UNIT));

function encode(line) {
  let before = [0, 0];

  return line.flatMap(point => {
    const step = [point[0] - before[0], point[1] - before[1]];

    before = point;
    return step;
  });
}

const seen = new Set();
const lines = [];

/* A ring, cut where its edges have been drawn already. */
function ring(points) {
  let line = [];

  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1], points[i]];
    const key = [a, b].map(String).sort().join(' ');

    if (String(a) === String(b))
      continue;
    if (seen.has(key)) {
      if (line.length)
        lines.push(line);
      line = [];
      continue;
    }
    seen.add(key);
    if (!line.length)
      line = [a];
    line.push(b);
  }
  if (line.length)
    lines.push(line);
}

function area(points) {
  return points.reduce((sum, b, i) => {
    const a = points[i ? i - 1 : points.length - 1];

    return sum + (a[0] * b[1] - b[0] * a[1]) / 2;
  }, 0);
}

const names = source.features.map(feature => {
  const polygons = feature.geometry.type === 'Polygon'
    ? [feature.geometry.coordinates] : feature.geometry.coordinates;
  let most = 0, at = null;

  for (const polygon of polygons)
    for (const points of polygon.map(one => one.map(round))) {
      const size = Math.abs(area(points));

      if (size < 4) /* an island of a few square kilometres */
        continue;
      ring(points);
      if (size > most) {
        most = size;
        at = [0, 1].map(k => points.reduce((sum, p) => sum + p[k], 0) /
                        points.length / UNIT);
      }
    }
  return at && [feature.properties.name === 'Distrito Federal'
    ? 'Ciudad de México' : feature.properties.name,
  Number(at[0].toFixed(2)), Number(at[1].toFixed(2))];
}).filter(Boolean);

process.stdout.write(`${JSON.stringify({ names, lines: lines.map(encode) })}\n`);
