#!/bin/sh
# Installs the hub on Raspberry Pi OS and Debian 12 or 13 (64 bit), upgrades it, takes it away. As root:
#
#   scripts/install.sh [install|upgrade] [SOURCE]   SOURCE: a checkout or a tarball of one; this checkout by default
#   scripts/install.sh rollback                     back to the release before; the books stay
#   scripts/install.sh uninstall [--purge]          without --purge books, readings and settings stay
#
#   --with-flows   Node-RED too        --one-way      upgrade though the release before could not read the new books
#   --stay N       seconds that a new release must live (10)
#   --root DIR     of another system, such as a card in a reader; no services are started there
set -u
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

usage() {
  sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2
  exit 2
}

command='' source_dir='' root='' with_flows='' one_way=no purge=no stay_s=10

read_words() {
  while [ $# -gt 0 ]; do
    case $1 in
    --root) [ $# -gt 1 ] && root=$(readlink -f "$2") && shift || usage ;;
    --stay) [ $# -gt 1 ] && stay_s=$2 && shift || usage ;;
    --with-flows) with_flows=yes ;;
    --one-way) one_way=yes ;;
    --purge) purge=yes ;;
    -*) usage ;;
    *) if [ -z "$command" ]; then command=$1; elif [ -z "$source_dir" ]; then source_dir=$(readlink -f "$1"); else usage; fi ;;
    esac
    shift
  done
  case ${command:=install} in install | upgrade) ;; rollback | uninstall) [ -z "$source_dir" ] || usage ;; *) usage ;; esac
  [ "$root" != / ] || root=''
}

here=$(dirname "$(dirname "$(readlink -f "$0")")")

check_machine() {
  [ "$(id -u)" = 0 ] || die 'this must run as root: sudo scripts/install.sh'
  case $root in *[[:space:]]*) die 'the name of the root must have no blanks.' ;; esac
  case $(uname -m) in
  x86_64 | aarch64) ;;
  *) die "this is $(uname -m): a 64-bit system is needed (Raspberry Pi OS 64-bit, or Debian for arm64 or amd64)." ;;
  esac
  # A 32-bit userland may run on a 64-bit kernel.
  [ "$(getconf LONG_BIT)" = 64 ] || die 'this system is a 32-bit one on a 64-bit kernel: install Raspberry Pi OS 64-bit.'
  for program in flock setpriv tar sha256sum systemd-sysusers systemd-tmpfiles; do
    command -v "$program" >/dev/null || die "$program is missing: apt-get install systemd util-linux tar coreutils"
  done
}

# One at a time; the kernel lets go of it however this ends.
take_lock() {
  mkdir -p "$root/run/lock"
  exec 9>"$root/run/lock/jirani-install"
  flock -n 9 || { say 'waiting for an installation that is already running ...' && flock 9; }
}

# A tarball is unpacked beside the releases, where there is room.
find_source() {
  [ -n "$source_dir" ] || source_dir=$here
  if [ -f "$source_dir" ]; then
    mkdir -p "$base"
    unpacked="$base/unpacked"
    rm -rf "$unpacked" && mkdir "$unpacked" && tar -xf "$source_dir" -C "$unpacked" --no-same-owner || die "$source_dir cannot be unpacked."
    source_dir=$(dirname "$(find "$unpacked" -maxdepth 2 -name package.json | head -n 1)")
  fi
  [ -f "$source_dir/package.json" ] || die 'there is no release at that place.'
  name_release
}

# --- the steps ----------------------------------------------------------------------------------

make_accounts() {
  step accounts
  for name in sysusers tmpfiles; do
    mkdir -p "$root/usr/lib/$name.d"
    write_whole "$root/usr/lib/$name.d/jirani.conf" 644 <"$source_dir/systemd/$name.conf"
  done
  systemd-sysusers ${root:+--root="$root"} jirani.conf || die 'the users could not be made.'
  systemd-tmpfiles ${root:+--root="$root"} --create jirani.conf || die 'the folders could not be made.'
}

# Never written again: from now on they are the keeper's.
make_settings() {
  step settings
  credentials="$root$settings/credentials"
  [ -e "$root$settings/hub.env" ] || first_settings | write_whole "$root$settings/hub.env" 644
  for name in secrets.env backup-passphrase; do
    [ -e "$credentials/$name" ] || write_whole "$credentials/$name" 600 jirani:jirani </dev/null
  done
  [ -e "$credentials/solana-passphrase" ] || head -c 24 /dev/urandom | base64 |
    write_whole "$credentials/solana-passphrase" 600 jirani:jirani
}

first_settings() {
  cat <<'EOF'
# Settings of the hub: NAME=value, one a line; README.md lists them. Secrets belong into credentials/secrets.env.
# After a change: systemctl restart jirani
#HUB_NAME=Jirani
#HUB_LISTEN=0.0.0.0
#SCHEME=mini-grid
EOF
  [ "$with_flows" = no ] || echo 'NODE_RED=on'
}

units='jirani.service jirani-node-red.service jirani-backup.service jirani-backup.timer jirani-verify.service jirani-verify.timer'

# Links through `current`: going back to a release goes back to its units.
make_units() {
  step units
  mkdir -p "$root/etc/systemd/system/multi-user.target.wants" "$root/etc/systemd/system/timers.target.wants"
  for unit in $units; do
    link_to "/opt/jirani/current/systemd/$unit" "$root/etc/systemd/system/$unit"
  done
  link_to ../jirani.service "$root/etc/systemd/system/multi-user.target.wants/jirani.service"
  [ "$with_flows" = no ] || link_to ../jirani-node-red.service "$root/etc/systemd/system/multi-user.target.wants/jirani-node-red.service"
  for timer in jirani-backup.timer jirani-verify.timer; do
    link_to "../$timer" "$root/etc/systemd/system/timers.target.wants/$timer"
  done
  place_file hardware-watchdog.conf etc/systemd/system.conf.d/10-jirani.conf
  place_file journald.conf etc/systemd/journald.conf.d/10-jirani.conf
  place_file 85-jirani-clock.rules etc/udev/rules.d/85-jirani-clock.rules
  mkdir -p "$root/usr/local/bin"
  link_to /opt/jirani/current/scripts/jirani "$root/usr/local/bin/jirani"
}

place_file() {
  mkdir -p "$(dirname "$root/$2")"
  write_whole "$root/$2" 644 <"$source_dir/systemd/$1"
}

# --- the commands -------------------------------------------------------------------------------

install_release() {
  find_source
  mkdir -p "$base/releases"
  before=$(proven_release)
  [ "$command" = install ] || [ -n "$before" ] || die 'there is nothing to upgrade: scripts/install.sh install'
  # Node-RED stays where it is.
  [ -n "$with_flows" ] || { [ -d "$base/current/flows/node_modules" ] && with_flows=yes || with_flows=no; }
  if [ "$release" = "$before" ] && [ ! -e "$trying" ] && { [ "$with_flows" = no ] || [ -d "$base/current/flows/node_modules" ]; }; then
    make_all
    reload_units
    say "already at $release."
    return 0
  fi
  has_room
  make_all
  step unpack
  if [ ! -d "$base/releases/$release" ]; then unpack_release; fi
  [ "$with_flows" = no ] || [ -d "$base/releases/$release/flows/node_modules" ] || add_packages "$base/releases/$release" flows
  rehearse
  step note
  printf '%s\n' "$before" | write_whole "$trying" 644
  step switch
  switch_to "$release"
  step try
  if runs_well; then
    step keep
    rm -f "$trying"
    forget_old_releases
    say "$release runs."
    [ -n "$before" ] || tell_what_next
  else
    go_back
  fi
}

make_all() {
  make_accounts
  make_settings
  make_units
}

# An upgrade that was cut off has left its name; what ran before it is what counts.
proven_release() {
  if [ -e "$trying" ]; then
    say 'the last upgrade was cut off before its release had proved itself.' >&2
    cat "$trying"
  else
    current_release
  fi
}

go_back() {
  [ -n "$before" ] || die "$release does not run. What it said stands above, or in: journalctl -u jirani"
  if [ "$one_way" = yes ]; then
    die "$release does not run, and $before may not read its books: the hub stays at $release. A copy of the books before it: $state/backups/before-$release.db"
  fi
  step back
  say "$release does not run: back to $before. The books stay as they are."
  switch_to "$before"
  runs_well || die "$before does not run either: journalctl -u jirani"
  rm -f "$trying"
  die "$before runs again; $release was not installed."
}

roll_back() {
  release=$(current_release)
  # shellcheck disable=SC2012 # The names are ours.
  earlier=$(ls -1t "$base/releases" | grep -vxF "$release" | grep -v '\.part$' | head -n 1)
  [ -n "$earlier" ] || die 'there is no release before this one.'
  before=$release release=$earlier with_flows=no one_way=no
  rehearse
  printf '%s\n' "$before" | write_whole "$trying" 644
  step switch
  switch_to "$release"
  step try
  runs_well || go_back
  rm -f "$trying"
  say "$release runs. The books stayed as they are."
}

# This one, the one before, and one more.
forget_old_releases() {
  # The one that runs counts as the newest, whenever it was unpacked.
  touch "$base/releases/$release"
  # shellcheck disable=SC2012 # The names are ours.
  ls -1t "$base/releases" | tail -n "+$((releases_kept + 1))" | while read -r old; do
    rm -rf "${base:?}/releases/$old"
  done
}

tell_what_next() {
  cat <<EOF

The page of the neighbourhood: http://127.0.0.1:5000/     The keeper's: http://127.0.0.1:5000/keeper
Settings: $settings/hub.env      secrets: $settings/credentials/secrets.env      then: systemctl restart jirani
What to do next: jirani doctor

Meters and phones in the house reach the hub once HUB_LISTEN=0.0.0.0 stands in hub.env. A firewall must let in
5000/tcp (page) and 8883/tcp (meters), from the house only, and never 5001 (M-Pesa's callbacks come by the tunnel)
or 1880 (Node-RED). With ufw and a house network 192.168.1.0/24:
  ufw allow from 192.168.1.0/24 to any port 5000,8883 proto tcp
The hardware watchdog counts from the next start of the machine on.
EOF
}

uninstall() {
  step stop
  if has_systemd; then
    # shellcheck disable=SC2086 # The units are words.
    systemctl stop $units
  fi
  step remove
  for unit in $units; do
    rm -f "$root/etc/systemd/system/$unit" "$root"/etc/systemd/system/*.wants/"$unit"
  done
  for file in etc/systemd/system.conf.d/10-jirani.conf etc/systemd/journald.conf.d/10-jirani.conf \
    etc/udev/rules.d/85-jirani-clock.rules usr/local/bin/jirani; do
    rm -f "$root/$file"
  done
  rm -rf "$root/opt/jirani" "$root/var/cache/jirani"
  reload_units
  if [ "$purge" = no ]; then
    say "the hub is gone. Its books, keys and settings are still in $state and $settings; --purge removes them too."
    return 0
  fi
  step purge
  rm -rf "$root$state" "$root$state-flows" "$root$settings" "$root"/usr/lib/sysusers.d/jirani.conf "$root"/usr/lib/tmpfiles.d/jirani.conf
  for user in jirani jirani-flows; do
    in_root userdel "$user" 2>/dev/null
  done
  say 'the hub and all that it kept are gone.'
}

# Programs want /proc; what is mounted here is gone when this process is, however it ends.
enter_root() {
  [ -n "$root" ] || return 0
  if [ "${JIRANI_IN_ROOT-}" != "$root" ]; then
    export JIRANI_IN_ROOT="$root"
    exec unshare --mount --propagation private -- sh "$here/scripts/install.sh" "$@"
  fi
  mountpoint -q "$root/proc" || mount -t proc proc "$root/proc" || die "/proc could not be mounted in $root."
}

# shellcheck source=scripts/install-lib.sh
main() {
  read_words "$@"
  . "$here/scripts/install-lib.sh"
  check_machine
  enter_root "$@"
  take_lock
  trap sweep EXIT
  trap 'exit 130' INT TERM HUP
  case $command in
  install | upgrade) install_release ;;
  rollback) roll_back ;;
  uninstall) uninstall ;;
  esac
}

main "$@"
exit
