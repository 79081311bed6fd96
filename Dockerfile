# One image for server, exporter and scheduler: they are the same code, started by another command.
FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /app
ENV CI=true npm_config_loglevel=error
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml scripts/deploy/slim.ts ./
# The lock file decides every version, package.json that of pnpm; what is only for tests stays out, and what is never loaded goes.
RUN npx -y "$(node -p "JSON.parse(require('fs').readFileSync('package.json')).packageManager")" install --frozen-lockfile --prod --reporter=append-only \
 && node slim.ts node_modules

FROM node:26.10.0-bookworm-slim
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    REPRO_WORKSPACE=/workspace \
    NODE_COMPILE_CACHE=/workspace/.cache/compile \
    HOME=/tmp \
    HOST=0.0.0.0
WORKDIR /app
# The code is owned by root and stays as it is; everything that is written lies in the workspace.
# `ulasan` is there what `pnpm` is elsewhere.
RUN install -d -o node -g node /workspace && ln -s /app/scripts/inside.ts /usr/local/bin/ulasan
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json pnpm-workspace.yaml pnpm-lock.yaml pipeline.yaml params.yaml ./
COPY runner ./runner
COPY schema ./schema
COPY records ./records
COPY ml ./ml
COPY storage ./storage
COPY registry ./registry
COPY stages ./stages
COPY site ./site
COPY notebooks ./notebooks
COPY scripts ./scripts
COPY services ./services
# What belongs beside this version on a machine: a deployment takes it from here.
COPY docker-compose.yml .env.example ./
COPY monitoring ./monitoring
USER 1000:1000
VOLUME /workspace
EXPOSE 8501 8000
# Ends what it began, and its children, at the first signal.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=10s --retries=3 CMD ["node", "services/probe.js"]
CMD ["node", "services/serve.js"]
