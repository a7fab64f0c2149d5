# A point of the front has a halo, by which a front of one point is seen.
plot data index n using 2:5 with steps lc rgb '#bbbbbb' lw 4, \
     data index n using 2:5 with points lc rgb '#bbbbbb' pt 7 ps 1.8, \
     for [i=1:n] data index i-1 using 2:5 with lines lc rgb colour[i] lw 0.8 dt 3, \
     for [i=1:n] data index i-1 using 2:5:3:4:6:7 with xyerrorbars lc rgb colour[i] lw 1 pt mark[i] ps 0.01, \
     for [i=1:n] data index i-1 using 2:5 with points lc rgb colour[i] pt mark[i] ps 0.9, \
     for [i=1:hovers] data index i-1 using 2:5:(name[i].': '.told($5, y_one, y_word).', '.told($2, x_one, x_word)) @hover
