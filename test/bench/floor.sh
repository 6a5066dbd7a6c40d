#!/bin/sh
# Reads everything that playbooks/site.yml manages, with one process per kind of thing, and changes nothing:
# no tool that reads the same can be faster. Run as root.
set -eu
export LC_ALL=C

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
root=/srv/foobar
release=$root/releases/00000000T000000Z-sample

files="/etc/hosts /etc/hostname /etc/sysctl.d/90-server.conf /etc/mysql/mariadb.conf.d/90-site.cnf
  /etc/mysql/mariadb.conf.d/80-client-files.cnf /etc/tmpfiles.d/php$php-fpm.conf /etc/nginx/snippets/deny-programs.conf
  /etc/systemd/system/nginx.service.d/hardening.conf
  $fpm/conf.d/90-settings.ini $fpm/conf.d/90-opcache.ini $fpm/slots/foobar-blue.conf $fpm/slots/foobar-green.conf
  /etc/systemd/system/foobar-php@.service /etc/systemd/system/foobar-php.service
  /etc/nginx/nginx.conf /etc/nginx/snippets/security-headers.conf /etc/nginx/snippets/deny-dotfiles.conf
  /etc/nginx/snippets/php-fpm.conf /usr/local/lib/foobar/opcache.php /etc/nginx/sites-enabled/00-catch-all.conf
  /etc/nginx/sites-enabled/foobar.conf /usr/local/sbin/backup-foobar /etc/cron.d/foobar /etc/logrotate.d/foobar
  $root/shared/schema.sql $root/shared/config.json $root/deploy/states/00000000T000000Z-sample
  $release/release.json $release/public/index.php $release/public/style.css"
others="/etc/systemd/system/nginx.service.d /run/php /etc/localtime /var/lib/apt/lists $fpm/slots /usr/local/lib/foobar /var/backups/foobar
  $root $root/shared $root/shared/log $root/deploy $root/deploy/states $root/deploy/slots $root/releases
  $release $release/public $release/fpm.sock $root/current"
absent="/etc/nginx/sites-enabled/default $root/candidate $root/deploy/maintenance"

# Unquoted: one argument each.
# shellcheck disable=SC2086
stat -c '%n %F %a %U %G %s %Y %N' $files $others
# shellcheck disable=SC2086
sha256sum $files
for path in $absent; do [ -e "$path" ] && echo "$path is there"; done
echo "$root"/releases/* "$root"/deploy/slots/*
cat /etc/hosts /etc/cron.d/foobar /etc/sysctl.d/90-server.conf "$root"/deploy/states/* "$release/release.json"
dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' ca-certificates cron curl logrotate tzdata mariadb-server \
  nginx "php$php-fpm" "php$php-cli" "php$php-mbstring" "php$php-mysql" "php$php-opcache"
systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState,NeedDaemonReload mariadb nginx "php$php-fpm" \
  foobar-php foobar-php@blue
cat /proc/sys/kernel/hostname /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/tcp_max_syn_backlog
getent passwd foobar foobar-migrate
getent group foobar
mariadb -N <<'END'
SELECT schema_name, default_character_set_name, default_collation_name FROM information_schema.schemata WHERE schema_name = 'foobar';
SHOW CREATE USER foobar@localhost;
SHOW GRANTS FOR foobar@localhost;
SHOW CREATE USER foobar_migration@localhost;
SHOW GRANTS FOR foobar_migration@localhost;
END
curl -fsS -H 'Host: www.foobar.com' http://127.0.0.1/
