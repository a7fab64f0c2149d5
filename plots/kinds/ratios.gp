# Blue is better, orange worse, white equal; the scale ends at a quarter and at four times.
load templates.'/rows.gp'
set border 0
set xrange [0.5:columns + 0.5]
unset grid
set xtics scale 0
if (slanted) set xtics rotate by -30 left
set palette defined (-2 '#2166ac', -1 '#92c5de', 0 '#f7f7f7', 1 '#fdae61', 2 '#b35806')
set cbrange [-2:2]
unset colorbox
# The key; on a terminal of letters there are no colours. Its numbers are past those of the labels in the cells.
at = plain ? char_w : left * char_w + char_w
array what[2] = ['better', 'worse']
array tone[2] = ['#92c5de', '#fdae61']
if (!plain) {
  do for [k=1:2] {
    set label 9100 + k what[k] at screen at, screen 1 - (top - 12.) / height left font small tc rgb ink \
        point pt 5 ps 1.2 lc rgb tone[k] offset char 1.2, 0
    at = at + (strlen(what[k]) * 0.9 + 3) * char_w
  }
}
set label 9103 '~ no difference proven   ? one sample   - not run' at screen at, screen 1 - (top - 12.) / height left \
    font small tc rgb ink offset 0, char (plain ? 0 : 0.12)
plot data using 2:3:($2 - 0.49):($2 + 0.49):($3 - 0.47):($3 + 0.47):(0) with boxxyerror lc rgb '#eeeeee', \
     data using 2:3:($2 - 0.49):($2 + 0.49):($3 - 0.47):($3 + 0.47):7 with boxxyerror lc palette
