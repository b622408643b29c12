// mod_auth0_pwless, Apache-2.0. Opens Lock in our page.
(() => {
'use strict';
const { id } = window.pwless;
const ours = id('client').dataset, here = location.origin + ours.pwlessAssets;
const Lock = window.Auth0LockPasswordless;
// Lock keeps state and nonce in cookies, for callbacks that are read by script.
const sweep = () => document.cookie.split('; ').map((cookie) => cookie.split('=')[0])
  .filter((name) => /^_?(com\.auth0\.auth\.|co%2Fverifier)/.test(name))
  .forEach((name) => { document.cookie = name + '=; Max-Age=0; Path=/; ' +
    (location.protocol == 'https:' ? 'Secure; SameSite=None' : 'SameSite=Lax'); });
sweep();
onpagehide = sweep;
if (!Lock) {
  id('lock').append(id('on-down').content.cloneNode(true));
  return;
}
const lock = new Lock(ours.pwlessClient, ours.pwlessDomain, {
  container: 'pwless-lock', allowedConnections: [ours.pwlessConnection],
  passwordlessMethod: 'code', avatar: null, rememberLastLogin: false,
  languageDictionary: { title: ours.pwlessSite },
  // Nothing of Auth0's CDN: the words that are built in, and our own picture.
  configurationBaseUrl: 'https://' + ours.pwlessDomain, languageBaseUrl: here, assetsUrl: here,
  theme: { logo: ours.pwlessLogo || here + 'none' },
  auth: { redirect: true, redirectUrl: ours.pwlessCallback, responseType: 'code',
    ...(ours.pwlessAudience && { audience: ours.pwlessAudience }),
    params: { state: ours.pwlessState, nonce: ours.pwlessNonce, scope: ours.pwlessScope,
      code_challenge: ours.pwlessChallenge, code_challenge_method: 'S256' } },
  ...(ours.pwlessValue && { prefill: { email: ours.pwlessValue } }),
});
// State is of no more use then: a fresh page has a fresh one.
setTimeout(() => location.reload(), ours.pwlessEnds * 1000);
lock.show();
})();
