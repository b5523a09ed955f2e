import { SCRIPT_ANNOTATION } from '../../formats/index.ts';
import { loadRows } from '../apps/print-apps.ts';
import type { Verb } from '../verb.ts';

/** PM2's word for each state. */
const PM2_STATUS = { online: 'online', launching: 'launching', stopping: 'stopping', stopped: 'stopped', errored: 'errored', pending: 'launching' } as const;

export const verb: Verb = {
  usage: 'drover jlist [-n NAMESPACE]',
  summary: "List the apps as JSON with PM2's keys.",
  examples: ['drover jlist'],
  options: { namespace: { type: 'string', short: 'n', value: 'NAME', help: 'only apps of this namespace' } },
  async run(context, args) {
    const rows = await loadRows(context, await context.connect(), () => true, args.text('namespace'));
    const list = rows.map(({ app, id, pod, state, restarts, startedAtMs, facts }) => {
      const template = app.deployment.spec?.template;
      const container = template?.spec?.containers?.[0];
      const annotations = template?.metadata?.annotations ?? {};
      return {
        name: app.name,
        namespace: app.namespace,
        pid: facts?.pid ?? 0,
        pm_id: id ?? null,
        monit: { memory: facts?.memoryBytes ?? 0, cpu: facts?.cpuPercent === undefined ? 0 : Math.round(facts.cpuPercent * 10) / 10 },
        pm2_env: {
          name: app.name,
          namespace: app.namespace,
          version: app.version ?? 'N/A',
          status: PM2_STATUS[state],
          exec_mode: `${app.mode}_mode`,
          instances: app.deployment.spec?.replicas ?? 1,
          pm_id: id ?? null,
          pm_uptime: startedAtMs ?? 0,
          restart_time: restarts,
          created_at: pod?.metadata.creationTimestamp ? Date.parse(pod.metadata.creationTimestamp) : 0,
          pm_exec_path: app.deployment.metadata.annotations?.[SCRIPT_ANNOTATION] ?? container?.command?.[0] ?? '',
          pm_cwd: container?.workingDir ?? '',
          autorestart: annotations['drover.dev/autorestart'] !== 'false',
          ...(annotations['drover.dev/out-file'] ? { pm_out_log_path: annotations['drover.dev/out-file'] } : {}),
          ...(annotations['drover.dev/error-file'] ? { pm_err_log_path: annotations['drover.dev/error-file'] } : {}),
          env: Object.fromEntries((container?.env ?? []).map(({ name, value }) => [name, value ?? ''])),
        },
        pod: pod?.metadata.name ?? null,
      };
    });
    context.print(JSON.stringify(list));
    return 0;
  },
};
