import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, setOf, time, utf8 } from './der.ts';

/** Whom a certificate is about. */
export interface Subject {
  readonly commonName: string;
  /** Groups, for clients. */
  readonly organizations?: readonly string[];
}

export interface CertificateRequest {
  readonly subject: Subject;
  readonly publicKey: KeyObject;
  readonly issuer: Subject;
  readonly issuerKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly use: 'authority' | 'server' | 'client';
  /** Names and addresses of a server; spiffe:// URIs are written as such. */
  readonly names?: readonly string[];
}

const COMMON_NAME = oid('2.5.4.3');
const ORGANIZATION = oid('2.5.4.10');
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const EXTENSION = {
  subjectKeyId: oid('2.5.29.14'),
  keyUsage: oid('2.5.29.15'),
  names: oid('2.5.29.17'),
  basicConstraints: oid('2.5.29.19'),
  authorityKeyId: oid('2.5.29.35'),
  extendedKeyUsage: oid('2.5.29.37'),
};
const SERVER_AUTH = oid('1.3.6.1.5.5.7.3.1');
const CLIENT_AUTH = oid('1.3.6.1.5.5.7.3.2');

/** Signs an X.509 v3 certificate for an EC P-256 key. Returns PEM. */
export function writeCertificate(request: CertificateRequest): string {
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    // A leading zero bit keeps the number positive; 127 random bits make it unique.
    integer(Buffer.from(randomBytes(16).map((byte, index) => (index === 0 ? byte & 0x7f || 1 : byte)))),
    ECDSA_SHA256,
    distinguishedName(request.issuer),
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    distinguishedName(request.subject),
    spki(request.publicKey),
    explicit(3, sequence(...extensions(request))),
  );
  const signature = sign('sha256', body, { key: request.issuerKey, dsaEncoding: 'der' });
  return pem('CERTIFICATE', sequence(body, ECDSA_SHA256, bits(signature)));
}

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const distinguishedName = ({ commonName, organizations = [] }: Subject): Buffer =>
  sequence(...organizations.map((one) => setOf(sequence(ORGANIZATION, utf8(one)))), setOf(sequence(COMMON_NAME, utf8(commonName))));

function extensions({ use, names = [], publicKey, issuerKey }: CertificateRequest): readonly Buffer[] {
  const critical = (id: Buffer, value: Buffer) => sequence(id, boolean(true), octets(value));
  const plain = (id: Buffer, value: Buffer) => sequence(id, octets(value));
  const authority = use === 'authority';
  return [
    critical(EXTENSION.basicConstraints, authority ? sequence(boolean(true)) : sequence()),
    // Bits from the left: 0 digitalSignature, 2 keyEncipherment, 5 keyCertSign, 6 cRLSign.
    critical(EXTENSION.keyUsage, authority ? bits(Buffer.from([0b1000_0110]), 1) : bits(Buffer.from([0b1000_0000]), 7)),
    ...(authority ? [] : [plain(EXTENSION.extendedKeyUsage, sequence(use === 'server' ? SERVER_AUTH : CLIENT_AUTH))]),
    plain(EXTENSION.subjectKeyId, octets(keyId(publicKey))),
    plain(EXTENSION.authorityKeyId, sequence(implicit(0, keyId(createPublicKey(issuerKey))))),
    ...(names.length > 0 ? [plain(EXTENSION.names, sequence(...names.map(generalName)))] : []),
  ];
}

const keyId = (key: KeyObject): Buffer => createHash('sha1').update(spki(key)).digest();

function generalName(name: string): Buffer {
  if (name.includes('://')) return implicit(6, Buffer.from(name));
  switch (isIP(name)) {
    case 4:
      return implicit(7, Buffer.from(name.split('.').map(Number)));
    case 6:
      return implicit(7, ipv6(name));
    default:
      return implicit(2, Buffer.from(name));
  }
}

function ipv6(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const groups = (text: string | undefined) => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : []);
  const head = groups(left);
  const tail = groups(right);
  const all = right === undefined ? head : [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`;
