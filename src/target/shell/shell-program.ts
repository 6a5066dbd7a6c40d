import { outputLimit } from './output-limit.ts'

/**
 * The program of a session on the host. The reader receives frames from the controller and stores their files; the
 * runner runs the scripts and answers. They are separate processes so that a request to cancel and the end of the input
 * (a lost connection) take effect while a script runs. The clock kills scripts that exceed their time limit.
 * The runner is the first process of the channel: if a script kills it, the channel ends.
 * Scripts run in the foreground, because background processes of a shell ignore SIGINT and SIGQUIT.
 *
 * A frame is a line, followed by the number of bytes that it states:
 *
 *     run ID LIMIT { g SIZE | s SIZE | a NAME SIZE | d NAME }…   a guard, scripts, attachments, attachments on disk
 *     part FILE SIZE                                                  more bytes of such a file
 *     go ID                                                           start of the batch
 *     cancel ID
 *
 * An answer is NONCE begin ID, then for each script its stdout, NONCE out, its stderr, NONCE code CODE, and finally
 * NONCE end ID or NONCE cancelled ID, each followed by a newline. It is written at once because sshd uses Nagle's
 * algorithm. If a batch cannot be stored, NONCE refused ID and the reason are sent immediately; the remaining bytes of
 * the batch are read and discarded.
 */
export const program = String.raw`
umask 077
cd /
LC_ALL=C
PATH=${'$'}{PATH:-/usr/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
exec 3<&0 </dev/null

d=
disk=
tidy() {
  [ ! -h "$d/disk" ] || rm -rf "$(readlink "$d/disk")"
  rm -rf "$d"
}

give_up() {
  printf '%s fatal %s\n' "$nonce" "$1"
  tidy
  exit 1
}

for place in /dev/shm /run "$XDG_RUNTIME_DIR" "$TMPDIR" /tmp /var/tmp; do
  d=$place/$directory
  case $place in /*) mkdir "$d" 2>/dev/null || continue ;; *) continue ;; esac
  { mkfifo "$d/queue" "$d/out" "$d/err" && echo >"$d/current"; } 2>/dev/null && break
  rm -rf "$d"
done
[ -s "$d/current" ] || give_up "no space for a private directory in /dev/shm, /run, /tmp or /var/tmp"

# Reads exactly that many bytes from stdin, even if they cannot be written. BusyBox's head reads more than it prints.
# If dd was killed, the start of the next frame is unknown, so the session ends.
take() {
  [ "$1" -gt 0 ] || return 0
  dd bs="$1" count=1 iflag=fullblock && return
  [ $? -lt 128 ] || exit
  dd count=0 iflag=fullblock </dev/null && return 1
  dd bs=1 count="$1" | { cat || { cat >/dev/null && false; }; }
}

session=setsid
command -v setsid >/dev/null || session=

# The script writes its process group before it checks for cancellation; finish does the reverse, so none is missed.
first='umask 022; echo $$ >"${'$'}{0%.*}.pid"; if [ -e "${'$'}{0%.*}.cancelled" ] || [ -e "${'$'}{0%.*}.stopped" ] || [ -e "$0.expired" ]; then exit 143; fi; '

alive() { kill -0 "-$1" 2>/dev/null || kill -0 "$1" 2>/dev/null; }
tell() { kill "-$1" "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null; }
pause() { sleep 0.1 2>/dev/null || sleep 1; }

# Kills the process group of batch $1 for reason $2.
finish() {
  printf '' >"$d/$2"
  group=
  [ ! -s "$d/$1.pid" ] || read -r group <"$d/$1.pid"
  [ -n "$group" ] || return 0
  tell TERM "$group"
  waited=0
  while [ "$waited" -lt 50 ] && alive "$group"; do
    pause
    waited=$((waited + 1))
  done
  tell KILL "$group"
}

# Discards the batch that is being received. $* is the kind of answer and the reason.
drop() {
  open=
  echo "$id dropped $*"
}

no_room() { drop refused "no space left for the files of a task in $1"; }

# Appends $2 bytes from stdin to file $1.
store() {
  if [ -n "$open" ] && printf '' >>"$1"; then
    take "$2" >>"$1" && return
  else
    take "$2" >/dev/null
  fi
  [ -n "$open" ] || return
  if [ -h "$1" ]; then no_room "${'$'}{disk%/*}"; else no_room "$place"; fi
}

# Makes attachment $1 of the script a symlink to a file on disk. Creates the directory on disk if needed.
put_on_disk() {
  if [ -z "$disk" ]; then
    disk=$(mktemp -d /var/tmp/hostwright-XXXXXX || mktemp -d /tmp/hostwright-XXXXXX)
    [ -n "$disk" ] || { no_room "/var/tmp and /tmp"; return; }
    ln -s "$disk" "$d/disk" || { rmdir "$disk"; disk=; }
  fi
  { [ -n "$disk" ] && ln -s "$disk/${'$'}{script##*/}.$1" "$script.files/$1"; } || no_room "$place"
}

receive() {
  count=0
  while [ $# -gt 0 ]; do
    case $1 in
      g)
        store "$d/$id.guard" "$2"
        shift 2
        ;;
      s)
        script=$d/$id.$count
        count=$((count + 1))
        [ -z "$open" ] || printf %s "$first" >"$script" || no_room "$place"
        store "$script" "$2"
        shift 2
        ;;
      *)
        [ -z "$open" ] || [ -d "$script.files" ] || mkdir "$script.files" || no_room "$place"
        if [ "$1" = a ]; then
          store "$script.files/$2" "$3"
          shift
        else
          [ -z "$open" ] || put_on_disk "$2"
        fi
        shift 2
        ;;
    esac
  done
}

reader() {
  trap '' HUP PIPE
  id=0
  open=
  while read -r verb name number items; do
    case $verb in
      run)
        open=1
        id=$name
        limit=$number
        # shellcheck disable=SC2086 # words
        receive $items
        ;;
      part) store "$d/$name" "$number" ;;
      go)
        [ -z "$open" ] || echo "$id $limit $count"
        open=
        ;;
      cancel)
        finish "$name" "$name.cancelled"
        [ -z "$open" ] || drop cancelled
        ;;
      *) break ;;
    esac
  done
  finish "$id" "$id.cancelled"
  exec >/dev/null
  outlive_runner
}

# Waits for the runner, which tidies up when the queue ends. Tidies up if a script has killed the runner.
outlive_runner() {
  waited=0
  while [ "$waited" -lt 100 ] && kill -0 $$ 2>/dev/null; do
    pause
    waited=$((waited + 1))
  done
  rm -rf "$d" ${'$'}{disk:+"$disk"}
}

# Succeeds if the guard of batch $1 allows it to run. Otherwise the guard's stderr is the objection.
allowed() {
  [ ! -e "$d/$1.guard" ] || sh -eu "$d/$1.guard" </dev/null >/dev/null 2>"$d/$1.objection"
}

# Succeeds if a stream of script $1 exceeds the limit.
flooded() {
  # shellcheck disable=SC2046 # words: a size and a name for each
  set -- $(cd "$d" && wc -c "$1.out" "$1.err")
  [ "${'$'}{1:-0}" -gt ${outputLimit} ] || [ "${'$'}{3:-0}" -gt ${outputLimit} ]
}

# Checks the output, the time limit and the guard of the running script once a second. One process does this for all
# scripts.
clock() {
  seen=
  seconds=0
  while sleep 1 && [ -d "$d" ]; do
    script=
    read -r script limit <"$d/current"
    [ "$script" = "$seen" ] || seconds=-1
    seen=$script
    seconds=$((seconds + 1))
    [ -n "$script" ] || continue
    batch=${'$'}{script%.*}
    [ "$seconds" -lt "$limit" ] || finish "$batch" "$script.expired"
    ! flooded "$script" || finish "$batch" "$script.flooded"
    allowed "$batch" || finish "$batch" "$batch.stopped"
  done
}

# Waits until the process group of a killed script has ended. Other scripts may leave a daemon.
settle() {
  group=$1
  waited=0
  while [ -n "$group" ] && [ "$waited" -lt 60 ] && alive "$group"; do
    pause
    waited=$((waited + 1))
  done
}

# Starts to store the output of a script on stream $1, up to the limit. The script does not write to the file itself,
# because it could fill the file system.
collect() {
  {
    trap '' HUP XFSZ
    ulimit -f ${outputLimit / 512 + 1}
    exec cat <"$d/$1" >>"$script.$1" 2>"$script.$1.trouble"
  } &
}

# Waits until cat, process $2, has stored the output on stream $1. If a daemon keeps the stream open, cat sleeps when
# everything is stored, and the next script gets a new pipe.
drain() {
  if [ -r "/proc/$$/stat" ]; then
    state=R
    while [ "$state" = R ] || [ "$state" = D ]; do
      # shellcheck disable=SC2034 # only the state is used
      read -r process name state rest 2>/dev/null <"/proc/$2/stat" || state=
    done
    [ "$state" != S ] || { renew "$1"; return; }
  fi
  wait "$2" && return
  trouble=
  read -r trouble <"$script.$1.trouble"
  case $trouble in
    *'File too large') renew "$1" ;;
    *) no_room_for_output ;;
  esac
}

renew() {
  rm -f "$d/$1"
  mkfifo "$d/$1" || no_room_for_output
}

no_room_for_output() { give_up "no space left for the output of a task in $place"; }

run() {
  i=0
  codes=
  allowed "$id" || printf '' >"$d/$id.stopped"
  while [ "$i" -lt "$count" ] && [ ! -e "$d/$id.cancelled" ]; do
    script=$d/$id.$i
    echo "$id.$i $limit" >"$d/current"
    { printf '' >"$script.out" && printf '' >"$script.err"; } || no_room_for_output
    collect out 4<&-
    out=$!
    collect err 4<&-
    err=$!
    FILES=$script.files $session sh -eu "$script" </dev/null >"$d/out" 2>"$d/err" 4<&-
    code=$?
    drain out "$out"
    drain err "$err"
    group=
    [ ! -s "$d/$id.pid" ] || read -r group <"$d/$id.pid"
    printf '' >"$d/$id.pid"
    printf '' >"$d/current"
    [ ! -e "$d/$id.cancelled" ] || settle "$group"
    [ ! -e "$script.flooded" ] || settle "$group"
    [ ! -e "$script.expired" ] || { settle "$group"; code=expired; }
    [ ! -e "$d/$id.stopped" ] || { settle "$group"; cat "$d/$id.objection" >"$script.err"; code=stopped; }
    codes="$codes $code"
    i=$((i + 1))
    [ "$code" != stopped ] || break
    [ "$code" = 0 ] || break
  done
}

# Writes the answer to a file, cut at the limit.
compose() {
  end=end
  [ ! -e "$d/$id.cancelled" ] || end=cancelled
  printf '%s begin %s\n' "$nonce" "$id" >"$d/$id.begin" || return
  printf '%s out\n' "$nonce" >"$d/$id.mark" || return
  printf '%s %s %s\n' "$nonce" "$end" "$id" >"$d/$id.end" || return
  set -- "$d/$id.begin"
  i=0
  for code in $codes; do
    printf '%s code %s\n' "$nonce" "$code" >"$d/$id.$i.code" || return
    set -- "$@" "$d/$id.$i.out" "$d/$id.mark" "$d/$id.$i.err" "$d/$id.$i.code"
    i=$((i + 1))
  done
  head -qc ${outputLimit + 1} "$@" "$d/$id.end" >"$d/$id.answer"
}

answer() { compose && cat "$d/$id.answer"; }

clock >/dev/null 2>&1 3<&- &
reader <&3 >"$d/queue" 2>/dev/null 3<&- &
exec 3<&- 4<"$d/queue"
while read -r id limit count why <&4; do
  [ "$limit" = dropped ] || run
  [ ! -h "$d/disk" ] || rm -rf "$d/disk/$id".*
  if [ "$limit" = dropped ]; then
    rm -rf "$d/$id".*
    printf '%s %s %s %s\n' "$nonce" "$count" "$id" "$why"
  else
    answer || no_room_for_output
    rm -rf "$d/$id".*
  fi
done
tidy
`
