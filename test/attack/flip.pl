#!/usr/bin/perl
# Gives a name in a directory to a symlink and back to what was there, again and again, as fast as it can.
# usage: flip.pl DIRECTORY NAME TARGET
# Prints "flipping" when it begins.
use strict;
use warnings;

my ($directory, $name, $target) = @ARGV;
chdir $directory or die "$directory: $!\n";
my ($bait, $saved) = (".bait-$$", ".bait-saved-$$");
$| = 1;
print "flipping\n";
while (1) {
    symlink $target, $bait;
    rename $name, $saved or next;
    rename $bait, $name;
    rename $name, $bait if -l $name;
    rename $saved, $name;
}
