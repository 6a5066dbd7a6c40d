import { sh } from '../target/sh.ts'
import { defineKind } from './definition/kind.ts'
import { factsOf } from './facts/answer.ts'
import { headings, type Facts } from './facts/value.ts'
import { sections } from './parse/sections.ts'

declare module './definition/write.ts' {
  interface KindValues {
    facts: Facts
  }
}

/** The facts of a host. The shell reads files of /proc and /etc itself, because a process would cost more. */
export const facts = defineKind<'facts', Record<string, never>>({
  name: 'facts',
  subject: () => 'host',
  read: () => sh`
    show() { if [ -r "$1" ]; then while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; done <"$1"; fi; }
    echo '== uname'
    uname -snrm
    show /proc/sys/kernel/version
    echo '== os-release'
    show /etc/os-release
    echo '== debian_version'
    show /etc/debian_version
    echo '== processors'
    nproc 2>/dev/null || :
    echo '== meminfo'
    grep -E '^(Mem|Swap)' /proc/meminfo || :
    echo '== uptime'
    show /proc/uptime
    echo '== date'
    date '+%s %Y-%m-%dT%H:%M:%S %z %Z'
    echo '== user'
    id
    echo "$HOME"
    echo '== hosts'
    show /etc/hosts
    echo '== links'
    for link in /sys/class/net/*; do
      if [ -e "$link/address" ]; then
        read -r address <"$link/address" && read -r mtu <"$link/mtu" && echo "\${link##*/} $mtu $address"
      fi
    done
    echo '== addresses'
    if command -v ip >/dev/null; then ip -o addr show; fi
    echo '== routes'
    if command -v ip >/dev/null; then
      ip -4 route show default
      ip -6 route show default
    fi
    echo '== managers'
    if [ -d /run/systemd/system ]; then echo service systemd; else show /proc/1/comm; fi
    for manager in apt-get dnf yum zypper apk pacman; do
      if command -v "$manager" >/dev/null; then echo "package $manager"; fi
    done
    if [ -e /sys/fs/selinux/enforce ]; then echo selinux; fi
    if [ -e /run/systemd/container ]; then printf 'container '; show /run/systemd/container; fi
    if [ -e /.dockerenv ]; then echo container docker; fi
    echo '== dmi'
    show /sys/class/dmi/id/sys_vendor
    show /sys/class/dmi/id/product_name
  `,
  parse(output, questions) {
    const answer = factsOf(sections(output, headings))
    return questions.map(() => answer)
  },
  dependsOn: {
    scopes: ['anything'],
    paths: () => ['/etc/os-release', '/etc/hostname', '/etc/hosts', '/etc/localtime'],
    kinds: { hostname: true, timezone: true },
  },
})
