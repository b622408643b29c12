// SPDX-License-Identifier: Apache-2.0
// Auth0's own server library and a certified OpenID Connect client, run against
// the stand-in: where they are content, so would they be with the real service,
// as far as they look.
//
//   node test_sdks.mjs DOMAIN CONTROL MAIL CLIENT-ID CLIENT-SECRET
import {AuthenticationClient} from 'auth0';
import * as oidc from 'openid-client';

const [domain, control, mail, clientId, clientSecret] = process.argv.slice(2);
const issuer = `https://${domain}/`;
const redirectUri = 'https://app.localhost/cb';
let count = 0;

function ok(good, what, detail) {
  console.log(`${good ? '' : 'not '}ok ${++count} - ${what}`);
  if (!good && detail !== undefined) console.log('# ' + JSON.stringify(detail));
}

async function set(command, values) {
  await fetch(`${control}/${command}`, {method: 'POST', body: JSON.stringify(values)});
}

async function codeFor(address) {
  const found = await (await fetch(`${mail}messages?to=${encodeURIComponent(address)}`)).json();
  return found[0].code;
}

// What a call that must fail says: the library's error.
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return {};
}

async function nodeAuth0() {
  const auth0 = new AuthenticationClient({domain, clientId, clientSecret});
  const email = 'ann@example.org';
  const sent = await auth0.passwordless.sendEmail({email, send: 'code'});
  ok(sent.status === 200, 'node-auth0: sendEmail', sent.status);
  const wrong = await refusal(() => auth0.passwordless.loginWithEmail({email, code: '000000'}));
  ok(wrong.statusCode === 403 && wrong.error === 'invalid_grant', 'node-auth0: a wrong code', wrong);
  const {data} = await auth0.passwordless.loginWithEmail(
      {email, code: await codeFor(email), scope: 'openid profile email offline_access'});
  ok(data.id_token && data.access_token && data.refresh_token && data.token_type === 'Bearer',
      'node-auth0: loginWithEmail, ID token verified by the library', Object.keys(data));
  const again = await auth0.oauth.refreshTokenGrant({refresh_token: data.refresh_token});
  ok(again.data.access_token && again.data.access_token !== data.access_token,
      'node-auth0: refreshTokenGrant');
  await auth0.oauth.revokeRefreshToken({token: data.refresh_token});
  const over = await refusal(() => auth0.oauth.refreshTokenGrant({refresh_token: data.refresh_token}));
  ok(over.error === 'invalid_grant', 'node-auth0: after revokeRefreshToken it is over', over);
  const phone = '+3225550100';
  await auth0.passwordless.sendSMS({phone_number: phone});
  const sms = await auth0.passwordless.loginWithSMS({phone_number: phone, code: await codeFor(phone),
    scope: 'openid profile'});
  ok(sms.data.id_token, 'node-auth0: sendSMS and loginWithSMS');
  const stranger = new AuthenticationClient({domain, clientId, clientSecret: 'x'.repeat(40)});
  const refused = await refusal(() => stranger.passwordless.sendEmail({email, send: 'code'}));
  ok(refused.statusCode === 401, 'node-auth0: another secret is refused', refused);
}

// Walk through the tenant's pages as a person's browser does.
async function walk(url, email) {
  const jar = new Map();
  let body;
  for (let step = 0; step < 10; step++) {
    const answer = await fetch(url, {redirect: 'manual', method: body ? 'POST' : 'GET', body,
      headers: {Cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ')}});
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      jar.set(name, value);
    }
    body = undefined;
    const next = answer.headers.get('location');
    if (next) {
      url = new URL(next, url);
      if (url.href.startsWith(redirectUri)) return url;
      continue;
    }
    const page = await answer.text();
    body = new URLSearchParams({state: /name="state" value="([^"]+)"/.exec(page)[1], action: 'default'});
    if (page.includes('name="username"')) body.set('username', email);
    else body.set('code', await codeFor(email));
  }
  throw new Error('the tenant leads nowhere');
}

async function openidClient() {
  const email = 'bob@example.org';
  const config = await oidc.discovery(new URL(issuer), clientId, undefined,
      oidc.ClientSecretPost(clientSecret));
  ok(config.serverMetadata().issuer === issuer, 'openid-client: discovery');
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const expectedState = oidc.randomState();
  const expectedNonce = oidc.randomNonce();
  const url = oidc.buildAuthorizationUrl(config, {redirect_uri: redirectUri, connection: 'email',
    scope: 'openid profile email offline_access', state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256', login_hint: email});
  const back = await walk(url, email);
  const tokens = await oidc.authorizationCodeGrant(config, back,
      {pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: true});
  ok(tokens.claims().email === email && tokens.claims().email_verified === true,
      'openid-client: code flow with PKCE and nonce, ID token verified', tokens.claims());
  const twice = await refusal(() => oidc.authorizationCodeGrant(config, back,
      {pkceCodeVerifier, expectedState, expectedNonce}));
  ok(twice.error === 'invalid_grant', 'openid-client: a code works once', twice);
  const person = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  ok(person.email === email, 'openid-client: userinfo', person);
  await set('set', {rotation: true});
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  ok(fresh.refresh_token && fresh.refresh_token !== tokens.refresh_token,
      'openid-client: refresh with rotation');
  await refusal(() => oidc.refreshTokenGrant(config, tokens.refresh_token));
  const family = await refusal(() => oidc.refreshTokenGrant(config, fresh.refresh_token));
  ok(family.error === 'invalid_grant', 'openid-client: an old one used again ends the family', family);
  const out = oidc.buildEndSessionUrl(config, {post_logout_redirect_uri: 'https://app.localhost/out',
    id_token_hint: tokens.id_token});
  ok(out.origin + '/' === issuer && out.pathname === '/oidc/logout', 'openid-client: end_session_endpoint');
  await set('set', {rotation: false});
  const grant = await oidc.genericGrantRequest(config,
      'http://auth0.com/oauth/grant-type/passwordless/otp',
      {realm: 'email', username: 'nobody@example.org', otp: '000000', scope: 'openid'})
      .catch((error) => error);
  ok(grant.error === 'invalid_grant', 'openid-client: the OTP grant by hand', grant);
}

for (const part of [nodeAuth0, openidClient]) {
  try {
    await part();
  } catch (error) {
    ok(false, `${part.name} goes through`, String(error.cause || error));
  }
}
console.log(`1..${count}`);
