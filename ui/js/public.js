/* AGPL-3.0-or-later. Leaving at once: button #exit, or Esc twice. */
(function () {
'use strict';
var root = document.documentElement, last = 0;
function kept(to) {
try {
if (to === null) sessionStorage.removeItem('out');
else if (to) sessionStorage.setItem('out', to);
return sessionStorage.getItem('out');
} catch (e) { return null; }
}
function go(to) { root.hidden = true; location.replace(to); }
function leave() {
var a = document.getElementById('exit');
if (!a) return;
kept(a.href);
history.replaceState(null, '', '/');
go(a.href);
}
/* Who comes back by the Back button is sent away again. */
function came(event) {
var n = performance.getEntriesByType('navigation')[0], to = kept();
if (!to) return;
if (event && event.persisted || !event && n && n.type === 'back_forward') go(to);
else if (!event) kept(null);
}
came();
addEventListener('pageshow', came);
addEventListener('click', function (event) {
if (event.target.closest && event.target.closest('#exit')) {
event.preventDefault();
leave();
}
});
addEventListener('keydown', function (event) {
if (event.key !== 'Escape') { last = 0; return; }
if (event.timeStamp - last < 1500 && last) leave();
last = event.timeStamp;
});
}());
