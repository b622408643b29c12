// mod_auth0_pwless, Apache-2.0. Step 2 after a link was mailed: it is opened in
// another tab of this browser, and then this one goes on. Works without it, too.
(() => {
'use strict';
const data = document.getElementById('pwless-main').dataset;
const ends = performance.now() + data.pwlessWait * 1e3;
const look = async () => {
  const answer = !document.hidden && await fetch(data.pwlessSession, { cache: 'no-store' }).catch(() => {});
  if (!answer?.ok) return 0;
  location.hash ? location.reload() : location.replace(location.href);
  return 1;
};
const wait = async () => {
  if (performance.now() < ends && !await look()) setTimeout(wait, 2e3);
};
setTimeout(wait, 2e3);
document.addEventListener('visibilitychange', look);
})();
