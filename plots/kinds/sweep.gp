plot for [i=1:n] data index i-1 using 2:3 with lines lc rgb colour[i] lw 1.6 dt dash[i], \
     for [i=1:n] data index i-1 using 2:3:4:5 with yerrorbars lc rgb colour[i] lw 1.2 pt mark[i] ps 0.01, \
     for [i=1:n] data index i-1 using 2:3 with points lc rgb colour[i] pt mark[i], \
     for [i=1:hovers] data index i-1 using 2:3:(name[i].': '.told($3, y_one, y_word).' at '.told($2, x_one, x_word)) @hover
