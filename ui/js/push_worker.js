/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* push_worker.js - shows an alert that came by Web Push. It keeps nothing and
 * asks nobody. */
self.addEventListener('push', function (event) {
  'use strict';
  var said = {};

  try {
    said = event.data.json();
  } catch (error) {
    said = {};
  }
  event.waitUntil(self.registration.showNotification(String(said.title || 'Información'), {
    body: String(said.body || ''), tag: String(said.href || ''),
    data: String(said.href || '/alerts')
  }));
});
self.addEventListener('notificationclick', function (event) {
  'use strict';
  var href = event.notification.data;

  event.notification.close();
  if (href.indexOf('/alerts') === 0)
    event.waitUntil(self.clients.openWindow(href));
});
