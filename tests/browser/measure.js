// SPDX-License-Identifier: Apache-2.0
// What can be measured of a page as it stands: contrast of every text, size of
// every target, overflow, and what is written into the HTML itself. Evaluated
// by the tests; the value of the last expression is the result.
(() => {
'use strict';
// Colours as the browser paints them: any notation, layers one over another.
const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
const painted = (colours) => {
  canvas.clearRect(0, 0, 1, 1);
  for (const colour of colours) {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
  }
  return canvas.getImageData(0, 0, 1, 1).data;
};
const luminance = ([r, g, b]) => [r, g, b].map((v) => v / 255)
  .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
  .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
const ratio = (a, b) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + .05) / (low + .05);
};
const layers = (element) => {
  const under = [];
  for (let at = element; at; at = at.parentElement)
    under.unshift(getComputedStyle(at).backgroundColor);
  return ['white', ...under];
};
const seen = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) &&
  element.getClientRects().length > 0 && element.getBoundingClientRect().width > 1;
const name = (element) => element.tagName.toLowerCase() + (element.id && '#' + element.id) + ' ' +
  (element.textContent || element.value || '').trim().slice(0, 40);

const texts = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (walker.currentNode.data.trim() && seen(element) && !['SCRIPT', 'STYLE'].includes(element.tagName))
    texts.push(element);
}
const fields = [...document.querySelectorAll('input:not([type=hidden]), textarea')].filter(seen);
const faint = [...texts, ...fields].map((element) => {
  const under = layers(element);
  return [ratio(painted([...under, getComputedStyle(element).color]), painted(under)), name(element)];
}).sort(([a], [b]) => a - b);
const edges = fields.map((element) => {
  const under = layers(element.parentElement);
  return [ratio(painted([...under, getComputedStyle(element).borderTopColor]), painted(under)), name(element)];
}).sort(([a], [b]) => a - b);

const small = [...document.querySelectorAll('button, summary, input:not([type=hidden]), a.pwless-btn')]
  .filter(seen).filter((element) => element.getBoundingClientRect().height < 43.9 ||
    element.getBoundingClientRect().width < 43.9).map(name);

const page = document.scrollingElement;
const wide = [...document.querySelectorAll('body *')].filter(seen)
  .filter((element) => element.getBoundingClientRect().right > page.clientWidth + .5).map(name);

const inline = [];
for (const element of document.querySelectorAll('*'))
  for (const { name: attribute } of element.attributes)
    if (/^on|^(style|maxlength|placeholder|disabled|pattern|required)$/.test(attribute))
      inline.push(name(element) + ' ' + attribute);
for (const element of document.querySelectorAll('style, script:not([src]), form[action], base, [http-equiv]'))
  inline.push(name(element));
if (/user-scalable|maximum-scale/.test(document.querySelector('meta[name=viewport]')?.content))
  inline.push('viewport forbids zoom');

return {
  text: faint[0], edge: edges[0] ?? [21, 'no field'], small, wide, inline,
  scrolls: page.scrollWidth > page.clientWidth,
  headings: document.querySelectorAll('h1').length,
  ids: [...document.querySelectorAll('[id]')].map((element) => element.id)
    .filter((id, i, all) => !id.startsWith('pwless-') || all.indexOf(id) != i),
};
})()
