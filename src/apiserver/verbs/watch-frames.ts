import type { KubeObject, Status, WatchEvent } from '../../apimachinery/index.ts';
import type { StoredObject } from '../../storage/index.ts';
import type { WatchFrame } from '../request/answer.ts';

type ObjectEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

const LINE_END = Buffer.from('}\n');
const LINE_START: { readonly [type in ObjectEventType]: Buffer } = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};

/** An event that only one watcher sees. */
export function frameOf(event: WatchEvent<KubeObject>): WatchFrame {
  let line: Buffer | undefined;
  return {
    event,
    line() {
      line ??= Buffer.from(`${JSON.stringify(event)}\n`);
      return line;
    },
  };
}

export const errorFrame = (status: Status): WatchFrame => frameOf({ type: 'ERROR', object: status });

/** Frames of stored objects: every watcher of an event gets the same frame, so it is serialised and framed once. */
export class WatchFrames {
  readonly #frames = new WeakMap<StoredObject, { [type in ObjectEventType]?: WatchFrame }>();

  of(type: ObjectEventType, item: StoredObject): WatchFrame {
    let frames = this.#frames.get(item);
    if (!frames) {
      frames = {};
      this.#frames.set(item, frames);
    }
    frames[type] ??= sharedFrame(type, item);
    return frames[type];
  }
}

function sharedFrame(type: ObjectEventType, item: StoredObject): WatchFrame {
  let line: Buffer | undefined;
  return {
    event: Object.freeze({ type, object: item.object }),
    line() {
      line ??= Buffer.concat([LINE_START[type], item.json(), LINE_END]);
      return line;
    },
  };
}
