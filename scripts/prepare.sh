# What every script needs first: the packages of the lock file and the pinned Node.
# Sourced by the scripts beside it, with `top` set to the folder of the checkout.
# Everything it says goes to stderr, so that a `--json` document on stdout stays clean.

say() { printf 'jirani: %s\n' "$*" >&2; }

# Written only after npm has finished, and removed by the next `npm ci`: half an installation has none.
stamp="$top/node_modules/.installed-lock"

installed() { [ "$(cat "$stamp" 2>/dev/null)" = "$(cksum <"$top/package-lock.json")" ]; }

can_install() {
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    say 'node and npm are needed to install the packages (Debian: apt-get install nodejs npm; or https://nodejs.org).'
    return 1
  fi
  node_version=$(node --version)
  major=${node_version#v}
  if [ "${major%%.*}" -lt 20 ]; then
    say "node $node_version is too old to install the packages: version 20 or newer is needed (https://nodejs.org)."
    return 1
  fi
}

run_npm() {
  lock_sum=$(cksum <"$top/package-lock.json")
  say 'installing the packages of package-lock.json ...'
  # The pinned Node is an optional package and the checks are development packages, whatever ~/.npmrc says.
  if ! (cd "$top" && npm ci --ignore-scripts --include=optional --include=dev --no-audit --no-fund --no-update-notifier --no-engine-strict --loglevel=error >&2); then
    say 'npm ci failed; what it said is above. Nothing was started.'
    return 1
  fi
  printf '%s\n' "$lock_sum" >"$stamp"
}

# Installs when the lock file is not the one that was installed last. One at a time: the kernel holds the
# lock on the folder of the checkout for as long as this shell or its npm lives, so it cannot be left behind.
install_packages() {
  installed && return 0
  can_install || return 1
  exec 9<"$top"
  if ! command -v flock >/dev/null; then
    say 'there is no flock here: do not start a second one before this installation is over.'
  elif ! flock -n 9; then
    say 'waiting for an installation that is already running ...'
    flock 9
  fi
  installed || run_npm
  outcome=$?
  exec 9<&-
  return $outcome
}

# Node-RED and its dashboard are a package of their own, 240 MB that a hub without flows does not need. The argument is
# `--omit=dev` for a hub, `--include=dev` for the tests; what was installed with more is enough for less.
install_flows() {
  flows_stamp="$top/flows/node_modules/.installed-lock"
  flows_sum=$(cksum <"$top/flows/package-lock.json")
  case $(cat "$flows_stamp" 2>/dev/null) in
  "$flows_sum --include=dev" | "$flows_sum $1") return 0 ;;
  esac
  can_install || return 1
  say 'installing Node-RED from flows/package-lock.json ...'
  if ! (cd "$top/flows" && npm ci --ignore-scripts --include=optional "$1" --no-audit --no-fund --no-update-notifier --no-engine-strict --loglevel=error >&2); then
    say 'npm ci failed in flows/; what it said is above. NODE_RED=off starts the hub without flows.'
    return 1
  fi
  printf '%s\n' "$flows_sum $1" >"$flows_stamp"
}

# Sets `node` to the pinned Node of node_modules; where no such package exists, to the system's if new enough.
find_node() {
  node="$top/node_modules/.bin/node"
  case $("$node" --version 2>/dev/null) in v24.*) return 0 ;; esac
  node=$(command -v node) || node=''
  found=$("${node:-false}" --version 2>/dev/null)
  major=${found#v}
  if [ "${major%%.*}" -ge 24 ] 2>/dev/null; then return 0; fi
  say "the pinned Node 24 does not run on this machine ($(uname -sm)) and the system has ${found:-none}:"
  say 'install Node 24 or newer (https://nodejs.org).'
  return 1
}
