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
plot data using 2:3:($2 - 0.49):($2 + 0.49):($3 - 0.47):($3 + 0.47):(0) with boxxyerror lc rgb '#eeeeee', \
     data using 2:3:($2 - 0.49):($2 + 0.49):($3 - 0.47):($3 + 0.47):7 with boxxyerror lc palette
