//! Programs that are found on most machines, told from the words of English they may be.

use std::{collections::HashMap, sync::LazyLock};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nobody says this who does not mean the program.
    Program,
    /// A word of English, or too short to tell.
    Word,
}

/// POSIX utilities, GNU and BSD tools, shells, interpreters, package managers, network tools; then those of Windows.
const PROGRAMS: &str = "\
sh bash zsh dash ksh csh tcsh fish ash pwsh powershell cmd busybox curl wget nc ncat netcat socat telnet ssh scp sftp rsync ftp tftp lftp \
aria2c axel lynx w3m elinks python python2 python3 perl ruby irb node nodejs deno bun php lua luajit tclsh rscript gawk mawk awk sed \
ls rm cp mv ln mkdir rmdir chmod chown chgrp chattr chroot dd mkfs fdisk parted mkfifo mknod mktemp umount losetup shred wipe truncate \
whoami uname hostname ifconfig ipconfig iwconfig netstat nslookup arp traceroute tracert tracepath ping ping6 nmap masscan tcpdump tshark \
iptables ip6tables nft ufw firewall-cmd systemctl journalctl crontab atq launchctl useradd userdel usermod groupadd adduser deluser passwd visudo \
chpasswd su sudo doas pkexec setcap getcap lsof fuser pgrep pkill killall pstree htop vmstat iostat lscpu lsblk lspci lsusb lsmod insmod \
modprobe rmmod dmesg sysctl sysinfo getent printenv xargs xxd hexdump od base64 base32 md5sum sha1sum sha256sum cksum openssl gpg gpg2 \
gzip gunzip zcat bzip2 bunzip2 bzcat xz xzcat zstd zstdcat unzip tar cpio zgrep egrep fgrep grep zless zmore tac nl wc uniq tr tee awk \
rev printf stat readlink realpath basename dirname apt apt-get aptitude dpkg yum dnf rpm pacman apk snap brew pip pip3 npm npx yarn pnpm gem \
cargo composer gcc g++ clang cc c89 c99 gdb ldd objdump nasm docker podman kubectl helm crictl nsenter ctr terraform aws gcloud az gsutil \
mysql mysqldump mysqladmin psql pg_dump sqlite3 mongo mongosh redis-cli git svn hg vim vi nano emacs ansible ansible-playbook \
ansible-console ansible-pull ansible-inventory chef-run chef-shell chef-client chef-solo puppet salt salt-call knife lastlog lastb last \
strace ltrace nohup setsid stdbuf timeout cpulimit screen tmux rmt rlogin rsh rexec finger sendmail mailx mutt swaks exim \
zip 7z rar unrar jq yq xmllint iconv sha512sum dig dd ed ex ld logsave mawk msgattrib nawk nice ip sysbench unshare uudecode uuencode \
xdg-open osascript defaults dscl diskutil security screencapture pbpaste pbcopy softwareupdate launchctl plutil \
ipconfig tasklist taskkill systeminfo certutil bitsadmin regsvr32 regedit rundll32 mshta wscript cscript wmic schtasks vssadmin wevtutil \
bcdedit cipher icacls takeown cacls attrib netsh nltest whoami quser qwinsta driverquery fsutil diskpart sc reg xcopy robocopy rmdir \
msiexec installutil regasm regsvcs msbuild forfiles pcalua hh odbcconf cmstp ieexec findstr iex invoke-expression invoke-webrequest \
invoke-restmethod iwr irm start-process new-object get-content set-content get-process get-childitem invoke-command add-type \
set-executionpolicy get-wmiobject get-ciminstance add-mppreference set-mppreference downloadstring echo pwd cat perf cscli flock bsdtar lastlogin iwmi varnishncsa genisoimage \
socket setfacl getfacl tasksh torify torsocks ssh-keygen ssh-keyscan ssh-agent wkhtmltopdf wall whiptail xelatex latex pdftex restic rclone snort \
dosbox ginsh gimp jjs jrunscript latexmk lwp-download lwp-request makecert mitmproxy nroff octave openvt pidstat pip-3 pdb run-parts run-mailcap \
scanmem slsh smbclient sqlmap ss tdbtool telnetd tex valgrind watch zathura zsoelim zypper emerge rpmquery rpmverify";

/// As [`PROGRAMS`], of names that are words too.
const WORDS: &str = "\
id w ps who at find cut sort head tail less more man file strings column comm expand fold paste watch yes open say time test sleep kill \
dir type net date env set start copy move del erase ren rename cd history mail write service mount export import host top free bc dc split \
join touch which whereis locate read look make install join diff cmp patch fmt pr cal tree nice jobs bg fg wait trap eval exec source \
alias unset exit return shutdown reboot halt poweroff init login logout users groups link unlink sync clear reset script print more \
go java javac kotlin swift r ruby rake puppet slsh ar as join view rview pico";

/// Words that their next word makes a command.
const PAIRS: [(&str, &[&str]); 12] = [
    (
        "net",
        &[
            "user",
            "users",
            "view",
            "localgroup",
            "group",
            "use",
            "start",
            "stop",
            "share",
            "session",
            "accounts",
            "config",
        ],
    ),
    ("reg", &["add", "query", "delete", "save", "export"]),
    ("ip", &["a", "addr", "address", "route", "link", "neigh"]),
    ("sc", &["query", "create", "start", "stop", "config", "delete"]),
    (
        "which",
        &["curl", "wget", "python", "python3", "perl", "nc", "gcc", "bash", "sh", "php", "ruby", "node"],
    ),
    ("type", &["%", "c:", "\\", "con"]),
    ("set", &["/a", "/p"]),
    ("go", &["run", "env"]),
    ("start", &["cmd", "powershell", "/b"]),
    ("cat", &["/", "~", "../"]),
    ("dir", &["/", "c:", "\\"]),
    ("service", &["ssh", "sshd", "apache2", "nginx", "cron", "mysql", "docker"]),
];

static KNOWN: LazyLock<HashMap<&str, Known>> = LazyLock::new(|| {
    let words = WORDS.split_whitespace().map(|name| (name, Known::Word));
    words.chain(PROGRAMS.split_whitespace().map(|name| (name, Known::Program))).collect()
});

/// Programs whose tools have their name and a dash before them.
const FAMILIES: [&str; 10] =
    ["ansible", "chef", "apt", "dpkg", "systemd", "rmt", "docker", "podman", "pkg", "git"];

/// What is known of a name, in any case, with or without a version.
pub(super) fn known(name: &[u8]) -> Option<Known> {
    if name.len() > 24 {
        return None;
    }
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    let find = |name: &str| KNOWN.get(name).copied();
    // `ansible-doc`, `apt-cache`: tools of a known one.
    let family = |name: &str| {
        name.split_once('-').and_then(|(first, _)| FAMILIES.contains(&first).then_some(Known::Program))
    };
    find(&name).or_else(|| family(&name)).or_else(|| {
        let bare = name.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        (bare.len() > 2 && bare.len() < name.len())
            .then(|| find(bare))
            .flatten()
            .filter(|known| *known == Known::Program)
    })
}

/// The program that a name with glob characters stands for.
pub(super) fn fits(pattern: &[u8]) -> Option<&'static str> {
    let letters = pattern.iter().filter(|byte| byte.is_ascii_alphanumeric()).count();
    let programs = || PROGRAMS.split_whitespace().chain(WORDS.split_whitespace());
    (letters >= 2 && pattern.len() <= 24)
        .then(|| programs().find(|name| glob(pattern, name.as_bytes())))
        .flatten()
}

fn glob(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'?', pattern @ ..], [_, name @ ..]) => glob(pattern, name),
        ([b'[', letter, b']', pattern @ ..], [first, name @ ..]) => letter == first && glob(pattern, name),
        // One star is enough to hide a name, and two are too many to try.
        ([b'*', pattern @ ..], name) => {
            !pattern.contains(&b'*')
                && (0..=name.len()).any(|skip| name.get(skip..).is_some_and(|name| glob(pattern, name)))
        }
        ([letter, pattern @ ..], [first, name @ ..]) => letter == first && glob(pattern, name),
        _ => false,
    }
}

/// Whether `name` and the beginning of what follows it make a command.
pub(super) fn is_pair(name: &str, next: &[u8]) -> bool {
    let next: Vec<u8> = next.iter().take(16).map(u8::to_ascii_lowercase).collect();
    PAIRS.iter().filter(|(known, _)| *known == name).flat_map(|(_, words)| words.iter()).any(|word| {
        let open = word.bytes().all(|byte| !byte.is_ascii_alphanumeric()) || word.ends_with([':', '/']);
        let tail = next.strip_prefix(word.as_bytes());
        tail.is_some_and(|tail| {
            open || tail.first().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'.')
        })
    })
}
