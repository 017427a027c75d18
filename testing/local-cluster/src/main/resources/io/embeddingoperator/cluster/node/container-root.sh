# Builds the file system that one container's process sees, and becomes that process.
#
# It runs in a mount and a PID namespace of its own: nothing of this shows outside, and all of it vanishes with the last
# process inside. The container sees this machine's folders as read-only layers (overlayfs) beneath a layer that holds
# only the pod's mount points: so a pod mounts where this machine has no folder, and nothing is created on the machine.
#
# usage: container-root.sh LAYERS WRITABLE PLAN STARTED PRIVILEGES FOLDER PROGRAM [ARGUMENT...]
#   LAYERS      an empty folder to build in
#   WRITABLE    true: what the process writes goes to memory and is forgotten; false: writing outside mounts is refused
#   PLAN        a file of lines MODE <tab> SOURCE <tab> TARGET, parents first. MODE is ro or rw for a mount, and open for
#               a folder TARGET of this machine that every user may enter, as programs in an image can be reached by all
#   STARTED     a file that gets a line when only the program is left to start
#   PRIVILEGES  the options of setpriv, separated by spaces
#   FOLDER      the working directory
set -euo pipefail
shopt -s nullglob dotglob

container_path=$PATH
PATH=/usr/sbin:/usr/bin:/sbin:/bin
readonly layers=$1 writable=$2 plan=$3 started=$4 privileges=$5 folder=$6
shift 6
readonly root=$layers/root points=$layers/points changes=$layers/changes

readarray -t machine_mounts < <(findmnt --kernel --noheadings --list --output TARGET)
is_mount() {
    local mount
    for mount in "${machine_mounts[@]}"; do [[ $mount == "$1" ]] && return 0; done
    return 1
}
has_mounts_below() {
    local mount
    for mount in "${machine_mounts[@]}"; do [[ $mount == "$1"/* ]] && return 0; done
    return 1
}

mount -t tmpfs -o mode=755 layers "$layers"
mkdir "$root" "$points" "$changes"
mount -t tmpfs -o mode=755 root "$root"

make_mount_point() {
    if [[ -d $1 ]]; then
        mkdir -p "$2"
    elif [[ ! -e $2 ]]; then
        mkdir -p "${2%/*}"
        : >"$2"
    fi
}
bind() {
    local mode=$1 source=$2 target=$3 options
    make_mount_point "$source" "$target"
    mount --bind "$source" "$target"
    if [[ $mode == ro ]]; then
        # What the mount has beside ro and rw must stay: without root the kernel refuses to drop nosuid and its like.
        options=$(findmnt --kernel --noheadings --output VFS-OPTIONS --mountpoint "$target" | tail -n 1)
        mount -o "remount,bind,ro,${options#r[ow],}" "$target"
    fi
}

# A folder with mounts of this machine below it cannot be one layer: each of its entries is shown by itself.
layer=0
show() {
    local path=$1 entry options
    if [[ -L $path ]]; then
        cp -P "$path" "$root$path"
    elif [[ -f $path ]]; then
        bind ro "$path" "$root$path"
    elif [[ -d $path ]]; then
        mkdir -p "$root$path" "$points$path"
        [[ ! -k $path ]] || chmod 1777 "$root$path" "$points$path"
        if has_mounts_below "$path"; then
            for entry in "$path"/*; do show "$entry"; done
            return
        fi
        options=lowerdir=$points$path:$path
        if [[ $writable == true ]]; then
            layer=$((layer + 1))
            mkdir -p "$changes/$layer/upper" "$changes/$layer/work"
            chmod --reference="$points$path" "$changes/$layer/upper"
            options+=,upperdir=$changes/$layer/upper,workdir=$changes/$layer/work
        fi
        # A file system that cannot be a layer (a vfat under /boot, say) is left out; a folder of the root never is.
        mount -t overlay -o "$options" overlay "$root$path" 2>"$layers/refused" || is_mount "$path" || {
            cat "$layers/refused" >&2
            exit 1
        }
    fi
}

while IFS=$'\t' read -r mode source target; do
    case $mode in
        open) mkdir -p "$points$target" ;;
        *) case $target in /dev/* | /proc/* | /sys/*) ;; *) make_mount_point "$source" "$points$target" ;; esac ;;
    esac
done <"$plan"

for entry in /*; do
    case $entry in
        /dev | /proc | /sys | /lost+found) ;;
        *) show "$entry" ;;
    esac
done

mkdir "$root/dev" "$root/proc" "$root/sys"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755,nosuid dev "$root/dev"
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
for device in /dev/{null,zero,full,random,urandom,tty} /dev/nvidia*; do
    [[ ! -c $device ]] || bind rw "$device" "$root$device"
done
ln -s /proc/self/fd "$root/dev/fd"
for stream in stdin:0 stdout:1 stderr:2; do ln -s "/proc/self/fd/${stream#*:}" "$root/dev/${stream%:*}"; done

while IFS=$'\t' read -r mode source target; do
    case $mode in
        open) ;;
        *) bind "$mode" "$source" "$root$target" ;;
    esac
done <"$plan"

if [[ $writable != true ]]; then
    mount -o remount,bind,ro,nosuid "$root/dev"
    mount -o remount,bind,ro "$root"
fi

exec {ready}>"$started"
cd "$root"
pivot_root . .
umount --lazy .
cd "$folder"

PATH=$container_path
type -P -- "$1" >/dev/null || {
    echo "exec: \"$1\": executable file not found in \$PATH" >&2
    exit 127
}
echo started >&"$ready"
exec {ready}>&-
# The change of user clears the order to die with the parent: so it is given again, after that.
# Word splitting is meant: the privileges are options.
# shellcheck disable=SC2086
exec /usr/bin/setpriv $privileges --pdeathsig KILL -- /usr/bin/env -u SHLVL -u PWD -u OLDPWD "$@"
