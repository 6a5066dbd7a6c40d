#!/bin/sh
# A hand-written script with the result of playbooks/site.yml on a bare Debian: one apt transaction, then the files, the
# database and the services. It checks no more than necessary; first runs are compared with it.
# Run as root with app_database_password and app_migration_password set.
set -eu
: "${app_database_password:?}" "${app_migration_password:?}"
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
umask 022

# shellcheck source=/dev/null
. /etc/os-release
case $VERSION_CODENAME in
  bookworm) php=8.2 ;;
  trixie) php=8.4 ;;
  jammy) php=8.1 ;;
  noble) php=8.3 ;;
  *) echo "no PHP is known for $VERSION_CODENAME" >&2 && exit 1 ;;
esac
fpm=/etc/php/$php/fpm
release=/srv/foobar/releases/00000000T000000Z-sample
managed='Managed by Hostwright: the next run overwrites manual changes.'

# ---------------------------------------------------------------------------------------------------- the packages
apt-get update -qq
apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
  ca-certificates cron curl logrotate tzdata mariadb-server nginx \
  "php$php-fpm" "php$php-cli" "php$php-mbstring" "php$php-mysql" "php$php-opcache" >/dev/null

# ---------------------------------------------------------------------------------------------------- the system
hostnamectl set-hostname www.foobar.com
touch /etc/hosts
sed -i '/^127\.0\.1\.1[[:space:]]/d' /etc/hosts
echo '127.0.1.1 www.foobar.com www' >>/etc/hosts
timedatectl set-timezone Etc/UTC
cat >/etc/sysctl.d/90-server.conf <<'END'
net.core.somaxconn=4096
net.ipv4.tcp_max_syn_backlog=4096
END
sysctl -q -p /etc/sysctl.d/90-server.conf
getent group foobar >/dev/null || groupadd --system foobar
getent passwd foobar >/dev/null ||
  useradd --system --gid foobar --home-dir /srv/foobar --no-create-home --shell /usr/sbin/nologin foobar
getent passwd foobar-migrate >/dev/null ||
  useradd --system --gid foobar --home-dir /srv/foobar --no-create-home --shell /usr/sbin/nologin foobar-migrate
# The common hardening of all units.
hardening() {
  cat <<'END'
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
END
}

# ---------------------------------------------------------------------------------------------------- the database
cat >/etc/mysql/mariadb.conf.d/90-site.cnf <<END
# $managed
[mysqld]
bind-address = 127.0.0.1
skip-name-resolve
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
max_connections = 100
max_allowed_packet = 64M
innodb_buffer_pool_size = 256M
slow_query_log = ON
long_query_time = 2
END
cat >/etc/mysql/mariadb.conf.d/80-client-files.cnf <<END
# $managed
[mysqld]
# An injected statement must not read files of the client's machine.
local_infile = OFF
END
mariadbd --verbose --help >/dev/null 2>&1
systemctl enable -q mariadb
systemctl restart mariadb
mkdir -p "$release/public" /srv/foobar/shared/log /srv/foobar/deploy/states /srv/foobar/deploy/slots /var/backups/foobar
chmod 0700 /var/backups/foobar
cat >/srv/foobar/shared/schema.sql <<END
-- $managed
-- Every change loads this file again, so all statements must be repeatable.
CREATE TABLE IF NOT EXISTS greetings (
  id INT NOT NULL PRIMARY KEY,
  text VARCHAR(255) NOT NULL
);
REPLACE INTO greetings (id, text) VALUES (1, 'Hello from the database of foobar');
END
mariadb <<END
CREATE DATABASE IF NOT EXISTS foobar CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS foobar@localhost;
ALTER USER foobar@localhost IDENTIFIED BY '$app_database_password';
GRANT SELECT, INSERT, UPDATE, DELETE ON foobar.* TO foobar@localhost;
CREATE USER IF NOT EXISTS foobar_migration@localhost;
ALTER USER foobar_migration@localhost IDENTIFIED BY '$app_migration_password';
GRANT ALL ON foobar.* TO foobar_migration@localhost;
USE foobar;
SOURCE /srv/foobar/shared/schema.sql
END
cat >/usr/local/sbin/backup-foobar <<END
#!/bin/sh
# $managed
# Yesterday's dump is kept until the new one is complete.
set -eu
umask 077
dump=/var/backups/foobar/foobar.sql
mariadb-dump --single-transaction --no-tablespaces foobar >"\$dump.partial"
gzip -f "\$dump.partial"
mv -f "\$dump.partial.gz" "\$dump.gz"
END
chmod 0755 /usr/local/sbin/backup-foobar
cat >/etc/cron.d/foobar <<'END'
#Ansible: dump of the database of foobar
17 3 * * * root /usr/local/sbin/backup-foobar
END

# ---------------------------------------------------------------------------------------------------- PHP
cat >"/etc/tmpfiles.d/php$php-fpm.conf" <<END
# $managed
d /run/php 0755 root root - -
END
chown root:root /run/php
find /run/php -type l ! -user root -delete
cat >"$fpm/conf.d/90-settings.ini" <<END
; $managed
; A change of this line causes a reload, which loads new packages:
; php$php-fpm php$php-cli php$php-mbstring php$php-mysql php$php-opcache
memory_limit = 256M
max_execution_time = 20
upload_max_filesize = 32M
; A form with a file is a little larger than the file.
post_max_size = 34M
date.timezone = Etc/UTC
expose_php = Off
; If errors were shown to visitors, their pages would have status 200.
display_errors = Off
log_errors = On
realpath_cache_size = 4096K
session.use_strict_mode = On
session.cookie_httponly = On
session.cookie_samesite = Lax
session.cookie_secure = Off
END
cat >"$fpm/conf.d/90-opcache.ini" <<END
; $managed
opcache.enable = On
opcache.memory_consumption = 128
opcache.interned_strings_buffer = 16
opcache.max_accelerated_files = 32531
opcache.validate_timestamps = Off
END
mkdir -p "$fpm/slots"
for slot in blue green; do
  cat >"$fpm/slots/foobar-$slot.conf" <<END
; $managed
[global]
; The log goes to the journal of the unit.
error_log = syslog
syslog.ident = foobar-php-$slot
daemonize = no
; The default, 0, would terminate running requests at a reload.
process_control_timeout = 30s
emergency_restart_threshold = 10
emergency_restart_interval = 1m

[foobar]
user = foobar
group = foobar

listen = /run/foobar-php/slot-$slot.sock
listen.owner = www-data
listen.group = www-data
listen.mode = 0660
listen.backlog = 4096

pm = dynamic
pm.max_children = 12
pm.start_servers = 12
pm.min_spare_servers = 1
pm.max_spare_servers = 12
pm.max_requests = 1000
pm.status_path = /fpm-status
ping.path = /fpm-ping

request_terminate_timeout = 25s
catch_workers_output = yes
decorate_workers_output = no
security.limit_extensions = .php
; Workers open this file as the application's user. If it were in php.ini, root would open it too, in a directory of the application.
php_admin_value[error_log] = /srv/foobar/shared/log/php.log

END
  "php-fpm$php" -t --fpm-config "$fpm/slots/foobar-$slot.conf" 2>/dev/null
done
{
  cat <<END
# $managed
[Unit]
Description=PHP-FPM of foobar, slot %i
After=network.target

[Service]
Type=notify
ExecStart=/usr/sbin/php-fpm$php --fpm-config $fpm/slots/foobar-%i.conf --nodaemonize
ExecReload=/usr/sbin/php-fpm$php --fpm-config $fpm/slots/foobar-%i.conf -t
ExecReload=/bin/kill -USR2 \$MAINPID
# SIGTERM, the default, would terminate running requests.
KillSignal=SIGQUIT
KillMode=mixed
TimeoutStopSec=45
Restart=on-failure
# Sockets are created in a directory that only root can write to, which stays when one of several PHP-FPM services stops.
RuntimeDirectory=foobar-php
RuntimeDirectoryPreserve=yes
# The master starts workers as another user and gives the sockets to Nginx.
CapabilityBoundingSet=CAP_CHOWN CAP_KILL CAP_SETGID CAP_SETUID
ReadWritePaths=-/srv/foobar/shared -/var/lib/php/sessions
END
  hardening
} >/etc/systemd/system/foobar-php@.service
cat >/etc/systemd/system/foobar-php.service <<END
# $managed
# Starts the slot that the symlink "current" points to.
[Unit]
Description=PHP-FPM of the live release of foobar
After=local-fs.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'socket=\$\$(readlink /srv/foobar/current/fpm.sock) && slot=\$\${socket##*-} && exec systemctl start "foobar-php@\$\${slot%%.sock}.service"'

[Install]
WantedBy=multi-user.target
END

# ---------------------------------------------------------------------------------------------------- Nginx
cat >/etc/nginx/nginx.conf <<END
# $managed
user www-data;
worker_processes auto;
worker_shutdown_timeout 60s;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
include /etc/nginx/modules-enabled/*.conf;

events {
    worker_connections 2048;
}

http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;

    log_format site '\$remote_addr \$host [\$time_iso8601] "\$request" \$status \$body_bytes_sent '
                    '\$request_time "\$http_referer" "\$http_user_agent"';
    access_log /var/log/nginx/access.log site;

    sendfile on;
    tcp_nopush on;
    server_tokens off;
    types_hash_max_size 2048;
    server_names_hash_bucket_size 128;
    keepalive_timeout 65s;
    client_max_body_size 40m;

    gzip on;
    gzip_vary on;
    gzip_proxied any;
    gzip_min_length 1024;
    gzip_types text/css text/plain text/xml application/javascript application/json application/xml image/svg+xml;

    include /etc/nginx/conf.d/*.conf;
    include /etc/nginx/sites-enabled/*;
}
END
cat >/etc/nginx/snippets/security-headers.conf <<END
# $managed
add_header X-Content-Type-Options "nosniff" always;
add_header X-Frame-Options "SAMEORIGIN" always;
add_header Referrer-Policy "strict-origin-when-cross-origin" always;
END
cat >/etc/nginx/snippets/deny-dotfiles.conf <<END
# $managed
# .well-known is public by its standard.
location ~ /\.(?!well-known/) {
    return 404;
}
END
cat >/etc/nginx/snippets/deny-programs.conf <<END
# $managed
# Programs are neither run nor shown as source.
location ~* \.(?:php\d?|phps|pht|phtml|phar)\$ {
    return 404;
}
END
cat >/etc/nginx/snippets/php-fpm.conf <<END
# $managed
include fastcgi_params;
# A client's Proxy header must not become the program's HTTP_PROXY.
fastcgi_param HTTP_PROXY "";
fastcgi_read_timeout 30s;
END
rm -f /etc/nginx/sites-enabled/default
mkdir -p /usr/local/lib/foobar
cat >/usr/local/lib/foobar/opcache.php <<'END'
<?php
// Tells a deploy whether OPcache of the shared pool has space for another release.
declare(strict_types=1);

$status = opcache_get_status(true);
if ($status === false) {
    http_response_code(503);
    exit;
}
$releases = [];
foreach ($status['scripts'] ?? [] as $script) {
    if (preg_match('~/releases/[^/]+/~', $script['full_path'], $found)) {
        $releases[$found[0]] = ($releases[$found[0]] ?? 0) + $script['memory_consumption'];
    }
}
header('Content-Type: application/json');
echo json_encode([
    'free' => $status['memory_usage']['free_memory'],
    'full' => $status['cache_full'],
    // A new release is not yet loaded completely, so the largest one is the best estimate.
    'largest' => max([0, ...array_values($releases)]),
]);
END
cat >/etc/nginx/sites-enabled/00-catch-all.conf <<END
# $managed
# Closes connections that request an unknown host name.
server {
    listen 80 default_server;
    listen [::]:80 default_server;
    server_name _;
    return 444;
}
END
# Prints the locations of a site for one release. Arguments: the symlink to the release, the port that PHP sees.
locations() {
  cat <<END
    # Determined once per request, so that files, program and header belong to the same release.
    set \$foobar_root \$realpath_root;

    include snippets/deny-dotfiles.conf;

    location ~ ^/(release\.json|fpm\.sock|composer\.(json|lock))\$ {
        return 404;
    }

    # Nginx does not follow an unlisted symlink of the release to files of other users, as all shared files are.
    location / {
        root \$foobar_root;
        disable_symlinks if_not_owner from=\$foobar_root;
        try_files \$uri /index.php\$is_args\$args;
    }

    # The front controller is the only program.
    location = /index.php {
        root \$foobar_root;
        disable_symlinks if_not_owner from=\$foobar_root;
        try_files \$uri =404;
        include snippets/php-fpm.conf;
        # The real path, not the symlink to the release, so that OPcache never mixes two releases.
        fastcgi_param SCRIPT_FILENAME \$foobar_root\$fastcgi_script_name;
        fastcgi_param DOCUMENT_ROOT \$foobar_root;
        fastcgi_param SERVER_PORT $2;
        fastcgi_param RELEASE \$foobar_release;
        fastcgi_pass unix:/srv/foobar/$1/fpm.sock;
    }

    include snippets/deny-programs.conf;

END
}
{
  cat <<END
# $managed

# The release of a directory, for the header X-Release.
map \$foobar_root \$foobar_release {
    ~/releases/(?<foobar_id>[^/]+) \$foobar_id;
    default "";
}

# 0 for the addresses that see the site during maintenance.
geo \$foobar_visitor {
    default 1;
    127.0.0.1 0;
    ::1 0;
}

server {
    listen 80;
    listen [::]:80;
    server_name www.foobar.com foobar.com;
    root /srv/foobar/current/public;

    include snippets/security-headers.conf;
    add_header X-Release \$foobar_release always;

    # Works even if the application is down.
    set \$closed "";
    if (-f /srv/foobar/deploy/maintenance) {
        set \$closed \$foobar_visitor;
    }
    # Not \$uri, which changes when a request is redirected internally: this condition is then evaluated again.
    if (\$request_uri ~ "^/health(\?|\$)") {
        set \$closed "";
    }
    if (\$closed = 1) {
        return 503;
    }
    error_page 503 @maintenance;
    location @maintenance {
        root /srv/foobar/deploy;
        default_type "text/html; charset=utf-8";
        add_header Retry-After 120 always;
        add_header Cache-Control no-store always;
        try_files /maintenance =503;
    }

END
  locations current "\$server_port"
  cat <<END
    location ~ ^(/fpm-status|/fpm-ping)\$ {
        access_log off;
        allow 127.0.0.1;
        allow ::1;
        deny all;
        include snippets/php-fpm.conf;
        fastcgi_param SCRIPT_FILENAME \$fastcgi_script_name;
        fastcgi_pass unix:/srv/foobar/current/fpm.sock;
    }
}

# The candidate, with the name of the site. Only this machine can connect to it.
server {
    listen 127.0.0.1:8081;
    server_name www.foobar.com foobar.com;
    root /srv/foobar/candidate/public;
    access_log off;
    add_header X-Release \$foobar_release always;

END
  locations candidate 80
  cat <<END
    location = /.status/blue {
        include snippets/php-fpm.conf;
        fastcgi_param SCRIPT_NAME /fpm-status;
        fastcgi_param SCRIPT_FILENAME /fpm-status;
        fastcgi_pass unix:/run/foobar-php/slot-blue.sock;
    }

    location = /.status/green {
        include snippets/php-fpm.conf;
        fastcgi_param SCRIPT_NAME /fpm-status;
        fastcgi_param SCRIPT_FILENAME /fpm-status;
        fastcgi_pass unix:/run/foobar-php/slot-green.sock;
    }

    location = /.status/pool {
        include snippets/php-fpm.conf;
        fastcgi_param SCRIPT_NAME /fpm-status;
        fastcgi_param SCRIPT_FILENAME /fpm-status;
        fastcgi_pass unix:/run/foobar-php/pool.sock;
    }

    location = /.opcache {
        include snippets/php-fpm.conf;
        fastcgi_param SCRIPT_NAME /opcache.php;
        fastcgi_param SCRIPT_FILENAME /usr/local/lib/foobar/opcache.php;
        fastcgi_pass unix:/run/foobar-php/pool.sock;
    }
}
END
} >/etc/nginx/sites-enabled/foobar.conf

mkdir -p /etc/systemd/system/nginx.service.d
{
  cat <<END
# $managed
[Service]
# The master starts workers as another user, opens their logs and creates their directories.
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_KILL CAP_NET_BIND_SERVICE CAP_SETGID CAP_SETUID
ReadWritePaths=/run /var/log/nginx -/var/lib/nginx -/var/cache/nginx
END
  hardening
} >/etc/systemd/system/nginx.service.d/hardening.conf

# ---------------------------------------------------------------------------------------------------- the application
cat >/etc/logrotate.d/foobar <<END
# $managed
/srv/foobar/shared/log/*.log {
    su foobar foobar
    daily
    rotate 14
    missingok
    notifempty
    compress
    delaycompress
}
/var/backups/foobar/foobar.sql.gz {
    daily
    rotate 14
    missingok
    nocompress
}
END
chown foobar:foobar /srv/foobar/shared/log
chmod 0750 /srv/foobar/shared/log
(
  umask 377
  cat >/srv/foobar/shared/config.json.new <<END
{
  "database": {
    "host": "localhost",
    "name": "foobar",
    "user": "foobar",
    "password": "$app_database_password"
  }
}
END
)
chown foobar:foobar /srv/foobar/shared/config.json.new
mv -f /srv/foobar/shared/config.json.new /srv/foobar/shared/config.json
cat >"$release/public/index.php" <<'END'
<?php
declare(strict_types=1);

[$root] = explode('/releases/', __DIR__);
$config = json_decode(file_get_contents("{$root}/shared/config.json"), flags: JSON_THROW_ON_ERROR);
$database = $config->database;
$connection = new PDO(
    "mysql:host={$database->host};dbname={$database->name};charset=utf8mb4",
    $database->user,
    $database->password,
);
$greeting = $connection->query('SELECT text FROM greetings ORDER BY id LIMIT 1')->fetchColumn();
$title = htmlspecialchars($_SERVER['HTTP_HOST'] ?? '');
?>
<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title><?= $title ?></title>
<link rel="stylesheet" href="/style.css">
<h1><?= htmlspecialchars($greeting) ?></h1>
<p><?= $title ?> is served by Nginx, PHP-FPM and a database.</p>
</html>
END
cat >"$release/public/style.css" <<'END'
body {
  max-width: 40rem;
  margin: 4rem auto;
  font-family: system-ui, sans-serif;
}
END
printf %s '{"reference":"sample","by":"site.yml"}' >"$release/release.json"
echo live >"/srv/foobar/deploy/states/${release##*/}"
ln -sfn /run/foobar-php/slot-blue.sock "$release/fpm.sock"
[ -e /srv/foobar/current ] || ln -s "releases/${release##*/}" /srv/foobar/current

# ---------------------------------------------------------------------------------------------------- activation
systemctl disable -q --now "php$php-fpm"
systemctl daemon-reload
systemctl enable -q nginx foobar-php
nginx -q -t
systemctl reload-or-restart foobar-php@blue
systemctl restart nginx
# A reload is a signal: the old workers answer for another moment.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  page=$(curl -sS -H 'Host: www.foobar.com' http://127.0.0.1/)
  case $page in *'Hello from the database of foobar'*) exit ;; esac
  sleep 0.1
done
echo "this is not the page: $page" >&2
exit 1
