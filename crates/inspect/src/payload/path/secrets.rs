//! Files that hold secrets, and files of the system, on Unix, macOS and Windows.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::ascii::{before, byte, slice};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Configuration, logs, state of the system: rarely meant by a tool call, and no secret in itself.
    System,
    /// Holds credentials, keys, or what leads to them.
    Secret,
}

/// What is known about the text in which a path stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is the path.
    Path,
    /// It may hold one.
    Anywhere,
}

/// Ends of paths, in lower case with slashes. One that ends with a slash stands for all below it.
const SECRETS: &[&str] = &[
    // Accounts of the system.
    "etc/passwd",
    "etc/shadow",
    "etc/gshadow",
    "etc/master.passwd",
    "etc/sudoers",
    "etc/security/opasswd",
    "etc/security/passwd",
    "etc/krb5.keytab",
    "etc/subuid",
    "etc/subgid",
    "etc/ssl/private/",
    "etc/ipsec.secrets",
    "etc/ppp/chap-secrets",
    "etc/wireguard/",
    "etc/netplan/",
    "etc/ssh/ssh_host_rsa_key",
    "etc/ssh/ssh_host_ed25519_key",
    "etc/ssh/ssh_host_ecdsa_key",
    "etc/ssh/ssh_host_dsa_key",
    "etc/kubernetes/admin.conf",
    "etc/kubernetes/pki/",
    "etc/rancher/k3s/k3s.yaml",
    "etc/openvpn/",
    "etc/letsencrypt/live/",
    "etc/proftpd.passwd",
    "etc/pureftpd.passwd",
    "var/db/shadow/",
    "var/lib/kubelet/pki/",
    "windows/system32/config/sam",
    "windows/system32/config/system",
    "windows/system32/config/security",
    "winnt/system32/config/sam",
    "windows/repair/",
    "winnt/repair/",
    "ntds/ntds.dit",
    "ntds.dit",
    "windows/panther/unattend.xml",
    "unattend.xml",
    "sysprep.inf",
    "sysprep/sysprep.xml",
    "boot.ini",
    "private/etc/master.passwd",
    "var/db/dslocal/nodes/default/users/",
    // The memory, the environment and the devices of the system.
    "proc/self/",
    "proc/thread-self/",
    "proc/kcore",
    "proc/kallsyms",
    "proc/keys",
    "/dev/mem",
    "/dev/kmem",
    "/dev/sda",
    "/dev/nvme0n1",
    "/dev/random",
    "/dev/urandom",
    "/dev/zero",
    "run/secrets/",
    "docker.sock",
    "containerd.sock",
    "crio.sock",
    // Keys and tokens of programs.
    ".ssh/id_rsa",
    ".ssh/id_dsa",
    ".ssh/id_ecdsa",
    ".ssh/id_ed25519",
    ".ssh/identity",
    ".ssh/authorized_keys",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".gnupg/",
    ".aws/credentials",
    ".aws/config",
    ".aws/sso/cache/",
    ".azure/accesstokens.json",
    ".azure/msal_token_cache",
    ".azure/azureprofile.json",
    "gcloud/credentials.db",
    "gcloud/access_tokens.db",
    "application_default_credentials.json",
    ".oci/config",
    ".oci/oci_api_key.pem",
    ".bluemix/config.json",
    ".kube/config",
    ".docker/config.json",
    ".docker/secrets",
    ".dockercfg",
    ".netrc",
    "_netrc",
    ".pgpass",
    "pgpass.conf",
    ".my.cnf",
    ".mylogin.cnf",
    ".git-credentials",
    ".config/git/credentials",
    ".git/config",
    ".config/gh/hosts.yml",
    ".config/hub",
    ".pypirc",
    ".npmrc",
    ".yarnrc.yml",
    ".cargo/credentials",
    ".gem/credentials",
    ".m2/settings.xml",
    ".m2/settings-security.xml",
    ".gradle/gradle.properties",
    ".composer/auth.json",
    ".nuget/nuget.config",
    ".vault-token",
    ".terraform.d/credentials.tfrc.json",
    ".terraformrc",
    "terraform.tfstate",
    ".config/doctl/config.yaml",
    ".config/heroku/",
    ".config/stripe/config.toml",
    ".config/rclone/rclone.conf",
    ".s3cfg",
    ".boto",
    ".databrickscfg",
    ".snowflake/config.toml",
    ".config/op/",
    ".password-store/",
    ".env",
    ".htpasswd",
    ".htdigest",
    ".passwd",
    ".shadow",
    ".claude/.credentials.json",
    ".codex/auth.json",
    ".gemini/oauth_creds.json",
    ".config/github-copilot/",
    // Histories: what was typed, passwords too.
    ".bash_history",
    ".zsh_history",
    ".sh_history",
    ".ash_history",
    ".ksh_history",
    ".history",
    ".fish_history",
    ".mysql_history",
    ".psql_history",
    ".sqlite_history",
    ".rediscli_history",
    ".python_history",
    ".node_repl_history",
    ".irb_history",
    "consolehost_history.txt",
    // Browsers, wallets, password managers, key chains.
    "library/keychains/",
    "login.keychain-db",
    "login.keychain",
    "user data/default/login data",
    "user data/default/cookies",
    "user data/local state",
    "chrome/default/login data",
    "google-chrome/default/cookies",
    "default/login data",
    "default/web data",
    "logins.json",
    "key4.db",
    "key3.db",
    "signons.sqlite",
    "cookies.sqlite",
    "cookies.binarycookies",
    "wallet.dat",
    ".ethereum/keystore/",
    ".config/solana/id.json",
    ".electrum/wallets/",
    "library/application support/com.apple.tcc/tcc.db",
    "appdata/roaming/microsoft/credentials/",
    "appdata/local/microsoft/credentials/",
    "appdata/roaming/microsoft/protect/",
    "microsoft/vault/",
    ".local/share/keyrings/",
    ".kdbx",
    "filezilla/sitemanager.xml",
    "filezilla/recentservers.xml",
    "winscp.ini",
    ".remmina/",
    ".vnc/passwd",
    // Of web applications.
    "wp-config.php",
    "wp-config.php.bak",
    "config/database.yml",
    "config/master.key",
    "config/secrets.yml",
    "config/credentials.yml.enc",
    "web-inf/web.xml",
    "local.settings.json",
    "appsettings.production.json",
    "tomcat-users.xml",
    "phpmyadmin/config.inc.php",
];

/// As [`SECRETS`], of files that are worth a look when they are asked for.
const SYSTEM: &[&str] = &[
    ".ssh/",
    ".aws/",
    ".azure/",
    ".kube/",
    ".docker/",
    ".htaccess",
    "web.config",
    "win.ini",
    "system.ini",
    "desktop.ini",
    "php.ini",
    "my.cnf",
    "my.ini",
    "httpd.conf",
    "httpd.conf.php",
    "apache2.conf",
    "nginx.conf",
    "sshd_config",
    "pg_hba.conf",
    "postgresql.conf",
    "redis.conf",
    "mongod.conf",
    "vsftpd.conf",
    "pure-ftpd.conf",
    "pureftpd.pdb",
    "pure-ftpd.pdb",
    "proftpd.conf",
    "smb.conf",
    "access.log",
    "access_log",
    "error.log",
    "error_log",
    "errors.log",
    "debug.log",
    "pure-ftpd.log",
    "ftpd.log",
    "phpinfo.php",
    "applicationhost.config",
    "server.xml",
    "context.xml",
    "config.inc.php",
    "configuration.php",
    "localsettings.php",
    "backup.sql",
    "dump.sql",
    "backup.sql.zip",
    "backup.sql.gz",
    "mysql.err",
    "/sys/class",
    "/proc/interrupts",
    "/proc/cpuinfo",
    "/proc/version",
    "/proc/mounts",
    "/proc/net/",
    "/proc/cmdline",
    "/proc/sched_debug",
    ".bashrc",
    ".zshrc",
    ".bash_profile",
    ".profile",
    ".crontab",
    ".bash_logout",
    // What coding agents obey: who writes there writes their orders.
    ".claude/",
    ".cursor/",
    ".cursorrules",
    ".cursorignore",
    ".windsurf/",
    ".windsurfrules",
    ".cline/",
    ".clinerules",
    ".roo/",
    ".continue/",
    ".codex/",
    ".aider/",
    ".aider.conf.yml",
    ".aiignore",
    ".junie/",
    ".kiro/",
    ".zed/settings.json",
    ".rovodev/",
    ".opencode/",
    ".plandex/",
    ".fabric/",
    ".n8n/",
    ".gemini/",
    ".vscode/settings.json",
    ".vscode/tasks.json",
    ".github/workflows/",
    ".git/hooks/",
    ".a0proj/",
    ".openhands/",
    ".goose/",
    ".copilot/",
    ".amazonq/",
    ".qwen/",
    ".augment/",
    ".trae/",
    "/@fs/",
];

/// Beginnings of absolute paths into folders of the system and its servers.
const FOLDERS: &[&str] = &[
    "/etc/",
    "/proc/",
    "/sys/",
    "/boot/",
    "/root/",
    "/dev/",
    "/var/log/",
    "/var/adm/",
    "/var/spool/",
    "/var/mail/",
    "/var/run/",
    "/var/www/logs/",
    "/var/lib/mysql/",
    "/var/lib/docker/",
    "/var/mysql/",
    "/var/cpanel/",
    "/var/local/www/conf/",
    "/var/nm2/",
    "/usr/etc/",
    "/usr/local/etc/",
    "/usr/local/apache",
    "/usr/local/php",
    "/usr/local/zend/etc/",
    "/usr/local/cpanel/",
    "/usr/local/pureftpd/",
    "/usr/local/nginx/",
    "/usr/apache",
    "/usr/pkgsrc/",
    "/usr/ports/",
    "/usr/lib/cron/",
    "/usr/lib/php",
    "/usr/lib/security/",
    "/usr/sbin/",
    "/usr/home/user/",
    "/usr/spool/",
    "/opt/apache",
    "/opt/httpd/",
    "/opt/xampp/",
    "/opt/lampp/",
    "/opt/nginx/",
    "/private/etc/",
    "/private/var/log/",
    "/apache",
    "/xampp",
    "/php",
    "/bin/php",
    "/winnt/",
    "/windows/",
    "/inetpub/",
    "/program files/",
    "/program files (x86)/",
    "/programdata/",
    "/wamp",
    "/mysql/",
    "/web/conf/",
    "/home/bin/stable/",
    "/home2/bin/stable/",
    "/nginx/",
    "/log/httpd/",
    "/logs/",
    "/system volume information/",
    "/documents and settings/",
    "/users/administrator/ntuser.dat",
];

/// Names that templates of secret files end with.
const TEMPLATES: [&str; 6] = ["example", "sample", "template", "dist", "schema", "defaults"];

static ENDS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(SECRETS.iter().chain(SYSTEM)).ok());

/// What kind of file the path, in lower case with slashes, leads to.
pub(super) fn kind(path: &[u8], standing: Standing) -> Option<Kind> {
    let ends = ENDS.as_ref()?;
    let mut found = None;
    for end in ends.find_overlapping_iter(path) {
        if found != Some(Kind::Secret) && stands(path, end.start(), end.end()) {
            let secret = end.pattern().as_usize() < SECRETS.len();
            found = found.max(Some(if secret { Kind::Secret } else { Kind::System }));
        }
    }
    found.or_else(|| is_process(path).then_some(Kind::Secret)).or_else(|| {
        let absolute = slice(path, root(path)..path.len());
        let within = FOLDERS.iter().any(|folder| absolute.starts_with(folder.as_bytes()));
        (standing == Standing::Path && within).then_some(Kind::System)
    })
}

/// Whether what was found is whole segments of a path, the last with an ending or mark of a backup at most.
fn stands(path: &[u8], start: usize, end: usize) -> bool {
    let joins = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let names = slice(path, start..end);
    let opens = match names.first() {
        Some(b'/') => true,
        // `name.kdbx`, but no `name.env`.
        Some(b'.') if names == b".kdbx" => true,
        _ => !joins(before(path, start, 1)),
    };
    if names.ends_with(b"/") {
        return opens && path.len() > end;
    }
    let tail = slice(path, end..path.len());
    let word = |byte: &u8| !byte.is_ascii_alphanumeric();
    let template =
        TEMPLATES.iter().any(|name| tail.get(1..).is_some_and(|tail| tail.starts_with(name.as_bytes())));
    opens
        && !template
        && !byte(path, end).is_ascii_alphanumeric()
        && byte(path, end) != b'_'
        && tail.first().is_none_or(word)
}

/// `/proc/1234/environ` and its kin.
fn is_process(path: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(path, b"proc/") else { return false };
    let rest = slice(path, at + 5..path.len());
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'*').count();
    let telling: [&[u8]; 8] =
        [b"/environ", b"/cmdline", b"/mem", b"/maps", b"/fd/", b"/root/", b"/cwd/", b"/status"];
    digits > 0 && telling.iter().any(|name| slice(rest, digits..rest.len()).starts_with(name))
}

/// Where the path proper begins: after a scheme, a drive, a mounted volume.
fn root(path: &[u8]) -> usize {
    let mut at = if path.starts_with(b"file:/") { 5 } else { 0 };
    if slice(path, at..at + 9) == b"/volumes/" {
        at = memchr::memchr(b'/', slice(path, at + 9..path.len())).map_or(at, |end| at + 9 + end);
    }
    let drive = at + usize::from(byte(path, at) == b'/');
    if byte(path, drive).is_ascii_alphabetic() && byte(path, drive + 1) == b':' { drive + 2 } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Option<Kind> {
        kind(path.as_bytes(), Standing::Path)
    }

    #[test]
    fn secret_files_are_known_wherever_they_lie() {
        for path in [
            "/etc/shadow",
            "etc/passwd",
            "/home/me/.ssh/id_rsa",
            "~/.aws/credentials",
            "/proc/self/environ",
            "/proc/17/mem",
            "c:/windows/system32/config/sam",
            "/app/.env",
            ".env",
            ".env.production",
            "/etc/passwd~",
            "my.kdbx",
            "/users/me/library/keychains/login.keychain-db",
            "../../etc/passwd",
            "x=/etc/shadow-",
        ] {
            assert_eq!(of(path), Some(Kind::Secret), "{path}");
        }
        for path in [
            "/etc/php.ini",
            "/var/log/syslog",
            "c:/xampp/php/php.ini",
            "/srv/logs/access.log",
            "/repo/.cursor/mcp.json",
        ] {
            assert_eq!(of(path), Some(Kind::System), "{path}");
        }
    }

    #[test]
    fn other_files_are_not() {
        for path in [
            "/home/me/notes.txt",
            "src/etc/passwords.rs",
            ".env.example",
            "config.env.ts",
            "environment",
            "docs/id_rsa_explained.md",
            "/workspace/proc/list.txt",
            "/home/me/.envrc",
            "fetch/passwd",
            "https://example.com/etc",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
