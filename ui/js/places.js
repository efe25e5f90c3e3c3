/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* places.js - the answers of a search on a map, beside the list: Leaflet over
 * the state borders that this server has (map/borders.json). No tiles: no other
 * host learns where anybody looks. Fetched when somebody asks for the map.
 */
(function () {
'use strict';

/* Steps in hundredths of a degree, as tools/borders.mjs writes them. */
function line_of(steps) {
  var x = 0, y = 0, line = [];

  for (var i = 0; i < steps.length; i += 2)
    line.push([(y += steps[i + 1]) / 100, (x += steps[i]) / 100]);
  return line;
}

window.cobijo_places = function (box, answers) {
  return fetch(box.dataset.borders).then(function (response) {
    return response.json();
  }).then(function (got) {
    var L = window.L, chart = document.createElement('div'), map, bounds = [];
    var style = getComputedStyle(document.documentElement);
    var act = style.getPropertyValue('--act').trim();

    chart.id = 'chart';
    box.after(chart);
    map = L.map(chart, { attributionControl: false, maxZoom: 16,
                         zoomAnimation: false, fadeAnimation: false });
    got.lines.forEach(function (steps) {
      L.polyline(line_of(steps), { color: style.getPropertyValue('--line').trim(),
                                  weight: 1, interactive: false }).addTo(map);
    });
    answers.querySelectorAll('[data-at]').forEach(function (place) {
      var at = place.dataset.at.split(' ').map(Number);
      var link = place.querySelector('h3 a').cloneNode(true);

      bounds.push(at);
      L.circleMarker(at, { radius: 9, color: act, weight: 3, fillOpacity: 0.5 })
        .addTo(map).bindPopup(link);
    });
    map.fitBounds(L.latLngBounds(bounds).pad(0.3), { maxZoom: 9 });
    got.names.forEach(function (name) {
      L.marker([name[2], name[1]], { interactive: false, keyboard: false,
        icon: L.divIcon({ className: 'quiet', iconSize: [120, 20], html: '' }) })
        .addTo(map).getElement().textContent = name[0];
    });
    chart.dataset.drawn = '';
  });
};
}());
