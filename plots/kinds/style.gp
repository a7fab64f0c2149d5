# The common look. Before it run, from C: plain (1 on a terminal of letters), face, points, char_w (the width of a
# letter, as a share of the figure), data, title_text, subtitle[] and note[] (lines), footer_0 to 2, width, height, left, right,
# top, bottom (margins), n series with name[], colour[], mark[], dash[]. After it: axes and what the kind needs.
reset
set datafile separator "\t"
set datafile missing "NaN"
set encoding utf8
lead = 2.2 * char_w / (1 - (left + right) * char_w) # of a label's line, in graph units
ink = '#222222'; pale = '#888888'; faint = '#d8d8d8'; warn = '#a02020'
head = sprintf('%s:Bold,%g', face, points * 1.17)
middle = sprintf('%s,%g', face, points * 0.95)
small = sprintf('%s,%g', face, points * 0.88)
tiny = sprintf('%s,%g', face, points * 0.75)

set lmargin at screen left * char_w
set rmargin at screen 1 - right * char_w
set tmargin at screen 1 - 1. * top / height
set bmargin at screen 1. * bottom / height

set border 3 lc rgb ink lw 0.8
set tics nomirror out scale 0.6, 0.3 textcolor rgb ink font small
set xlabel tc rgb ink
set ylabel tc rgb ink offset (plain ? 0 : 0.5), 0
set grid xtics ytics back lc rgb faint lw 0.8 dt 1
if (plain) unset grid
set key off
set style fill solid 1.0 noborder
set bars 0.5
set pointsize 0.7

# What a browser shows when the pointer rests on a point, in SVG only: plot for [i=1:hovers] .. using x:y:(text) @hover
hovers = GPVAL_TERM eq 'svg' ? n : 0
hover = "with labels hypertext point pt 7 ps 1.6 lc rgb '#ff000000'"
x_one = 1.; y_one = 1.; x_word = ''; y_word = '' # of axes in another unit: see axis.c
told(v, one, word) = sprintf('%.4g', v / one).(word eq '' ? '' : ' '.word)

set label 9001 title_text at screen 0.012, screen 1 - 15. / height left font head tc rgb ink
under = 36. # where the notes begin
do for [i=1:|subtitle|] {
  if (i == 1 || subtitle[i] ne '') {
    set label 9001 + i subtitle[i] at screen 0.012, screen 1 - (20. + 14 * i) / height left font middle tc rgb '#555555'
    under = 22. + 14 * i
  }
}
do for [i=1:|note|] {
  if (note[i] ne '') { set label 9010 + i note[i] at screen 0.012, screen 1 - (under + 14 * i) / height left font small tc rgb warn }
}
if (!plain) {
  lines = (footer_0 ne '') + (footer_1 ne '') + (footer_2 ne '')
  set label 9006 footer_0 at screen 0.012, screen (13. * lines - 4) / height left font tiny tc rgb pale
  set label 9007 footer_1 at screen 0.012, screen (13. * lines - 17) / height left font tiny tc rgb pale
  set label 9008 footer_2 at screen 0.012, screen (13. * lines - 30) / height left font tiny tc rgb pale
}
