/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* map.js - a map beside a question about a place, several in a row (trace) or
 * around something (shape). The text field is the answer, in the words of ODK:
 * "latitude longitude altitude accuracy; …"; the map writes and reads it. Its
 * borders come from this server when somebody opens it, once, 18 KB; nobody
 * else learns where anybody looks. Finger, wheel, mouse and keyboard.
 */
(function () {
  'use strict';
  var NS = 'http://www.w3.org/2000/svg';
  var ALL = { west: -118.6, east: -77, south: 7, north: 33 };
  var NEAR = 0.004, FAR = 60; /* degrees from one side to the other */
  var borders = null;

  /* Mercator, in degrees. */
  function up(latitude) {
    return -Math.log(Math.tan(Math.PI / 4 + latitude * Math.PI / 360)) * 180 / Math.PI;
  }
  function latitude_of(y) {
    return Math.atan(Math.exp(-y * Math.PI / 180)) * 360 / Math.PI - 90;
  }

  function path_of(steps) {
    var x = 0, y = 0, path = '';

    for (var i = 0; i < steps.length; i += 2)
      path += (i ? 'L' : 'M') + ((x += steps[i]) / 100) + ' ' +
              up((y += steps[i + 1]) / 100).toFixed(3);
    return path;
  }

  function fetched(url) {
    if (!borders)
      borders = fetch(url).then(function (response) {
        if (!response.ok)
          throw new Error('no borders');
        return response.json();
      }).then(function (got) {
        return { names: got.names, path: got.lines.map(path_of).join('') };
      }).catch(function (error) {
        borders = null;
        throw error;
      });
    return borders;
  }

  function shape_of(name, attributes, parent) {
    var one = document.createElementNS(NS, name);

    Object.keys(attributes).forEach(function (key) {
      one.setAttribute(key, attributes[key]);
    });
    if (parent)
      parent.append(one);
    return one;
  }

  /* [{latitude, longitude, rest}]; null: not understood. */
  function points_of(text) {
    var good = true;
    var list = text.split(';').map(function (one) {
      var part = one.trim().replace(/,/g, ' ').split(/\s+/);
      var point = { latitude: Number(part[0]), longitude: Number(part[1]),
                    rest: part.slice(2, 4).join(' ') };

      if (!one.trim())
        return null;
      good = good && part.length > 1 && Math.abs(point.latitude) <= 90 &&
        Math.abs(point.longitude) <= 180;
      return point;
    }).filter(Boolean);

    return good ? list : null;
  }

  function start(box) {
    var field = document.getElementById(box.dataset.for);
    var kind = box.dataset.map;
    var said = box.querySelector('[role=status]');
    var parts = box.querySelector(':scope > template').content;
    var opener = box.querySelector('[data-map-open]');
    var svg = null, drawn = null, view = null, points = [], writing = false;

    function say(name) {
      said.textContent = parts.querySelector('[data-said=' + name + ']').textContent;
    }

    /* --- the answer --------------------------------------------------------- */

    function read() {
      var list = points_of(field.value), last;

      if (!list || writing)
        return;
      last = list[list.length - 1];
      if (kind === 'shape' && list.length > 1 &&
          last.latitude === list[0].latitude && last.longitude === list[0].longitude)
        list.pop(); /* it is closed in the text only */
      points = list;
    }

    function write() {
      var list = kind === 'shape' && points.length > 1
        ? points.concat(points[0]) : points;

      field.value = list.map(function (one) {
        return [one.latitude, one.longitude, one.rest || '0 0'].join(' ');
      }).join('; ');
      writing = true;
      ['input', 'change'].forEach(function (type) {
        field.dispatchEvent(new Event(type, { bubbles: true }));
      });
      writing = false;
      draw();
    }

    function put(latitude, longitude, rest, digits) {
      var point = { latitude: latitude.toFixed(digits || 6),
                    longitude: longitude.toFixed(digits || 6), rest: rest };

      if (kind === 'point')
        points = [point];
      else
        points.push(point);
      write();
      said.textContent = kind === 'point'
        ? point.latitude + ' ' + point.longitude + (digits ? '' : ' ± ' +
          Math.round(Number(rest.split(' ')[1])) + ' m')
        : parts.querySelector('[data-said=points]').textContent + ' ' + points.length;
    }

    /* By hand: as near as a finger is at this size. */
    function put_at(x, y) {
      var latitude = latitude_of(y);
      var metres = view.span / svg.clientWidth * 111320 *
        Math.cos(latitude * Math.PI / 180) * 8;

      if (Math.abs(latitude) <= 85 && Math.abs(x) <= 180)
        put(latitude, x, '0 ' + Math.max(1, Math.round(metres)),
            view.span < 1 ? 6 : 4);
    }

    function undo() {
      points.pop();
      write();
      said.textContent = parts.querySelector('[data-said=points]').textContent +
        ' ' + points.length;
    }

    function locate(button) {
      if (!navigator.geolocation || !window.isSecureContext) {
        say('refused');
        return;
      }
      button.setAttribute('aria-busy', 'true');
      said.textContent = '';
      navigator.geolocation.getCurrentPosition(function (place) {
        var at = place.coords;

        button.removeAttribute('aria-busy');
        put(at.latitude, at.longitude,
            (at.altitude === null ? 0 : at.altitude.toFixed(1)) + ' ' +
            at.accuracy.toFixed(1));
        look_at(points);
        draw();
      }, function (error) {
        button.removeAttribute('aria-busy');
        say(error.code === 1 ? 'refused' : 'failed');
      }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
    }

    /* --- the picture ---------------------------------------------------------- */

    function ratio() {
      return svg.clientHeight / svg.clientWidth || 0.75;
    }

    function look_at(list) {
      var west = ALL.west, east = ALL.east, north = up(ALL.north), south = up(ALL.south);

      if (!svg)
        return;
      if (list.length) {
        var x = list.map(function (one) { return Number(one.longitude); });
        var y = list.map(function (one) { return up(Number(one.latitude)); });

        west = Math.min.apply(null, x) - 0.6;
        east = Math.max.apply(null, x) + 0.6;
        north = Math.min.apply(null, y) - 0.6;
        south = Math.max.apply(null, y) + 0.6;
      }
      view = { x: (west + east) / 2, y: (north + south) / 2,
               span: Math.max(east - west, (south - north) / ratio()) };
    }

    function draw_names(unit, height) {
      var size = 12 * unit, taken = [];

      drawn.names.replaceChildren();
      if (view.span > 14)
        return;
      drawn.got.names.forEach(function (name) {
        var y = up(name[2]), half = name[0].length * size * 0.28;

        if (taken.some(function (one) { /* one name over another */
          return Math.abs(one.x - name[1]) < one.half + half &&
            Math.abs(one.y - y) < size;
        }))
          return;
        if (Math.abs(name[1] - view.x) < view.span / 2 &&
            Math.abs(y - view.y) < height / 2) {
          taken.push({ x: name[1], y: y, half: half });
          shape_of('text', { x: name[1], y: y, 'font-size': size,
                             'text-anchor': 'middle' }, drawn.names).textContent = name[0];
        }
      });
    }

    function draw_points(unit) {
      var at = points.map(function (one) {
        return one.longitude + ' ' + up(Number(one.latitude));
      });

      drawn.points.replaceChildren();
      if (kind !== 'point' && at.length > 1)
        shape_of('path', { d: 'M' + at.join('L') + (kind === 'shape' ? 'Z' : ''),
                           'class': kind }, drawn.points);
      points.forEach(function (one, i) {
        shape_of('circle', { cx: one.longitude, cy: up(Number(one.latitude)),
                             r: (i === points.length - 1 ? 7 : 4) * unit },
                 drawn.points);
      });
    }

    function draw() {
      var unit, height;

      if (!drawn)
        return;
      view.span = Math.min(FAR, Math.max(NEAR, view.span));
      view.x = Math.min(180, Math.max(-180, view.x));
      view.y = Math.min(up(-80), Math.max(up(80), view.y));
      unit = view.span / (svg.clientWidth || 320);
      height = view.span * ratio();
      svg.setAttribute('viewBox', [view.x - view.span / 2, view.y - height / 2,
                                   view.span, height].join(' '));
      drawn.cross.setAttribute('d', 'M' + (view.x - 9 * unit) + ' ' + view.y +
        'h' + 18 * unit + 'M' + view.x + ' ' + (view.y - 9 * unit) + 'v' + 18 * unit);
      draw_names(unit, height);
      draw_points(unit);
    }

    function zoom(factor, x, y) {
      var before = view.span;

      view.span = Math.min(FAR, Math.max(NEAR, view.span * factor));
      if (x !== undefined) { /* what is under the finger stays there */
        view.x = x + (view.x - x) * view.span / before;
        view.y = y + (view.y - y) * view.span / before;
      }
      draw();
    }

    function place(event) {
      var edge = svg.getBoundingClientRect();

      return { x: view.x + ((event.clientX - edge.left) / edge.width - 0.5) * view.span,
               y: view.y + ((event.clientY - edge.top) / edge.height - 0.5) *
                 view.span * ratio() };
    }

    /* One finger moves or taps, two come nearer or go away. */
    function touches() {
      var fingers = {}, moved = false, apart = 0;

      function distance() {
        var two = Object.keys(fingers).map(function (id) { return fingers[id]; });

        return two.length < 2 ? 0
          : Math.hypot(two[0].x - two[1].x, two[0].y - two[1].y);
      }

      svg.addEventListener('pointerdown', function (event) {
        fingers[event.pointerId] = { x: event.clientX, y: event.clientY,
                                     from: event.clientX + event.clientY };
        if (Object.keys(fingers).length === 1)
          moved = false;
        else
          moved = true;
        apart = distance();
        svg.setPointerCapture(event.pointerId);
      });
      svg.addEventListener('pointermove', function (event) {
        var finger = fingers[event.pointerId], scale = view.span / svg.clientWidth;
        var now;

        if (!finger)
          return;
        if (Object.keys(fingers).length === 1) {
          if (!moved && Math.abs(event.clientX - finger.x) +
              Math.abs(event.clientY - finger.y) < 8)
            return;
          moved = true;
          view.x -= (event.clientX - finger.x) * scale;
          view.y -= (event.clientY - finger.y) * scale;
        }
        finger.x = event.clientX;
        finger.y = event.clientY;
        now = distance();
        if (now && apart)
          view.span *= apart / now;
        apart = now;
        draw();
      });
      svg.addEventListener('pointerup', function (event) {
        var at = place(event);

        if (fingers[event.pointerId] && !moved && event.button === 0)
          put_at(at.x, at.y);
        delete fingers[event.pointerId];
        apart = distance();
      });
      svg.addEventListener('pointercancel', function (event) {
        delete fingers[event.pointerId];
      });
      svg.addEventListener('wheel', function (event) {
        var at = place(event);

        event.preventDefault();
        zoom(event.deltaY > 0 ? 1.25 : 0.8, at.x, at.y);
      }, { passive: false });
    }

    function keys(event) {
      var step = view.span / 10;
      var way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1],
                  ArrowDown: [0, 1] }[event.key];

      if (event.ctrlKey || event.altKey || event.metaKey)
        return;
      if (way) {
        view.x += way[0] * step;
        view.y += way[1] * step;
        draw();
      } else if (event.key === '+' || event.key === '=') {
        zoom(0.6);
      } else if (event.key === '-' || event.key === '_') {
        zoom(1 / 0.6);
      } else if (event.key === 'Enter' || event.key === ' ') {
        put_at(view.x, view.y);
      } else if (event.key === 'Backspace' || event.key === 'Delete') {
        undo();
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    }

    function open() {
      var inner = parts.cloneNode(true);

      inner.querySelectorAll('[data-said]').forEach(function (one) { one.remove(); });
      svg = inner.querySelector('svg');
      box.append(inner);
      opener.setAttribute('aria-expanded', 'true');
      fetched(box.dataset.borders).then(function (got) {
        read();
        look_at(points);
        drawn = { got: got,
                  borders: shape_of('path', { d: got.path, 'class': 'borders' }, svg),
                  names: shape_of('g', { 'class': 'names' }, svg),
                  points: shape_of('g', { 'class': 'points' }, svg),
                  cross: shape_of('path', { 'class': 'cross' }, svg) };
        draw();
        box.dataset.drawn = '';
        svg.focus();
      }).catch(function () {
        close();
        say('lost');
      });
      svg.addEventListener('keydown', keys);
      touches();
    }

    function close() {
      box.querySelectorAll('.view, .view ~ .point').forEach(function (one) {
        one.remove();
      });
      delete box.dataset.drawn;
      svg = drawn = null;
      opener.setAttribute('aria-expanded', 'false');
    }

    box.addEventListener('click', function (event) {
      var button = event.target.closest('button');

      if (!button)
        return;
      if (button === opener) {
        said.textContent = '';
        if (svg)
          close();
        else
          open();
      } else if (button.hasAttribute('data-locate')) {
        locate(button);
      } else if (drawn && button.dataset.zoom) {
        zoom(button.dataset.zoom === 'in' ? 0.5 : 2);
      } else if (drawn && button.hasAttribute('data-put')) {
        put_at(view.x, view.y);
      } else if (drawn && button.hasAttribute('data-undo')) {
        undo();
      }
    });
    field.addEventListener('input', function () {
      read();
      draw();
    });
    read();
  }

  function each(root) {
    root.querySelectorAll('[data-map]').forEach(start);
  }

  each(document);
  document.addEventListener('cobijo:added', function (event) {
    each(event.target);
  });
}());
