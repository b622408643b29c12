// mod_auth0_pwless, Apache-2.0. Pages work without it.
(() => {
'use strict';
const id = (name) => document.getElementById('pwless-' + name);
const say = (name, text) => { id(name).textContent = text; };
const main = id('main'), data = main.dataset, start = performance.now();
const passed = () => performance.now() - start;

// Error boxes take focus; links keep the fragment.
const attend = (box) => {
  box.tabIndex = -1;
  box.focus();
  box.onclick = (event) => {
    const link = event.target.closest('[href^="#"]');
    if (!link) return;
    event.preventDefault();
    id(link.hash.slice(8)).focus();
  };
};
if (id('sum')) attend(id('sum'));

// A second click within 2 s is the first.
const tabs = self.BroadcastChannel && new BroadcastChannel('pwless');
onsubmit = (event) => {
  const form = event.target.dataset;
  if (passed() - form.at < 2000) event.preventDefault();
  else form.at = passed();
  tabs?.postMessage(0);
};
onpageshow = (event) => event.persisted && location.reload();

// A pasted code becomes plain digits; all else stays.
const digit = (c) => {
  for (const zero of '0\u0660\u06f0\u0966\uff10') {
    const n = c.charCodeAt() - zero.charCodeAt();
    if (n >= 0 && n < 10) return n;
  }
  return c;
};
oninput = (event) => {
  const field = event.target, typed = field.value;
  if (field.id != 'pwless-code' || event.isComposing || field.selectionEnd < typed.length) return;
  const text = [...typed].map(digit).join('');
  let code = text.replace(/[\s\p{Pd}\p{Cf}.]/gu, '');
  if (/\D/.test(code)) {
    const runs = (text.match(/\d+/g) || []).filter((run) => run.length == field.dataset.pwlessDigits);
    code = runs.length == 1 ? runs[0] : typed;
  }
  field.value = code;
};

// Seconds left, by a monotonic clock.
const count = (at, seconds, round, slack, step) => {
  const ends = passed() / 1000 + +seconds, timer = setInterval(() => {
    const left = round(ends - passed() / 1000), long = left >= 60, on = at.isConnected;
    const time = at.querySelector('.pwless-time');
    if (left <= 0 || !on) clearInterval(timer);
    else if (time && left < 3541) time.textContent = new Intl.NumberFormat(document.documentElement.lang,
      { style: 'unit', unit: long ? 'minute' : 'second', unitDisplay: 'long' }).format(long ? round((left + slack) / 60) : left);
    on && step(left);
  }, 500);
};
const countdowns = () => {
  main.querySelectorAll('[data-pwless-left]').forEach((at) => {
    const { pwlessLeft, pwlessNow } = at.dataset;
    count(at, pwlessLeft, Math.ceil, 0, (left) => {
      if (left > 0) return;
      pwlessNow ? say('say', at.textContent = pwlessNow) : at.remove();
    });
  });
  main.querySelectorAll('[data-pwless-life]').forEach((at) => {
    const { pwlessLife, pwlessSoon, pwlessOver } = at.dataset;
    let warned = pwlessLife <= 60;
    count(at, pwlessLife, Math.floor, 5, (left) => {
      if (left <= 60 && !warned) warned = !say('say', pwlessSoon);
      if (left > 0) return;
      say('cry', at.textContent = pwlessOver);
      id('code').form.op.className = 'pwless-btn';
      id('send').className += ' pwless-primary';
    });
  });
};
countdowns();

// Signed in meanwhile, in another tab?
let found = !data.pwlessSession, asked = -9e9;
const make = (parent, tag, name) => {
  const made = Object.assign(document.createElement(tag), { className: name });
  parent.prepend(made);
  return made;
};
const look = async () => {
  if (found || passed() - asked < 1000) return;
  asked = passed();
  const answer = await fetch(data.pwlessSession, { cache: 'no-store' }).catch(() => {});
  if (found || !answer?.ok) return;
  found = true;
  const note = make(main, 'div', 'pwless-note');
  note.setAttribute('role', 'status');
  setTimeout(() => {
    const go = make(note, 'button', 'pwless-btn pwless-primary');
    make(note, 'p', '').textContent = data.pwlessSay;
    go.textContent = data.pwlessGo;
    go.onclick = () => data.pwlessUnsent || location.hash ? location.reload() : location.replace(location.href);
  }, 50);
};
onfocus = look;
document.onvisibilitychange = () => document.hidden || look();
self.pwless = { id, say, attend, countdowns };
if (tabs) tabs.onmessage = () => [2e3, 6e3].forEach((wait) => setTimeout(look, wait));
})();
