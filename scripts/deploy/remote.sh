# shellcheck shell=sh
# Runs on the machine, sent there by host.ts:  sh -s -- IMAGE FOLDER
# All of it is one function that is read to its end before it begins, and whose programs read nothing: a connection that breaks
# cuts nothing short, and no program takes the rest of the script for its input.
set -u
# What is laid down is read by the users of the containers, which are others.
umask 022
export LC_ALL=C
trap '' HUP PIPE

say() { echo "$*" || :; }
compose() { docker compose "$@" >> .deploy/log 2>&1; }
# Healthy, or this fails: what --wait waits for are the health checks of the compose file.
up() { compose up -d --no-build --wait --wait-timeout 180 "$@"; }

# What a version of the system has beside its image, as the image itself holds it.
BESIDE='docker-compose.yml .env.example monitoring services/gateway'
# Who reads which of it, and how it is told: a file that changed restarts nothing by itself.
READERS='gateway:HUP:services/gateway prometheus:HUP:monitoring/prometheus grafana:restart:monitoring/grafana/provisioning loki:restart:monitoring/logs alloy:HUP:monitoring/logs'

# Puts the files of a folder in place, and takes away what it does not have.
lay() {
  (cd "$1" && find . -type f) | sort > .deploy/has || return 1
  for top in monitoring services/gateway; do if [ -d "$top" ]; then find "./$top" -type f; fi; done | sort > .deploy/had
  comm -13 .deploy/has .deploy/had | while IFS= read -r file; do rm -f "$file"; done
  cp -R "$1/." .
}

# Tells those whose files differ between two folders.
reload() {
  running=$(docker compose ps --services --status running 2>> .deploy/log)
  for reader in $READERS; do
    service=${reader%%:*} part=${reader##*:} how=${reader#*:}
    if diff -r "$1/$part" "$2/$part" > /dev/null 2>&1; then continue; fi
    if ! echo "$running" | grep -qx "$service"; then continue; fi
    case ${how%%:*} in
      HUP) compose kill -s HUP "$service" ;;
      *) compose restart "$service" ;;
    esac
  done
  # Replaced by renaming, so that the container still holds the file before until it is started again.
  if ! cmp -s .deploy/alertmanager secrets/alertmanager && echo "$running" | grep -qx alertmanager; then compose restart alertmanager; fi
}

# As many servers as there were: by itself compose starts one.
servers() {
  count=$(docker compose ps -q server 2>> .deploy/log | wc -l)
  if [ "$count" -gt 1 ]; then echo "--scale server=$((count))"; fi
}

# Each server, and then what a reader sees.
check() {
  ids=$(docker compose ps -q server 2>> .deploy/log)
  if [ -z "$ids" ]; then return 1; fi
  for id in $ids; do
    docker exec "$id" node scripts/deploy/check.ts --url http://127.0.0.1:8501 >> .deploy/log 2>&1 || return 1
  done
  if docker compose config --services 2>> .deploy/log | grep -qx gateway; then
    compose exec -T server node scripts/deploy/check.ts --url http://gateway:8501
  fi
}

# Exporter and scheduler first, since nobody looks at them; then the servers; then what else changed. $scale is words, or none.
# shellcheck disable=SC2086
replace() {
  step='exporter and scheduler are not healthy'
  up exporter scheduler || return 1
  step='the server is not healthy'
  up $scale server || return 1
  step='not all services are healthy'
  up --remove-orphans $scale || return 1
  reload "$1" "$2"
  step='the server does not answer as it should'
}

# The image of .env, which is changed last of all: whatever ends this before has the old one in it.
remember() {
  if [ -e .env ]; then cp -p .env .env.next || return 1; fi
  { grep -s -v '^ULASAN_IMAGE=' .env || :; printf 'ULASAN_IMAGE=%s\n' "$1"; } > .env.next && mv .env.next .env
}

prepare() {
  step="$image cannot be pulled"
  docker pull --quiet "$image" >> .deploy/log 2>&1 || return 1
  step="$image does not hold what belongs beside it"
  rm -rf .deploy/next && mkdir .deploy/next || return 1
  # shellcheck disable=SC2086
  docker run --rm --network none --entrypoint tar "$image" -C /app -cf - $BESIDE > .deploy/next.tar 2>> .deploy/log || return 1
  tar -xf .deploy/next.tar -C .deploy/next >> .deploy/log 2>&1 || return 1
  step='the secrets cannot be made'
  if ! [ -d secrets ]; then mkdir -m 700 secrets || return 1; fi
  # What Alertmanager runs with is made of .env and the secrets, which stand beside each other.
  if [ -e secrets/alertmanager ]; then cp -p secrets/alertmanager .deploy/alertmanager || return 1; else rm -f .deploy/alertmanager; fi
  docker run --rm --network none --user "$(id -u):$(id -g)" -v "$PWD:/stack:ro" -v "$PWD/secrets:/stack/secrets" "$image" node scripts/secrets.js /stack/secrets >> .deploy/log 2>&1 || return 1
  step='its compose file is not valid here'
  compose --project-directory "$PWD" -f .deploy/next/docker-compose.yml config --quiet || return 1
  step='it is not well beside what runs'
  compose --project-directory "$PWD" -f .deploy/next/docker-compose.yml run --rm --no-deps -T server node scripts/deploy/check.ts
}

# Alertmanager's configuration as it was: `reload` then sees what was there meanwhile.
alerts_back() {
  if ! [ -e .deploy/alertmanager ] || cmp -s .deploy/alertmanager secrets/alertmanager; then return 0; fi
  cp -p secrets/alertmanager .deploy/alertmanager.tried && cp -p .deploy/alertmanager secrets/.alertmanager && mv secrets/.alertmanager secrets/alertmanager && mv .deploy/alertmanager.tried .deploy/alertmanager
}

go_back() {
  unset ULASAN_IMAGE
  docker compose logs --no-color --tail 20 exporter scheduler server >> .deploy/log 2>&1
  if [ "$ran" = no ]; then
    say 'nothing ran here before: its containers are stopped'
    compose stop
    rm -rf .deploy/before
    return 1
  fi
  alerts_back
  if ! lay .deploy/before; then say "error: the files of the version before cannot be put back; they are in $PWD/.deploy/before"; return 3; fi
  replace .deploy/next .deploy/before
  back=$?
  rm -rf .deploy/before
  if [ "$back" = 0 ]; then say 'the version before is back'; return 1; fi
  say "error: and the version before did not come back by itself ($step): see docker compose ps"
  return 3
}

tell_why() {
  say "error: $1"
  say "the end of $PWD/.deploy/log:"
  tail -n 40 .deploy/log || :
}

main() {
  image=$1
  if ! cd "$2"; then say "error: there is no folder $2 on this machine that this user may enter: see docs/operations.md"; return 1; fi
  if ! [ -w . ]; then say "error: this user may not write in $2"; return 1; fi
  for program in docker flock tar; do if ! command -v "$program" > /dev/null; then say "error: there is no $program on this machine"; return 1; fi; done
  mkdir -p .deploy
  exec 9> .deploy/lock
  if ! flock -n 9; then say 'error: another deployment is under way on this machine'; return 1; fi
  : > .deploy/log
  # Until the new one is looked at, what compose runs is that of .env.
  unset ULASAN_IMAGE
  ran=no
  if [ -e docker-compose.yml ] && [ -n "$(docker compose ps -q server 2>> .deploy/log)" ]; then ran=yes; fi
  # Left by a deployment that was cut off. Where .env names its image already, it was well, and only this was left to do.
  if [ -d .deploy/before ] && [ -e .env ] && grep -qxF "ULASAN_IMAGE=$(cat .deploy/trying 2> /dev/null)" .env; then rm -rf .deploy/previous && mv .deploy/before .deploy/previous; fi
  # Else its files, and what runs, are of a version that nobody looked at. That of .env was well.
  if [ -d .deploy/before ]; then
    say 'the deployment before was cut off: the files of the version before it are taken back, and its containers replaced'
    if ! [ -e .deploy/before/docker-compose.yml ]; then ran=no
    elif ! lay .deploy/before; then tell_why 'they cannot be taken back'; return 1
    else
      alerts_back
      scale=$(servers)
      replace .deploy/next .deploy/before || say "warning: the version before is not well either ($step): see docker compose ps"
    fi
    rm -rf .deploy/before
  fi
  export ULASAN_IMAGE="$image"
  if ! prepare; then alerts_back; tell_why "nothing was changed: $step"; return 1; fi
  scale=$(servers)
  rm -rf .deploy/keep && mkdir -p .deploy/keep/services || return 1
  for part in $BESIDE; do if [ -e "$part" ]; then cp -R "$part" ".deploy/keep/$part" || return 1; fi; done
  echo "$image" > .deploy/trying
  mv .deploy/keep .deploy/before
  step='its files cannot be put in place'
  if lay .deploy/next && replace .deploy/before .deploy/next && check && remember "$image"; then
    rm -rf .deploy/previous && mv .deploy/before .deploy/previous
    say "deployed $image"
    return 0
  fi
  tell_why "not well ($step): going back"
  go_back
}

main "$@" < /dev/null
