#!/usr/bin/env bash
# README's first command, in a fresh clone in an empty folder: as this user, and, where this is root, as an ordinary one.
set -eu
source=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

try() {
  local who=$1
  shift
  local home="$work/$who"
  mkdir -p "$home"
  git clone --quiet --no-hardlinks "file://$source" "$home/orch"
  # The caches of the machine's user are not a newcomer's.
  [ "$who" = root ] || chown -R "$who" "$home" 2>/dev/null || true
  echo "--- $who in $home/orch"
  "$@" env -i HOME="$home" PATH="$PATH" LANG=C.UTF-8 ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    ${npm_config_registry:+npm_config_registry="$npm_config_registry"} npm_config_cache="$home/.npm" \
    bash -c 'cd "$HOME/orch" && npm ci --silent && npm run --silent demo && npm run --silent demo -- --json | tail -n 1 > "$HOME/last.json"'
  node -e '
    const said = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8"))
    const keys = ["task", "state", "repo", "base", "merge_commit", "stages", "usage", "board"]
    if (JSON.stringify(Object.keys(said)) !== JSON.stringify(keys)) throw new Error("the last line has the keys " + Object.keys(said))
    if (said.state !== "done" || said.task !== "DEMO-2") throw new Error("the last line says " + JSON.stringify(said))
    require("child_process").execFileSync("git", ["-c", "safe.directory=*", "-C", said.repo, "merge-base", "--is-ancestor", said.merge_commit, said.base])
  ' "$home/last.json"
  if pgrep -f "$home/orch" >/dev/null; then
    echo "left running:" && pgrep -af "$home/orch"
    return 1
  fi
  passed=$((passed + 1))
}

chmod 755 "$work"
if [ "$(id -u)" = 0 ]; then
  # Root's home is closed to everybody else: the embedded database must live there all the same.
  try root
  try nobody setpriv --reuid=nobody --regid=nogroup --clear-groups --
else
  try "$(id -un)"
fi
echo "newcomer: $passed passed, 0 failed"
