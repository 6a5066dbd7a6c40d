#!/usr/bin/perl
# Gives a user an entry in the access list of each path, with all rights, like setfacl, whose package may be missing.
# usage: access-list.pl access|default UID PATH...
use strict;
use warnings;

my ($list, $uid, @paths) = @ARGV;
my %calls = (x86_64 => 188, aarch64 => 5);
chomp(my $architecture = `uname -m`);
my $set = $calls{$architecture} or die "no system calls known for $architecture\n";

my $none = 0xffffffff;
# the owner, the user, the group, the mask and others
my @entries = ([1, 7, $none], [2, 7, $uid], [4, 5, $none], [16, 7, $none], [32, 5, $none]);
my $value = pack 'L<', 2;
$value .= pack 'S<S<L<', @$_ for @entries;
my $name = "system.posix_acl_$list";
for my $path (@paths) {
    die "$path: $!\n" if syscall($set, $path, $name, $value, length $value, 0) != 0;
}
