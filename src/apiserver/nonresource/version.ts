import { type Answer, objectAnswer } from '../request/answer.ts';

export interface VersionInfo {
  /** The level of the Kubernetes API that is served, for instance 1.33. */
  readonly kubernetes: string;
  /** This program's own version, for instance 0.1.0. */
  readonly drover: string;
}

/** /version: what kubectl compares its own version with. */
export function versionAnswer({ kubernetes, drover }: VersionInfo): Answer {
  const [major = '', minor = ''] = kubernetes.split('.');
  return objectAnswer(200, {
    major,
    minor,
    gitVersion: `v${major}.${minor}.0+drover-${drover}`,
    gitCommit: '',
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node ${process.version}`,
    compiler: 'node',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  });
}
