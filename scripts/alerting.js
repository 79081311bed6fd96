// The configuration of Alertmanager: who is told of what. A channel is on when everything it needs is there; one that is not
// is left out, since a receiver that fails at each alert hides the one that fails by accident.

/** Given to Alertmanager as JSON, which is YAML. Secrets are named by their file, and are never in it. */
const FILES = '/run/secrets';

/** What one alert says. Without an address of the runbooks it names the page in the project. */
function texts({ runbooks }) {
  const page = `${runbooks === '' ? '' : `${runbooks.replace(/\/+$/, '')}/`}{{ .Annotations.runbook }}`;
  return {
    title: '[{{ .Status }}{{ if eq .Status "firing" }} {{ .Alerts.Firing | len }}{{ end }}] {{ .GroupLabels.alertname }}',
    text: `{{ range .Alerts }}{{ .Annotations.summary }} ({{ .Labels.severity }}, since {{ .StartsAt.UTC.Format "2006-01-02 15:04 UTC" }})\nWhat to do: ${page}\n{{ end }}`,
  };
}

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\]):(\d{1,5})$/i;
/** Settings that are there and can be nothing of what is wanted. A value is shown where no token or password can be in it. */
const FORMS = {
  TELEGRAM_CHAT_ID: { isRight: (value) => /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value)), isPlain: (value) => /^[\w@-]{1,32}$/.test(value), wanted: 'the number of a chat, such as -100123456789' },
  SMTP_HOST: { isRight: (value) => Number(HOST.exec(value)?.[1] ?? 0) > 0 && Number(HOST.exec(value)?.[1]) < 65_536, isPlain: (value) => /^[\w.:[\]/-]{1,100}$/.test(value), wanted: 'a host and its port, such as smtp.example.org:587' },
};

/** The sentence about a setting that is there and wrong, if it is. */
function complaint(name, value) {
  const { isRight, isPlain, wanted } = FORMS[name];
  if (value === '' || isRight(value)) return [];
  return [`Cannot configure Alertmanager as ${name} ${isPlain(value) ? `is "${value}"` : 'is something else (not shown, as it may hold a secret)'}: it must be ${wanted}; mend it in .env, or where it is set`];
}

/**
 * The channels by name: what each needs that is missing, what is there and wrong, and its part of a receiver.
 * `settings` are the variables of .env, `has` says whether the file of a secret has something in it.
 */
export function channels(settings, has) {
  // Empty is not set, as compose has it.
  const said = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
  const { ALERT_EMAIL_TO = '', SMTP_HOST = '', SMTP_FROM = 'ulasan@localhost', SMTP_USER = '', SLACK_CHANNEL = '#ulasan', TELEGRAM_CHAT_ID = '', RUNBOOKS_URL = '' } = said;
  const { title, text } = texts({ runbooks: RUNBOOKS_URL });
  const common = { send_resolved: true };
  const needs = (wanted) => Object.entries(wanted).flatMap(([name, isThere]) => (isThere ? [] : [name]));
  return {
    slack: { missing: needs({ 'secrets/slack_url': has('slack_url') }), wrong: [], part: { slack_configs: [{ ...common, api_url_file: `${FILES}/slack_url`, channel: SLACK_CHANNEL, title, text }] } },
    telegram: {
      missing: needs({ 'secrets/telegram_token': has('telegram_token'), TELEGRAM_CHAT_ID: TELEGRAM_CHAT_ID !== '' }),
      wrong: complaint('TELEGRAM_CHAT_ID', TELEGRAM_CHAT_ID),
      // No markup: a star in a name would make Telegram refuse the message.
      part: { telegram_configs: [{ ...common, bot_token_file: `${FILES}/telegram_token`, chat_id: Number(TELEGRAM_CHAT_ID), parse_mode: '', message: `${title}\n${text}` }] },
    },
    'e-mail': {
      missing: needs({ ALERT_EMAIL_TO: ALERT_EMAIL_TO !== '', SMTP_HOST: SMTP_HOST !== '', 'secrets/smtp_password': SMTP_USER === '' || has('smtp_password') }),
      wrong: complaint('SMTP_HOST', SMTP_HOST),
      part: {
        email_configs: [{
          ...common, to: ALERT_EMAIL_TO, from: SMTP_FROM, smarthost: SMTP_HOST, headers: { Subject: title }, html: '', text,
          ...(SMTP_USER === '' ? {} : { auth_username: SMTP_USER, auth_password_file: `${FILES}/smtp_password` }),
        }],
      },
    },
  };
}

const ROUTE = {
  receiver: 'chat', group_by: ['alertname'], group_wait: '30s', group_interval: '5m', repeat_interval: '12h',
  routes: [
    { matchers: ['severity="critical"'], receiver: 'on-call', repeat_interval: '2h' },
    { matchers: ['severity="warning"'], receiver: 'chat' },
    // What nobody has to act on is told once a day at most.
    { matchers: ['severity="info"'], receiver: 'chat', group_wait: '10m', repeat_interval: '24h' },
  ],
};

const INHIBIT = [
  // Without the exporter everything that is read from it is unknown.
  { source_matchers: ['alertname="UlasanExporterDown"'], target_matchers: ['alertname=~"Ulasan(Pipeline|Scheduler|Stage|Data|Quality|Drift|Gate|Model).*"'] },
  // A refusal and an outage are why no server serves the newest release.
  { source_matchers: ['alertname=~"UlasanServerDown|UlasanReleaseRefused"'], target_matchers: ['alertname=~"UlasanReleaseBehind|UlasanServerEmpty"'] },
  { source_matchers: ['alertname="UlasanErrorBudgetFast"'], target_matchers: ['alertname="UlasanErrorBudgetSlow"'] },
  // A run that stopped at the data is told of once.
  { source_matchers: ['alertname="UlasanQualityError"'], target_matchers: ['alertname=~"UlasanStageFailed|UlasanPipelineFailing"'] },
];

/** Critical alerts go to every channel; others to the first one that does not wake anybody. */
export function configuration(settings, has) {
  const on = Object.values(channels(settings, has)).flatMap(({ missing, wrong, part }) => (missing.length === 0 && wrong.length === 0 ? [part] : []));
  return {
    global: { resolve_timeout: '10m' }, route: ROUTE, inhibit_rules: INHIBIT,
    receivers: [{ name: 'chat', ...on[0] }, { name: 'on-call', ...Object.assign({}, ...on) }],
  };
}
