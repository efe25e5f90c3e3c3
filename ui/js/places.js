/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* places.js - the answers of a search on a map, beside the list: Leaflet over
 * the state borders that this server has (map/borders.json) and, from near by,
 * the seats of municipalities (map/towns.csv). No tiles: no other host learns
 * where anybody looks. Fetched when somebody asks for the map.
 */
(function () {
'use strict';
var NEAR = 8, NAMED = 24;

/* Steps in hundredths of a degree, as tools/borders.mjs writes them. */
function line_of(steps) {
  var x = 0, y = 0, line = [];

  for (var i = 0; i < steps.length; i += 2)
    line.push([(y += steps[i + 1]) / 100, (x += steps[i]) / 100]);
  return line;
}

/* catalog/municipality.csv: code, name, state, latitude, longitude. */
function towns_of(text) {
  return text.split('\n').map(function (line) {
    var row = /^\d+,("?)(.*)\1,[^,]*,([-\d.]+),([-\d.]+)$/.exec(line.trim());

    return row && { name: row[2], at: [Number(row[3]), Number(row[4])] };
  }).filter(Boolean);
}

/* Names only where there is room for them. */
function show_towns(L, map, towns, color) {
  var layer = L.layerGroup().addTo(map);

  function show() {
    var seen = map.getZoom() < NEAR ? [] : towns.filter(function (town) {
      return map.getBounds().contains(town.at);
    });

    layer.clearLayers();
    seen.forEach(function (town) {
      var mark = L.circleMarker(town.at, { radius: 2, weight: 1, color: color,
                                           interactive: false }).addTo(layer);

      if (seen.length <= NAMED)
        mark.bindTooltip(node_of(town.name),
                         { permanent: true, direction: 'right', className: 'town' });
    });
  }

  map.on('moveend', show);
  show();
}

function node_of(text) {
  var node = document.createElement('span');

  node.textContent = text;
  return node;
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
    map = L.map(chart, { maxZoom: 16, zoomAnimation: false, fadeAnimation: false });
    map.attributionControl.setPrefix(false)
      .addAttribution('Natural Earth · GeoNames');
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
    fetch(box.dataset.towns).then(function (response) {
      return response.ok ? response.text() : '';
    }).then(function (text) {
      show_towns(L, map, towns_of(text), style.getPropertyValue('--quiet').trim());
    }).catch(function () {});
  });
};
}());
