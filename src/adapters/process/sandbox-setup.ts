/**
 * Runs as process 1 of the new namespaces, with root's powers over them alone. A second tree of mounts is built over /sys
 * (which every Linux has, and from which nothing of the old tree is needed), while the old tree stays the source of what
 * is shown; then the second becomes the root and the old one goes. The program itself runs in a user namespace of its own
 * below, where these mounts cannot be undone.
 *
 * Arguments: search path of the tools, working folder, the program's name and its own search path, then pairs of what to
 * do (see `Step`) and a folder, `--`, and the complete command. Its variables begin with `o_`, because
 * the program's environment passes through. `-n` keeps mount from leaving notes in /run.
 */
export const SETUP = `
o_fail() { echo "failed $*" >&3; exit 125; }
o_line='
'
set -f
PATH=$1 o_cwd=$2 o_program=$3 o_lookup=$4; shift 4
o_new=/sys

mount -n --rbind / $o_new || o_fail "the file system could not be shown anew"

mount -n -t tmpfs -o nosuid,mode=755 tmpfs $o_new/dev || o_fail "a private /dev could not be made"
for o_at in null zero full random urandom tty; do
  : > $o_new/dev/$o_at
  mount -n --bind /dev/$o_at $o_new/dev/$o_at || o_fail "/dev/$o_at could not be shown"
done
mkdir $o_new/dev/pts $o_new/dev/shm
mount -n -t devpts -o newinstance,ptmxmode=0666,mode=620,nosuid,noexec devpts $o_new/dev/pts || o_fail "private terminals could not be made"
ln -s pts/ptmx /proc/self/fd $o_new/dev
ln -s fd/0 $o_new/dev/stdin
ln -s fd/1 $o_new/dev/stdout
ln -s fd/2 $o_new/dev/stderr
mount -n -t proc -o nosuid,nodev,noexec proc $o_new/proc || o_fail "a private /proc could not be mounted"
mount -n -t sysfs -o ro,nosuid,nodev,noexec sysfs $o_new/sys || o_fail "a private /sys could not be mounted"

o_steps="write /dev\${o_line}write /proc\${o_line}blank /sys$o_line"
while [ "$1" != -- ]; do
  o_steps="$o_steps$1 $2$o_line"
  o_what=$1
  # A file is hidden by the one that is always empty.
  case $1 in empty | blank) [ -d "$2" ] || o_what=file ;; esac
  [ -e "$o_new$2" ] || [ $o_what = file ] || mkdir -p "$o_new$2"
  case $o_what in
    file) [ ! -e "$o_new$2" ] || mount -n --bind /dev/null "$o_new$2" || o_fail "$2 could not be hidden" ;;
    empty) mount -n -t tmpfs -o nosuid,nodev,mode=755 tmpfs "$o_new$2" || o_fail "$2 could not be hidden" ;;
    blank) mount -n -t tmpfs -o ro,nosuid,nodev,mode=755 tmpfs "$o_new$2" || o_fail "$2 could not be hidden" ;;
    scratch) mount -n -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$o_new$2" || o_fail "a private $2 could not be made" ;;
    seal) mount -n -o rbind,ro,nosuid,nodev,noexec "$2" "$o_new$2" || o_fail "$2 could not be made read-only" ;;
    *) mount -n --rbind "$2" "$o_new$2" || o_fail "$2 could not be shown" ;;
  esac
  shift 2
done
shift

cd /
pivot_root $o_new $o_new/tmp || o_fail "the new root could not be entered"
umount -n -l /tmp || o_fail "the old root could not be left"

# What is still writable and was not meant to be becomes read-only; the flags that a mount has must be named again.
# The innermost step around a place decides. Blanks in names are octal numbers here.
while read -r o_id o_parent o_device o_root o_at o_flags o_rest; do
  case $o_flags in rw*) ;; *) continue ;; esac
  case $o_at in *\\\\*) o_at=$(printf "$(printf %s "$o_at" | sed 's/%/%%/g')") ;; esac
  o_kind=none IFS=$o_line
  for o_step in $o_steps; do
    o_inner=\${o_step#* }
    case $o_at in "$o_inner" | "$o_inner"/*) o_kind=\${o_step%% *} o_folder=$o_inner ;; esac
  done
  unset IFS
  case $o_kind in
    write | scratch | blank) continue ;;
    empty) [ "$o_at" = "$o_folder" ] || continue ;; # covered, out of reach
  esac
  mount -n -o "remount,bind,ro,nosuid,nodev\${o_flags#rw}" "$o_at" && continue
  # A place we may not even look at, the program may not either.
  [ ! -e "$o_at" ] || o_fail "$o_at could not be made read-only"
done < /proc/self/mountinfo

cd "$o_cwd" || o_fail "the folder $o_cwd is not there"

# Nothing leads out of the network namespace; programs under test still want to talk to themselves.
ip link set lo up 2>/dev/null || perl -e 'socket(S,2,2,0) && ioctl(S,0x8914,pack("a16sx22","lo",73))' 2>/dev/null

o_found=
case $o_program in
  */*) [ -x "$o_program" ] && o_found=1 ;;
  *)
    IFS=:
    for o_at in $o_lookup; do [ -x "$o_at/$o_program" ] && o_found=1; done ;;
esac
[ "$o_found" ] || o_fail "there is no program $o_program"

# Starting only on a word from outside, it cannot start after its owner has died.
echo ready >&3
read -r o_word <&3 || exit 125
"$@" 3>&-
exit $?
`
