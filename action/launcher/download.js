'use strict';

const https = require('node:https');
const { setTimeout: sleep } = require('node:timers/promises');

const waits = [500, 2000]; // milliseconds before the second and the third try
const whole = 60_000; // milliseconds of one try
const idle = 15_000; // milliseconds without a byte
const largest = 48 << 20; // bytes of a body
const redirects = 5;

// Node 24 reads HTTPS_PROXY and NO_PROXY where it is asked to; older ones do not.
const agent = () => new https.Agent({ proxyEnv: process.env });

// download returns what use makes of the body at an https URL. It tries three
// times, unless the answer is one that stays: an error whose `final` is set.
async function download(url, use) {
  for (let tried = 0; ; tried++) {
    try {
      return use(await once(url));
    } catch (err) {
      if (err.final || tried === waits.length) throw err;
      await sleep(waits[tried]);
    }
  }
}

async function once(url) {
  const signal = AbortSignal.timeout(whole);
  let at = new URL(url);
  for (let hops = 0; hops <= redirects; hops++) {
    if (at.protocol !== 'https:') throw final(`${at.protocol}//${at.host} is not https`);
    const answer = await request(at, signal);
    if (answer.statusCode === 200) return body(answer);
    answer.destroy();
    const { statusCode: status, headers } = answer;
    if (status < 300 || status > 399 || !headers.location) throw refusal(status);
    at = new URL(headers.location, at);
  }
  throw final(`more than ${redirects} redirects`);
}

function request(at, signal) {
  return new Promise((resolve, reject) => {
    const req = https.get(at, { agent: agent(), headers: { 'user-agent': 'sot' }, signal }, resolve);
    req.setTimeout(idle, () => req.destroy(new Error(`no byte for ${idle / 1000} s`)));
    req.on('error', reject);
  });
}

async function body(answer) {
  const parts = [];
  let size = 0;
  for await (const part of answer) {
    size += part.length;
    if (size > largest) throw final(`more than ${largest} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

// A busy or broken server may be well again soon; one that refuses stays so.
function refusal(status) {
  const err = new Error(`HTTP status ${status}`);
  err.final = status < 500 && status !== 429 && status !== 408;
  return err;
}

function final(message) {
  const err = new Error(message);
  err.final = true;
  return err;
}

module.exports = { download };
