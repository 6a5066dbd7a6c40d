#!/usr/bin/perl
# Alternates a name in a directory between a symlink and its previous file, as fast as possible.
# usage: flip.pl DIRECTORY NAME TARGET
# Prints "flipping" when it starts, then a line for every 16 flips.
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
