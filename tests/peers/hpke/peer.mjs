// X-Wing and HPKE of two independent libraries beside ours, and sealed payloads in both directions.
//
//     node peer.mjs PROGRAM PAGE    PROGRAM: our side (hpke_peer.cpp); PAGE: docs/formats/sealed.md, whose vector is made
//                                   again. One line for each kind of case; exit 1 at the first difference.
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import { ml_kem768_x25519 as nobleXWing } from '@noble/post-quantum/hybrid.js';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as sealed from './sealed.mjs';

const [program, page] = process.argv.slice(2);
const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const hex = (bytes) => (bytes.length === 0 ? '-' : Buffer.from(bytes).toString('hex'));
const unhex = (text) => (text === '-' ? Buffer.alloc(0) : Buffer.from(text, 'hex'));
const exact = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);

// Our side answers every line with one: "ok WORD…" or "refused CODE".
const ours = spawn(program, [], { stdio: ['pipe', 'pipe', 'inherit'] });
const answers = createInterface({ input: ours.stdout })[Symbol.asyncIterator]();
async function ask(...words) {
  ours.stdin.write(`${words.map((word) => (typeof word === 'object' ? hex(word) : word)).join(' ')}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error(`our side ended at '${words[0]}'`);
  return value.split(' ');
}
async function told(...words) {
  const [verdict, ...rest] = await ask(...words);
  assert.equal(verdict, 'ok', `${words[0]}: ${rest}`);
  return rest.map(unhex);
}

async function theirSeal(publicKey, info, aad, message) {
  const recipientPublicKey = await suite.kem.deserializePublicKey(exact(publicKey));
  const sender = await suite.createSenderContext({ recipientPublicKey, info: exact(info) });
  const ciphertext = await sender.seal(exact(message), exact(aad));
  return Buffer.concat([Buffer.from(sender.enc), Buffer.from(ciphertext)]);
}
async function theirOpen(seed, info, aad, bytes) {
  const recipientKey = await suite.kem.deserializePrivateKey(exact(seed));
  const recipient = await suite.createRecipientContext({ recipientKey, enc: exact(bytes.subarray(0, 1120)), info: exact(info) });
  return Buffer.from(await recipient.open(exact(bytes.subarray(1120)), exact(aad)));
}
const flipped = (bytes) => {
  const altered = Buffer.from(bytes);
  altered[randomInt(altered.length)] ^= 1 << randomInt(8);
  return altered;
};
const someKey = () => {
  const seed = randomBytes(32);
  return { seed, publicKey: Buffer.from(nobleXWing.keygen(seed).publicKey) };
};

async function xWing() {
  const { seed, publicKey } = someKey(), randomness = randomBytes(64);
  assert.deepEqual((await told('public', seed))[0], publicKey);
  const theirs = nobleXWing.encapsulate(publicKey, randomness);
  const [ciphertext, secret] = await told('encapsulate', publicKey, randomness);
  assert.deepEqual(ciphertext, Buffer.from(theirs.cipherText));
  assert.deepEqual(secret, Buffer.from(theirs.sharedSecret));
  const altered = flipped(ciphertext);
  const [ourSecret] = await told('decapsulate', seed, altered);
  assert.deepEqual(ourSecret, Buffer.from(nobleXWing.decapsulate(altered, nobleXWing.keygen(seed).secretKey)));
  assert.notDeepEqual(ourSecret, secret);
}

async function weOpen() {
  const { seed, publicKey } = someKey();
  const [info, aad, message] = [randomBytes(randomInt(80)), randomBytes(randomInt(200)), randomBytes(randomInt(300))];
  const bytes = await theirSeal(publicKey, info, aad, message);
  assert.deepEqual((await told('open', seed, info, aad, bytes))[0], message);
  assert.deepEqual(await ask('open', seed, info, aad, flipped(bytes)), ['refused', 'crypto.not-authentic']);
}

async function theyOpen() {
  const { seed, publicKey } = someKey();
  const [info, aad, message] = [randomBytes(randomInt(80)), randomBytes(randomInt(200)), randomBytes(randomInt(300))];
  const [bytes] = await told('seal', publicKey, info, aad, message);
  assert.deepEqual(await theirOpen(seed, info, aad, bytes), message);
  await assert.rejects(theirOpen(seed, info, aad, flipped(bytes)));
}

const CAMPAIGNS = ['C-7', 'OTA-2025-11-001', 'x'.repeat(64), '0'];
const addressOf = (ecu) => parseInt(String(ecu), 16);  // ECU_011 is 0x0011
function someOrder() {
  const log2 = 12 + randomInt(3), edge = (1 << log2) * randomInt(4) + randomInt(-2, 3);
  return { log2, ecu: 1 + randomInt(100), campaign: CAMPAIGNS[randomInt(CAMPAIGNS.length)], payload: randomBytes(Math.max(0, edge)) };
}
const opener = (key, recipient) => ({ publicKey: key.publicKey, recipient: addressOf(recipient),
  unwrap: (info, aad, wrapped) => theirOpen(key.seed, info, aad, wrapped) });

async function theyUnseal() {
  const { log2, ecu, campaign, payload } = someOrder(), zone = 1 + randomInt(100), keys = [someKey(), someKey()];
  const [bytes] = await told('seal-payload', campaign, ecu, 1 << log2, payload, ecu, keys[0].publicKey, zone, keys[1].publicKey);
  for (const [key, recipient] of [[keys[0], ecu], [keys[1], zone]]) {
    const opened = await sealed.openSealed(bytes, opener(key, recipient));
    assert.deepEqual(opened, { payload, campaign, address: addressOf(ecu) });
  }
  const altered = Buffer.concat([bytes.subarray(0, sealed.headerOffset(bytes)), flipped(bytes.subarray(sealed.headerOffset(bytes)))]);
  await assert.rejects(sealed.openSealed(altered, opener(keys[0], ecu)));
}

async function weUnseal() {
  const { log2, ecu, campaign, payload } = someOrder(), other = someKey(), key = someKey();
  const order = { contentKey: randomBytes(32), salt: randomBytes(32), campaign, address: addressOf(ecu), log2 };
  const content = sealed.makeContent(order, payload), header = content.subarray(0, 152), wrapped = [];
  for (const { publicKey } of [other, key])
    wrapped.push({ publicKey, bytes: await theirSeal(publicKey, sealed.envelopeInfo(campaign, addressOf(ecu)), header, order.contentKey) });
  const bytes = Buffer.concat([sealed.makeEnvelopes(wrapped), content]);
  assert.deepEqual((await told('unseal', key.seed, ecu, campaign, bytes))[0], payload);
  const altered = Buffer.concat([bytes.subarray(0, sealed.headerOffset(bytes)), flipped(content)]);
  assert.equal((await ask('unseal', key.seed, ecu, campaign, altered))[0], 'refused');
}

// The page's own vector, made again here.
async function pageVector() {
  const block = readFileSync(page, 'utf8').split('```vector\n')[1].split('```')[0];
  const says = Object.fromEntries(block.trim().split('\n').map((line) => line.split(/ = /)));
  const key = { seed: unhex(says.seed), publicKey: Buffer.from(nobleXWing.keygen(unhex(says.seed)).publicKey) };
  assert.equal(hex(createHash('sha256').update(key.publicKey).digest()), says['sha256(public key)']);
  const recipientPublicKey = await suite.kem.deserializePublicKey(exact(key.publicKey));
  const order = { contentKey: unhex(says['content key']), salt: unhex(says.salt), campaign: says.campaign, address: 0x11, log2: 12 };
  const content = sealed.makeContent(order, Buffer.from(says.payload, 'ascii'));
  assert.equal(hex(content), says.header + says.chunk);
  const info = sealed.envelopeInfo(says.campaign, 0x11);
  assert.equal(hex(info), says.info);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: exact(info), ekm: exact(unhex(says.randomness)) });
  const wrapped = await sender.seal(exact(order.contentKey), exact(content.subarray(0, 152)));
  assert.equal(hex(Buffer.from(wrapped)), says['wrapped key']);
  const bytes = Buffer.concat([Buffer.from(sender.enc), Buffer.from(wrapped)]);
  const all = Buffer.concat([sealed.makeEnvelopes([{ publicKey: key.publicKey, bytes }]), content]);
  assert.equal(hex(createHash('sha256').update(all).digest()), says['sha256(sealed payload)']);
  assert.deepEqual((await sealed.openSealed(all, opener(key, 11))).payload.toString('ascii'), says.payload);
}

const kinds = [
  ['X-Wing: keys, ciphertexts and secrets are the same', xWing, 300],
  ['HPKE: they seal, we open', weOpen, 350],
  ['HPKE: we seal, they open', theyOpen, 350],
  ['sealed payloads: ours, opened from the page alone', theyUnseal, 100],
  ['sealed payloads: made from the page alone, opened by us', weUnseal, 100],
  ["the page's vector", pageVector, 1],
];
for (const [name, one, count] of kinds) {
  for (let number = 0; number < count; ++number) await one();
  console.log(`${count} × ${name}`);
}
ours.stdin.end();
