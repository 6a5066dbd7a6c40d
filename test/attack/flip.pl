#!/usr/bin/perl
# Gives a name in a directory to a symlink and back to what was there, again and again, as fast as it can.
# usage: flip.pl DIRECTORY NAME TARGET
# Prints "flipping" when it begins, then a line for every 16 flips.
use strict;
use warnings;

my ($directory, $name, $target) = @ARGV;
chdir $directory or die "$directory: $!\n";
my ($bait, $saved) = (".bait-$$", ".bait-saved-$$");
$| = 1;
print "flipping\n";
my $flips = 0;
while (1) {
    symlink $target, $bait;
    rename $name, $saved or next;
    rename $bait, $name and ++$flips % 16 == 0 and print "flipped\n";
    rename $name, $bait if -l $name;
    rename $saved, $name;
}
