import { deepEqual, isAlreadyExists, isBeingDeleted, isControlledBy, isNotFound } from '../../apimachinery/index.ts';
import type { EventRecorder, ResourceClient } from '../../client/index.ts';
import type { Deployment, ReplicaSet } from '../../kinds/index.ts';
import { type Clock, errorText } from '../../std/index.ts';
import type { FreshView } from '../fresh-view.ts';
import { REVISION } from './annotations.ts';
import type { DeploymentWrite } from './plan.ts';
import { withCreateFailure } from './status.ts';
import { sameTemplate } from './template-hash.ts';

interface WriterParts {
  readonly deployments: FreshView<Deployment>;
  readonly sets: FreshView<ReplicaSet>;
  readonly deploymentClient: ResourceClient<Deployment>;
  readonly setClient: ResourceClient<ReplicaSet>;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

/** Makes the writes of a plan, tells the events that go with them, and notes in the views what was written. */
export class DeploymentWriter {
  readonly #parts: WriterParts;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Makes one write and returns the Deployment as it is afterwards. */
  async write(deployment: Deployment, write: DeploymentWrite): Promise<Deployment> {
    const { name = '', namespace } = deployment.metadata;
    switch (write.type) {
      case 'create': {
        const set = await this.#parts.setClient.create(write.replicaSet);
        this.#parts.sets.wrote(set);
        const size = set.spec?.replicas ?? 0;
        if (size > 0) this.#parts.events.event(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${set.metadata.name} from 0 to ${size}`);
        return deployment;
      }
      case 'update': {
        const set = await this.#parts.setClient.update(write.replicaSet);
        this.#parts.sets.wrote(set);
        const [from, to] = [write.from, set.spec?.replicas ?? 0];
        if (from !== undefined && from !== to) {
          const text = `Scaled ${from < to ? 'up' : 'down'} replica set ${set.metadata.name} from ${from} to ${to}`;
          this.#parts.events.event(deployment, 'Normal', 'ScalingReplicaSet', text);
        }
        return deployment;
      }
      case 'delete': {
        const { name: setName = '', uid } = write.replicaSet.metadata;
        try {
          const answer = await this.#parts.setClient.delete(setName, namespace, uid ? { preconditions: { uid } } : {});
          if (answer.kind === 'ReplicaSet' && isBeingDeleted(answer)) this.#parts.sets.wrote(answer as ReplicaSet);
          else this.#parts.sets.removed(write.replicaSet);
        } catch (error) {
          if (!isNotFound(error)) throw error;
          this.#parts.sets.removed(write.replicaSet);
        }
        return deployment;
      }
      case 'revision': {
        const patch = { metadata: { annotations: { [REVISION]: write.revision } } };
        const updated = await this.#parts.deploymentClient.patch(name, namespace, patch, { type: 'merge' });
        this.#parts.deployments.wrote(updated);
        return updated;
      }
    }
  }

  /** Somebody has the name: our own ReplicaSet that no cache shows yet, or a collision of the hash, which is counted into the next name. */
  async createFailed(deployment: Deployment, wanted: ReplicaSet, status: Deployment['status'], error: unknown): Promise<void> {
    const { name = '', namespace } = wanted.metadata;
    if (!isAlreadyExists(error)) {
      const reason = `Failed to create new replica set "${name}": ${errorText(error)}`;
      const failed = withCreateFailure(deployment, status ?? {}, reason, this.#parts.clock.now());
      if (!deepEqual(failed, deployment.status))
        this.#parts.deployments.wrote(await this.#parts.deploymentClient.updateStatus({ ...deployment, status: failed }));
      this.#parts.events.event(deployment, 'Warning', 'ReplicaSetCreateError', reason);
      throw error;
    }
    const there = await this.#parts.setClient.get(name, namespace);
    if (isControlledBy(there, deployment) && sameTemplate(there.spec?.template, wanted.spec?.template)) {
      this.#parts.sets.wrote(there);
    } else {
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      this.#parts.deployments.wrote(await this.#parts.deploymentClient.updateStatus({ ...deployment, status: { ...deployment.status, collisionCount } }));
    }
    throw error;
  }
}
