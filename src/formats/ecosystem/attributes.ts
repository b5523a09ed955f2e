/** How one PM2 attribute is treated. */
export type AttributeRule =
  | { readonly treat: 'supported'; readonly aliases?: readonly string[]; readonly type: AttributeType; readonly note?: string }
  /** Accepted because its value asks for what happens anyway; any other value is refused. */
  | { readonly treat: 'only'; readonly aliases?: readonly string[]; readonly values: readonly unknown[]; readonly reason: string }
  | { readonly treat: 'refused'; readonly aliases?: readonly string[]; readonly reason: string };

export type AttributeType = 'string' | 'boolean' | 'instances' | 'milliseconds' | 'count' | 'words' | 'environment' | 'exec-mode' | 'file' | 'interpreter';

const later = (instead: string): string => `it is not acted on yet; ${instead}`;

/** Every attribute of PM2 7's application schema. One that is not here is a typing error. */
export const APP_ATTRIBUTES: { readonly [name: string]: AttributeRule } = {
  name: { treat: 'supported', type: 'string' },
  script: { treat: 'supported', type: 'string', aliases: ['exec', 'pm_exec_path'] },
  instances: { treat: 'supported', type: 'instances', aliases: ['instance'] },
  exec_mode: { treat: 'supported', type: 'exec-mode' },
  env: { treat: 'supported', type: 'environment' },
  cwd: { treat: 'supported', type: 'string', aliases: ['pm_cwd'] },
  args: { treat: 'supported', type: 'words' },
  interpreter: { treat: 'supported', type: 'interpreter', aliases: ['exec_interpreter'] },
  node_args: { treat: 'supported', type: 'words', aliases: ['interpreter_args', 'interpreterArgs'] },
  namespace: { treat: 'supported', type: 'string' },
  wait_ready: { treat: 'supported', type: 'boolean' },
  listen_timeout: { treat: 'supported', type: 'milliseconds' },
  kill_timeout: { treat: 'supported', type: 'milliseconds' },
  autorestart: { treat: 'supported', type: 'boolean' },
  max_restarts: { treat: 'supported', type: 'count' },
  min_uptime: { treat: 'supported', type: 'milliseconds' },
  error_file: { treat: 'supported', type: 'file', aliases: ['err', 'err_file', 'err_log', 'error', 'pm_err_log_path'] },
  out_file: { treat: 'supported', type: 'file', aliases: ['out', 'out_log', 'output', 'pm_out_log_path'] },
  version: { treat: 'supported', type: 'string' },
  watch: { treat: 'only', values: [false], reason: later('run the program with `node --watch`, or restart it by hand') },
  ignore_watch: { treat: 'refused', reason: later('there is no watching') },
  watch_delay: { treat: 'refused', reason: later('there is no watching') },
  watch_options: { treat: 'refused', reason: later('there is no watching') },
  max_memory_restart: { treat: 'refused', reason: later('set a memory limit in a Kubernetes manifest, whose pods are restarted when they reach it') },
  merge_logs: {
    treat: 'only',
    values: [true],
    aliases: ['combine_logs'],
    reason: 'all replicas write into one file; a file for each is not made yet',
  },
  log_file: { treat: 'supported', type: 'file', aliases: ['log'], note: 'both streams, when neither out_file nor error_file is given' },
  log_date_format: { treat: 'refused', reason: later('`drover logs --timestamps` shows the time of each line') },
  log_type: { treat: 'only', values: ['raw'], reason: later('`drover logs --json` prints lines as JSON') },
  time: { treat: 'only', values: [false], reason: later('`drover logs --timestamps` shows the time of each line') },
  disable_logs: { treat: 'only', values: [false], reason: 'logs are bounded by rotation and always kept' },
  pid_file: { treat: 'refused', aliases: ['pid', 'pm_pid_path'], reason: later('`drover jlist` tells process ids') },
  restart_delay: { treat: 'only', values: [0], reason: 'the first restart is immediate, then the delay doubles from 10 s to 300 s' },
  exp_backoff_restart_delay: { treat: 'only', values: [0], reason: 'the first restart is immediate, then the delay doubles from 10 s to 300 s' },
  cron_restart: { treat: 'refused', aliases: ['cron'], reason: later('run `drover restart` from cron') },
  stop_exit_codes: { treat: 'refused', reason: later('use autorestart: false') },
  shutdown_with_message: { treat: 'only', values: [false], reason: later('programs get SIGINT') },
  treekill: { treat: 'only', values: [true], reason: 'a program is always stopped together with the processes it started' },
  force: { treat: 'only', values: [false], reason: later('pass --force to drover start') },
  vizion: { treat: 'only', values: [false, true], reason: 'version control is not looked at' },
  pmx: { treat: 'only', values: [false, true], reason: 'nothing is injected for metrics' },
  automation: { treat: 'only', values: [false, true], reason: 'nothing is injected for metrics' },
  trace: { treat: 'only', values: [false], reason: later('set tracing up in the program') },
  disable_trace: { treat: 'only', values: [true, false], reason: 'nothing is injected for tracing' },
  deep_monitoring: { treat: 'only', values: [false], reason: later('nothing is injected for metrics') },
  source_map_support: { treat: 'only', values: [false], reason: "use node_args: '--enable-source-maps'" },
  disable_source_map_support: { treat: 'only', values: [true, false], reason: 'nothing is injected for source maps' },
  instance_var: { treat: 'refused', reason: later('replicas are told apart by HOSTNAME') },
  increment_var: { treat: 'refused', reason: later('cluster mode shares one port; manifests give each pod its own address') },
  append_env_to_name: { treat: 'only', values: [false], reason: later('write the name in full') },
  filter_env: { treat: 'refused', reason: later('start from a shell without those variables') },
  env_file: { treat: 'refused', reason: later('put the variables under env') },
  uid: { treat: 'refused', aliases: ['user'], reason: later('use securityContext.runAsUser in a Kubernetes manifest') },
  gid: { treat: 'refused', aliases: ['group'], reason: later('use securityContext.runAsGroup in a Kubernetes manifest') },
  username: { treat: 'refused', reason: later('use securityContext.runAsUser in a Kubernetes manifest') },
  port: { treat: 'refused', reason: 'it starts a tunnel of a paid service; set env.PORT' },
  post_update: { treat: 'refused', reason: later('run the commands before `drover reload`') },
  watch_ignore: { treat: 'refused', reason: later('there is no watching') },
  wait_ready_timeout: { treat: 'refused', reason: 'it is called listen_timeout' },
  container: { treat: 'refused', reason: later('write a Kubernetes manifest with an image') },
  dist: { treat: 'refused', reason: later('write a Kubernetes manifest with an image') },
  image: { treat: 'refused', reason: later('write a Kubernetes manifest with an image') },
  node_version: { treat: 'refused', reason: later('name the binary with interpreter') },
  dockerdaemon: { treat: 'refused', reason: later('write a Kubernetes manifest with an image') },
  git: { treat: 'refused', reason: later('deploy with your own script') },
  key: { treat: 'refused', reason: 'keys of a paid service are not used' },
};

/** Spellings to names: every attribute, its aliases and camelCase forms (PM2 reads execMode as exec_mode). */
export const ATTRIBUTE_NAMES: { readonly [spelling: string]: string } = Object.fromEntries(
  Object.entries(APP_ATTRIBUTES).flatMap(([name, rule]) =>
    [name, ...(rule.aliases ?? [])].flatMap((spelling) => [
      [spelling, name],
      [spelling.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()), name],
    ]),
  ),
);

/** Keys of the file beside `apps`. */
export const FILE_KEYS: { readonly [name: string]: AttributeRule } = {
  apps: { treat: 'supported', type: 'string' },
  deploy: { treat: 'refused', reason: later('deploy with your own script, then `drover reload`') },
  pm2: { treat: 'refused', reason: 'write the list under the name apps' },
  $schema: { treat: 'only', values: [], reason: '' },
};
