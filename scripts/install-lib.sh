# How a release gets onto a machine: its folder, its packages, the switch, and the proof that it runs.
# Sourced by install.sh, which sets `root` (empty, or the folder of another system's root) and `source_dir`.

say() { printf 'jirani: %s\n' "$*"; }
die() {
  say "$*" >&2
  exit 1
}
# Whoever cuts the power here finds a hub that runs: each step either has happened or has not.
step() { printf 'step: %s\n' "$*"; }

base="$root/opt/jirani"
state=/var/lib/jirani
settings=/etc/jirani
# Names the release that ran before one that has not proved itself yet.
trying="$base/trying"
releases_kept=3
copies_kept=3
# A release with its packages, and as much again while it is unpacked.
room_kb=1200000
hub_nofile=16384

# --- whose root ---------------------------------------------------------------------------------

in_root() { if [ -n "$root" ]; then chroot "$root" "$@"; else "$@"; fi; }
# As the hub itself: nothing that a release does while it is tried has more rights or sees more than later.
hub_rights='env -i PATH=/usr/local/bin:/usr/bin:/bin setpriv --reuid=jirani --regid=jirani --init-groups --no-new-privs --'
# shellcheck disable=SC2086 # Words.
as_hub() { in_root $hub_rights "$@"; }
# Services can be started only where systemd runs, and only its own.
has_systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }
# Whatever way this ends, nothing is left that was only needed on the way.
tried=''
sweep() {
  [ -z "$tried" ] || kill "$tried" 2>/dev/null
  rm -rf "$base/unpacked" "$base"/tools.*
}
reload_units() { ! has_systemd || systemctl daemon-reload; }

# --- writing ------------------------------------------------------------------------------------

# Standard input becomes the file at once and whole, or nothing changes. Arguments: file, mode, owner.
write_whole() {
  wanted=$(mktemp) && cat >"$wanted" || die "$1 could not be written."
  if ! cmp -s "$wanted" "$1"; then
    cp "$wanted" "$1.new" && chmod "$2" "$1.new" && { [ -z "${3-}" ] || in_root chown "$3" "${1#"$root"}.new"; } &&
      sync "$1.new" && mv -fT "$1.new" "$1" && sync "$(dirname "$1")" || die "$1 could not be written."
  fi
  rm -f "$wanted"
}

# A link that never points nowhere in between. Arguments: target, link.
link_to() {
  [ "$(readlink "$2" 2>/dev/null)" != "$1" ] || return 0
  ln -sfn "$1" "$2.new"
  mv -fT "$2.new" "$2"
}

current_release() { basename "$(readlink "$base/current" 2>/dev/null)" 2>/dev/null; }

switch_to() {
  link_to "releases/$1" "$base/current"
  sync "$base"
}

# --- the release --------------------------------------------------------------------------------

release_parts='gateway flows scripts systemd docs package.json package-lock.json LICENSE README.md CHANGELOG.md'

# Version and content: two checkouts of one version are two releases, and the same content is never installed twice.
name_release() {
  version=$(sed -n "s/^  \"version\": \"\(.*\)\",$/\1/p" "$source_dir/package.json")
  [ -n "$version" ] || die "$source_dir is no release of Jirani: its package.json names no version."
  content=$(content_of "$source_dir")
  release="$version-$content"
}

content_of() { (cd "$1" && list_parts | xargs -0 sha256sum) | sha256sum | cut -c1-8; }

list_parts() {
  # shellcheck disable=SC2086 # The parts are words.
  find $release_parts -name node_modules -prune -o -type f -print0 | LC_ALL=C sort -z
}

# Names on standard input, each ended by a zero. Arguments: from folder, to folder.
copy_listed() {
  { tar -C "$1" -c --null --files-from=- --owner=0 --group=0 --mode=go-w,a+rX || : >"$2/broken"; } |
    tar -C "$2" -x --no-same-owner && [ ! -e "$2/broken" ]
}

has_room() {
  free=$(df -Pk "$base" | awk 'NR == 2 { print $4 }')
  books=$(du -k "$root$state/books.db" 2>/dev/null | cut -f1)
  [ "$free" -gt $((room_kb + 3 * ${books:-0})) ] || die "only $((free / 1000)) MB are free: $(((room_kb + 3 * ${books:-0}) / 1000)) MB are needed. Nothing was changed."
}

unpack_release() {
  rm -rf "$base"/releases/*.part "$base"/tools.*
  part="$base/releases/$release.part"
  mkdir -p "$part" && (cd "$source_dir" && list_parts) | copy_listed "$source_dir" "$part" ||
    die 'the release could not be unpacked: is the disk full? Nothing was changed.'
  [ "$(content_of "$part")" = "$content" ] || die 'what was written is not what was read: a failing card? Nothing was changed.'
  step packages
  add_packages "$part" .
  [ "$with_flows" = no ] || add_packages "$part" flows
  step seal
  sync -f "$part" && mv -T "$part" "$base/releases/$release" && sync "$base/releases" ||
    die 'the release could not be written to the disk. Nothing was changed.'
}

# The packages of one lock file: those of the release that runs where the lock is the same (as hard links, which spare
# the card), those that lie in the source, else from the registry. Arguments: release folder, folder in it.
add_packages() {
  into="$1/$2" running="$base/current/$2"
  sum=$(cksum <"$into/package-lock.json")
  if [ -d "$running/node_modules" ] && [ "$(cat "$running/node_modules/.installed-by" 2>/dev/null)" = "$sum" ]; then
    cp -al "$running/node_modules" "$into/"
  elif [ "$(cut -d' ' -f1-2 "$source_dir/$2/node_modules/.installed-lock" 2>/dev/null)" = "$sum" ]; then
    copy_packages "$source_dir/$2" "$into"
  else
    fetch_packages "$1" "$into"
  fi || die "the packages of $2/package-lock.json could not be had. Nothing was changed; run this again."
  printf '%s\n' "$sum" >"$into/node_modules/.installed-by.new"
  mv -fT "$into/node_modules/.installed-by.new" "$into/node_modules/.installed-by"
}

# Without those that only developers need. Arguments: from folder, to folder.
copy_packages() {
  needed='const lock = JSON.parse(fs.readFileSync("package-lock.json", "utf8")).packages;
    for (const [path, { dev }] of Object.entries(lock))
      if (/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && fs.existsSync(path)) console.log(path);'
  mkdir -p "$2/node_modules/.bin"
  (cd "$1" && "$source_dir/node_modules/.bin/node" -e "$needed") | tr '\n' '\0' | copy_listed "$1" "$2" || return 1
  for found in "$2"/node_modules/node-linux-*/bin/node; do
    [ -x "$found" ] || continue
    ln -sfn "../${found#"$2/node_modules/"}" "$2/node_modules/.bin/node"
  done
}

# Arguments: release folder, folder with the lock file.
fetch_packages() {
  find_npm "$1" || return 1
  (cd "$2" && $npm ci --ignore-scripts --include=optional --omit=dev --no-audit --no-fund --no-update-notifier --no-engine-strict --loglevel=error)
}

# Debian's own npm where its node is new enough, else the pinned ones, each compared with the checksum in our lock files.
find_npm() {
  major=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
  npm=npm
  if [ "${major:-0}" -ge 20 ] && command -v npm >/dev/null; then return 0; fi
  case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
  tools=$(mktemp -d "$base/tools.XXXXXX") || return 1
  fetch_package "$1/package-lock.json" "node-linux-$arch" "$tools/node" || return 1
  fetch_package "$1/flows/package-lock.json" npm "$tools/npm" || return 1
  PATH="$tools/node/bin:$PATH"
  npm="node $tools/npm/bin/npm-cli.js"
}

# Arguments: lock file, package, folder.
fetch_package() {
  entry=$(sed -n "/^    \"node_modules\/$2\": {/,/^    }/p" "$1")
  wanted_version=$(printf '%s' "$entry" | sed -n 's/^      "version": "\(.*\)",*$/\1/p')
  wanted_sum=$(printf '%s' "$entry" | sed -n 's/^      "integrity": "sha512-\(.*\)",*$/\1/p')
  say "fetching $2 $wanted_version ..."
  mkdir -p "$3"
  curl -fsSL --retry 3 "https://registry.npmjs.org/$2/-/$2-$wanted_version.tgz" -o "$3.tgz" || return 1
  wanted_sum=$(printf '%s' "$wanted_sum" | base64 -d | od -An -v -tx1 | tr -d ' \n')
  [ "$(sha512sum "$3.tgz" | cut -d' ' -f1)" = "$wanted_sum" ] || die "$2 $wanted_version is not what the lock file names."
  tar -xzf "$3.tgz" -C "$3" --strip-components=1 && rm -f "$3.tgz"
}

node_of() { printf '/opt/jirani/releases/%s/node_modules/.bin/node' "$1"; }
try_books() { as_hub "$(node_of "$1")" "/opt/jirani/releases/$1/scripts/try-books.ts" "$2" "$3" ${4+"$4"}; }

# --- the books ----------------------------------------------------------------------------------

# A copy first. Then the new release tries itself on another copy, and the old one on what the new one left: without
# that there would be no way back but to forget what was paid since.
rehearse() {
  [ -e "$root$state/books.db" ] || return 0
  step copy
  copies="$state/backups" rehearsal="$state/rehearsal"
  as_hub mkdir -p "$copies"
  copy="$copies/before-$release.db"
  try_books "$release" copy "$state" "$copy" || die 'the books could not be copied. Nothing was changed.'
  # shellcheck disable=SC2012 # The names are ours.
  ls -1t "$root$copies"/before-*.db | tail -n "+$((copies_kept + 1))" | while read -r old; do rm -f "$old"; done
  step rehearse
  rm -rf "$root$rehearsal"
  as_hub mkdir -m 700 "$rehearsal"
  as_hub cp "$copy" "$rehearsal/books.db"
  # Empty readings of the old form: those of a year are too many to try.
  if [ -n "$before" ] && ! try_books "$before" open "$rehearsal"; then
    # Only an upgrade without a way back that was cut off leaves such books.
    [ -e "$trying" ] || die "the release $before does not open its own books. Nothing was changed."
    one_way=yes
  fi
  try_books "$release" open "$rehearsal" || die "$release cannot take over these books. Nothing was changed."
  if [ -n "$before" ] && ! try_books "$before" open "$rehearsal" 2>/dev/null; then
    [ "$one_way" = yes ] || die "$before could not read the books after $release: there would be no way back. Nothing was changed; --one-way goes all the same."
  fi
  rm -rf "$root$rehearsal"
}

# --- the proof ----------------------------------------------------------------------------------

# Answers whether the release that `current` names starts, answers and stays.
runs_well() {
  if has_systemd; then runs_as_unit; else runs_in_front; fi
}

runs_as_unit() {
  reload_units
  systemctl reset-failed jirani.service 2>/dev/null
  systemctl restart jirani.service || return 1
  starts=$(systemctl show -p NRestarts --value jirani.service)
  sleep "$stay_s"
  [ "$(systemctl is-active jirani.service)" = active ] || return 1
  [ "$(systemctl show -p NRestarts --value jirani.service)" = "$starts" ] || return 1
  is_alive "$(sed -n 's/^HTTP_PORT=//p' "$settings/hub.env" | tail -n 1)" || return 1
  systemctl restart jirani-backup.timer jirani-verify.timer
  systemctl --no-block try-restart jirani-node-red.service
  [ "$with_flows" = no ] || systemctl --no-block start jirani-node-red.service
}

is_alive() {
  as_hub "$(node_of "$(current_release)")" -e "fetch('http://127.0.0.1:${1:-5000}/health/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"
}

# Where no services run: the gateway itself, for a moment, on ports that are free.
runs_in_front() {
  words=$(mktemp) || return 1
  (
    ulimit -n "$hub_nofile" 2>/dev/null
    umask 077
    exec 9>&-
    # shellcheck disable=SC2086 # Words; a root has no blanks in its name.
    exec ${root:+chroot "$root"} $hub_rights env HUB_DATA_DIR="$state" CREDENTIALS_DIRECTORY="$settings/credentials" \
      HTTP_PORT=0 CALLBACK_PORT=0 MQTT_PORT=0 MQTTS_PORT=0 NODE_RED=off \
      "$(node_of "$(current_release)")" "--env-file-if-exists=$settings/hub.env" /opt/jirani/current/gateway/cli.ts start >"$words" 2>&1
  ) &
  tried=$!
  wait_for_hub && ends_well=yes || ends_well=no
  kill "$tried" 2>/dev/null
  wait "$tried" || ends_well=no
  tried=''
  [ "$ends_well" = yes ] || sed 's/^/  /' "$words"
  rm -f "$words"
  [ "$ends_well" = yes ]
}

wait_for_hub() {
  waited=0
  while [ "$waited" -lt 600 ]; do
    kill -0 "$tried" 2>/dev/null || return 1
    port=$(sed -n 's|^Jirani runs: http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$words")
    [ -z "$port" ] || break
    sleep 0.1
    waited=$((waited + 1))
  done
  [ -n "$port" ] && sleep "$stay_s" && kill -0 "$tried" 2>/dev/null && is_alive "$port"
}
