# Values stand at even distances, since a sweep is often geometric; the line is interpolated between them.
# Its table comes with blanks, and is read as one column of words.
set xlabel x_name
set ylabel y_name offset (plain ? 0 : -1), 0
unset grid
$line << nowhere
NaN NaN
nowhere
if (crossing) {
  set table $line append
  set contour base
  unset surface
  set cntrparam linear levels discrete 0
  splot data using 2:3:7 with lines nosurface
  unset table
  unset contour
}
set xrange [0.5:columns + 0.5]
set yrange [0.5:rows + 0.5]
set tics scale 0
set border 0
set palette defined (-2 '#5b9bd0', -1 '#92c5de', 0 '#f7f7f7', 1 '#fdae61', 2 '#e08a3c')
set cbrange [-reach:reach]
unset colorbox
set label 9100 better.' ahead' at graph 1, graph 1 left offset char (plain ? 2 : 0.5), -1 font small tc rgb '#2166ac'
set label 9101 worse.' ahead' at graph 1, graph 1 left offset char (plain ? 2 : 0.5), -2.4 font small tc rgb '#b35806'
if (|$line| > 1) {
  set label 9102 'line: equal' at graph 1, graph 1 left offset char (plain ? 2 : 0.5), -3.8 font small tc rgb ink
}
set label 9103 '~ not proven' at graph 1, graph 1 left offset char (plain ? 2 : 0.5), -5.2 font small tc rgb ink
set label 9104 '? one sample' at graph 1, graph 1 left offset char (plain ? 2 : 0.5), -6.6 font small tc rgb ink
if (plain) set label 9105 '< > of 1' at graph 1, graph 1 left offset char 2, -8 tc rgb ink
# Grey, below: what is not known. Above the line: a ground for each number, which stands a little under the middle.
wide = 23 * columns / (width * (1 - (left + right) * char_w))
high = 1. * rows / (height - top - bottom)
ground(x) = plain ? NaN : x
plot data using 2:3:($2 - 0.5):($2 + 0.5):($3 - 0.5):($3 + 0.5) with boxxyerror lc rgb faint, \
     data using 2:3:($2 - 0.5):($2 + 0.5):($3 - 0.5):($3 + 0.5):(sign * $7) with boxxyerror lc palette, \
     $line using (real(word(strcol(1), 1))):(real(word(strcol(1), 2))) with lines lc rgb ink lw 2, \
     data using (ground($2)):3:($2 - wide):($2 + wide):($3 - 16 * high):($3 - 3 * high):(sign * $7) with boxxyerror lc palette
