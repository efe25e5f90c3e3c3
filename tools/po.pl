#!/usr/bin/perl
# SPDX-License-Identifier: AGPL-3.0-or-later
# po.pl - the texts of the program and their translations.
#
#   perl tools/po.pl check      problems, one a line; exit 1 when there are any
#   perl tools/po.pl missing [CODE]  what po/CODE.po (en) lacks, as .po text
#                               to append
#   perl tools/po.pl list       all msgids with the place of their first use
#
# A msgid is the argument of N_("…" "…") in src/ or the inside of
# {{#_}}…{{/_}} in ui/templates. A catalogue that says "X-Scope: public" needs
# the texts of the public side only (templates public*, src/web/public). Needs
# only perl-base.
use strict;
use warnings;

my (%where, %public, @order);

sub add {
    my ($msgid, $place) = @_;
    # Read by anybody, in every language of po/.
    $public{$msgid} = $place
        if $place =~ m{^ui/templates/public|^src/web/public/};
    return if $msgid eq '' || exists $where{$msgid};
    $where{$msgid} = $place;
    push @order, $msgid;
}

sub slurp {
    open my $in, '<', $_[0] or die "$_[0]: $!\n";
    local $/;
    return scalar <$in>;
}

sub unescape {
    my ($text) = @_;
    my %c = (n => "\n", t => "\t", r => "\r");
    $text =~ s/\\(.)/exists $c{$1} ? $c{$1} : $1/ge;
    return $text;
}

sub files {
    my ($pattern, @roots) = @_;
    my @found;
    while (my $root = shift @roots) {
        if (-d $root) {
            opendir my $dir, $root or next;
            push @roots, map { "$root/$_" } sort grep { !/^\./ } readdir $dir;
        } elsif ($root =~ $pattern) {
            push @found, $root;
        }
    }
    return @found;
}

for my $file (files(qr/\.(c|h|def)$/, 'src')) {
    my $text = slurp($file);
    $text =~ s{\\\n}{ \n}g;
    while ($text =~ /\bN_\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)/gs) {
        my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
        my $msgid = join '', map { unescape($_) } $1 =~ /"((?:[^"\\]|\\.)*)"/g;
        add($msgid, "$file:$line");
    }
}
for my $file (files(qr/\.html$/, 'ui/templates')) {
    my $text = slurp($file);
    while ($text =~ /\{\{\s*#\s*_\s*\}\}(.*?)\{\{\s*\/\s*_\s*\}\}/gs) {
        my $line = 1 + (substr($text, 0, $-[0]) =~ tr/\n//);
        (my $msgid = $1) =~ s{\s+}{ }g;
        $msgid =~ s{^ | $}{}g;
        add($msgid, "$file:$line");
    }
}

sub read_po {
    my ($file) = @_;
    my (%text, @twice, $id, $str, $part, $fuzzy);
    my $line = 0;
    my $end = sub {
        if (defined $id && $id ne '') {
            push @twice, "$file:$line: twice: $id" if exists $text{$id};
            $text{$id} = $str unless $fuzzy;
        }
        ($id, $str, $part, $fuzzy) = (undef, undef, undef, 0);
    };
    for (split /\n/, slurp($file)) {
        $line++;
        if (/^#,.*fuzzy/) { $fuzzy = 1 }
        elsif (/^msgid "(.*)"$/) { my $f = $fuzzy; $end->(); $fuzzy = $f;
            $id = unescape($1); $part = 'id' }
        elsif (/^msgstr "(.*)"$/) { $str = unescape($1); $part = 'str' }
        elsif (/^"(.*)"$/) {
            if ($part eq 'id') { $id .= unescape($1) }
            else { $str .= unescape($1) }
        }
    }
    $end->();
    return (\%text, \@twice);
}

sub holes { return join ' ', sort $_[0] =~ /(\{\d\}|\{\{[^}]*\}\})/g }

my $what = $ARGV[0] || 'check';
my ($text, $twice) = read_po('po/en.po');
my @problem = @$twice;
if ($what eq 'list') {
    print "$where{$_}: $_\n" for @order;
    exit 0;
}
if ($what eq 'missing') {
    my $code = $ARGV[1] || 'en';
    ($text) = read_po("po/$code.po");
    for (grep { !defined $text->{$_} || $text->{$_} eq '' }
         grep { $code eq 'en' || $public{$_} } @order) {
        (my $id = $_) =~ s/([\\"])/\\$1/g;
        $id =~ s/\n/\\n/g;
        print "#: $where{$_}\nmsgid \"$id\"\nmsgstr \"\"\n\n";
    }
    exit 0;
}
for (@order) {
    if (!defined $text->{$_} || $text->{$_} eq '') {
        push @problem, "$where{$_}: no English for: $_";
    } elsif (holes($_) ne holes($text->{$_})) {
        push @problem, "$where{$_}: other {…} in the English of: $_";
    }
}
for my $file (files(qr/\.po$/, 'po')) {
    next unless slurp($file) =~ /X-Scope: public/;
    my ($other, $again) = read_po($file);
    push @problem, @$again;
    for (sort keys %public) {
        if (!defined $other->{$_} || $other->{$_} eq '') {
            push @problem, "$public{$_}: not in $file: $_";
        } elsif (holes($_) ne holes($other->{$_})) {
            push @problem, "$public{$_}: other {…} in $file: $_";
        }
    }
}
print "$_\n" for @problem;
exit(@problem ? 1 : 0);
