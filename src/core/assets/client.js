// mod_auth0_pwless, Apache-2.0. Drives auth0.js on our page; words and steps
// are templates of that page, and pwless.js does what all pages need.
(() => {
'use strict';
const { id, say, attend, countdowns } = window.pwless;
const main = id('main'), ours = id('client').dataset;
const { pwlessConnection: connection, pwlessTries: tries } = ours;
const key = id('one').content.querySelector('#pwless-phone') ? 'phoneNumber' : 'email';
const waits = ours.pwlessResend.split(' ').map(Number);
const site = document.title.slice(id('one').dataset.pwlessTitle.length);
const now = () => performance.now() / 1000;
let address = '', title = '', busy = false;
let sent = { to: null, at: 0, wait: 0, codes: 0, wrong: 0 };

// auth0.js keeps state and nonce in cookies, for callbacks that are read by
// script. Ours is not; a few tries would make requests too long for a server.
const sweep = () => document.cookie.split('; ').map((cookie) => cookie.split('=')[0])
  .filter((name) => /^_?(com\.auth0\.auth\.|co%2Fverifier)/.test(name))
  .forEach((name) => { document.cookie = name + '=; Max-Age=0; Path=/; ' +
    (location.protocol == 'https:' ? 'Secure; SameSite=None' : 'SameSite=Lax'); });
sweep();
onpagehide = sweep;

const PKCE = { codeChallenge: ours.pwlessChallenge, codeChallengeMethod: 'S256' };
const client = window.auth0 && new window.auth0.WebAuth({
  domain: ours.pwlessDomain, clientID: ours.pwlessClient,
  redirectUri: ours.pwlessCallback, responseType: 'code', scope: ours.pwlessScope,
  ...(ours.pwlessAudience && { audience: ours.pwlessAudience }),
  state: ours.pwlessState, nonce: ours.pwlessNonce,
});

// One call at a time; one that is not answered is given up.
const call = (method, options, answer) => {
  if (busy) return;
  // State is of no more use: a fresh page has a fresh one.
  if (now() > ours.pwlessEnds) return location.reload();
  busy = true;
  main.ariaBusy = 'true';
  const end = (error) => {
    if (!timer) return;
    clearTimeout(timer);
    timer = busy = false;
    main.ariaBusy = 'false';
    sweep();
    answer(error);
  };
  let timer = setTimeout(end, 15e3, {});
  try {
    client[method]({ connection, [key]: address, ...options }, end);
  } catch {
    end({});
  }
};

const clear = () => {
  main.querySelectorAll('#pwless-sum, #pwless-note, .pwless-err').forEach((old) => old.remove());
  main.querySelectorAll('[aria-invalid]').forEach((field) => {
    field.removeAttribute('aria-invalid');
    const told = field.getAttribute('aria-describedby').replace(field.id + '-err', '').trim();
    if (told) field.setAttribute('aria-describedby', told);
    else field.removeAttribute('aria-describedby');
  });
  document.title = title + site;
};

const tell = (word) => {
  clear();
  main.querySelector('h1').before(id('on-' + word).content.cloneNode(true));
  const error = main.querySelector('.pwless-err'), field = error && id(error.id.slice(7, -4));
  if (field) {
    field.before(error);
    field.setAttribute('aria-invalid', 'true');
    field.setAttribute('aria-describedby',
      (error.id + ' ' + (field.getAttribute('aria-describedby') ?? '')).trim());
  }
  document.title = ours.pwlessError + ' ' + title + site;
  attend(id('sum'));
};

const draw = (step) => {
  [...main.children].filter((old) => !/^(TEMPLATE|SCRIPT|NOSCRIPT)$/.test(old.tagName) &&
    old.id != 'pwless-client').forEach((old) => old.remove());
  main.append(id(step).content.cloneNode(true));
  main.querySelectorAll('bdi:empty').forEach((at) => at.append(address));
  title = id(step).dataset.pwlessTitle;
  document.title = title + site;
};

const askAddress = () => {
  draw('one');
  const field = id(key == 'email' ? 'email' : 'phone');
  if (address) field.value = address;
  countdowns();
  if (!id('note')) field.focus();
};

// A code of no more use: another is the way on.
const over = (word) => {
  tell(word);
  id('code').form.hidden = word == 'spent';
  id('code').form.op.className = 'pwless-btn';
  id('send').classList.add('pwless-primary');
};

const askCode = (word) => {
  const age = now() - sent.at;
  draw('two');
  id('wait').dataset.pwlessLeft = Math.ceil(sent.wait - age);
  id('life').dataset.pwlessLife = Math.floor(ours.pwlessLife - age);
  if (sent.wait <= age) id('wait').remove();
  countdowns();
  if (sent.wrong >= tries) return over('spent');
  if (word) {
    main.querySelector('h1').before(id('on-' + word).content.cloneNode(true));
    say('say', id('note').textContent);
  }
  id('code').focus();
};

// An address the tenant does not take on must look like any other.
const whyNotSent = ({ statusCode, code, description }) => {
  const text = String(description).toLowerCase();
  if (statusCode == 429) return 'busy';
  if (!statusCode || statusCode >= 500) return 'down';
  if (code == 'bad.email' || code == 'bad.phone_number') return 'format';
  if (code == 'bad.connection' && text.includes('signup')) return '';
  if (code == 'sms_provider_error') return 'mail';
  if (code == 'invalid_captcha' || code == 'requires_verification') return 'step';
  if (code == 'extensibility_error') return 'refused';
  return 'config';
};

const send = () => {
  if (address == sent.to && now() - sent.at < sent.wait)
    return id('wait') ? say('say', id('wait').textContent) : askCode();
  call('passwordlessStart', { send: 'code', xRequestLanguage: document.documentElement.lang },
    (error) => {
      const why = error && whyNotSent(error), again = address == sent.to;
      if (why) return tell(why);
      const codes = again ? sent.codes + 1 : 1;
      sent = { to: address, at: now(), wait: waits[Math.min(codes, 3) - 1], codes, wrong: 0 };
      askCode(again && 'again');
    });
};

// Blocked or unknown looks like a wrong code; without `code` it was no answer.
const whyNotIn = ({ code, description }) => {
  const text = String(description).toLowerCase();
  if (code == 'too_many_requests') return 'busy';
  if (code == 'request_error' && !/"status":4/.test(text) || /^(server_error|temporarily_unavailable)$/.test(code))
    return 'down';
  if (/^(mfa_required|invalid_captcha|requires_verification)$/.test(code)) return 'step';
  if (/^(access_denied|invalid_grant|invalid_user_password|blocked_user|too_many_attempts|unauthorized)$/.test(code))
    return /expired/.test(text) ? 'expired' : /maximum number/.test(text) ? 'spent' : 'wrong';
  return code === undefined ? 'down' : 'config';
};

const verify = () => {
  const code = id('code').value.trim();
  if (sent.wrong >= tries) return over('spent');
  if (!code) return tell('blank');
  if (/\D/.test(code)) return tell('chars');
  if (code.length != id('code').dataset.pwlessDigits) return tell('digits');
  // By our own clock, so that nobody hears "wrong" of a code that was right.
  if (now() - sent.at > +ours.pwlessLife + 15) return over('expired');
  call('passwordlessLogin', { verificationCode: code, ...PKCE }, (error) => {
    const why = whyNotIn(error);
    if (why == 'spent') sent.wrong = +tries;
    if (why == 'wrong') sent.wrong += 1;
    if (why == 'expired' || sent.wrong >= tries) return over(why == 'expired' ? why : 'spent');
    tell(why == 'wrong' ? 'wrong-' + (tries - sent.wrong) : why);
  });
};

const typed = () => {
  address = (id('email') ?? id('phone')).value.trim();
  if (!address) return tell('empty');
  if (address.length > 254) return tell('long');
  if (key == 'email' ? !/^\S+@\S+\.\S+$/.test(address) : !/^\+[\d\s().-]{4,}$/.test(address))
    return tell('format');
  if (key == 'phoneNumber') address = address.replace(/[^+\d]/g, '');
  send();
};

document.addEventListener('submit', (event) => {
  event.preventDefault();
  const op = event.submitter?.value;
  if (op == 'change') askAddress();
  else if (op == 'verify') verify();
  else if (id('code')) send();
  else typed();
});
document.addEventListener('click', (event) => {
  if (event.target.value == 'hosted') client.authorize({ connection, loginHint: address, ...PKCE });
});
askAddress();
if (!client) tell('down');
})();
