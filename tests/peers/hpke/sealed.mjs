// Sealed payloads, written from docs/formats/sealed.md alone: nothing here knows our C++.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, timingSafeEqual } from 'node:crypto';

const ENVELOPE = 1184, HEADER = 152, TAG = 16;

const ascii = (text) => Buffer.from(text, 'ascii');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest();
const hkdf = (secret, salt, info, size) => Buffer.from(hkdfSync('sha256', secret, salt, info, size));
const u16 = (number) => Buffer.from([number >> 8, number & 0xff]);

function nonceOf(prefix, number, isLast) {
  const nonce = Buffer.alloc(12);
  prefix.copy(nonce);
  nonce.writeUInt32BE(number, 7);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

const commitmentOf = (contentKey, salt, header) =>
  hkdf(contentKey, salt, Buffer.concat([ascii('pitstop-sealed-1 commitment'), sha256(header.subarray(0, 120))]), 32);

function payloadKeys(contentKey, salt, header) {
  const both = hkdf(contentKey, salt, Buffer.concat([ascii('pitstop-sealed-1 payload'), sha256(header)]), 39);
  return { key: both.subarray(0, 32), prefix: both.subarray(32), aad: sha256(header) };
}

export const envelopeInfo = (campaign, address) =>
  Buffer.concat([ascii('pitstop-sealed-1 envelope'), Buffer.from([campaign.length]), ascii(campaign), u16(address)]);

export const hintOf = (publicKey) => sha256(publicKey).subarray(0, 16);

export function makeHeader({ contentKey, salt, campaign, address, log2, size }) {
  const header = Buffer.alloc(HEADER);
  ascii('PSEH').copy(header);
  header.set([1, 1, log2, campaign.length], 4);
  header.writeUInt16BE(address, 8);
  header.writeBigUInt64BE(BigInt(size), 16);
  salt.copy(header, 24);
  ascii(campaign).copy(header, 56);
  commitmentOf(contentKey, salt, header).copy(header, 120);
  return header;
}

export function makeContent(order, payload) {
  const header = makeHeader({ ...order, size: payload.length });
  const { key, prefix, aad } = payloadKeys(order.contentKey, order.salt, header);
  const chunk = 1 << order.log2, count = Math.max(1, Math.ceil(payload.length / chunk));
  const parts = [header];
  for (let number = 0; number < count; ++number) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(prefix, number, number === count - 1)).setAAD(aad);
    parts.push(cipher.update(payload.subarray(number * chunk, (number + 1) * chunk)), cipher.final(), cipher.getAuthTag());
  }
  return Buffer.concat(parts);
}

// `wrapped`: one { publicKey, bytes } for each recipient, bytes = enc ‖ ciphertext ‖ tag.
export function makeEnvelopes(wrapped) {
  return Buffer.concat([ascii('PSEN'), Buffer.from([1, 0]), u16(wrapped.length),
    ...wrapped.flatMap(({ publicKey, bytes }) => [hintOf(publicKey), bytes])]);
}

export const headerOffset = (sealed) => 8 + ENVELOPE * sealed.readUInt16BE(6);

function envelopeFor(sealed, publicKey) {
  for (let at = 8; at < headerOffset(sealed); at += ENVELOPE)
    if (sealed.subarray(at, at + 16).equals(hintOf(publicKey))) return sealed.subarray(at + 16, at + ENVELOPE);
  throw new Error('not for us');
}

// `unwrap(info, aad, wrapped)` is HPKE's open with the recipient's key. Throws at whatever is wrong.
export async function openSealed(sealed, { publicKey, recipient, unwrap }) {
  if (!sealed.subarray(0, 6).equals(Buffer.concat([ascii('PSEN'), Buffer.from([1, 0])]))) throw new Error('no envelopes');
  const header = sealed.subarray(headerOffset(sealed), headerOffset(sealed) + HEADER);
  if (!header.subarray(0, 6).equals(Buffer.concat([ascii('PSEH'), Buffer.from([1, 1])]))) throw new Error('no header');
  const campaign = header.subarray(56, 56 + header[7]).toString('ascii'), salt = header.subarray(24, 56);
  const contentKey = await unwrap(envelopeInfo(campaign, recipient), header, envelopeFor(sealed, publicKey));
  if (!timingSafeEqual(commitmentOf(contentKey, salt, header), header.subarray(120))) throw new Error('another key');

  const { key, prefix, aad } = payloadKeys(contentKey, salt, header);
  const chunk = 1 << header[6], size = Number(header.readBigUInt64BE(16)), count = Math.max(1, Math.ceil(size / chunk));
  let at = headerOffset(sealed) + HEADER;
  const parts = [];
  for (let number = 0; number < count; ++number) {
    const bytes = Math.min(chunk, size - number * chunk);
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(prefix, number, number === count - 1)).setAAD(aad);
    decipher.setAuthTag(sealed.subarray(at + bytes, at + bytes + TAG));
    parts.push(decipher.update(sealed.subarray(at, at + bytes)), decipher.final());
    at += bytes + TAG;
  }
  if (at !== sealed.length) throw new Error('trailing bytes');
  return { payload: Buffer.concat(parts), address: header.readUInt16BE(8), campaign };
}
