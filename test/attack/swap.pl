#!/usr/bin/perl
# Waits in a directory for names that start with a prefix, and replaces each one with a symlink as fast as possible.
# usage: swap.pl DIRECTORY PREFIX TARGET
# Prints "watching" when the kernel reports to it, then a line for each swap. It needs only perl-base, which every
# Debian has, so that it runs on throw-away machines.
use strict;
use warnings;

my ($directory, $prefix, $target) = @ARGV;
my %calls = (x86_64 => [294, 254], aarch64 => [26, 27]);
chomp(my $architecture = `uname -m`);
my ($init, $add_watch) = @{ $calls{$architecture} or die "no system calls known for $architecture\n" };

my ($created, $moved_here) = (0x100, 0x80);
my $queue = syscall($init, 0);
die "inotify_init1: $!\n" if $queue < 0;
my $place = $directory;
die "inotify_add_watch $directory: $!\n" if syscall($add_watch, $queue, $place, $created | $moved_here) < 0;
open(my $events, '<&=', $queue) or die "open: $!\n";

chdir $directory or die "$directory: $!\n";
my $bait = ".bait-$$";
$| = 1;
symlink $target, $bait or die "symlink: $!\n";
print "watching\n";

while (sysread $events, my $buffer, 65536) {
    while (length $buffer) {
        my (undef, undef, undef, $length) = unpack 'iIII', $buffer;
        my $name = unpack 'Z*', substr $buffer, 16, $length;
        $buffer = substr $buffer, 16 + $length;
        next if $name eq $bait or index($name, $prefix) != 0 or -l $name;
        # a directory is renamed first, a file is replaced by the rename
        rename $name, "$bait-away-$name" if -d $name;
        rename $bait, $name or next;
        print "swapped $name\n";
        symlink $target, $bait;
    }
}
